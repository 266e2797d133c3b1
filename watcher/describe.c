// SPDX-License-Identifier: MIT
//
// The catalogue in words: see describe.h.
#include "watcher/describe.h"

#include "common/colour.h"

#include <string.h>

char *dm_describe_values(const struct dm_param *param) {
    if (param->type == DM_PARAM_COLOUR) { // the names fill lines, and are told once
        return g_strdup(strstr(param->forms, "transparent") != NULL ? "a colour, or transparent"
                                                                    : "a colour");
    }
    g_autofree char *expected = dm_param_expected(param);
    if (!*param->unit || g_strrstr(expected, param->unit) != NULL) {
        return g_steal_pointer(&expected);
    }
    return g_strdup_printf("%s, in %s", expected, param->unit);
}

char *dm_describe_param(const struct dm_param *param) {
    g_autofree char *values = dm_describe_values(param);
    if (param->default_text == NULL || strcmp(param->default_text, values) == 0) {
        return g_steal_pointer(&values);
    }
    return g_strdup_printf("%s; without it %s", values, param->default_text);
}

char *dm_describe_size(const struct dm_operation *operation, const struct dm_size *size) {
    bool shrinks = (operation->flags & DM_OP_SHRINKS) != 0;
    const char *most = shrinks ? " at most" : "";
    const char *stay = shrinks ? ", smaller pictures stay" : "";
    if (size->percent > 0) {
        return g_strdup_printf("%g percent of what it was", size->percent);
    }
    bool keeps_aspect = strstr(operation->params[0].forms, "Wx ") != NULL;
    if (size->side_px > 0) {
        return keeps_aspect ? g_strdup_printf("longest side%s %d px%s", most, size->side_px, stay)
                            : g_strdup_printf("a square of %d px", size->side_px);
    }
    if (size->width_px > 0 && size->height_px > 0) {
        return keeps_aspect ? g_strdup_printf("fits into %d x %d px%s", size->width_px,
                                              size->height_px, stay)
                            : g_strdup_printf("%d x %d px", size->width_px, size->height_px);
    }
    return size->width_px > 0 ? g_strdup_printf("%d px wide%s%s", size->width_px, most, stay)
                              : g_strdup_printf("%d px high%s%s", size->height_px, most, stay);
}

char *dm_describe_aliases(const struct dm_operation *operation) {
    g_auto(GStrv) words = g_strsplit(operation->aliases, " ", -1);
    for (size_t i = 0; words[i] != NULL; i++) {
        g_strdelimit(words[i], "-", ' ');
    }
    return g_strjoinv(", ", words);
}

char *dm_describe_colours(void) {
    g_autofree char *names = dm_colour_names();
    return g_strdup_printf("A colour is written as six hexadecimal digits, such as ff8800, or by "
                           "its name: %s",
                           names);
}

/** "20 %", "quality 85", "left"; (transfer full). */
static char *describe_value(const struct dm_operation *operation, const struct dm_param *param,
                            const struct dm_value *value) {
    switch (param->type) {
    case DM_PARAM_SIZE:
        return dm_describe_size(operation, &value->size);
    case DM_PARAM_INT:
    case DM_PARAM_NUMBER:
        return *param->unit ? g_strdup_printf("%g %s", value->number, param->unit)
                            : g_strdup_printf("%s %g", param->name, value->number);
    case DM_PARAM_WORD:
    case DM_PARAM_COLOUR:
        break;
    }
    return dm_value_print(param, value);
}

static void append_step(GString *words, const struct dm_step *step) {
    const struct dm_operation *operation = step->operation;
    const char *summary = operation->summary; // behind a ; is small print
    const char *separator = ": ";
    g_string_append_c(words, words->len > 0 ? g_ascii_tolower(*summary) : *summary);
    g_string_append_len(words, summary + 1, (gssize)strcspn(summary, ";") - 1);
    for (size_t i = 0; i < operation->param_count; i++) {
        if (step->values[i].given) {
            g_autofree char *value =
                describe_value(operation, &operation->params[i], &step->values[i]);
            g_string_append_printf(words, "%s%s", separator, value);
            separator = ", ";
        }
    }
}

char *dm_describe_chain(const struct dm_chain *chain) {
    GString *words = g_string_new(NULL);
    for (size_t i = 0; i < chain->step_count; i++) {
        g_string_append(words, i > 0 ? "; " : "");
        append_step(words, &chain->steps[i]);
    }
    return g_string_free(words, FALSE);
}

static void append_name(GString *list, const char *name) {
    g_string_append_printf(list, "%s%s", list->len ? ", " : "", name);
}

char *dm_describe_formats_read(const struct dm_catalogue *catalogue) {
    GString *list = g_string_new(NULL);
    for (size_t i = 0; i < dm_catalogue_format_count(catalogue); i++) {
        if (dm_catalogue_format(catalogue, i)->reads) {
            append_name(list, dm_catalogue_format(catalogue, i)->name);
        }
    }
    return g_string_free(list, FALSE);
}

char *dm_describe_formats_written(const struct dm_catalogue *catalogue) {
    GString *list = g_string_new(NULL);
    for (size_t i = 0; i < dm_catalogue_format_count(catalogue); i++) {
        if (dm_catalogue_format(catalogue, i)->writes) {
            append_name(list, dm_catalogue_format(catalogue, i)->name);
        }
    }
    return g_string_free(list, FALSE);
}

char *dm_describe_heading(const struct dm_catalogue *catalogue, size_t index) {
    if (!dm_catalogue_begins_group(catalogue, index)) {
        return NULL;
    }
    char *heading = g_strdup(dm_catalogue_operation(catalogue, index)->group);
    heading[0] = g_ascii_toupper(heading[0]);
    return heading;
}
