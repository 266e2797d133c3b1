// SPDX-License-Identifier: MIT
//
// One guard for both rooms: with a copy of the share on another file system in its place, inbox and
// outbox are offline together, nothing in the copy is renamed or removed however long it stands
// there, and one warning and one "is back" tell of it.
#include "tests/unit/watcher/support/outbox_bench.h"
#include "tests/unit/watcher/support/share_dir.h"
#include "watcher/inbox/inbox.h"

#define TURNS_MAX 1000

static const struct dm_operation gray = {
    .name = "gray", .aliases = "", .summary = "shades of gray", .example = "gray"};

/** Copies the share to the file system of its own at @copy, as somebody would who wants a backup.
 */
static void copy_share(const struct bench *bench, const char *copy) {
    const char *const argv[] = {"cp", "-a", "-T", bench->path, copy, NULL};
    int status = -1;
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, NULL));
    g_assert_cmpint(status, ==, 0);
}

/** Every file below @path with its inode: what a rename or a removal would change. */
static char *tree_of(const char *path) {
    const char *const argv[] = {"find", path, "-printf", "%P %i %s\n", NULL};
    char *text = NULL;
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &text,
                               NULL, NULL, NULL));
    return text;
}

struct both {
    struct bench *bench;
    struct dm_inbox *inbox;
};

/** The daemon's loop over both rooms until nothing is left to do at this moment. */
static void run(const struct both *both) {
    struct bench *bench = both->bench;
    for (int i = 0; i < TURNS_MAX; i++) {
        uint64_t before = dm_ledger_changes(bench->ledger);
        int64_t inbox_us = dm_inbox_turn(both->inbox, bench->now_us);
        bench_turn(bench);
        if (dm_share_load(bench->share) > 0) {
            bench_dispatch(bench);
        } else if (MIN(inbox_us, bench->next_us) > bench->now_us &&
                   before == dm_ledger_changes(bench->ledger)) {
            return;
        }
    }
    g_assert_not_reached();
}

static void pass(const struct both *both, int64_t us) {
    both->bench->now_us += us;
    run(both);
}

/** Work for both rooms, of every kind: publish, retire, delete, sweep, notice. */
static void leave_work(struct bench *bench) {
    bench_computed(bench, "gray/publish.jpg", "original", "jpeg", "result");
    bench_failed(bench, "gray/fail.jpg", "broken");
    bench_write(bench, "originals/gray/expired.jpg", "old");
    struct dm_kept expired = {.path = (char *)"gray/expired.jpg"};
    g_autofree char *full = bench_path(bench, "originals/gray/expired.jpg");
    g_assert_cmpint(dm_fingerprint_at(AT_FDCWD, full, &expired.put, NULL), ==, 0);
    dm_ledger_keep_original(bench->ledger, &expired, 1);
    bench_write(bench, "outbox/gray/.dropmill-999-1.tmp", "stale");
    bench_write(bench, "failed/gray/gone.jpg.txt", "dropmill: this file could not be processed\n");
    bench_write(bench, "inbox/gray/new.jpg", "new");
    bench_commit(bench);
}

static void test_copy(struct bench *bench, gconstpointer data) {
    (void)data;
    if (!bench_may_mount()) {
        return;
    }
    dm_catalogue_add_operation(bench->catalogue, &gray);
    bench->config.settings.keep_us = HOUR_US;
    bench_restart(bench);
    const struct dm_inbox_config config = {.catalogue = bench->catalogue,
                                           .settings = {.waits = {.closed_us = SECOND_US,
                                                                  .closed_unproved_us = SECOND_US,
                                                                  .moved_us = SECOND_US,
                                                                  .moved_unproved_us = SECOND_US,
                                                                  .unseen_us = 3 * SECOND_US,
                                                                  .trigger = (char *)""},
                                                        .max_folders = 10000,
                                                        .sweep_us = 30 * SECOND_US,
                                                        .rename_grace_us = SECOND_US}};
    const struct both both = {bench,
                              dm_inbox_new(&config, bench->ledger, bench->share, &bench->wake)};
    run(&both);
    leave_work(bench);
    g_autofree char *copy = g_dir_make_tmp("dropmill-copy-XXXXXX", NULL);
    g_assert_cmpint(mount("tmpfs", copy, "tmpfs", 0, "size=8m"), ==, 0);
    copy_share(bench, copy);
    g_assert_cmpint(mount(copy, bench->path, NULL, MS_BIND, NULL), ==, 0);
    g_autofree char *before = tree_of(copy);

    bench_count_log(true);
    for (int i = 0; i < 50; i++) {
        pass(&both, 2 * 60 * SECOND_US);
    }
    g_autofree char *after = tree_of(copy);
    g_assert_cmpstr(after, ==, before);
    g_assert_false(dm_share_is_online(bench->share));
    g_assert_cmpuint(bench_count_log(true), ==, 1);
    bench_expect_log("*is offline: another file system*");

    g_assert_cmpint(umount2(bench->path, MNT_DETACH), ==, 0);
    pass(&both, 31 * SECOND_US);
    pass(&both, 10 * SECOND_US);
    g_assert_true(dm_share_is_online(bench->share));
    g_assert_true(bench_has(bench, "outbox/gray/publish.jpg"));
    g_assert_true(bench_has(bench, "originals/gray/publish.jpg"));
    g_assert_true(bench_has(bench, "failed/gray/fail.jpg"));
    g_assert_false(bench_has(bench, "originals/gray/expired.jpg"));
    g_assert_false(bench_has(bench, "outbox/gray/.dropmill-999-1.tmp"));
    g_autoptr(GPtrArray) ready =
        dm_ledger_list(bench->ledger, &(struct dm_query){.states = 1u << DM_STATE_READY});
    g_assert_cmpuint(ready->len, ==, 1);
    g_autofree char *untouched = tree_of(copy);
    g_assert_cmpstr(untouched, ==, before);

    dm_share_stop(bench->share);
    dm_inbox_free(both.inbox);
    umount2(copy, MNT_DETACH);
    g_rmdir(copy);
}

int main(int argc, char **argv) {
    static const struct bench_test tests[] = {{"share_rooms/copy", test_copy}};
    return bench_main(argc, argv, tests, G_N_ELEMENTS(tests));
}
