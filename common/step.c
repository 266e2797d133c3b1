// SPDX-License-Identifier: MIT
//
// See step.h. What an argument looks like: value.c.
#include "common/step.h"

#include "common/colour.h"
#include "common/error.h"
#include "common/suggest.h"
#include "common/value.h"

#include <string.h>

/** What a word is called in the canonical text: itself where the operation keeps it. */
static const char *canonical_name(const struct dm_operation *operation, const char *word) {
    g_auto(GStrv) kept =
        g_strsplit(operation->kept_aliases != NULL ? operation->kept_aliases : "", " ", -1);
    bool keeps = g_strv_contains((const char *const *)kept, word);
    return keeps ? g_intern_string(word) : operation->name;
}

void dm_step_init(struct dm_step *step, const struct dm_operation *operation, const char *word) {
    *step = (struct dm_step){.operation = operation,
                             .name = canonical_name(operation, word),
                             .values = g_new0(struct dm_value, operation->param_count + 1)};
}

void dm_step_clear(struct dm_step *step) {
    g_clear_pointer(&step->values, g_free);
    g_clear_pointer(&step->text, g_free);
}

const struct dm_param *dm_step_missing(const struct dm_step *step) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        if (step->operation->params[i].required && !step->values[i].given) {
            return &step->operation->params[i];
        }
    }
    return NULL;
}

const char *dm_step_nearest(const struct dm_step *step, const char *argument) {
    g_autoptr(GString) words = g_string_new(NULL);
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        if (!step->values[i].given && param->type == DM_PARAM_WORD) {
            g_string_append_printf(words, "%s ", param->forms);
        } else if (!step->values[i].given && param->type == DM_PARAM_COLOUR) {
            g_autofree char *names = dm_colour_names();
            g_string_append_printf(words, "%s ", g_strdelimit(names, ",", ' '));
        }
    }
    g_auto(GStrv) candidates = g_strsplit_set(words->str, " ", -1);
    const char *near =
        dm_nearest(argument, (const char *const *)candidates, g_strv_length(candidates));
    return near != NULL && *near != '\0' ? g_intern_string(near) : NULL;
}

enum dm_match dm_step_offer(const struct dm_step *step, const char *argument,
                            const struct dm_param **ret_param, const char **ret_why) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        const char *why = NULL;
        enum dm_match match = step->values[i].given
                                  ? DM_MATCH_NONE
                                  : dm_value_parse(param, argument, &step->values[i], &why);
        if (match == DM_MATCH_WRONG && ret_why != NULL) {
            *ret_param = param;
            *ret_why = why;
        }
        if (match != DM_MATCH_NONE) {
            return match;
        }
    }
    return DM_MATCH_NONE;
}

/** What the step takes, in words: above all what it must have. */
static char *expected_of(const struct dm_step *step) {
    const struct dm_operation *operation = step->operation;
    const struct dm_param *missing = dm_step_missing(step);
    GString *expected = g_string_new(NULL);
    for (size_t i = 0; i < operation->param_count; i++) {
        const struct dm_param *param = &operation->params[i];
        if (missing == param || (missing == NULL && !step->values[i].given)) {
            g_autofree char *one = dm_param_expected(param);
            bool told = strstr(one, param->name) != NULL;
            g_string_append_printf(expected, "%s%s%s%s%s", expected->len > 0 ? ", or " : "", one,
                                   told ? "" : " (", told ? "" : param->name, told ? "" : ")");
        }
    }
    return g_string_free(expected, FALSE);
}

/** Say what could have stood there. */
static bool refuse(const struct dm_step *step, const char *argument, GError **error) {
    g_autofree char *expected = expected_of(step);
    const char *near = dm_step_nearest(step, argument);
    g_autofree char *meant = near != NULL ? g_strdup_printf(" (did you mean '%s'?)", near) : NULL;
    if (*expected == '\0') {
        return dm_fail(error, DM_ERROR_INPUT, "%s: '%s' is one thing too many, it takes nothing%s",
                       step->operation->name, argument,
                       step->operation->param_count > 0 ? " more" : "");
    }
    return dm_fail(error, DM_ERROR_INPUT, "%s: '%s' is not understood%s, expected %s",
                   step->operation->name, argument, meant != NULL ? meant : "", expected);
}

bool dm_step_take(const struct dm_step *step, const char *argument, GError **error) {
    const struct dm_param *param = NULL;
    const char *why = NULL;
    switch (dm_step_offer(step, argument, &param, &why)) {
    case DM_MATCH_FITS:
        return true;
    case DM_MATCH_NONE:
        return refuse(step, argument, error);
    case DM_MATCH_WRONG:
        break;
    }
    g_assert(param != NULL);
    g_autofree char *expected = dm_param_expected(param);
    return dm_fail(error, DM_ERROR_INPUT, "%s: %s '%s' %s, expected %s", step->operation->name,
                   param->name, argument, why, expected);
}

/** Fill a value that was not given: the default, or an error when it is required. */
static bool take_default(const struct dm_step *step, size_t index, GError **error) {
    const struct dm_param *param = &step->operation->params[index];
    struct dm_value *value = &step->values[index];
    if (param->required) {
        g_autofree char *expected = dm_param_expected(param);
        return dm_fail(error, DM_ERROR_INPUT, "%s: its %s is missing, for example %s; expected %s",
                       step->operation->name, param->name, step->operation->example, expected);
    }
    if (param->default_text != NULL) {
        const char *why;
        enum dm_match match = dm_value_parse(param, param->default_text, value, &why);
        g_assert(match == DM_MATCH_FITS);
        value->given = false;
    }
    return true;
}

char *dm_step_print(const struct dm_step *step) {
    GString *text = g_string_new(step->name);
    for (size_t i = 0; i < step->operation->param_count; i++) {
        if (step->values[i].given) {
            g_autofree char *value = dm_value_print(&step->operation->params[i], &step->values[i]);
            g_string_append_printf(text, "-%s", value);
        }
    }
    return g_string_free(text, FALSE);
}

bool dm_step_finish(struct dm_step *step, GError **error) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        if (!step->values[i].given && !take_default(step, i, error)) {
            return false;
        }
    }
    step->text = dm_step_print(step);
    return true;
}
