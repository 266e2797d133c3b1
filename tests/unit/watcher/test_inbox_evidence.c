// SPDX-License-Identifier: MIT
//
// Evidence on a real file system: when a file is taken, by how it came and what is in it; what it
// waits for stands in the ledger; what was learned of a folder outlives the daemon. Only the clock
// is ours.
#include "tests/unit/watcher/support/inbox_world.h"

#include "watcher/inbox/habits.h"

static const char whole[] = "\xFF\xD8\xFF\xDA\0\2\x12\x34\x56\x78\xFF\xD9";
static const char tiff[] =
    "II*\0\12\0\0\0ab\2\0\x11\1\4\0\1\0\0\0\10\0\0\0\x17\1\4\0\1\0\0\0\2\0\0\0"
    "\0\0\0\0";

#define WHOLE whole, sizeof(whole) - 1
#define HALF whole, sizeof(whole) - 3

/** Make or open @path and write @size bytes at its end. Returns the descriptor. */
static int begin(struct world *world, const char *path, const char *bytes, size_t size) {
    g_autofree char *full = world_path(world, path);
    int fd = open(full, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, bytes, size), ==, (ssize_t)size);
    return fd;
}

static void put(struct world *world, const char *path, const char *bytes, size_t size) {
    close(begin(world, path, bytes, size));
}

static void start(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_settle(world);
}

/** It is still settling after @before_us, and taken @after_us later. */
static void expect_taken(struct world *world, const char *path, int64_t before_us,
                         int64_t after_us) {
    world_pass(world, before_us);
    assert_state(world, path, "seen");
    world_pass(world, after_us);
    assert_state(world, path, "ready");
}

static void expect_waits_for(struct world *world, const char *path, const char *text) {
    DM_AUTO_ROW struct dm_row *row = dm_ledger_find(world->ledger, path);
    g_assert_nonnull(row);
    g_assert_cmpstr(row->message, ==, text);
}

static void closed(struct world *world) {
    start(world);
    put(world, "blur-5/a.jpg", WHOLE);
    expect_taken(world, "blur-5/a.jpg", 240 * MS, 40 * MS);
    expect_waits_for(world, "blur-5/a.jpg", "");
}

static void renamed_in(struct world *world) {
    start(world);
    put(world, "blur-5/.a.jpg.Xy12Ab", WHOLE);
    world_pass(world, 5 * SECOND);
    assert_state(world, "blur-5/.a.jpg.Xy12Ab", "none");
    world_rename(world, "blur-5/.a.jpg.Xy12Ab", "blur-5/a.jpg");
    expect_taken(world, "blur-5/a.jpg", 40 * MS, 40 * MS);
}

static void linked_in(struct world *world) {
    start(world);
    put(world, "outside.part", WHOLE);
    g_autofree char *from = world_path(world, "outside.part");
    g_autofree char *to = world_path(world, "blur-5/a.jpg");
    g_assert_cmpint(link(from, to), ==, 0);
    expect_taken(world, "blur-5/a.jpg", 40 * MS, 40 * MS);
}

static void pages_may_come(struct world *world) {
    start(world);
    put(world, "blur-5/a.tif", tiff, sizeof(tiff) - 1);
    expect_taken(world, "blur-5/a.tif", 990 * MS, 40 * MS);
}

static void cut_short(struct world *world) {
    start(world);
    put(world, "blur-5/a.jpg", HALF);
    expect_taken(world, "blur-5/a.jpg", 29 * SECOND, 2 * SECOND);
}

// The rest comes in time, and the wait is over.
static void comes_back(struct world *world) {
    start(world);
    put(world, "blur-5/a.jpg", HALF);
    world_pass(world, 8 * SECOND);
    expect_waits_for(world, "blur-5/a.jpg", "waits for its end: the end marker is missing");
    put(world, "blur-5/a.jpg", "\xFF\xD9", 2);
    expect_taken(world, "blur-5/a.jpg", 240 * MS, 40 * MS);
    expect_waits_for(world, "blur-5/a.jpg", "");
}

static void has_a_hole(struct world *world) {
    start(world);
    int fd = begin(world, "blur-5/a.jpg", HALF);
    g_assert_cmpint(ftruncate(fd, 1 << 20), ==, 0); // as Explorer does before it copies
    g_assert_cmpint(pwrite(fd, "\xFF\xD9", 2, (1 << 20) - 2), ==, 2);
    close(fd);
    expect_taken(world, "blur-5/a.jpg", 29 * SECOND, 2 * SECOND);
}

// Silent for minutes, then completed: as long as somebody has it open it is not judged.
static void held_open(struct world *world) {
    start(world);
    int fd = begin(world, "blur-5/a.jpg", HALF);
    world_pass(world, 300 * SECOND);
    assert_state(world, "blur-5/a.jpg", "seen");
    expect_waits_for(world, "blur-5/a.jpg",
                     "waits for its writer: it is still open by another program");
    g_assert_cmpint(write(fd, "\xFF\xD9", 2), ==, 2);
    close(fd);
    expect_taken(world, "blur-5/a.jpg", 240 * MS, 40 * MS);
}

/** A server of NFSv3 never closes: whole files are taken, and halves are judged once that is known.
 */
static void never_closed(struct world *world) {
    start(world);
    int fd = begin(world, "blur-5/a.jpg", WHOLE);
    expect_taken(world, "blur-5/a.jpg", 2900 * MS, 300 * MS);
    world_stop(world);
    int half = begin(world, "blur-5/b.jpg", HALF);
    world_start(world); // it is remembered
    expect_taken(world, "blur-5/b.jpg", 29 * SECOND, 3 * SECOND);
    close(fd);
    close(half);
}

static void finder(struct world *world) {
    static const char busy[] = "\0\5\x16\7\0\2\0\0................\0\1\0\0\0\11\0\0\0\x26\0\0\0\x20"
                               "brokMACS........................";
    start(world);
    put(world, "blur-5/._a.jpg", busy, sizeof(busy) - 1);
    put(world, "blur-5/a.jpg", WHOLE);
    world_pass(world, 60 * SECOND);
    assert_state(world, "blur-5/a.jpg", "seen");
    expect_waits_for(world, "blur-5/a.jpg", "waits for Finder, which is still copying");
    g_autofree char *mark = world_path(world, "blur-5/._a.jpg");
    g_assert_cmpint(unlink(mark), ==, 0);
    world_pass(world, 31 * SECOND); // nothing tells that
    assert_state(world, "blur-5/a.jpg", "ready");
}

static GPtrArray *folder_waits(const char *glob, struct dm_inbox_waits waits) {
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    struct dm_inbox_folder_waits *folder = g_new0(struct dm_inbox_folder_waits, 1);
    *folder = (struct dm_inbox_folder_waits){(char *)glob, waits};
    g_ptr_array_add(all, folder);
    return all;
}

// In folders that ask for it nothing but the second file says that the first is finished.
static void trigger(struct world *world) {
    struct dm_inbox_waits waits = world->config.settings.waits;
    waits.trigger = (char *)".done";
    g_autoptr(GPtrArray) folders = folder_waits("gray/scan*", waits);
    world->config.settings.folder_waits = folders;
    world_mkdir(world, "gray/scanner");
    start(world);
    put(world, "gray/scanner/a.jpg", WHOLE);
    put(world, "gray/b.jpg", WHOLE); // another folder
    world_pass(world, 600 * (int64_t)SECOND);
    assert_state(world, "gray/scanner/a.jpg", "seen");
    assert_state(world, "gray/b.jpg", "ready");
    expect_waits_for(world, "gray/scanner/a.jpg", "waits for the file of its name and '.done'");
    put(world, "gray/scanner/a.jpg.done", "", 0);
    world_pass(world, 100 * MS);
    assert_state(world, "gray/scanner/a.jpg", "ready");
    assert_state(world, "gray/scanner/a.jpg.done", "none");
    static const enum dm_fact way[] = {DM_FACT_DISPATCHED, DM_FACT_COMPUTED, DM_FACT_PUBLISHED};
    for (size_t i = 0; i < G_N_ELEMENTS(way); i++) {
        world_move(world, "gray/scanner/a.jpg", way[i]);
    }
    g_assert_true(world_has(world, "gray/scanner/a.jpg.done"));
    world_remove(world, "gray/scanner/a.jpg"); // as if it were put away
    world_move(world, "gray/scanner/a.jpg", DM_FACT_RETIRED);
    dm_inbox_sweep(world->inbox);
    world_settle(world);
    world_settle(world);
    g_assert_false(world_has(world, "gray/scanner/a.jpg.done"));
}

// A file that was taken is written again: from then on closes say less in this folder, and in no
// other, also for the next daemon.
static void scanner(struct world *world) {
    start(world);
    put(world, "blur-5/a.tif", tiff, sizeof(tiff) - 1);
    expect_taken(world, "blur-5/a.tif", 990 * MS, 40 * MS);
    put(world, "blur-5/a.tif", "more", 4);
    world_settle(world);
    assert_state(world, "blur-5/a.tif", "seen");
    expect_taken(world, "blur-5/a.tif", 1900 * MS, 200 * MS); // the ledger's clock hardly went on
    world_stop(world);
    world_start(world);
    world_settle(world);
    put(world, "blur-5/b.jpg", WHOLE);
    expect_taken(world, "blur-5/b.jpg", 1900 * MS, 200 * MS);
    world_mkdir(world, "gray");
    world_settle(world);
    put(world, "gray/d.jpg", WHOLE);
    world_pass(world, 300 * MS);
    assert_state(world, "gray/d.jpg", "ready");
}

static void old_at_start(struct world *world) {
    world_mkdir(world, "blur-5");
    put(world, "blur-5/a.jpg", WHOLE);
    world_start(world);
    world_settle(world);
    assert_state(world, "blur-5/a.jpg", "seen"); // its ctime is now, whatever its mtime
    world_pass(world, 3100 * MS);
    assert_state(world, "blur-5/a.jpg", "ready");
}

// Nobody finishes it: status says so after ten minutes, a note after an hour; it is never given up.
static void late(struct world *world) {
    struct dm_inbox_status status;
    start(world);
    put(world, "blur-5/a.jpg", "", 0);
    world_pass(world, 590 * (int64_t)SECOND);
    dm_inbox_status(world->inbox, &status);
    g_assert_cmpint(status.late, ==, 0);
    world_pass(world, 11 * SECOND);
    dm_inbox_status(world->inbox, &status);
    g_assert_cmpint(status.late, ==, 1);
    g_assert_cmpstr(status.late_file, ==,
                    "'blur-5/a.jpg' has not changed for 10 min: waits for content: it is empty");
    g_assert_false(world_has(world, "blur-5/" DM_LATE_NOTE));
    world_pass(world, 3000 * (int64_t)SECOND);
    g_assert_true(world_has(world, "blur-5/" DM_LATE_NOTE));
    world_pass(world, 86400 * (int64_t)SECOND);
    assert_state(world, "blur-5/a.jpg", "seen");
    put(world, "blur-5/a.jpg", WHOLE);
    world_pass(world, 300 * MS);
    assert_state(world, "blur-5/a.jpg", "ready");
    world_pass(world, 11 * SECOND);
    g_assert_false(world_has(world, "blur-5/" DM_LATE_NOTE));
    dm_inbox_status(world->inbox, &status);
    g_assert_cmpint(status.late, ==, 0);
    g_assert_cmpstr(status.late_file, ==, "");
}

// An earlier daemon left its note, and the file is finished meanwhile.
static void note_of_before(struct world *world) {
    start(world);
    put(world, "blur-5/a.jpg", "", 0);
    world_pass(world, 3700 * (int64_t)SECOND);
    g_assert_true(world_has(world, "blur-5/" DM_LATE_NOTE));
    world_stop(world);
    world_remove(world, "blur-5/a.jpg");
    world_start(world);
    world_settle(world);
    g_assert_false(world_has(world, "blur-5/" DM_LATE_NOTE));
}

// Two hundred writers at random speeds, with pauses around every wait, half of them closing and
// coming back: none is taken before its last byte, and all are in the end.
static void slow_writers(struct world *world) {
    enum { WRITERS = 200, BYTES = sizeof(whole) - 1 };
    static const int pauses_ms[] = {10,   49,   51,   100,  240,  260,   299,   301,   900,  1000,
                                    1100, 2900, 3000, 3100, 8000, 14900, 15100, 29000, 29900};
    struct {
        int fd;
        size_t written;
        int64_t next_us;
        bool comes_back;
    } writers[WRITERS];
    g_autoptr(GRand) random = g_rand_new_with_seed(11);
    start(world);
    for (int i = 0; i < WRITERS; i++) {
        writers[i].fd = -1;
        writers[i].written = 0;
        writers[i].next_us = world->now_us + g_rand_int_range(random, 0, 1000) * MS;
        writers[i].comes_back = i % 2 == 0;
    }
    for (int left = WRITERS; left > 0;) {
        int64_t next_us = INT64_MAX;
        for (int i = 0; i < WRITERS; i++) {
            if (writers[i].written < BYTES && writers[i].next_us <= world->now_us) {
                g_autofree char *path = g_strdup_printf("blur-5/%d.jpg", i);
                if (writers[i].written > 0) {
                    assert_state(world, path, "seen");
                }
                if (writers[i].fd < 0) {
                    writers[i].fd = begin(world, path, "", 0);
                }
                g_assert_cmpint(write(writers[i].fd, whole + writers[i].written, 1), ==, 1);
                left -= ++writers[i].written == BYTES;
                if (writers[i].comes_back || writers[i].written == BYTES) {
                    close(writers[i].fd);
                    writers[i].fd = -1;
                }
                int pause = g_rand_int_range(random, 0, G_N_ELEMENTS(pauses_ms));
                writers[i].next_us = world->now_us + pauses_ms[pause] * MS;
            }
            next_us = MIN(next_us, writers[i].written < BYTES ? writers[i].next_us : INT64_MAX);
        }
        if (left > 0) {
            world_pass(world, next_us - world->now_us);
        }
    }
    world_pass(world, 300 * MS);
    g_assert_cmpint(world_count(world, DM_STATE_READY), ==, WRITERS);
}

typedef void (*scene_fn)(struct world *world);

static const struct {
    const char *name;
    scene_fn play;
} scenes[] = {
    {"closed", closed},
    {"renamed-in", renamed_in},
    {"linked-in", linked_in},
    {"pages-may-come", pages_may_come},
    {"cut-short", cut_short},
    {"comes-back", comes_back},
    {"hole", has_a_hole},
    {"held-open", held_open},
    {"never-closed", never_closed},
    {"finder", finder},
    {"trigger", trigger},
    {"scanner", scanner},
    {"old-at-start", old_at_start},
    {"late", late},
    {"note-of-before", note_of_before},
    {"slow-writers", slow_writers},
};

static void play(gconstpointer scene) {
    struct world world;
    world_init(&world);
    ((scene_fn)(intptr_t)scene)(&world);
    world_stop(&world);
    world_clear(&world);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++) {
        g_autofree char *path = g_strconcat("/inbox/evidence/", scenes[i].name, NULL);
        g_test_add_data_func(path, (gconstpointer)(intptr_t)scenes[i].play, play);
    }
    return g_test_run();
}
