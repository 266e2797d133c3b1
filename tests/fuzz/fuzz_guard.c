// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as the first line and the headers that the guard reads. What passes
// holds no way out: no empty part, no dots, no control characters, UTF-8.
#include "watcher/page/download.h"
#include "watcher/page/fields.h"
#include "watcher/page/guard.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const char *path) {
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    g_assert_true(g_utf8_validate(path, -1, NULL));
    for (char **part = parts; *path != '\0' && *part != NULL; part++) {
        g_assert_true(**part != '\0' && strcmp(*part, ".") != 0 && strcmp(*part, "..") != 0);
    }
    for (const char *c = path; *c != '\0'; c++) {
        g_assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
    }
}

static void check_range(const char *header) {
    int64_t from = 0, count = 0;
    if (dm_download_range(header, 1000, &from, &count) == DM_RANGE_PART) {
        g_assert_true(from >= 0 && count > 0 && from + count <= 1000);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const hosts[] = {"localhost", NULL};
    static const struct dm_guard_settings settings = {.hosts = hosts, .max_body_bytes = 1 << 20};
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 4);
    unsigned count = g_strv_length(lines);
    const struct dm_guard_head head = {
        .method = "GET",
        .target = count > 0 ? lines[0] : "",
        .version = "HTTP/1.1",
        .hosts = 1,
        .host = count > 1 ? lines[1] : "localhost",
        .lengths = count > 2,
        .length = count > 2 ? lines[2] : NULL,
        .clean = true,
    };
    struct dm_target target;
    struct dm_guard_verdict verdict;
    int64_t length;
    if (dm_guard(&head, &settings, &target, &length, &verdict)) {
        check_path(target.path);
        g_assert_true(length >= -1 && length <= settings.max_body_bytes);
    }
    dm_target_clear(&target);
    check_range(text);
    g_autoptr(GBytes) body = g_bytes_new(data, size);
    g_hash_table_unref(dm_fields_read("application/json", body));
    g_hash_table_unref(dm_fields_read("application/x-www-form-urlencoded", body));
    return 0;
}
