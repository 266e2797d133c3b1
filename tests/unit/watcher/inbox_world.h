// SPDX-License-Identifier: MIT
//
// A world for tests of the inbox: a real share in a temporary directory, a real ledger in memory, a
// real lane and inotify; only the clock is ours. world_settle() gives turns until nothing is left
// to do at this moment, world_pass() lets time go by and gives every turn that the inbox asks for
// on the way.
#ifndef DM_TESTS_INBOX_WORLD_H
#define DM_TESTS_INBOX_WORLD_H

#include "common/fsutil.h"
#include "common/path.h"
#include "tests/unit/watcher/support/row_facts.h"
#include "watcher/inbox/room.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MS 1000
#define SECOND (1000 * MS)
#define DEADLINE_MS 20000 // of real time, for the lane to answer

struct world {
    char *share;
    struct dm_catalogue *catalogue;
    GHashTable *recipes;
    struct dm_inbox_config config;
    struct dm_ledger *ledger;
    struct dm_lane *lane;
    struct dm_inbox *inbox;
    struct dm_wake wake;
    bool woken;
    int64_t now_us;
};

static const struct dm_param world_rotate_params[] = {
    {.name = "angle",
     .type = DM_PARAM_NUMBER,
     .forms = "N",
     .min = 0,
     .max = 360,
     .default_text = "90",
     .unit = "degrees",
     .doc = "clockwise"},
};
static const struct dm_param world_blur_params[] = {
    {.name = "sigma",
     .type = DM_PARAM_NUMBER,
     .forms = "N",
     .min = 0.3,
     .max = 100,
     .default_text = "5",
     .unit = "px",
     .doc = "strength"},
};
static const struct dm_operation world_operations[] = {
    {.name = "rotate",
     .aliases = "",
     .summary = "turn clockwise",
     .params = world_rotate_params,
     .param_count = 1,
     .group = "geometry",
     .example = "rotate-90"},
    {.name = "blur",
     .aliases = "",
     .summary = "make soft",
     .params = world_blur_params,
     .param_count = 1,
     .group = "detail",
     .example = "blur-5"},
    {.name = "gray", .aliases = "bw", .summary = "shades of gray", .example = "gray"},
};

static inline struct dm_catalogue *world_catalogue(void) {
    struct dm_catalogue *catalogue = dm_catalogue_new();
    for (size_t i = 0; i < G_N_ELEMENTS(world_operations); i++) {
        dm_catalogue_add_operation(catalogue, &world_operations[i]);
    }
    return catalogue;
}

static inline void world_woken(void *data) {
    ((struct world *)data)->woken = true;
}

/** Start an inbox and a lane, as the daemon does; world_stop() is its end. */
static inline void world_start(struct world *world) {
    g_autoptr(GError) error = NULL;
    world->lane = dm_lane_new("test", &error);
    g_assert_no_error(error);
    world->inbox = dm_inbox_new(&world->config, world->ledger, world->lane, &world->wake, &error);
    g_assert_no_error(error);
}

static inline void world_stop(struct world *world) {
    dm_lane_free(world->lane);
    dm_inbox_free(world->inbox);
}

/** A share with an empty inbox; no inbox is started yet. */
static inline void world_init(struct world *world) {
    g_autoptr(GError) error = NULL;
    *world = (struct world){.now_us = 1000 * SECOND};
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR |
                           G_LOG_LEVEL_CRITICAL); // warnings are part of the play
    world->share = g_dir_make_tmp("dropmill-inbox-XXXXXX", &error);
    g_assert_no_error(error);
    g_autofree char *inbox = g_build_filename(world->share, DM_DIR_INBOX, NULL);
    g_autofree char *private = g_build_filename(world->share, DM_DIR_PRIVATE, NULL);
    g_autofree char *id = g_build_filename(world->share, DM_ROOT_ID, NULL);
    g_assert_cmpint(g_mkdir(inbox, 0755), ==, 0);
    g_assert_cmpint(g_mkdir(private, 0755), ==, 0);
    g_assert_true(g_file_set_contents(id, "0123456789abcdef\n", -1, NULL));
    world->catalogue = world_catalogue();
    world->recipes = g_hash_table_new(g_str_hash, g_str_equal);
    world->wake = (struct dm_wake){world_woken, world};
    world->ledger = dm_ledger_open(":memory:", false, &error);
    g_assert_no_error(error);
    world->config = (struct dm_inbox_config){.share = world->share,
                                             .catalogue = world->catalogue,
                                             .recipes = world->recipes,
                                             .settings = {
                                                 .settle_closed_us = SECOND,
                                                 .settle_unseen_us = 3 * SECOND,
                                                 .sweep_us = 3600 * (int64_t)SECOND,
                                                 .rename_grace_us = 10 * SECOND,
                                             }};
}

static inline void world_clear(struct world *world) {
    dm_ledger_free(world->ledger);
    dm_catalogue_free(world->catalogue);
    g_hash_table_destroy(world->recipes);
    dm_remove_tree(world->share);
    g_free(world->share);
}

static inline void world_answer(struct world *world) {
    while (dm_lane_load(world->lane) > 0) {
        struct pollfd answer = {.fd = dm_lane_fd(world->lane), .events = POLLIN};
        g_assert_cmpint(poll(&answer, 1, DEADLINE_MS), ==, 1);
        dm_lane_dispatch(world->lane);
    }
}

/** Returns when the inbox wants its next turn. */
static inline int64_t world_settle(struct world *world) {
    int64_t next_us;
    do {
        g_autoptr(GError) error = NULL;
        world->woken = false;
        next_us = dm_inbox_turn(world->inbox, world->now_us);
        dm_ledger_commit(world->ledger, &error);
        g_assert_no_error(error);
        world_answer(world);
    } while (world->woken || next_us <= world->now_us);
    return next_us;
}

static inline void world_pass(struct world *world, int64_t us) {
    int64_t end_us = world->now_us + us;
    int64_t next_us = world_settle(world);
    while (next_us <= end_us) {
        world->now_us = next_us;
        next_us = world_settle(world);
    }
    world->now_us = end_us;
    world_settle(world);
}

// ---- the hands of the user

static inline char *world_path(const struct world *world, const char *path) {
    return g_build_filename(world->share, DM_DIR_INBOX, path, NULL);
}

static inline void world_mkdir(const struct world *world, const char *path) {
    g_autofree char *full = world_path(world, path);
    g_assert_cmpint(g_mkdir_with_parents(full, 0755), ==, 0);
}

/** Write @text as most programs do: create, write, close. */
static inline void world_write(const struct world *world, const char *path, const char *text) {
    g_autofree char *full = world_path(world, path);
    int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t)strlen(text));
    close(fd);
}

/** Make a directory with a file in it, and no moment between. */
static inline void world_drop(const struct world *world, const char *path) {
    g_autofree char *dir = g_path_get_dirname(path);
    world_mkdir(world, dir);
    world_write(world, path, "picture");
}

static inline void world_rename(const struct world *world, const char *from, const char *to) {
    g_autofree char *full_from = world_path(world, from);
    g_autofree char *full_to = world_path(world, to);
    g_assert_cmpint(g_rename(full_from, full_to), ==, 0);
}

static inline void world_remove(const struct world *world, const char *path) {
    g_autofree char *full = world_path(world, path);
    g_assert_cmpint(g_remove(full), ==, 0);
}

static inline bool world_has(const struct world *world, const char *path) {
    g_autofree char *full = world_path(world, path);
    return g_access(full, F_OK) == 0;
}

// ---- what the ledger says

/** The state of @path: "ready", or "none". */
static inline const char *world_state(const struct world *world, const char *path) {
    struct dm_row *row = dm_ledger_find(world->ledger, path);
    const char *name = row != NULL ? dm_state_name(row->state) : "none";
    dm_row_free(row);
    return name;
}

#define assert_state(world, path, state) g_assert_cmpstr(world_state((world), (path)), ==, (state))

static inline int64_t world_count(const struct world *world, enum dm_state state) {
    int64_t counts[DM_STATE_COUNT];
    dm_ledger_count(world->ledger, counts);
    return counts[state];
}

/** Lead the row of @path on by facts, as the other rooms would. */
static inline void world_move(const struct world *world, const char *path, enum dm_fact fact) {
    struct dm_row *row = dm_ledger_find(world->ledger, path);
    g_assert_nonnull(row);
    row_move(world->ledger, row, fact);
    dm_row_free(row);
}

#endif
