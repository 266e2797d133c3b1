// SPDX-License-Identifier: MIT
//
// See refusal.h. Sentences are for people who named a folder and have never seen a manual: what
// works stands in them, in figures that can be typed.
#include "common/refusal.h"

#include <string.h>

/** "a", "a or b", "a, b or c". */
static char *join_or(char **words) {
    guint count = g_strv_length(words);
    GString *list = g_string_new(NULL);
    for (guint i = 0; i < count; i++) {
        g_string_append_printf(list, "%s%s",
                               i == 0           ? ""
                               : i + 1 == count ? " or "
                                                : ", ",
                               words[i]);
    }
    return g_string_free(list, FALSE);
}

static const char *says(const struct dm_param *param) {
    return param->says != NULL && *param->says != '\0' ? param->says : "takes";
}

/** "0 to 360 degrees". */
static char *print_range(const struct dm_param *param, const char *unit) {
    char min[G_ASCII_DTOSTR_BUF_SIZE], max[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(min, sizeof(min), "%.10g", param->min);
    g_ascii_formatd(max, sizeof(max), "%.10g", param->max);
    return g_strdup_printf("%s to %s%s%s", min, max, *unit != '\0' ? " " : "", unit);
}

static const char *unit_of(const struct dm_param *param) {
    return strcmp(param->unit, "px") == 0 ? "pixels" : param->unit;
}

static char *number_takes(const struct dm_param *param) {
    g_autofree char *range = print_range(param, unit_of(param));
    const char *kind = param->odd                    ? ", in odd numbers"
                       : param->type == DM_PARAM_INT ? ", in whole numbers"
                                                     : "";
    if (param->forms[0] != 'N') { // "k15"
        return g_strdup_printf("takes the letter %c and %s%s", param->forms[0], range, kind);
    }
    return g_strdup_printf("%s %s%s", says(param), range, kind);
}

static char *size_takes(const struct dm_param *param) {
    static const struct {
        const char *form, *example;
    } examples[] = {
        {"W", "1600"}, {"WxH", "1600x1200"}, {"Wx", "1600x"}, {"xH", "x1200"}, {"Npct", "50pct"},
    };
    g_auto(GStrv) forms = g_strsplit(param->forms, " ", -1);
    g_autoptr(GPtrArray) shapes = g_ptr_array_new();
    for (size_t i = 0; i < G_N_ELEMENTS(examples); i++) {
        if (g_strv_contains((const char *const *)forms, examples[i].form)) {
            g_ptr_array_add(shapes, (gpointer)examples[i].example);
        }
    }
    g_ptr_array_add(shapes, NULL);
    g_autofree char *list = join_or((char **)shapes->pdata);
    g_autofree char *range = print_range(param, "pixels");
    return g_strdup_printf("takes a size such as %s, with %s a side", list, range);
}

char *dm_refusal_takes(const struct dm_param *param) {
    g_auto(GStrv) forms = g_strsplit(param->forms, " ", -1);
    switch (param->type) {
    case DM_PARAM_SIZE:
        return size_takes(param);
    case DM_PARAM_COLOUR:
        return g_strdup_printf("takes a colour such as orange, navy or ff8800%s",
                               strstr(param->forms, "transparent") != NULL ? ", or transparent"
                                                                           : "");
    case DM_PARAM_WORD: {
        g_autofree char *words = join_or(forms);
        return *words != '\0'
                   ? g_strdup_printf("takes %s", words)
                   : g_strdup("takes a name that your administrator sets up, and none is yet");
    }
    case DM_PARAM_INT:
    case DM_PARAM_NUMBER:
        break;
    }
    return number_takes(param);
}
