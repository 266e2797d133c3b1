// SPDX-License-Identifier: MIT
//
// What file servers are told of a share, and units: examples/ are these texts.
#include "watcher/cli/file_servers.h"

#include "watcher/cli/service.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

static const struct dm_served pictures = {
    .path = "/srv/pictures", .user = "dropmill", .group = "dropmill", .uid = 997, .gid = 997};

/** With UPDATE=1 the file is written. */
static void assert_example(const char *path, const char *text) {
    if (getenv("UPDATE") != NULL) {
        g_assert_true(g_file_set_contents(path, text, -1, NULL));
    }
    g_autofree char *there = NULL;
    g_assert_true(g_file_get_contents(path, &there, NULL, NULL));
    g_assert_cmpstr(there, ==, text);
}

static void test_examples(void) {
    g_autofree char *samba = dm_served_by_samba(&pictures);
    g_autofree char *nfs = dm_served_by_nfs(&pictures);
    assert_example("examples/smb.conf", samba);
    assert_example("examples/exports", nfs);
}

static void test_everyone(void) {
    struct dm_served served = pictures;
    served.for_everyone = true;
    g_autofree char *samba = dm_served_by_samba(&served);
    g_assert_nonnull(strstr(samba, "create mask = 0664\n"));
    g_assert_nonnull(strstr(samba, "directory mask = 2775\n"));
    g_assert_null(strstr(samba, "0660"));
}

static void test_odd_path(void) {
    struct dm_served served = pictures;
    served.path = "/srv/Our [best] pictures";
    g_autofree char *samba = dm_served_by_samba(&served);
    g_autofree char *nfs = dm_served_by_nfs(&served);
    g_assert_nonnull(strstr(samba, "\n[Our--best--pictures]\n"));
    g_assert_nonnull(strstr(samba, "\n    path = /srv/Our [best] pictures\n"));
    g_assert_nonnull(strstr(nfs, "\n/srv/Our\\040[best]\\040pictures 192.168."));
}

static void test_quote(void) {
    static const char *const cases[][2] = {
        {"/srv/pictures", "\"/srv/pictures\""},
        {"/srv/our pictures", "\"/srv/our pictures\""},
        {"/srv/100%", "\"/srv/100%%\""},
        {"/srv/a\"b\\c\nd", "\"/srv/a\\x22b\\x5cc\\x0ad\""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *quoted = dm_service_quote(cases[i][0]);
        g_assert_cmpstr(quoted, ==, cases[i][1]);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/file_servers/examples", test_examples);
    g_test_add_func("/file_servers/everyone", test_everyone);
    g_test_add_func("/file_servers/odd_path", test_odd_path);
    g_test_add_func("/file_servers/quote", test_quote);
    return g_test_run();
}
