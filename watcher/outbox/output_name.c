// SPDX-License-Identifier: MIT
//
// The name of a result: see publish.h. The candidates in their order, for holiday.png to webp:
//
//   holiday.webp   holiday (png).webp   holiday (png 2).webp   holiday (png 3).webp ...
#include "watcher/outbox/output_name.h"

#include "common/path.h"

#include <string.h>

// Longer ones are no extensions but a part of the name that has a full stop in it: "Dr. Smith".
#define EXTENSION_MAX 8

/** Say whether people would call @extension one: short, letters and digits, not a number alone. */
static bool is_extension(const char *extension) {
    bool letter = false;
    size_t length = 0;
    for (; extension[length] != '\0'; length++) {
        if (length >= EXTENSION_MAX || !g_ascii_isalnum(extension[length])) {
            return false;
        }
        letter = letter || g_ascii_isalpha(extension[length]);
    }
    return letter;
}

/** The parts that every candidate for one input is put together from. */
struct parts {
    char *dir;
    char *stem;
    // The input's extension, "" if it has none.
    const char *from;
    // The result's extension.
    char *to;
};

static struct parts take_apart(const char *path, const struct dm_format *format) {
    const char *base = dm_path_base(path);
    const char *from = dm_name_extension(base);
    if (!is_extension(from)) {
        from = "";
    }
    return (struct parts){
        .dir = dm_path_dir(path),
        .stem = *from != '\0' ? dm_name_stem(base) : g_strdup(base),
        .from = from,
        .to = dm_format_has_extension(format, from) ? g_strdup(from) : dm_format_extension(format),
    };
}

static void clear_parts(struct parts *parts) {
    g_free(parts->dir);
    g_free(parts->stem);
    g_free(parts->to);
}

/** What distinguishes the candidate @n: "", " (png)", " (png 2)"; " (2)" where there is no
 * extension. */
static char *distinction(const struct parts *parts, unsigned n) {
    if (n == 0) {
        return g_strdup("");
    }
    if (*parts->from == '\0') {
        return g_strdup_printf(" (%u)", n + 1);
    }
    return n == 1 ? g_strdup_printf(" (%s)", parts->from)
                  : g_strdup_printf(" (%s %u)", parts->from, n);
}

static char *candidate(const struct parts *parts, unsigned n) {
    g_autofree char *middle = distinction(parts, n);
    g_autofree char *suffix = g_strconcat(middle, ".", parts->to, NULL);
    g_autofree char *name = dm_name_fit(parts->stem, suffix);
    return dm_path_join(parts->dir, name);
}

char *dm_output_name(const char *path, const struct dm_format *format, dm_name_free_fn is_free,
                     void *data) {
    struct parts parts = take_apart(path, format);
    char *name = candidate(&parts, 0);
    for (unsigned n = 1; !is_free(name, data); n++) {
        g_free(name);
        name = candidate(&parts, n);
    }
    clear_parts(&parts);
    return name;
}
