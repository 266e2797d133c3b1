// SPDX-License-Identifier: MIT
//
// Numbers with units: a table of units for each kind of quantity, one parser, one printer.
#include "watcher/units.h"

#include "common/error.h"

#include <math.h>
#include <string.h>

#define SECOND ((int64_t)G_USEC_PER_SEC)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

struct unit {
    const char *name;
    int64_t factor;
};

/** A kind of quantity. A new unit is one more row, in descending order of factor; of those with one
 * factor the first is the one that is printed. */
struct quantity {
    const char *expected;
    // (nullable) The word for "no end".
    const char *forever;
    const struct unit *units;
    size_t unit_count;
};

static const struct unit duration_units[] = {
    {"d", DAY},      {"day", DAY},    {"days", DAY},    {"h", HOUR},        {"hour", HOUR},
    {"hours", HOUR}, {"min", MINUTE}, {"mins", MINUTE}, {"minute", MINUTE}, {"minutes", MINUTE},
    {"s", SECOND},   {"sec", SECOND}, {"secs", SECOND}, {"second", SECOND}, {"seconds", SECOND},
    {"ms", 1000},    {"us", 1},
};

static const struct unit byte_units[] = {
    {"TiB", INT64_C(1) << 40},   {"TB", INT64_C(1000000000000)}, {"GiB", INT64_C(1) << 30},
    {"GB", INT64_C(1000000000)}, {"MiB", INT64_C(1) << 20},      {"MB", INT64_C(1000000)},
    {"KiB", INT64_C(1) << 10},   {"kB", INT64_C(1000)},          {"B", 1},
};

static const struct unit pixel_units[] = {
    {"GP", INT64_C(1000000000)},
    {"MP", INT64_C(1000000)},
    {"px", 1},
};

#define DURATION_EXPECTED "a number with us, ms, s, min, h or d such as 90s"

static const struct quantity duration = {
    .expected = DURATION_EXPECTED,
    .forever = "forever", // understood here, too: the range then tells what is wrong with it
    .units = duration_units,
    .unit_count = G_N_ELEMENTS(duration_units),
};

static const struct quantity endless_duration = {
    .expected = DURATION_EXPECTED ", or forever",
    .forever = "forever",
    .units = duration_units,
    .unit_count = G_N_ELEMENTS(duration_units),
};

static const struct quantity bytes = {
    .expected = "a number with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB such as 200MB",
    .units = byte_units,
    .unit_count = G_N_ELEMENTS(byte_units),
};

static const struct quantity pixels = {
    .expected = "a number with px, MP or GP such as 250MP",
    .units = pixel_units,
    .unit_count = G_N_ELEMENTS(pixel_units),
};

static const struct unit *find_unit(const struct quantity *quantity, const char *name) {
    for (size_t i = 0; i < quantity->unit_count; i++) {
        if (g_ascii_strcasecmp(quantity->units[i].name, name) == 0) {
            return &quantity->units[i];
        }
    }
    return NULL;
}

static bool refuse(const struct quantity *quantity, const char *text, const char *why,
                   GError **error) {
    return dm_fail(error, DM_ERROR_CONFIG, "'%s' %s, expected %s", text, why, quantity->expected);
}

/** Read digits with an optional fraction; the C library would also take "inf", "0x10" and "1e9". */
static bool read_number(const char *text, double *ret_number, const char **ret_rest) {
    size_t length = strspn(text, "0123456789");
    size_t whole = length;
    if (text[length] == '.') {
        length += 1 + strspn(text + length + 1, "0123456789");
    }
    if (whole == 0 || text[length - 1] == '.' || length > 30) {
        return false;
    }
    g_autofree char *digits = g_strndup(text, length);
    *ret_number = g_ascii_strtod(digits, NULL);
    *ret_rest = text + length;
    return true;
}

static bool parse(const struct quantity *quantity, const char *text, int64_t *ret, GError **error) {
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    if (quantity->forever != NULL && strcmp(trimmed, quantity->forever) == 0) {
        *ret = INT64_MAX;
        return true;
    }
    double number;
    const char *rest;
    if (!read_number(trimmed, &number, &rest)) {
        return refuse(quantity, text, "does not begin with a number", error);
    }
    while (g_ascii_isspace(*rest)) {
        rest++;
    }
    if (!*rest && number > 0) {
        return refuse(quantity, text, "has no unit", error);
    }
    const struct unit *unit = *rest ? find_unit(quantity, rest) : &quantity->units[0];
    if (unit == NULL) {
        return refuse(quantity, text, "has an unknown unit", error);
    }
    double value = number * (double)unit->factor;
    if (value >= 0x1p62) {
        return refuse(quantity, text, "is too large", error);
    }
    *ret = (int64_t)llround(value);
    return true;
}

static char *format(const struct quantity *quantity, int64_t value) {
    if (quantity->forever != NULL && value == INT64_MAX) {
        return g_strdup(quantity->forever);
    }
    if (value == 0) {
        return g_strdup("0");
    }
    const struct unit *unit = quantity->units;
    while (value % unit->factor != 0) {
        unit++;
    }
    return g_strdup_printf("%" G_GINT64_FORMAT "%s", value / unit->factor, unit->name);
}

bool dm_parse_duration(const char *text, int64_t *ret_us, GError **error) {
    return parse(&duration, text, ret_us, error);
}

bool dm_parse_endless_duration(const char *text, int64_t *ret_us, GError **error) {
    return parse(&endless_duration, text, ret_us, error);
}

bool dm_parse_bytes(const char *text, int64_t *ret_bytes, GError **error) {
    return parse(&bytes, text, ret_bytes, error);
}

bool dm_parse_pixels(const char *text, int64_t *ret_px, GError **error) {
    return parse(&pixels, text, ret_px, error);
}

char *dm_format_duration(int64_t us) {
    return format(&duration, us);
}

char *dm_format_bytes(int64_t value) {
    return format(&bytes, value);
}

char *dm_format_pixels(int64_t px) {
    return format(&pixels, px);
}
