// SPDX-License-Identifier: MIT
#include "watcher/page/expected.h"

#include "common/error.h"
#include "common/log.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".drop"
#define FORGET_US (INT64_C(86400) * G_USEC_PER_SEC)

struct dm_expected_store {
    char *dir;
    // Drop to struct dm_expected.
    GHashTable *drops;
};

static void expected_free(void *data) {
    struct dm_expected *expected = data;
    g_free(expected->drop);
    g_free(expected);
}

/** A name of a fixed length: a drop's own may be too long for a file's. */
static char *file_of(const struct dm_expected_store *store, const char *drop) {
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, drop, -1);
    return g_strdup_printf("%s/%.32s" SUFFIX, store->dir, sum);
}

/** "FILES BYTES UTC-SECONDS DROP". */
static void read_file(struct dm_expected_store *store, const char *path) {
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        return;
    }
    g_auto(GStrv) parts = g_strsplit(text, " ", 4);
    if (g_strv_length(parts) != 4) {
        return;
    }
    struct dm_expected *expected = g_new(struct dm_expected, 1);
    *expected = (struct dm_expected){
        .drop = g_strdup(g_strchomp(parts[3])),
        .files = g_ascii_strtoll(parts[0], NULL, 10),
        .bytes = g_ascii_strtoll(parts[1], NULL, 10),
        .touched_utc_us = g_ascii_strtoll(parts[2], NULL, 10) * G_USEC_PER_SEC,
    };
    g_hash_table_insert(store->drops, expected->drop, expected);
}

static void write_file(const struct dm_expected_store *store, const struct dm_expected *expected) {
    g_autofree char *path = file_of(store, expected->drop);
    g_autofree char *text = g_strdup_printf(
        "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s\n", expected->files,
        expected->bytes, expected->touched_utc_us / G_USEC_PER_SEC, expected->drop);
    g_autoptr(GError) error = NULL;
    if (!g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error)) {
        dm_log_warning("cannot remember how many files a drop has: %s", error->message);
    }
}

struct dm_expected_store *dm_expected_open(const char *dir, GError **error) {
    if (g_mkdir_with_parents(dir, 0700) != 0) {
        dm_fail_errno(error, errno, "cannot make the page's state directory '%s'", dir);
        return NULL;
    }
    struct dm_expected_store *store = g_new0(struct dm_expected_store, 1);
    store->dir = g_strdup(dir);
    store->drops = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, expected_free);
    g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
    const char *name;
    while (entries != NULL && (name = g_dir_read_name(entries)) != NULL) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        if (g_str_has_suffix(name, SUFFIX)) {
            read_file(store, path);
        }
    }
    return store;
}

void dm_expected_free(struct dm_expected_store *store) {
    if (store == NULL) {
        return;
    }
    g_hash_table_unref(store->drops);
    g_free(store->dir);
    g_free(store);
}

void dm_expected_set(struct dm_expected_store *store, const char *drop, int64_t files,
                     int64_t bytes) {
    struct dm_expected *expected = g_hash_table_lookup(store->drops, drop);
    if (expected == NULL) {
        expected = g_new0(struct dm_expected, 1);
        expected->drop = g_strdup(drop);
        g_hash_table_insert(store->drops, expected->drop, expected);
    }
    expected->files = MAX(expected->files, files);
    expected->bytes = MAX(expected->bytes, bytes);
    expected->touched_utc_us = g_get_real_time();
    write_file(store, expected);
}

void dm_expected_touch(struct dm_expected_store *store, const char *drop) {
    struct dm_expected *expected = g_hash_table_lookup(store->drops, drop);
    if (expected != NULL) {
        expected->touched_utc_us = g_get_real_time();
        expected->came_files++;
    }
}

void dm_expected_each(struct dm_expected_store *store,
                      void (*each)(const struct dm_expected *expected, void *data), void *data) {
    GHashTableIter iter;
    void *expected;
    g_hash_table_iter_init(&iter, store->drops);
    while (g_hash_table_iter_next(&iter, NULL, &expected)) {
        each(expected, data);
    }
}

const struct dm_expected *dm_expected_find(struct dm_expected_store *store, const char *drop) {
    return g_hash_table_lookup(store->drops, drop);
}

void dm_expected_forget(struct dm_expected_store *store, const char *drop) {
    g_autofree char *path = file_of(store, drop);
    unlink(path);
    g_hash_table_remove(store->drops, drop);
}

void dm_expected_tidy(struct dm_expected_store *store, int64_t now_utc_us) {
    g_autoptr(GList) drops = g_hash_table_get_keys(store->drops);
    for (GList *item = drops; item != NULL; item = item->next) {
        const struct dm_expected *expected = g_hash_table_lookup(store->drops, item->data);
        if (now_utc_us - expected->touched_utc_us > FORGET_US) {
            g_autofree char *drop = g_strdup(item->data);
            dm_expected_forget(store, drop);
        }
    }
}
