// SPDX-License-Identifier: MIT
#include "watcher/page/zip_names.h"

#include "common/path.h"
#include "watcher/page/drop_id.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define NUMBERS_MAX 10000

struct dm_zip_names {
    // "gray/Holiday 2024/".
    char *prefix;
    // "Holiday 2024".
    char *folder;
    // Sums of the names that were taken: of two names with one sum the second gets a number that it
    // does not need.
    GHashTable *taken;
};

/** What Windows would take for something else. */
static char *harmless(char *name) {
    g_strdelimit(name, "\\:*?\"<>|", '_');
    return name;
}

struct dm_zip_names *dm_zip_names_new(const char *drop) {
    struct dm_zip_names *names = g_new0(struct dm_zip_names, 1);
    names->prefix = g_strconcat(drop, "/", NULL);
    names->folder = harmless(dm_drop_title(drop));
    names->taken = g_hash_table_new(NULL, NULL);
    return names;
}

void dm_zip_names_free(struct dm_zip_names *names) {
    if (names == NULL) {
        return;
    }
    g_free(names->prefix);
    g_free(names->folder);
    g_hash_table_unref(names->taken);
    g_free(names);
}

/** Of the name as systems see it that do not tell a from A. */
static void *sum_of(const char *name) {
    g_autofree char *folded = g_utf8_casefold(name, -1);
    uint64_t sum = UINT64_C(14695981039346656037); // FNV-1a
    for (const char *c = folded; *c != '\0'; c++) {
        sum = (sum ^ (unsigned char)*c) * UINT64_C(1099511628211);
    }
    return (void *)(uintptr_t)(sum | 1);
}

static char *numbered(const char *name, unsigned number) {
    const char *base = dm_path_base(name);
    g_autofree char *stem = dm_name_stem(base);
    return g_strdup_printf("%.*s%s (%u)%s", (int)(base - name), name, stem, number,
                           base + strlen(stem));
}

static char *take(struct dm_zip_names *names, const char *name) {
    char *free_one = g_strdup(name);
    for (unsigned number = 2; !g_hash_table_add(names->taken, sum_of(free_one)); number++) {
        if (number > NUMBERS_MAX) {
            break;
        }
        g_free(free_one);
        free_one = numbered(name, number);
    }
    return free_one;
}

char *dm_zip_names_take(struct dm_zip_names *names, const char *output) {
    const char *below = g_str_has_prefix(output, names->prefix) ? output + strlen(names->prefix)
                                                                : dm_path_base(output);
    g_autofree char *shown = harmless(dm_path_display(below));
    g_autofree char *name = g_strconcat(names->folder, "/", shown, NULL);
    return take(names, name);
}

char *dm_zip_names_take_ours(struct dm_zip_names *names, const char *name) {
    g_autofree char *path = g_strconcat(names->folder, "/", name, NULL);
    return take(names, path);
}

char *dm_zip_file_name(const char *drop) {
    g_autofree char *title = dm_drop_title(drop);
    g_autofree char *chain = dm_drop_chain(drop);
    return harmless(strchr(drop, '/') != NULL ? g_strdup_printf("%s - %s.zip", title, chain)
                                              : g_strconcat(chain, ".zip", NULL));
}
