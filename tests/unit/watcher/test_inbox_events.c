// SPDX-License-Identifier: MIT
//
// The inbox when events are many, late, lost, doubled, out of order, or not to be had: in the end
// the rows are what the directories hold.
#include "tests/unit/watcher/support/inbox_world.h"

#include <sched.h>
#include <sys/wait.h>

typedef void (*scene_fn)(struct world *world);

static void play(gconstpointer data) {
    struct world world;
    world_init(&world);
    ((scene_fn)(intptr_t)data)(&world);
    world_clear(&world);
}

/** Add the files below @dir of the inbox to @files: path -> nothing. */
static void list_files(const struct world *world, const char *dir, GHashTable *files) {
    g_autofree char *full = world_path(world, dir);
    GDir *open_dir = g_dir_open(full, 0, NULL);
    g_assert_nonnull(open_dir);
    const char *name;
    while ((name = g_dir_read_name(open_dir)) != NULL) {
        char *path = *dir != '\0' ? g_build_filename(dir, name, NULL) : g_strdup(name);
        g_autofree char *full_path = world_path(world, path);
        if (g_file_test(full_path, G_FILE_TEST_IS_DIR)) {
            list_files(world, path, files);
            g_free(path);
        } else {
            g_hash_table_add(files, path);
        }
    }
    g_dir_close(open_dir);
}

/** The rows are the files, all READY; and the room remembers no more than there is. */
static void expect_rows_are_files(const struct world *world) {
    g_autoptr(GHashTable) files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const struct dm_query all = {0};
    g_autoptr(GPtrArray) rows = dm_ledger_list(world->ledger, &all);
    list_files(world, "", files);
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_row *row = g_ptr_array_index(rows, i);
        if (!g_hash_table_remove(files, row->path) || row->state != DM_STATE_READY) {
            g_test_message("'%s' is %s", row->path, dm_state_name(row->state));
            g_test_fail();
        }
    }
    GHashTableIter iter;
    gpointer missing;
    g_hash_table_iter_init(&iter, files);
    while (g_hash_table_iter_next(&iter, &missing, NULL)) {
        g_test_message("'%s' is missing", (const char *)missing);
        g_test_fail();
    }
    g_assert_cmpuint(dm_pendings_count(world->inbox->pendings), ==, 0);
    g_assert_cmpuint(g_hash_table_size(world->inbox->requests), ==, 0);
    for (guint i = 0; i < rows->len; i++) {
        g_autofree char *dir = dm_path_dir(((struct dm_row *)g_ptr_array_index(rows, i))->path);
        g_assert_nonnull(dm_dirs_find(world->inbox->dirs, dir));
    }
}

// ---- many

// Directories with files in them from the first moment on, while the inbox works.
static void many_dirs(struct world *world) {
    world_start(world);
    world_settle(world);
    for (int i = 0; i < 400; i++) {
        for (int j = 0; j < 5; j++) {
            g_autofree char *path = g_strdup_printf("blur-%d/sub %d/%d.jpg", i % 7 + 1, i, j);
            world_drop(world, path);
        }
        if (i % 13 == 0) {
            dm_inbox_turn(world->inbox, world->now_us);
            dm_share_dispatch(world->share, world->now_us);
        }
    }
    world_pass(world, 4 * SECOND);
    g_assert_cmpint(world_count(world, DM_STATE_READY), ==, 2000);
    expect_rows_are_files(world);
    world_stop(world);
}

// One folder, many files: a few looks, more than one turn, all of them ready together.
static void many_files(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_settle(world);
    for (int i = 0; i < 5000; i++) {
        g_autofree char *path = g_strdup_printf("blur-5/%d.jpg", i);
        world_write(world, path, "a picture");
    }
    dm_inbox_turn(world->inbox, world->now_us);
    g_assert_cmpuint(world->inbox->asked, ==, 1);
    world_pass(world, 1100 * MS);
    g_assert_cmpint(world_count(world, DM_STATE_READY), ==, 5000);
    for (int i = 0; i < 5000; i++) {
        g_autofree char *path = g_strdup_printf("blur-5/%d.jpg", i);
        world_remove(world, path);
    }
    world_settle(world);
    expect_rows_are_files(world);
    world_stop(world);
}

static void tree_renamed_in(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_settle(world);
    world_drop(world, "../outside/a/b/c/1.jpg");
    world_drop(world, "../outside/a/2.jpg");
    world_drop(world, "../outside/3.jpg");
    world_rename(world, "../outside", "blur-5/inside");
    world_settle(world);
    g_assert_cmpint(world_count(world, DM_STATE_SEEN), ==, 3);
    world_pass(world, 4 * SECOND);
    expect_rows_are_files(world);
    world_write(world, "blur-5/inside/a/b/c/4.jpg", "a picture"); // and it is watched
    world_pass(world, 1100 * MS);
    expect_rows_are_files(world);
    world_rename(world, "blur-5/inside", "../outside");
    world_settle(world);
    expect_rows_are_files(world);
    world_stop(world);
}

// ---- refused

/** An answer in which @name of @dir could not be looked at. */
static void refuse(struct world *world, const char *dir, const char *name, int errnum) {
    struct dm_sweep *sweep = dm_sweep_new(dir, true, NULL);
    const struct dm_sweep_entry entry = {.name = g_strdup(name), .error = errnum};
    unsigned budget = 100;
    sweep->outcome = DM_SWEEP_READ;
    g_array_append_val(sweep->entries, entry);
    g_assert_true(dm_reconcile(world->inbox, sweep, &budget));
    dm_sweep_free(sweep);
}

// The share's errors on one name are the share's: it has to prove itself, and nothing is gone.
static void name_refused(struct world *world) {
    world_drop(world, "blur-5/1.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    refuse(world, "blur-5", "1.jpg", EACCES);
    g_assert_true(dm_share_is_online(world->share));
    refuse(world, "blur-5", "1.jpg", ESTALE);
    g_assert_false(dm_share_is_online(world->share));
    g_assert_cmpuint(dm_dirs_find(world->inbox->dirs, "blur-5")->stamp.ino, ==, 0);
    world_pass(world, 3 * SECOND);
    g_assert_true(dm_share_is_online(world->share));
    g_assert_cmpuint(dm_share_returns(world->share), ==, 1);
    expect_rows_are_files(world);
    world_stop(world);
}

// It has proved itself again and again, and the name is as bad as it was: that is no reason to
// stop.
static void bad_spot(struct world *world) {
    world_drop(world, "blur-5/1.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    struct dm_dir *dir = dm_dirs_find(world->inbox->dirs, "blur-5");
    dir->accusations = 2;
    refuse(world, "blur-5", "1.jpg", EIO);
    g_assert_false(dm_share_is_online(world->share));
    world_pass(world, 3 * SECOND);
    g_assert_true(dm_share_is_online(world->share));
    g_assert_cmpuint(dir->accusations, ==, 0); // all could be looked at
    dir->accusations = 3;
    refuse(world, "blur-5", "1.jpg", EIO);
    refuse(world, "blur-5", "1.jpg", EIO);
    g_assert_true(dm_share_is_online(world->share));
    world_settle(world);
    expect_rows_are_files(world);
    world_stop(world);
}

// A folder that could not be looked at has not gone.
static void folder_refused(struct world *world) {
    world_drop(world, "blur-5/1.jpg");
    world_start(world);
    world_settle(world);
    assert_state(world, "blur-5/1.jpg", "seen");
    refuse(world, "", "blur-5", EIO);
    g_assert_false(dm_share_is_online(world->share));
    g_assert_nonnull(dm_folders_find(world->inbox->folders, "blur-5"));
    world_pass(world, 10 * SECOND);
    expect_rows_are_files(world);
    world_stop(world);
}

// ---- lost

static void overflow(struct world *world) {
    const struct dm_notify_event event = {.what = DM_NOTIFY_OVERFLOW, .dir = "", .name = ""};
    world_drop(world, "blur-5/sub/goes.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    world_blind(world);
    world_remove(world, "blur-5/sub/goes.jpg");
    world_remove(world, "blur-5/sub");
    world_drop(world, "gray/deep/comes.jpg");
    world_settle(world);
    assert_state(world, "blur-5/sub/goes.jpg", "ready");
    dm_plan_event(&event, world->inbox);
    world_pass(world, 4 * SECOND);
    expect_rows_are_files(world);
    world_stop(world);
}

// No inotify (a network file system): the polls find everything, and nothing is a problem.
static void polled(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_blind(world);
    world_settle(world);
    world_drop(world, "blur-5/sub/a.jpg");
    world_drop(world, "gray/b.jpg");
    world_pass(world, 9 * SECOND);
    expect_rows_are_files(world);
    world_remove(world, "blur-5/sub/a.jpg");
    world_pass(world, 5 * SECOND);
    expect_rows_are_files(world);
    struct dm_inbox_status status;
    dm_inbox_status(world->inbox, &status);
    g_assert_cmpstr(status.problem, ==, "");
    world_stop(world);
}

/** In a user namespace of its own: at most three watches. Returns an exit code; 77: cannot be
 * tried. */
static int watch_few(void) {
    if (unshare(CLONE_NEWUSER) != 0) {
        return 77;
    }
    int fd = open("/proc/sys/user/max_inotify_watches", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "3", 1) != 1) {
        return 77;
    }
    close(fd);
    struct world world;
    world_init(&world);
    for (int i = 1; i < 6; i++) {
        g_autofree char *path = g_strdup_printf("blur-%d/sub/a.jpg", i);
        world_drop(&world, path);
    }
    world_start(&world);
    world_pass(&world, 4 * SECOND);
    expect_rows_are_files(&world);
    struct dm_inbox_status status;
    dm_inbox_status(world.inbox, &status);
    bool named = strstr(status.problem, "fs.inotify.max_user_watches") != NULL;
    for (int i = 1; i < 6; i++) {
        g_autofree char *path = g_strdup_printf("blur-%d/sub/b.jpg", i);
        world_drop(&world, path);
    }
    world_pass(&world, 5 * SECOND + 4 * SECOND); // the poll, then the rule
    expect_rows_are_files(&world);
    world_stop(&world);
    world_clear(&world);
    return named && !g_test_failed() ? 0 : 1;
}

static void too_many_watches(void) {
    pid_t child = fork();
    g_assert_cmpint(child, >=, 0);
    if (child == 0) {
        _exit(watch_few());
    }
    int status = 0;
    g_assert_cmpint(waitpid(child, &status, 0), ==, child);
    g_assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        g_test_skip("may not make a user namespace");
        return;
    }
    g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

// A directory that the daemon may not read is left alone, and found when it may.
static void unreadable(struct world *world) {
    if (geteuid() != 0) {
        g_test_skip("needs root to become somebody else");
        return;
    }
    world_drop(world, "blur-5/closed/a.jpg");
    g_autofree char *closed = world_path(world, "blur-5/closed");
    g_assert_cmpint(chmod(closed, 0700), ==, 0);
    g_assert_cmpint(chmod(world->path, 0755), ==, 0);
    g_assert_cmpint(seteuid(65534), ==, 0);
    world_start(world);
    world_pass(world, 4 * SECOND);
    assert_state(world, "blur-5/closed/a.jpg", "none");
    g_assert_true(dm_dirs_find(world->inbox->dirs, "blur-5/closed")->warned);
    g_assert_cmpint(seteuid(0), ==, 0);
    g_assert_cmpint(chmod(closed, 0755), ==, 0);
    g_assert_cmpint(seteuid(65534), ==, 0);
    world_pass(world, 5 * SECOND + 4 * SECOND);
    assert_state(world, "blur-5/closed/a.jpg", "ready");
    g_assert_cmpint(seteuid(0), ==, 0);
    world_stop(world);
}

// ---- a source of events that lies

struct liar {
    struct world *world;
    struct dm_notify *notify; // the test's own eyes
    GPtrArray *told;          // struct dm_notify_event with owned strings
};

static void remember(const struct dm_notify_event *event, void *data) {
    struct liar *liar = data;
    struct dm_notify_event *copy = g_new(struct dm_notify_event, 1);
    *copy = (struct dm_notify_event){
        .what = event->what, .dir = g_strdup(event->dir), .name = g_strdup(event->name)};
    g_ptr_array_add(liar->told, copy);
}

static void forget(void *data) {
    struct dm_notify_event *event = data;
    g_free((char *)event->dir);
    g_free((char *)event->name);
    g_free(event);
}

/** Watch every directory there is. */
static void open_eyes(struct liar *liar, const char *dir) {
    g_autofree char *full = world_path(liar->world, dir);
    int fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    dm_notify_bind(liar->notify, dm_notify_watch(dm_notify_fd(liar->notify), fd), dir, remember,
                   liar);
    close(fd);
    GDir *open_dir = g_dir_open(full, 0, NULL);
    const char *name;
    while ((name = g_dir_read_name(open_dir)) != NULL) {
        g_autofree char *path = dm_path_join(dir, name);
        g_autofree char *full_path = world_path(liar->world, path);
        if (g_file_test(full_path, G_FILE_TEST_IS_DIR)) {
            open_eyes(liar, path);
        }
    }
    g_dir_close(open_dir);
}

/** Tell of what has happened: some of it, some twice, in any order, some of it later. */
static void tell_lies(struct liar *liar) {
    dm_notify_read(liar->notify, remember, liar);
    for (guint left = liar->told->len; left > 0; left--) {
        guint at = (guint)g_test_rand_int_range(0, (gint32)liar->told->len);
        const struct dm_notify_event *event = g_ptr_array_index(liar->told, at);
        int fate = g_test_rand_int_range(0, 5);
        if (fate >= 2) { // 0, 1: lost
            dm_plan_event(event, liar->world->inbox);
        }
        if (fate <= 3) { // 4: comes again
            g_ptr_array_remove_index_fast(liar->told, at);
        }
    }
}

static char *any_path(void) {
    static const char *const dirs[] = {"blur-1", "blur-1/s", "blur-1/s/t", "gray", "gray/s"};
    return g_strdup_printf("%s/%d.jpg", dirs[g_test_rand_int_range(0, G_N_ELEMENTS(dirs))],
                           g_test_rand_int_range(0, 12));
}

static void rename_any(const struct world *world, const char *from, const char *to) {
    g_autofree char *full_from = world_path(world, from);
    g_autofree char *full_to = world_path(world, to);
    (void)g_rename(full_from, full_to); // fails where there is nothing, which is part of the play
}

static void do_anything(struct world *world) {
    static const char *const dirs[] = {"blur-1/s", "gray/s", "blur-1/s/t", "blur-1/u", "gray/u"};
    g_autofree char *path = any_path();
    g_autofree char *other = any_path();
    int from = g_test_rand_int_range(0, G_N_ELEMENTS(dirs));
    int to = g_test_rand_int_range(0, G_N_ELEMENTS(dirs));
    switch (g_test_rand_int_range(0, 8)) {
    case 0:
        rename_any(world, path, other);
        break;
    case 1:
        rename_any(world, dirs[from], dirs[to]);
        break;
    case 2:
    case 3: {
        g_autofree char *full = world_path(world, path);
        (void)g_remove(full);
        break;
    }
    default:
        world_drop(world, path);
    }
}

static void lies(struct world *world) {
    world_mkdir(world, "blur-1");
    world_mkdir(world, "gray");
    world_start(world);
    world_blind(world); // the kernel tells the inbox nothing, only the liar does
    world->inbox->poll_at_us = INT64_MAX;
    world_settle(world);
    struct liar liar = {
        .world = world, .notify = dm_notify_new(), .told = g_ptr_array_new_with_free_func(forget)};
    int rounds = g_test_quick() ? 30 : 500;
    for (int round = 0; round < rounds; round++) {
        for (int i = g_test_rand_int_range(1, 40); i > 0; i--) {
            open_eyes(&liar, "");
            do_anything(world);
            if (g_test_rand_int_range(0, 8) == 0) {
                tell_lies(&liar);
                world->now_us += g_test_rand_int_range(0, SECOND);
                dm_inbox_turn(world->inbox, world->now_us);
                dm_share_dispatch(world->share, world->now_us);
            }
        }
        tell_lies(&liar);
        dm_inbox_sweep(world->inbox);
        world_pass(world, 70 * SECOND); // a file whose close was lost waits for a minute
        expect_rows_are_files(world);
    }
    dm_notify_free(liar.notify);
    g_ptr_array_unref(liar.told);
    world_stop(world);
}

static const struct {
    const char *name;
    scene_fn play;
} scenes[] = {
    {"many-dirs", many_dirs},
    {"many-files", many_files},
    {"tree-renamed-in", tree_renamed_in},
    {"overflow", overflow},
    {"polled", polled},
    {"unreadable", unreadable},
    {"lies", lies},
    {"name-refused", name_refused},
    {"bad-spot", bad_spot},
    {"folder-refused", folder_refused},
};

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++) {
        g_autofree char *path = g_strconcat("/inbox-events/", scenes[i].name, NULL);
        g_test_add_data_func(path, (gconstpointer)(intptr_t)scenes[i].play, play);
    }
    g_test_add_func("/inbox-events/too-many-watches", too_many_watches);
    return g_test_run();
}
