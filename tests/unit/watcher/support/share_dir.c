// SPDX-License-Identifier: MIT
//
// See share_dir.h.
#include "tests/unit/watcher/support/share_dir.h"

#include "common/path.h"

#include <glib.h>
#include <glib/gstdio.h>

void share_dir_fill(const char *path, const char *id) {
    static const char *const dirs[] = {DM_DIR_INBOX, DM_DIR_OUTBOX, DM_DIR_ORIGINALS, DM_DIR_FAILED,
                                       DM_DIR_PRIVATE};
    for (size_t i = 0; i < G_N_ELEMENTS(dirs); i++) {
        g_autofree char *dir = g_build_filename(path, dirs[i], NULL);
        g_assert_cmpint(g_mkdir_with_parents(dir, 0775), ==, 0);
    }
    g_autofree char *marker = g_build_filename(path, DM_ROOT_ID, NULL);
    g_assert_true(g_file_set_contents(marker, id, -1, NULL));
}

char *share_dir_make(void) {
    g_autoptr(GError) error = NULL;
    char *path = g_dir_make_tmp("dropmill-share-XXXXXX", &error);
    g_assert_no_error(error);
    share_dir_fill(path, SHARE_DIR_ID "\n");
    return path;
}
