// SPDX-License-Identifier: MIT
//
// The directory as a store: the contract of all stores, its marker, its names, its faults.
#include "watcher/store/store_dir.h"

#include "common/fsutil.h"
#include "tests/unit/watcher/support/store_answer.h"
#include "tests/unit/watcher/support/store_contract.h"
#include "watcher/store/store_backend.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

struct rig {
    char *path, *marker;
    struct dm_store *store;
};

static void set_up(struct rig *rig) {
    rig->path = g_dir_make_tmp("dm-store-XXXXXX", NULL);
    rig->marker = g_build_filename(rig->path, DM_STORE_DIR_MARKER, NULL);
    g_assert_true(g_file_set_contents(rig->marker, "", 0, NULL));
    rig->store = dm_store_dir_new(rig->path);
}

static void tear_down(struct rig *rig) {
    dm_store_free(rig->store);
    dm_remove_tree(rig->path);
    g_free(rig->path);
    g_free(rig->marker);
}

static void test_contract(void) {
    struct rig rig;
    set_up(&rig);
    bool has_attributes = setxattr(rig.path, "user.dropmill.test", "1", 1, 0) == 0;
    if (!has_attributes)
        g_test_message("no extended attributes here: sums are not kept");
    store_contract(rig.store, &(struct store_traits){.keeps_sums = has_attributes});
    tear_down(&rig);
}

static void test_keys(void) {
    struct rig rig;
    set_up(&rig);
    store_contract_keys(rig.store);
    tear_down(&rig);
}

/** A usual key is a usual file; nothing gets out of the directory. */
static void test_names(void) {
    struct rig rig;
    set_up(&rig);
    ANSWER a = {0};
    answer_put(rig.store, "shop/a b.png", "x", 1, INT64_C(1369353600000000000), &a);
    g_autofree char *path = g_build_filename(rig.path, "shop/a b.png", NULL);
    struct stat st;
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_mtim.tv_sec, ==, 1369353600);
    g_autofree char *outside = g_strconcat("../", "dm-store-escaped", NULL);
    answer_put(rig.store, outside, "x", 1, 0, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    g_autofree char *there = g_build_filename(rig.path, "..", "dm-store-escaped", NULL);
    g_assert_cmpint(access(there, F_OK), !=, 0);
    // Nor by a link that somebody lays.
    g_autofree char *link = g_build_filename(rig.path, "link", NULL);
    g_assert_cmpint(symlink("/tmp", link), ==, 0);
    answer_put(rig.store, "link/dm-store-escaped", "x", 1, 0, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OBJECT);
    tear_down(&rig);
}

static void test_marker(void) {
    struct rig rig;
    set_up(&rig);
    unlink(rig.marker);
    ANSWER a = {0};
    answer_put(rig.store, "a", "x", 1, 0, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_ENDPOINT);
    g_assert_nonnull(strstr(a.result.reason, DM_STORE_DIR_MARKER));
    answer_list(rig.store, "", NULL, 10, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_ENDPOINT);
    dm_remove_tree(rig.path);
    answer_head(rig.store, "a", &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_ENDPOINT); // not MISSING
    tear_down(&rig);
}

static enum dm_store_class class_of_put(struct rig *rig, const char *key) {
    ANSWER a = {0};
    answer_put(rig->store, key, "x", 1, 0, &a);
    return a.result.class;
}

static void test_faults(void) {
    struct rig rig;
    set_up(&rig);
    dm_store_dir_order_fault(
        rig.store,
        &(struct dm_store_fault){
            .verb = DM_STORE_PUT, .after = 1, .one_in = 2, .count = 2, .class = DM_STORE_THROTTLE});
    g_assert_cmpint(class_of_put(&rig, "0"), ==, DM_STORE_OK);
    g_assert_cmpint(class_of_put(&rig, "1"), ==, DM_STORE_THROTTLE);
    g_assert_cmpint(class_of_put(&rig, "2"), ==, DM_STORE_OK);
    g_assert_cmpint(class_of_put(&rig, "3"), ==, DM_STORE_THROTTLE);
    g_assert_cmpint(class_of_put(&rig, "4"), ==, DM_STORE_OK);
    g_assert_cmpint(class_of_put(&rig, "5"), ==, DM_STORE_OK);
    dm_store_dir_clear_faults(rig.store);
    dm_store_dir_order_fault(rig.store, &(struct dm_store_fault){.verb = DM_STORE_VERB_COUNT,
                                                                 .count = 1,
                                                                 .class = DM_STORE_TRANSPORT,
                                                                 .is_carried_out = true,
                                                                 .retry_after_us = 7});
    ANSWER a = {0};
    answer_put(rig.store, "lost answer", "x", 1, 0, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_TRANSPORT);
    g_assert_true(a.result.is_unknown);
    g_assert_cmpint(a.result.retry_after_us, ==, 7);
    answer_head(rig.store, "lost answer", &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    answer_head(rig.store, "1", &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_MISSING);
    struct dm_store_status status;
    dm_store_status(rig.store, &status);
    g_assert_cmpint(status.failures, ==, 3);
    tear_down(&rig);
}

static void test_hold(void) {
    struct rig rig;
    set_up(&rig);
    ANSWER a = {0};
    dm_store_dir_hold(rig.store, true);
    dm_store_probe(rig.store, answer_done, &a);
    dm_store_turn(rig.store, 0);
    dm_store_turn(rig.store, 0);
    g_assert_false(a.is_there);
    dm_store_dir_hold(rig.store, false);
    answer_wait(rig.store, &a);
    tear_down(&rig);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store_dir/contract", test_contract);
    g_test_add_func("/store_dir/keys", test_keys);
    g_test_add_func("/store_dir/names", test_names);
    g_test_add_func("/store_dir/marker", test_marker);
    g_test_add_func("/store_dir/faults", test_faults);
    g_test_add_func("/store_dir/hold", test_hold);
    return g_test_run();
}
