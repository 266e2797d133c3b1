// SPDX-License-Identifier: MIT
//
// Guard: what is and what is not the share that we know.
#include "watcher/inbox/guard.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "common/path.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void make_share(const char *share, const char *id) {
    g_autofree char *inbox = g_build_filename(share, DM_DIR_INBOX, NULL);
    g_autofree char *private = g_build_filename(share, DM_DIR_PRIVATE, NULL);
    g_autofree char *marker = g_build_filename(share, DM_ROOT_ID, NULL);
    g_assert_cmpint(g_mkdir_with_parents(inbox, 0755), ==, 0);
    g_assert_cmpint(g_mkdir_with_parents(private, 0755), ==, 0);
    g_assert_true(g_file_set_contents(marker, id, -1, NULL));
}

static void move(const char *root, const char *from, const char *to) {
    g_autofree char *full_from = g_build_filename(root, from, NULL);
    g_autofree char *full_to = g_build_filename(root, to, NULL);
    g_assert_cmpint(g_rename(full_from, full_to), ==, 0);
}

/** Returns whether the guard lets us in. @problem: part of what it says if it does not. */
static bool is_open(struct dm_guard *guard, const char *problem) {
    g_autofree char *said = NULL;
    int fd = dm_guard_open(guard, &said);
    if (fd >= 0) {
        close(fd);
        return true;
    }
    g_test_message("%s", said);
    g_assert_nonnull(strstr(said, problem));
    return false;
}

static void test_marker(void) {
    g_autofree char *root = g_dir_make_tmp("dropmill-guard-XXXXXX", NULL);
    g_autofree char *share = g_build_filename(root, "share", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_null(dm_guard_new(share, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    make_share(share, "one");
    struct dm_guard *guard = dm_guard_new(share, NULL);
    g_assert_nonnull(guard);
    g_assert_true(is_open(guard, ""));

    move(share, DM_ROOT_ID, "away");
    g_assert_false(is_open(guard, DM_ROOT_ID));
    move(share, "away", DM_ROOT_ID);
    g_assert_true(is_open(guard, ""));

    move(share, DM_DIR_INBOX, "away");
    g_assert_false(is_open(guard, DM_DIR_INBOX));
    move(share, "away", DM_DIR_INBOX);
    g_assert_true(is_open(guard, ""));

    move(root, "share", "away");
    g_assert_false(is_open(guard, "No such file"));
    make_share(share, "two");
    g_assert_false(is_open(guard, "another share"));
    make_share(share, "");
    g_assert_false(is_open(guard, DM_ROOT_ID));
    dm_remove_tree(share);
    move(root, "away", "share");
    g_assert_true(is_open(guard, ""));
    dm_guard_free(guard);
    dm_remove_tree(root);
}

static void test_symlinked_inbox(void) {
    g_autofree char *share = g_dir_make_tmp("dropmill-guard-XXXXXX", NULL);
    make_share(share, "one");
    struct dm_guard *guard = dm_guard_new(share, NULL);
    move(share, DM_DIR_INBOX, "away");
    g_autofree char *inbox = g_build_filename(share, DM_DIR_INBOX, NULL);
    g_assert_cmpint(symlink("/etc", inbox), ==, 0);
    g_assert_false(is_open(guard, DM_DIR_INBOX));
    dm_guard_free(guard);
    dm_remove_tree(share);
}

// Something else is mounted over the share or its inbox, with and without the same marker.
static void test_device(void) {
    g_autofree char *share = g_dir_make_tmp("dropmill-guard-XXXXXX", NULL);
    g_autofree char *inbox = g_build_filename(share, DM_DIR_INBOX, NULL);
    make_share(share, "one");
    struct dm_guard *guard = dm_guard_new(share, NULL);
    if (mount("none", inbox, "tmpfs", 0, NULL) != 0) {
        g_test_skip("may not mount");
    } else {
        g_assert_false(is_open(guard, "at its inbox"));
        g_assert_false(is_open(guard, "at its inbox"));
        umount(inbox);
        g_assert_true(is_open(guard, ""));
        g_assert_cmpint(mount("none", share, "tmpfs", 0, NULL), ==, 0);
        g_assert_false(is_open(guard, DM_ROOT_ID));
        make_share(share, "one"); // a copy: another file
        g_assert_false(is_open(guard, "another file system"));
        g_assert_false(is_open(guard, "another file system"));
        umount(share);
        g_assert_true(is_open(guard, ""));
    }
    dm_guard_free(guard);
    dm_remove_tree(share);
}

static ino_t marker_ino(const char *share) {
    g_autofree char *marker = g_build_filename(share, DM_ROOT_ID, NULL);
    struct stat found;
    g_assert_cmpint(stat(marker, &found), ==, 0);
    return found.st_ino;
}

// The share comes back as another device, as NFS does: refused once, then known. A tmpfs numbers
// its inodes from 1, so making the same share in two of them gives the same marker on two devices.
static void test_mounted_anew(void) {
    g_autofree char *share = g_dir_make_tmp("dropmill-guard-XXXXXX", NULL);
    if (mount("none", share, "tmpfs", 0, NULL) != 0) {
        g_test_skip("may not mount");
        g_rmdir(share);
        return;
    }
    make_share(share, "one");
    ino_t before = marker_ino(share);
    struct dm_guard *guard = dm_guard_new(share, NULL);
    g_assert_cmpint(mount("none", share, "tmpfs", 0, NULL), ==, 0);
    make_share(share, "one");
    if (marker_ino(share) != before) {
        g_test_skip("this kernel numbers the inodes of a tmpfs otherwise");
    } else {
        g_assert_false(is_open(guard, "another file system"));
        g_assert_true(is_open(guard, ""));
    }
    dm_guard_free(guard);
    umount(share);
    umount(share);
    g_rmdir(share);
}

static void test_delay(void) {
    static const int expected_s[] = {1, 1, 2, 4, 8, 16, 30, 30, 30};
    for (unsigned i = 0; i < G_N_ELEMENTS(expected_s); i++) {
        g_assert_cmpint(dm_guard_delay_us(i), ==, expected_s[i] * G_USEC_PER_SEC);
    }
    g_assert_cmpint(dm_guard_delay_us(4000000000u), ==, 30 * G_USEC_PER_SEC);
}

static void test_errnos(void) {
    g_assert_true(dm_guard_is_offline_errno(ESTALE));
    g_assert_true(dm_guard_is_offline_errno(EIO));
    g_assert_false(dm_guard_is_offline_errno(ENOENT));
    g_assert_false(dm_guard_is_offline_errno(EACCES));
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/guard/marker", test_marker);
    g_test_add_func("/guard/symlinked-inbox", test_symlinked_inbox);
    g_test_add_func("/guard/device", test_device);
    g_test_add_func("/guard/mounted-anew", test_mounted_anew);
    g_test_add_func("/guard/delay", test_delay);
    g_test_add_func("/guard/errnos", test_errnos);
    return g_test_run();
}
