// SPDX-License-Identifier: MIT
#include "watcher/page/assets.h"

#include "watcher/page/answers.h"
#include "watcher/page/gzip.h"

#include <string.h>

// The Makefile writes the list: ASSET(number, "name", "path of the file").
#define ASSET(number, name, path)                                                                  \
    __asm__(".pushsection .rodata\n"                                                               \
            ".global dm_asset_" #number "\n"                                                       \
            "dm_asset_" #number ": .incbin \"" path "\"\n"                                         \
            ".global dm_asset_end_" #number "\n"                                                   \
            "dm_asset_end_" #number ": .byte 0\n"                                                  \
            ".popsection\n");                                                                      \
    extern const char dm_asset_##number[], dm_asset_end_##number[];
#include "page_assets.inc"
#undef ASSET

static const struct {
    const char *name;
    const char *from, *to;
} files[] = {
#define ASSET(number, name, path) {name, dm_asset_##number, dm_asset_end_##number},
#include "page_assets.inc"
#undef ASSET
};

/** Those that browsers may have, by the end of their names. */
static const struct {
    const char *suffix, *type;
} types[] = {
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

const char *dm_assets_sum(void) {
    static char *sum;
    if (sum == NULL) {
        g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
            g_checksum_update(checksum, (const guchar *)files[i].name, -1);
            g_checksum_update(checksum, (const guchar *)files[i].from, files[i].to - files[i].from);
        }
        sum = g_strndup(g_checksum_get_string(checksum), 12);
    }
    return sum;
}

GBytes *dm_asset(const char *name) {
    static GBytes *bytes[G_N_ELEMENTS(files)];
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        if (strcmp(files[i].name, name) == 0) {
            if (bytes[i] == NULL) {
                bytes[i] = g_bytes_new_static(files[i].from, (size_t)(files[i].to - files[i].from));
            }
            return bytes[i];
        }
    }
    return NULL;
}

static const char *type_of(const char *name) {
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (g_str_has_suffix(name, types[i].suffix)) {
            return types[i].type;
        }
    }
    return NULL;
}

/** Compressed once; borrowed. */
static GBytes *compressed(const char *name) {
    static GHashTable *known;
    if (known == NULL) {
        known =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
    }
    GBytes *bytes = g_hash_table_lookup(known, name);
    if (bytes == NULL) {
        bytes = dm_gzip(dm_asset(name), 9);
        if (bytes != NULL) {
            g_hash_table_insert(known, g_strdup(name), bytes);
        }
    }
    return bytes;
}

void dm_answer_asset(struct dm_page *page, struct dm_request *request) {
    (void)page;
    const char *path = dm_request_part(request, 0);
    const char *name = strrchr(path, '/');
    GBytes *bytes = name != NULL ? dm_asset(name + 1) : NULL;
    const char *type = bytes != NULL ? type_of(name + 1) : NULL;
    if (type == NULL) {
        const struct dm_trouble trouble = {
            .status = 404, .code = "not-found", .what = "There is nothing here."};
        dm_request_refuse(request, &trouble);
        return;
    }
    const char *accepted = dm_request_header(request, "Accept-Encoding");
    GBytes *small = dm_gzip_is_accepted(accepted) ? compressed(name + 1) : NULL;
    if (small != NULL) {
        dm_request_add_header(request, "Content-Encoding", "gzip");
        bytes = small;
    }
    bool is_current = g_str_has_prefix(path, dm_assets_sum());
    dm_request_add_header(request, "Vary", "Accept-Encoding");
    dm_request_add_header(request, "Cache-Control",
                          is_current ? "public, max-age=31536000, immutable" : "no-store");
    dm_request_answer(request, 200, type, g_bytes_ref(bytes));
}
