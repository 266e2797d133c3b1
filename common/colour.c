// SPDX-License-Identifier: MIT
//
// See colour.h. The names are those of CSS, with its values (CSS Color Module Level 4,
// section 6.1).
#include "common/colour.h"

#include <string.h>

// To add one: a row.
static const struct {
    const char *name;
    struct dm_colour colour;
} names[] = {
    {"black", {0, 0, 0, 255}},       {"white", {255, 255, 255, 255}},
    {"gray", {128, 128, 128, 255}},  {"silver", {192, 192, 192, 255}},
    {"red", {255, 0, 0, 255}},       {"maroon", {128, 0, 0, 255}},
    {"orange", {255, 165, 0, 255}},  {"gold", {255, 215, 0, 255}},
    {"yellow", {255, 255, 0, 255}},  {"olive", {128, 128, 0, 255}},
    {"lime", {0, 255, 0, 255}},      {"green", {0, 128, 0, 255}},
    {"aqua", {0, 255, 255, 255}},    {"teal", {0, 128, 128, 255}},
    {"blue", {0, 0, 255, 255}},      {"navy", {0, 0, 128, 255}},
    {"fuchsia", {255, 0, 255, 255}}, {"purple", {128, 0, 128, 255}},
    {"pink", {255, 192, 203, 255}},  {"brown", {165, 42, 42, 255}},
    {"beige", {245, 245, 220, 255}},
};

bool dm_colour_from_hex(const char *text, struct dm_colour *ret) {
    if (strlen(text) != 6 || strspn(text, "0123456789abcdef") != 6) {
        return false;
    }
    guint64 digits = g_ascii_strtoull(text, NULL, 16);
    *ret =
        (struct dm_colour){(uint8_t)(digits >> 16), (uint8_t)(digits >> 8), (uint8_t)digits, 255};
    return true;
}

bool dm_colour_from_name(const char *text, struct dm_colour *ret) {
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (strcmp(names[i].name, text) == 0) {
            *ret = names[i].colour;
            return true;
        }
    }
    return false;
}

char *dm_colour_print(struct dm_colour colour) {
    if (colour.alpha == 0) {
        return g_strdup("transparent");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        struct dm_colour named = names[i].colour;
        if (named.red == colour.red && named.green == colour.green && named.blue == colour.blue) {
            return g_strdup(names[i].name);
        }
    }
    return g_strdup_printf("%02x%02x%02x", colour.red, colour.green, colour.blue);
}

char *dm_colour_names(void) {
    GString *list = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", names[i].name);
    }
    return g_string_free(list, FALSE);
}
