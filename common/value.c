// SPDX-License-Identifier: MIT
//
// Forms of arguments: a parameter lists the spellings it accepts ("N", "kN", "Npct", "WxH",
// "left"), and an argument is tried against them in turn. See value.h and the forms in catalogue.h.
#include "common/value.h"

#include "common/colour.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 9 };

/** Read digits with at most one dot from *@p, which moves behind them. */
static bool scan_number(const char **p, double *ret) {
    size_t length = strspn(*p, "0123456789.");
    g_autofree char *digits = g_strndup(*p, length);
    char *dot = strchr(digits, '.');
    if (length == 0 || length > MAX_DIGITS || strcmp(digits, ".") == 0 ||
        (dot != NULL && strchr(dot + 1, '.') != NULL)) {
        return false;
    }
    *ret = g_ascii_strtod(digits, NULL);
    *p += length;
    return true;
}

/** Read the whole of @text as @prefix, a number, @suffix. */
static bool scan_exact(const char *text, const char *prefix, const char *suffix, double *ret) {
    double number;
    if (!g_str_has_prefix(text, prefix)) {
        return false;
    }
    const char *p = text + strlen(prefix);
    if (!scan_number(&p, &number) || strcmp(p, suffix) != 0) {
        return false;
    }
    *ret = number;
    return true;
}

static bool scan_size(const char *form, const char *text, struct dm_size *ret) {
    double side = 0, width = 0, height = 0, percent = 0;
    const char *p = text;
    bool fits = false;
    if (strcmp(form, "W") == 0) {
        fits = scan_exact(text, "", "", &side);
    } else if (strcmp(form, "Wx") == 0) {
        fits = scan_exact(text, "", "x", &width);
    } else if (strcmp(form, "xH") == 0) {
        fits = scan_exact(text, "x", "", &height);
    } else if (strcmp(form, "Npct") == 0) {
        fits = scan_exact(text, "", "pct", &percent);
    } else if (strcmp(form, "WxH") == 0) {
        fits = scan_number(&p, &width) && *p == 'x' && scan_exact(p, "x", "", &height);
    }
    if (fits) {
        *ret = (struct dm_size){(int)side, (int)width, (int)height, percent};
        fits = ret->side_px == side && ret->width_px == width && ret->height_px == height;
    }
    return fits;
}

/** "N" "kN" "qN" "Npct": the letters around the N. */
static bool scan_form(const char *form, const char *text, double *ret) {
    const char *n = strchr(form, 'N');
    if (n == NULL) {
        return false;
    }
    g_autofree char *prefix = g_strndup(form, (size_t)(n - form));
    return scan_exact(text, prefix, n + 1, ret);
}

static bool scan_colour(const char *form, const char *text, struct dm_colour *ret) {
    if (strcmp(form, "RRGGBB") == 0) {
        return dm_colour_from_hex(text, ret);
    }
    if (strcmp(form, "NAME") == 0) {
        return dm_colour_from_name(text, ret);
    }
    *ret = (struct dm_colour){0};
    return strcmp(form, text) == 0;
}

static bool is_side(const struct dm_param *param, int side_px) {
    return side_px >= param->min && side_px <= param->max;
}

static bool is_good_size(const struct dm_param *param, const char *form,
                         const struct dm_size *size) {
    if (strcmp(form, "Npct") == 0) {
        return size->percent >= 1 && size->percent <= 1000;
    }
    bool one = strcmp(form, "W") == 0;
    bool wide = !one && strchr(form, 'W') != NULL;
    bool high = strchr(form, 'H') != NULL;
    return (!one || is_side(param, size->side_px)) && (!wide || is_side(param, size->width_px)) &&
           (!high || is_side(param, size->height_px));
}

static bool is_good_number(const struct dm_param *param, double number) {
    bool whole = param->type != DM_PARAM_INT || number == floor(number);
    bool even = fmod(number, 2) == 0;
    return whole && number >= param->min && number <= param->max && !(param->odd && even);
}

/** Try one form. */
static enum dm_match try_form(const struct dm_param *param, const char *form, const char *text,
                              struct dm_value *value) {
    bool good = false;
    switch (param->type) {
    case DM_PARAM_WORD:
        return strcmp(form, text) == 0 ? DM_MATCH_FITS : DM_MATCH_NONE;
    case DM_PARAM_COLOUR:
        return scan_colour(form, text, &value->colour) ? DM_MATCH_FITS : DM_MATCH_NONE;
    case DM_PARAM_SIZE:
        if (!scan_size(form, text, &value->size)) {
            return DM_MATCH_NONE;
        }
        good = is_good_size(param, form, &value->size);
        break;
    case DM_PARAM_INT:
    case DM_PARAM_NUMBER:
        if (!scan_form(form, text, &value->number)) {
            return DM_MATCH_NONE;
        }
        good = is_good_number(param, value->number);
        break;
    }
    return good ? DM_MATCH_FITS : DM_MATCH_WRONG;
}

enum dm_match dm_value_parse(const struct dm_param *param, const char *argument,
                             struct dm_value *ret) {
    g_auto(GStrv) forms = g_strsplit(param->forms, " ", -1);
    for (int i = 0; forms[i] != NULL; i++) {
        struct dm_value value = {.set = true, .given = true, .word = i};
        enum dm_match match = try_form(param, forms[i], argument, &value);
        if (match == DM_MATCH_FITS) {
            *ret = value;
        }
        if (match != DM_MATCH_NONE) {
            return match;
        }
    }
    return DM_MATCH_NONE;
}

static char *print_number(const char *before, double number, const char *after) {
    char buffer[G_ASCII_DTOSTR_BUF_SIZE];
    return g_strconcat(before, g_ascii_formatd(buffer, sizeof(buffer), "%.10g", number), after,
                       NULL);
}

static bool has_form(const struct dm_param *param, const char *form) {
    g_auto(GStrv) forms = g_strsplit(param->forms, " ", -1);
    return g_strv_contains((const char *const *)forms, form);
}

static char *print_size(const struct dm_size *size) {
    if (size->percent > 0) {
        return print_number("", size->percent, "pct");
    }
    if (size->side_px > 0) {
        return g_strdup_printf("%d", size->side_px);
    }
    if (size->width_px > 0 && size->height_px > 0) {
        return g_strdup_printf("%dx%d", size->width_px, size->height_px);
    }
    if (size->height_px > 0) {
        return g_strdup_printf("x%d", size->height_px);
    }
    return g_strdup_printf("%dx", size->width_px);
}

char *dm_value_print(const struct dm_param *param, const struct dm_value *value) {
    g_auto(GStrv) forms = g_strsplit(param->forms, " ", -1);
    if (param->type == DM_PARAM_WORD) {
        return g_strdup(forms[value->word]);
    }
    if (param->type == DM_PARAM_SIZE) {
        return print_size(&value->size);
    }
    if (param->type == DM_PARAM_COLOUR) {
        return dm_colour_print(value->colour);
    }
    const char *n = strchr(forms[0], 'N');
    g_assert(n != NULL);
    g_autofree char *prefix = g_strndup(forms[0], (size_t)(n - forms[0]));
    return print_number(prefix, value->number, n + 1);
}

/** What the numbers of a parameter may be: "from 0 to 360". */
static char *print_range(const struct dm_param *param) {
    g_autofree char *min = print_number("", param->min, "");
    g_autofree char *max = print_number("", param->max, "");
    return g_strdup_printf("from %s to %s", min, max);
}

char *dm_param_expected(const struct dm_param *param) {
    g_auto(GStrv) forms = g_strsplit(param->forms, " ", -1);
    if (param->type == DM_PARAM_WORD && forms[0] == NULL) {
        return g_strdup("none is set up yet");
    }
    if (param->type == DM_PARAM_WORD) {
        g_autofree char *words = g_strjoinv(", ", forms);
        return forms[1] != NULL ? g_strdup_printf("one of %s", words) : g_strdup(words);
    }
    if (param->type == DM_PARAM_COLOUR) {
        g_autofree char *names = dm_colour_names();
        return g_strdup_printf("a colour: six digits such as ff8800, or one of %s%s", names,
                               has_form(param, "transparent") ? ", transparent" : "");
    }
    g_autofree char *range = print_range(param);
    if (param->type == DM_PARAM_SIZE) {
        return g_strdup_printf("each side %s px", range);
    }
    const char *kind = param->odd                    ? "an odd whole number"
                       : param->type == DM_PARAM_INT ? "a whole number"
                                                     : "a number";
    if (forms[0][0] != 'N') {
        return g_strdup_printf("'%c' and %s %s", forms[0][0], kind, range);
    }
    return g_strdup_printf("%s %s", kind, range);
}
