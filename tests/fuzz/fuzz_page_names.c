// SPDX-License-Identifier: MIT
//
// libFuzzer entry: any bytes as the id of a drop, the path of a file that is sent, the title of a
// drop, the name of a result in a ZIP. Nothing that is accepted leads out of its folder.
#include "watcher/page/download.h"
#include "watcher/page/drop_id.h"
#include "watcher/page/drop_names.h"
#include "watcher/page/zip_names.h"

#include <glib.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parts(const char *path, unsigned max) {
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    g_assert_true(g_strv_length(parts) <= max);
    for (char **part = parts; *part != NULL; part++) {
        g_assert_true(**part != '\0' && strcmp(*part, ".") != 0 && strcmp(*part, "..") != 0);
    }
}

static void check_zip(const char *output) {
    struct dm_zip_names *names = dm_zip_names_new("gray/Day 1");
    g_autofree char *name = dm_zip_names_take(names, output);
    g_autofree char *again = dm_zip_names_take(names, output);
    g_assert_true(g_str_has_prefix(name, "Day 1/"));
    g_assert_true(g_utf8_validate(name, -1, NULL));
    g_assert_null(strchr(name, '\\'));
    g_assert_cmpstr(name, !=, again);
    dm_zip_names_free(names);
    g_autofree char *valid = g_utf8_make_valid(output, -1);
    g_autofree char *header = dm_download_disposition(valid);
    for (const char *c = header; *c != '\0'; c++) {
        g_assert_true((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *drop = dm_drop_from_id(text);
    if (drop != NULL) {
        g_autofree char *id = dm_drop_id(drop);
        check_parts(drop, 2);
        g_assert_cmpstr(id, ==, text);
    }
    if (g_utf8_validate(text, -1, NULL)) {
        if (dm_bad_file_path(text, NULL) == NULL) {
            check_parts(text, DM_PATH_MAX_PARTS);
        }
        g_autofree char *title = dm_drop_folder_title(text, 0);
        check_parts(title, 1);
        g_assert_true(*title != '.' && strlen(title) <= DM_NAME_MAX_BYTES);
    }
    if (*text != '\0') {
        check_zip(text);
    }
    return 0;
}
