// SPDX-License-Identifier: MIT
//
// See step.h. What an argument looks like: value.c. What is said of one that does not fit:
// refusal.c.
#include "common/step.h"

#include "common/colour.h"
#include "common/error.h"
#include "common/refusal.h"
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
    g_free(step->values);
    step->values = NULL;
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
                            const struct dm_param **ret_param) {
    for (size_t i = 0; i < step->operation->param_count; i++) {
        const struct dm_param *param = &step->operation->params[i];
        enum dm_match match = step->values[i].given
                                  ? DM_MATCH_NONE
                                  : dm_value_parse(param, argument, &step->values[i]);
        if (match == DM_MATCH_WRONG && ret_param != NULL) {
            *ret_param = param;
        }
        if (match != DM_MATCH_NONE) {
            return match;
        }
    }
    return DM_MATCH_NONE;
}

static bool refuse_value(const struct dm_step *step, const struct dm_param *param,
                         const char *argument, GError **error) {
    bool percent = param->type == DM_PARAM_SIZE && g_str_has_suffix(argument, "pct");
    g_autofree char *takes =
        percent ? g_strdup("takes 1 to 1000 percent") : dm_refusal_takes(param);
    return dm_fail(error, DM_ERROR_INPUT, "%s-%s: %s", step->name, argument, takes);
}

/** Everything that the step would still take: "turns by 0 to 360 degrees, or takes left or right".
 */
static char *all_it_takes(const struct dm_step *step) {
    GString *all = g_string_new(NULL);
    for (size_t i = 0; i < step->operation->param_count; i++) {
        if (!step->values[i].given) {
            g_autofree char *one = dm_refusal_takes(&step->operation->params[i]);
            g_string_append_printf(all, "%s%s", all->len > 0 ? ", or " : "", one);
        }
    }
    return g_string_free(all, FALSE);
}

static bool refuse_argument(const struct dm_step *step, const char *argument, GError **error) {
    const char *name = step->operation->name;
    const struct dm_param *missing = dm_step_missing(step);
    g_autofree char *takes = missing != NULL ? dm_refusal_takes(missing) : all_it_takes(step);
    const char *near = dm_step_nearest(step, argument);
    g_autofree char *meant = near != NULL ? g_strdup_printf(", did you mean '%s'?", near) : NULL;
    if (*takes == '\0') {
        return dm_fail(error, DM_ERROR_INPUT, "%s: '%s' is one thing too many, it takes nothing%s",
                       name, argument, step->operation->param_count > 0 ? " more" : "");
    }
    return dm_fail(error, DM_ERROR_INPUT, "%s: '%s' is not understood%s %s %s", name, argument,
                   meant != NULL ? meant : ";", meant != NULL ? "It" : name, takes);
}

static bool refuse_missing(const struct dm_step *step, const struct dm_param *param,
                           GError **error) {
    const char *name = step->operation->name;
    g_autofree char *takes = dm_refusal_takes(param);
    return dm_fail(error, DM_ERROR_INPUT, "%s: its %s is missing, for example %s; %s %s", name,
                   param->name, step->operation->example, name, takes);
}

bool dm_step_take(const struct dm_step *step, const char *argument, GError **error) {
    const struct dm_param *param = NULL;
    switch (dm_step_offer(step, argument, &param)) {
    case DM_MATCH_FITS:
        return true;
    case DM_MATCH_NONE:
        return refuse_argument(step, argument, error);
    case DM_MATCH_WRONG:
        break;
    }
    g_assert(param != NULL);
    return refuse_value(step, param, argument, error);
}

/** Fill a value that was not given: the default, or an error when it is required. */
static bool take_default(const struct dm_step *step, size_t index, GError **error) {
    const struct dm_param *param = &step->operation->params[index];
    struct dm_value *value = &step->values[index];
    if (param->required) {
        return refuse_missing(step, param, error);
    }
    if (param->default_text != NULL) {
        enum dm_match match = dm_value_parse(param, param->default_text, value);
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
