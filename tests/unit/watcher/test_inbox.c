// SPDX-License-Identifier: MIT
//
// The inbox, one behaviour a test: what a user does in a real directory, and what the ledger then
// says.
#include "tests/unit/watcher/support/inbox_world.h"

typedef void (*scene_fn)(struct world *world);

static void play(gconstpointer data) {
    struct world world;
    world_init(&world);
    ((scene_fn)(intptr_t)data)(&world);
    world_clear(&world);
}

// ---- drops

static void drop(struct world *world) {
    world_mkdir(world, "rotate 90");
    world_start(world);
    world_settle(world);
    world_write(world, "rotate 90/a.jpg", "a picture");
    world_settle(world);
    assert_state(world, "rotate 90/a.jpg", "seen");
    struct dm_inbox_status status;
    dm_inbox_status(world->inbox, &status);
    g_assert_cmpint(status.settling, ==, 1);
    g_assert_cmpint(status.folders, ==, 1);
    world_pass(world, 990 * MS);
    assert_state(world, "rotate 90/a.jpg", "seen");
    world_pass(world, 40 * MS);
    assert_state(world, "rotate 90/a.jpg", "ready");
    struct dm_row *row = dm_ledger_find(world->ledger, "rotate 90/a.jpg");
    g_assert_cmpstr(row->chain, ==, "rotate-90");
    g_assert_cmpint(row->fingerprint.size_bytes, ==, 9);
    dm_row_free(row);
    world_stop(world);
}

static void slow_writer(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_settle(world);
    g_autofree char *path = world_path(world, "blur-5/a.jpg");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    for (int i = 0; i < 20; i++) {
        g_assert_cmpint(write(fd, "x", 1), ==, 1);
        world_pass(world, 900 * MS);
        assert_state(world, "blur-5/a.jpg", "seen");
    }
    close(fd);
    world_pass(world, 990 * MS);
    assert_state(world, "blur-5/a.jpg", "seen");
    world_pass(world, 40 * MS);
    assert_state(world, "blur-5/a.jpg", "ready");
    struct dm_row *row = dm_ledger_find(world->ledger, "blur-5/a.jpg");
    g_assert_cmpint(row->fingerprint.size_bytes, ==, 20);
    dm_row_free(row);
    world_stop(world);
}

// A writer that pauses: half a file is not a file, however long the others' quiet is over.
static void held_open(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_settle(world);
    g_autofree char *path = world_path(world, "blur-5/a.jpg");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    g_assert_cmpint(write(fd, "half", 4), ==, 4);
    world_pass(world, 8 * SECOND);
    assert_state(world, "blur-5/a.jpg", "seen");
    dm_inbox_sweep(world->inbox); // a look without an event is no close either
    world_pass(world, 31 * SECOND);
    assert_state(world, "blur-5/a.jpg", "seen");
    g_assert_cmpint(write(fd, "half", 4), ==, 4);
    world_pass(world, 59 * SECOND);
    assert_state(world, "blur-5/a.jpg", "seen");
    close(fd);
    world_pass(world, 990 * MS);
    assert_state(world, "blur-5/a.jpg", "seen");
    world_pass(world, 40 * MS);
    assert_state(world, "blur-5/a.jpg", "ready");
    struct dm_row *row = dm_ledger_find(world->ledger, "blur-5/a.jpg");
    g_assert_cmpint(row->fingerprint.size_bytes, ==, 8);
    dm_row_free(row);
    world_stop(world);
}

// A writer that never closes what has no end gets a minute; a later change takes READY back, and
// such a writer is waited for longer from then on.
static void never_closed(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_settle(world);
    g_autofree char *path = world_path(world, "blur-5/a.jpg");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    g_assert_cmpint(write(fd, "half of a text", 14), ==, 14);
    world_pass(world, 59900 * MS);
    assert_state(world, "blur-5/a.jpg", "seen");
    world_pass(world, 200 * MS);
    assert_state(world, "blur-5/a.jpg", "ready");
    g_assert_cmpint(write(fd, "y", 1), ==, 1);
    world_settle(world);
    assert_state(world, "blur-5/a.jpg", "seen");
    close(fd);
    world_pass(world, 1900 * MS);
    assert_state(world, "blur-5/a.jpg", "seen");
    world_pass(world, 200 * MS);
    assert_state(world, "blur-5/a.jpg", "ready");
    world_stop(world);
}

static void empty(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_write(world, "blur-5/a.jpg", "");
    world_pass(world, 600 * (int64_t)SECOND);
    assert_state(world, "blur-5/a.jpg", "seen");
    world_write(world, "blur-5/a.jpg", "now it is there");
    world_pass(world, 1100 * MS);
    assert_state(world, "blur-5/a.jpg", "ready");
    world_stop(world);
}

static void rename_in(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_settle(world);
    world_write(world, "blur-5/a.jpg.part", "a picture");
    world_pass(world, 5 * SECOND);
    assert_state(world, "blur-5/a.jpg.part", "none");
    world_rename(world, "blur-5/a.jpg.part", "blur-5/a.jpg");
    world_pass(world, 1100 * MS);
    assert_state(world, "blur-5/a.jpg", "ready");
    world_rename(world, "blur-5/a.jpg", "blur-5/b.jpg");
    world_pass(world, 1100 * MS);
    assert_state(world, "blur-5/a.jpg", "none");
    assert_state(world, "blur-5/b.jpg", "ready");
    world_stop(world);
}

static void link_in(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_settle(world);
    g_autofree char *from = g_build_filename(world->path, "elsewhere.jpg", NULL);
    g_autofree char *to = world_path(world, "blur-5/a.jpg");
    g_assert_true(g_file_set_contents(from, "a picture", -1, NULL));
    g_assert_cmpint(link(from, to), ==, 0);
    world_pass(world, 900 * MS);
    assert_state(world, "blur-5/a.jpg", "seen");
    world_pass(world, 200 * MS);
    assert_state(world, "blur-5/a.jpg", "ready");
    world_stop(world);
}

static void there_at_start(struct world *world) {
    world_drop(world, "blur-5/deep/er/a.jpg");
    world_drop(world, "gray/b.jpg");
    world_start(world);
    world_settle(world);
    assert_state(world, "blur-5/deep/er/a.jpg", "seen");
    world_pass(world, 2900 * MS);
    assert_state(world, "gray/b.jpg", "seen");
    world_pass(world, 200 * MS);
    assert_state(world, "blur-5/deep/er/a.jpg", "ready");
    assert_state(world, "gray/b.jpg", "ready");
    world_stop(world);
}

// While the daemon was off: one file stayed, one went away, one folder went away.
static void restart(struct world *world) {
    world_drop(world, "blur-5/stays.jpg");
    world_drop(world, "blur-5/goes.jpg");
    world_drop(world, "gray/sub/goes.jpg");
    world_drop(world, "rotate-90/settles.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    world_write(world, "rotate-90/settles.jpg", "another picture");
    world_settle(world);
    world_stop(world);
    world_remove(world, "blur-5/goes.jpg");
    world_remove(world, "gray/sub/goes.jpg");
    world_remove(world, "gray/sub");
    world_remove(world, "gray");
    world_start(world);
    world_settle(world);
    assert_state(world, "blur-5/stays.jpg", "ready");
    assert_state(world, "blur-5/goes.jpg", "none");
    assert_state(world, "gray/sub/goes.jpg", "none");
    assert_state(world, "rotate-90/settles.jpg", "seen");
    world_pass(world, 4 * SECOND);
    assert_state(world, "rotate-90/settles.jpg", "ready");
    world_stop(world);
}

static void odd_names(struct world *world) {
    static const char *const names[] = {"blur-5/\xff\xfe\x80.jpg", "blur-5/a\nb.jpg", "blur-5/-rf",
                                        "blur-5/ a b '\".jpg",     "blur-5/%s%n",     "blur-5/\\x"};
    g_autofree char *full = g_strnfill(DM_NAME_MAX, 'n');
    g_autofree char *longest = g_strconcat("blur-5/", full, NULL);
    world_start(world);
    world_drop(world, longest);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        world_drop(world, names[i]);
    }
    world_pass(world, 4 * SECOND);
    assert_state(world, longest, "ready");
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        assert_state(world, names[i], "ready");
    }
    world_stop(world);
}

// ---- what is not a drop

static void not_files(struct world *world) {
    world_drop(world, "blur-5/a.jpg");
    world_mkdir(world, "blur-5/@eaDir");
    world_write(world, "blur-5/@eaDir/thumb.jpg", "some litter");
    world_mkdir(world, "blur-5/.hidden");
    world_write(world, "blur-5/.hidden/a.jpg", "some litter");
    world_write(world, "blur-5/.DS_Store", "some litter");
    g_autofree char *fifo = world_path(world, "blur-5/fifo.jpg");
    g_autofree char *link_name = world_path(world, "blur-5/link.jpg");
    g_autofree char *link_dir = world_path(world, "blur-5/linked");
    g_assert_cmpint(mkfifo(fifo, 0644), ==, 0);
    g_assert_cmpint(symlink("a.jpg", link_name), ==, 0);
    g_assert_cmpint(symlink("/etc", link_dir), ==, 0);
    world_start(world);
    world_pass(world, 4 * SECOND);
    assert_state(world, "blur-5/a.jpg", "ready");
    int64_t counts[DM_STATE_COUNT], sum = 0;
    dm_ledger_count(world->ledger, counts);
    for (int i = 0; i < DM_STATE_COUNT; i++) {
        sum += counts[i];
    }
    g_assert_cmpint(sum, ==, 1);
    g_assert_true(world_has(world, "blur-5/fifo.jpg"));
    g_assert_true(world_has(world, "blur-5/link.jpg"));
    world_stop(world);
}

// A symlink in the place of a file that was there is no file.
static void replaced_by_symlink(struct world *world) {
    world_drop(world, "blur-5/a.jpg");
    world_drop(world, "blur-5/sub/b.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    world_remove(world, "blur-5/a.jpg");
    g_autofree char *name = world_path(world, "blur-5/a.jpg");
    g_assert_cmpint(symlink("/etc/passwd", name), ==, 0);
    world_remove(world, "blur-5/sub/b.jpg");
    world_remove(world, "blur-5/sub");
    g_autofree char *sub = world_path(world, "blur-5/sub");
    g_assert_cmpint(symlink("/etc", sub), ==, 0);
    world_pass(world, 4 * SECOND);
    assert_state(world, "blur-5/a.jpg", "none");
    assert_state(world, "blur-5/sub/b.jpg", "none");
    assert_state(world, "blur-5/sub/passwd", "none");
    world_stop(world);
}

static void replaced_while_off(struct world *world) {
    world_drop(world, "blur-5/a.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    world_stop(world);
    world_remove(world, "blur-5/a.jpg");
    world_drop(world, "blur-5/a.jpg/b.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    assert_state(world, "blur-5/a.jpg", "none");
    assert_state(world, "blur-5/a.jpg/b.jpg", "ready");
    world_stop(world);
}

// ---- later fates

static void vanishes(struct world *world) {
    world_drop(world, "blur-5/seen.jpg");
    world_drop(world, "blur-5/ready.jpg");
    world_drop(world, "blur-5/running.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    world_move(world, "blur-5/running.jpg", DM_FACT_DISPATCHED);
    world_write(world, "blur-5/seen.jpg", "once again");
    world_settle(world);
    assert_state(world, "blur-5/seen.jpg", "seen");
    world_remove(world, "blur-5/seen.jpg");
    world_remove(world, "blur-5/ready.jpg");
    world_remove(world, "blur-5/running.jpg");
    world_settle(world);
    assert_state(world, "blur-5/seen.jpg", "none");
    assert_state(world, "blur-5/ready.jpg", "none");
    assert_state(world, "blur-5/running.jpg", "running");
    g_assert_cmpint(dm_pendings_count(world->inbox->pendings), ==, 0);
    world_stop(world);
}

struct fate {
    const char *name;
    enum dm_fact facts[4]; // from READY
    int fact_count;
    bool rewritten; // the file is written anew; else it is touched by nobody
    bool reborn;    // is SEEN again after a sweep
};

static const struct fate fates[] = {
    {"ready", {0}, 0, false, false},
    {"ready-rewritten", {0}, 0, true, true},
    {"running-rewritten", {DM_FACT_DISPATCHED}, 1, true, false},
    {"computed-rewritten", {DM_FACT_DISPATCHED, DM_FACT_COMPUTED}, 2, true, false},
    {"published-rewritten",
     {DM_FACT_DISPATCHED, DM_FACT_COMPUTED, DM_FACT_PUBLISHED},
     3,
     true,
     false},
    {"done-rewritten",
     {DM_FACT_DISPATCHED, DM_FACT_COMPUTED, DM_FACT_PUBLISHED, DM_FACT_RETIRED},
     4,
     true,
     true},
    {"failed", {DM_FACT_REFUSED}, 1, false, false},
    {"failed-rewritten", {DM_FACT_REFUSED}, 1, true, true},
    {"failed-moved-back", {DM_FACT_REFUSED, DM_FACT_RETIRED}, 2, false, true},
    {"parked", {DM_FACT_DISPATCHED, DM_FACT_BLOCKED}, 2, false, false},
    {"parked-rewritten", {DM_FACT_DISPATCHED, DM_FACT_BLOCKED}, 2, true, true},
};

static void fate(gconstpointer data) {
    const struct fate *fate = data;
    struct world world;
    world_init(&world);
    world_drop(&world, "blur-5/a.jpg");
    world_start(&world);
    world_pass(&world, 4 * SECOND);
    for (int i = 0; i < fate->fact_count; i++) {
        world_move(&world, "blur-5/a.jpg", fate->facts[i]);
    }
    const char *before = world_state(&world, "blur-5/a.jpg");
    if (fate->rewritten) {
        world_write(&world, "blur-5/a.jpg", "another picture");
    }
    dm_inbox_sweep(world.inbox);
    world_settle(&world);
    assert_state(&world, "blur-5/a.jpg", fate->reborn ? "seen" : before);
    world_pass(&world, 4 * SECOND);
    assert_state(&world, "blur-5/a.jpg", fate->reborn ? "ready" : before);
    struct dm_row *row = dm_ledger_find(world.ledger, "blur-5/a.jpg");
    g_assert_cmpint(row->fingerprint.size_bytes, ==, fate->rewritten && fate->reborn ? 15 : 9);
    dm_row_free(row);
    world_stop(&world);
    world_clear(&world);
}

static void finish(struct world *world, const char *path) {
    static const enum dm_fact facts[] = {DM_FACT_DISPATCHED, DM_FACT_COMPUTED, DM_FACT_PUBLISHED,
                                         DM_FACT_RETIRED};
    for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
        world_move(world, path, facts[i]);
    }
}

/** A power cut took the move of the original back: it is to be moved again. */
static void returned(struct world *world) {
    world_drop(world, "blur-5/a.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    finish(world, "blur-5/a.jpg");
    dm_inbox_sweep(world->inbox);
    world_settle(world);
    assert_state(world, "blur-5/a.jpg", "published");
    world_stop(world);
}

/** An answer from before the move is no return. */
static void not_returned(struct world *world) {
    world_drop(world, "blur-5/a.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    dm_inbox_sweep(world->inbox);
    dm_inbox_turn(world->inbox, world->now_us); // asks
    world_answer(world);
    finish(world, "blur-5/a.jpg");
    world_remove(world, "blur-5/a.jpg");
    world_settle(world);
    assert_state(world, "blur-5/a.jpg", "done");
    world_stop(world);
}

/** Nor does one forget that a file failed. */
static void not_back(struct world *world) {
    world_drop(world, "blur-5/a.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    dm_inbox_sweep(world->inbox);
    dm_inbox_turn(world->inbox, world->now_us); // asks
    world_answer(world);
    world_move(world, "blur-5/a.jpg", DM_FACT_REFUSED);
    world_move(world, "blur-5/a.jpg", DM_FACT_RETIRED);
    world_remove(world, "blur-5/a.jpg");
    world_settle(world);
    assert_state(world, "blur-5/a.jpg", "failed");
    world_stop(world);
}

/** The folder is renamed while ranks have its files, which they then do not find. */
static void renamed_while_running(struct world *world) {
    world_drop(world, "blur-5/a.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    world_move(world, "blur-5/a.jpg", DM_FACT_DISPATCHED);
    world_rename(world, "blur-5", "gray");
    world_settle(world);
    world_move(world, "blur-5/a.jpg", DM_FACT_CHANGED);
    world_pass(world, 4 * SECOND);
    assert_state(world, "blur-5/a.jpg", "none");
    assert_state(world, "gray/a.jpg", "ready");
    world_stop(world);
}

static void vanishes_while_parked(struct world *world) {
    world_drop(world, "blur-5/from-ready.jpg");
    world_drop(world, "blur-5/from-published.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    world_move(world, "blur-5/from-ready.jpg", DM_FACT_DISPATCHED);
    world_move(world, "blur-5/from-ready.jpg", DM_FACT_BLOCKED);
    world_move(world, "blur-5/from-published.jpg", DM_FACT_DISPATCHED);
    world_move(world, "blur-5/from-published.jpg", DM_FACT_COMPUTED);
    world_move(world, "blur-5/from-published.jpg", DM_FACT_PUBLISHED);
    world_move(world, "blur-5/from-published.jpg", DM_FACT_BLOCKED);
    world_remove(world, "blur-5/from-ready.jpg");
    world_remove(world, "blur-5/from-published.jpg");
    world_settle(world);
    assert_state(world, "blur-5/from-ready.jpg", "none");
    assert_state(world, "blur-5/from-published.jpg", "parked");
    world_stop(world);
}

// The worker says "changed": the row is SEEN again, and nobody made an event of it.
static void handed_back(struct world *world) {
    world_drop(world, "blur-5/a.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    world_move(world, "blur-5/a.jpg", DM_FACT_DISPATCHED);
    world_settle(world);
    world_move(world, "blur-5/a.jpg", DM_FACT_CHANGED);
    world_pass(world, 5 * SECOND);
    assert_state(world, "blur-5/a.jpg", "ready");
    world_stop(world);
}

// Through the main loop as the daemon runs it: a drop wakes it.
static void wakes(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_settle(world);
    g_assert_false(g_main_context_iteration(NULL, FALSE));
    world_write(world, "blur-5/a.jpg", "a picture");
    int64_t deadline_us = g_get_monotonic_time() + DEADLINE_MS * MS;
    while (!world->woken && g_get_monotonic_time() < deadline_us) {
        g_main_context_iteration(NULL, TRUE);
    }
    g_assert_true(world->woken);
    world_settle(world);
    assert_state(world, "blur-5/a.jpg", "seen");
    world_stop(world);
}

// The share is stopped with our jobs on it, then the inbox is freed.
static void stopped_at_work(struct world *world) {
    world_drop(world, "blur-5/a.jpg");
    world_drop(world, "rotat-90/a.jpg");
    world_start(world);
    world_settle(world);
    world->now_us += 60 * SECOND; // sweep, sample and note are due
    dm_inbox_sweep(world->inbox);
    dm_inbox_turn(world->inbox, world->now_us);
    g_assert_cmpuint(dm_share_load(world->share), >, 1);
    world_stop(world);
}

static const struct {
    const char *name;
    scene_fn play;
} scenes[] = {
    {"drop", drop},
    {"slow-writer", slow_writer},
    {"held-open", held_open},
    {"never-closed", never_closed},
    {"empty", empty},
    {"rename-in", rename_in},
    {"link-in", link_in},
    {"there-at-start", there_at_start},
    {"restart", restart},
    {"odd-names", odd_names},
    {"not-files", not_files},
    {"replaced-by-symlink", replaced_by_symlink},
    {"replaced-while-off", replaced_while_off},
    {"vanishes", vanishes},
    {"returned", returned},
    {"not-returned", not_returned},
    {"not-back", not_back},
    {"renamed-while-running", renamed_while_running},
    {"vanishes-while-parked", vanishes_while_parked},
    {"handed-back", handed_back},
    {"wakes", wakes},
    {"stopped-at-work", stopped_at_work},
};

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++) {
        g_autofree char *path = g_strconcat("/inbox/", scenes[i].name, NULL);
        g_test_add_data_func(path, (gconstpointer)(intptr_t)scenes[i].play, play);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(fates); i++) {
        g_autofree char *path = g_strconcat("/inbox/fate/", fates[i].name, NULL);
        g_test_add_data_func(path, &fates[i], fate);
    }
    return g_test_run();
}
