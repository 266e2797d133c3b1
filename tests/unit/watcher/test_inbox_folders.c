// SPDX-License-Identifier: MIT
//
// The inbox and its folders: notes that come and go, folders that move, the share that is not
// there.
#include "tests/unit/watcher/support/inbox_world.h"

typedef void (*scene_fn)(struct world *world);

static void play(gconstpointer data) {
    struct world world;
    world_init(&world);
    ((scene_fn)(intptr_t)data)(&world);
    world_clear(&world);
}

static char *read_note(const struct world *world, const char *path) {
    g_autofree char *full = world_path(world, path);
    char *text = NULL;
    g_file_get_contents(full, &text, NULL, NULL);
    return text;
}

/** What the ledger says of @folder: its suggestion; NULL: no problem. (transfer full) */
static char *problem_of(const struct world *world, const char *folder) {
    g_autoptr(GPtrArray) problems = dm_ledger_folder_problems(world->ledger);
    for (guint i = 0; i < problems->len; i++) {
        const struct dm_folder_problem *problem = g_ptr_array_index(problems, i);
        if (strcmp(problem->folder, folder) == 0) {
            g_assert_cmpstr(problem->message, !=, "");
            return g_strdup(problem->suggestion);
        }
    }
    return NULL;
}

static void expect_problem(const struct world *world, const char *folder, const char *suggestion) {
    g_autofree char *said = problem_of(world, folder);
    g_assert_cmpstr(said, ==, suggestion);
}

static void misspelt(struct world *world) {
    world_drop(world, "rotat-90/a.jpg");
    world_start(world);
    world_pass(world, 9 * SECOND);
    g_assert_false(world_has(world, "rotat-90/" DM_FOLDER_NOTE));
    expect_problem(world, "rotat-90", NULL);
    world_pass(world, 2 * SECOND);
    g_autofree char *note = read_note(world, "rotat-90/" DM_FOLDER_NOTE);
    g_assert_nonnull(strstr(note, "Rename this folder to: rotate-90"));
    expect_problem(world, "rotat-90", "rotate-90");
    assert_state(world, "rotat-90/a.jpg", "none");

    world_rename(world, "rotat-90", "rotate-90");
    world_pass(world, 4 * SECOND);
    assert_state(world, "rotate-90/a.jpg", "ready");
    assert_state(world, "rotate-90/" DM_FOLDER_NOTE, "none");
    g_assert_false(world_has(world, "rotate-90/" DM_FOLDER_NOTE));
    expect_problem(world, "rotat-90", NULL);
    world_stop(world);
}

// Renamed while the daemon was off: the note and the problem of the last run go all the same.
static void misspelt_restart(struct world *world) {
    world_drop(world, "rotat-90/a.jpg");
    world_start(world);
    world_pass(world, 11 * SECOND);
    world_stop(world);
    expect_problem(world, "rotat-90", "rotate-90");
    world_rename(world, "rotat-90", "rotate-90");
    world_start(world);
    world_settle(world);
    g_assert_false(world_has(world, "rotate-90/" DM_FOLDER_NOTE));
    expect_problem(world, "rotat-90", NULL);
    world_stop(world);
}

static void misspelt_vanishes(struct world *world) {
    world_mkdir(world, "rotat-90");
    world_mkdir(world, "blurr");
    world_start(world);
    world_pass(world, 5 * SECOND);
    world_remove(world, "blurr"); // before its note
    world_pass(world, 10 * SECOND);
    g_assert_false(world_has(world, "blurr"));
    expect_problem(world, "blurr", NULL);
    world_remove(world, "rotat-90/" DM_FOLDER_NOTE);
    world_remove(world, "rotat-90");
    world_settle(world);
    expect_problem(world, "rotat-90", NULL);
    world_stop(world);
}

// Another folder of the same name is made before we look: it has its own time of grace.
static void misspelt_again(struct world *world) {
    world_mkdir(world, "blurr");
    world_start(world);
    world_pass(world, 9 * SECOND);
    world_remove(world, "blurr");
    world_mkdir(world, "blurr");
    world_pass(world, 9 * SECOND);
    g_assert_false(world_has(world, "blurr/" DM_FOLDER_NOTE));
    world_pass(world, 2 * SECOND);
    g_assert_true(world_has(world, "blurr/" DM_FOLDER_NOTE));
    world_stop(world);
}

// A note that is the same is not written again: people may have it open.
static void note_rewritten(struct world *world) {
    struct stat first, second, third;
    g_autofree char *path = world_path(world, "rotat-90/" DM_FOLDER_NOTE);
    world_mkdir(world, "rotat-90");
    for (struct stat *found = &first; found != NULL; found = found == &first    ? &second
                                                             : found == &second ? &third
                                                                                : NULL) {
        world_start(world);
        world_pass(world, 11 * SECOND);
        world_stop(world);
        g_assert_cmpint(stat(path, found), ==, 0);
        if (found == &second) {
            g_assert_true(g_file_set_contents(path, DM_FOLDER_NOTE_TITLE "older", -1, NULL));
        }
    }
    g_assert_cmpuint(first.st_ino, ==, second.st_ino);
    g_assert_cmpint(first.st_ctim.tv_nsec, ==, second.st_ctim.tv_nsec);
    g_assert_cmpint(first.st_size, ==, third.st_size);
}

// A person's own file that is called like a note is neither written over nor removed.
static void note_of_somebody(struct world *world) {
    static const char *const notes[] = {"rotat-90/" DM_FOLDER_NOTE, DM_LOOSE_NOTE};
    world_start(world);
    world_mkdir(world, "rotat-90");
    for (size_t i = 0; i < G_N_ELEMENTS(notes); i++) {
        world_write(world, notes[i], "mine");
    }
    world_write(world, "loose.jpg", "loose");
    world_pass(world, 70 * SECOND);
    world_rename(world, "rotat-90", "rotate-90");
    world_remove(world, "loose.jpg");
    world_pass(world, 70 * SECOND);
    static const char *const after[] = {"rotate-90/" DM_FOLDER_NOTE, DM_LOOSE_NOTE};
    for (size_t i = 0; i < G_N_ELEMENTS(after); i++) {
        g_autofree char *text = read_note(world, after[i]);
        g_assert_cmpstr(text, ==, "mine");
    }
    world_stop(world);
}

// A desktop makes "New folder" first; it gets two minutes, and is what it is renamed to.
static void new_folder(struct world *world) {
    world_start(world);
    world_settle(world);
    world_mkdir(world, "Neuer Ordner (2)");
    world_pass(world, 119 * SECOND);
    g_assert_false(world_has(world, "Neuer Ordner (2)/" DM_FOLDER_NOTE));
    world_rename(world, "Neuer Ordner (2)", "blur-5");
    world_settle(world);
    world_write(world, "blur-5/a.jpg", "a picture");
    world_pass(world, 1100 * MS);
    assert_state(world, "blur-5/a.jpg", "ready");
    world_mkdir(world, "New folder");
    world_pass(world, 121 * SECOND);
    g_assert_true(world_has(world, "New folder/" DM_FOLDER_NOTE));
    world_stop(world);
}

static void loose(struct world *world) {
    world_start(world);
    world_settle(world);
    world_write(world, ".DS_Store", "some litter");
    world_settle(world);
    g_assert_false(world_has(world, DM_LOOSE_NOTE));
    world_write(world, "a.jpg", "a picture");
    world_write(world, "b.jpg", "a picture");
    world_settle(world);
    g_assert_true(world_has(world, DM_LOOSE_NOTE));
    expect_problem(world, "", "");
    world_remove(world, "a.jpg");
    world_pass(world, 60 * SECOND);
    g_assert_true(world_has(world, DM_LOOSE_NOTE));
    world_mkdir(world, "blur-5");
    world_rename(world, "b.jpg", "blur-5/b.jpg");
    world_pass(world, 4 * SECOND);
    g_assert_false(world_has(world, DM_LOOSE_NOTE));
    expect_problem(world, "", NULL);
    assert_state(world, "blur-5/b.jpg", "ready");
    g_assert_cmpint(world_count(world, DM_STATE_SEEN), ==, 0);
    world_stop(world);
}

static void loose_restart(struct world *world) {
    world_write(world, "a.jpg", "a picture");
    world_start(world);
    world_settle(world);
    world_stop(world);
    world_remove(world, "a.jpg");
    world_start(world);
    world_settle(world);
    g_assert_false(world_has(world, DM_LOOSE_NOTE));
    expect_problem(world, "", NULL);
    world_stop(world);
}

static void recipes_only(struct world *world) {
    g_hash_table_insert(world->recipes, (gpointer) "soft", (gpointer) "blur-5");
    world->config.settings.recipes_only = true;
    world_drop(world, "soft/a.jpg");
    world_drop(world, "blur-5/a.jpg");
    world_start(world);
    world_pass(world, 11 * SECOND);
    assert_state(world, "soft/a.jpg", "ready");
    assert_state(world, "blur-5/a.jpg", "none");
    g_assert_true(world_has(world, "blur-5/" DM_FOLDER_NOTE));
    world_stop(world);
}

// An understood folder is renamed: its rows go, its files are new drops; and the same below.
static void renamed_folder(struct world *world) {
    world_drop(world, "blur-5/sub/a.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    world_rename(world, "blur-5", "gray");
    world_settle(world);
    assert_state(world, "blur-5/sub/a.jpg", "none");
    assert_state(world, "gray/sub/a.jpg", "seen");
    world_pass(world, 4 * SECOND);
    assert_state(world, "gray/sub/a.jpg", "ready");
    world_rename(world, "gray/sub", "gray/bus");
    world_pass(world, 4 * SECOND);
    assert_state(world, "gray/sub/a.jpg", "none");
    assert_state(world, "gray/bus/a.jpg", "ready");
    world_rename(world, "gray", "nonsense");
    world_settle(world);
    assert_state(world, "gray/bus/a.jpg", "none");
    g_autoptr(GPtrArray) dirs = dm_dirs_below(world->inbox->dirs, "");
    g_assert_cmpuint(dirs->len, ==, 1);
    world_stop(world);
}

// ---- the share

static void hide(const struct world *world, const char *name, bool hidden) {
    g_autofree char *there = g_build_filename(world->path, name, NULL);
    g_autofree char *away = g_strconcat(there, ".away", NULL);
    g_assert_cmpint(hidden ? g_rename(there, away) : g_rename(away, there), ==, 0);
}

static void offline(struct world *world) {
    world_drop(world, "blur-5/ready.jpg");
    world_drop(world, "gray/ready.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    world_write(world, "blur-5/seen.jpg", "a picture");
    world_settle(world);

    hide(world, DM_ROOT_ID, true);
    dm_inbox_sweep(world->inbox);
    world_settle(world);
    dm_notify_drop(world->inbox->notify, "", true); // what happens now is not told
    world_remove(world, "blur-5/ready.jpg");
    world_remove(world, "gray/ready.jpg");
    world_remove(world, "gray");
    world_pass(world, 100 * SECOND);
    struct dm_share_status status;
    dm_share_status(world->share, world->now_us, &status);
    g_assert_false(status.online);
    g_assert_nonnull(strstr(status.problem, "offline"));
    assert_state(world, "blur-5/ready.jpg", "ready");
    assert_state(world, "gray/ready.jpg", "ready");
    assert_state(world, "blur-5/seen.jpg", "seen");

    hide(world, DM_ROOT_ID, false);
    world_write(world, "blur-5/new.jpg", "a picture");
    world_pass(world, 31 * SECOND);
    dm_share_status(world->share, world->now_us, &status);
    g_assert_true(status.online);
    g_assert_cmpstr(status.problem, ==, "");
    assert_state(world, "blur-5/ready.jpg", "none");
    assert_state(world, "gray/ready.jpg", "none");
    assert_state(world, "blur-5/seen.jpg", "ready");
    assert_state(world, "blur-5/new.jpg", "ready");
    world_write(world, "blur-5/after.jpg", "a picture"); // the watches are back
    world_pass(world, 1100 * MS);
    assert_state(world, "blur-5/after.jpg", "ready");
    world_stop(world);
}

// The whole inbox seems empty: not one row goes.
static void inbox_gone(struct world *world) {
    world_drop(world, "blur-5/sub/a.jpg");
    world_start(world);
    world_pass(world, 4 * SECOND);
    hide(world, DM_DIR_INBOX, true);
    dm_inbox_sweep(world->inbox);
    world_pass(world, 70 * SECOND);
    assert_state(world, "blur-5/sub/a.jpg", "ready");
    hide(world, DM_DIR_INBOX, false);
    world_pass(world, 31 * SECOND);
    assert_state(world, "blur-5/sub/a.jpg", "ready");
    world_write(world, "blur-5/sub/b.jpg", "a picture");
    world_pass(world, 1100 * MS);
    assert_state(world, "blur-5/sub/b.jpg", "ready");
    world_stop(world);
}

/** How many turns the inbox asks for in @us. */
static int count_turns(struct world *world, int64_t us) {
    int64_t end_us = world->now_us + us;
    int turns = 0;
    for (int64_t next_us; (next_us = world_settle(world)) <= end_us; turns++) {
        world->now_us = next_us;
    }
    world->now_us = end_us;
    return turns;
}

static void back_off(struct world *world) {
    world_mkdir(world, "blur-5");
    world_start(world);
    world_settle(world);
    hide(world, DM_ROOT_ID, true);
    dm_inbox_sweep(world->inbox);
    world_settle(world);
    g_assert_cmpint(count_turns(world, 31 * SECOND + 500 * MS), ==, 5); // after 1, 2, 4, 8, 16 s
    g_assert_cmpint(count_turns(world, 300 * (int64_t)SECOND), ==, 10); // each 30 s
    hide(world, DM_ROOT_ID, false);
    dm_inbox_sweep(world->inbox); // somebody knows that it is back
    world_settle(world);
    g_assert_true(dm_share_is_online(world->share));
    hide(world, DM_ROOT_ID, true);
    dm_inbox_sweep(world->inbox);
    world_settle(world);
    g_assert_cmpint(count_turns(world, 3 * SECOND + 500 * MS), ==, 2); // from 1 s again
    hide(world, DM_ROOT_ID, false);
    world_stop(world);
}

// Idle means idle: no turns but the sweep's.
static void idle(struct world *world) {
    world_drop(world, "blur-5/sub/a.jpg");
    world_start(world);
    world_pass(world, 10 * SECOND);
    g_assert_cmpint(count_turns(world, 3580 * (int64_t)SECOND), ==, 0);
    g_assert_cmpint(count_turns(world, 20 * SECOND), ==, 1);
    world_stop(world);
}

/** People and status are told that there are too many folders. */
static bool is_full(const struct world *world) {
    struct dm_inbox_status status;
    dm_inbox_status(world->inbox, &status);
    return *status.problem != '\0' && world_has(world, DM_FULL_NOTE);
}

/** More folders than may be looked at: some are left alone, and are not when others have gone. */
static void too_many(struct world *world) {
    world->config.settings.max_folders = 4;
    world_mkdir(world, "blur-5");
    world_start(world);
    world_settle(world);
    const char *const more[] = {"blur-5/a", "blur-5/b", "blur-5/c", "blur-5/d"};
    for (size_t i = 0; i < G_N_ELEMENTS(more); i++) { // the first to come are looked at
        g_assert_false(is_full(world));
        world_mkdir(world, more[i]);
        world_settle(world);
    }
    g_assert_true(is_full(world));
    world_write(world, "blur-5/d/late.jpg", "a picture");
    world_write(world, "blur-5/a/early.jpg", "a picture");
    world_pass(world, 4 * SECOND);
    assert_state(world, "blur-5/a/early.jpg", "ready");
    assert_state(world, "blur-5/d/late.jpg", "none");
    expect_problem(world, "", NULL); // the note is no loose file
    world_remove(world, "blur-5/b");
    world_pass(world, 2 * 3600 * (int64_t)SECOND + SECOND);
    assert_state(world, "blur-5/d/late.jpg", "ready");
    world_pass(world, 3600 * (int64_t)SECOND);
    g_assert_false(is_full(world));
    g_assert_false(world_has(world, DM_FULL_NOTE));
    world_stop(world);
}

/** Folders that are not understood count too, and get no note each. */
static void too_many_misspelt(struct world *world) {
    world->config.settings.max_folders = 2;
    const char *const names[] = {"bluur", "blurr", "bblur"};
    int notes = 0;
    world_start(world);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        world_mkdir(world, names[i]);
        world_settle(world);
    }
    world_pass(world, 11 * SECOND);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *note = g_build_filename(names[i], DM_FOLDER_NOTE, NULL);
        notes += world_has(world, note);
    }
    g_assert_cmpint(notes, ==, 2);
    g_assert_true(is_full(world));
    world_stop(world);
}

static const struct {
    const char *name;
    scene_fn play;
} scenes[] = {
    {"misspelt", misspelt},
    {"misspelt-restart", misspelt_restart},
    {"misspelt-vanishes", misspelt_vanishes},
    {"misspelt-again", misspelt_again},
    {"note-rewritten", note_rewritten},
    {"note-of-somebody", note_of_somebody},
    {"new-folder", new_folder},
    {"loose", loose},
    {"loose-restart", loose_restart},
    {"too-many", too_many},
    {"too-many-misspelt", too_many_misspelt},
    {"recipes-only", recipes_only},
    {"renamed-folder", renamed_folder},
    {"offline", offline},
    {"inbox-gone", inbox_gone},
    {"back-off", back_off},
    {"idle", idle},
};

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++) {
        g_autofree char *path = g_strconcat("/inbox-folders/", scenes[i].name, NULL);
        g_test_add_data_func(path, (gconstpointer)(intptr_t)scenes[i].play, play);
    }
    return g_test_run();
}
