// SPDX-License-Identifier: MIT
//
// See inbox_world.h.
#include "tests/unit/watcher/support/inbox_world.h"

#include "tests/unit/watcher/support/row_facts.h"
#include "tests/unit/watcher/support/share_dir.h"

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

/** Most files of a world are no pictures, and so never proved whole. */
static const struct dm_inbox_waits world_waits = {
    .moved_us = 50 * MS,
    .moved_unproved_us = SECOND,
    .closed_us = 250 * MS,
    .closed_unproved_us = SECOND,
    .unseen_us = 3 * SECOND,
    .unseen_remote_us = 5 * SECOND,
    .open_us = 60 * SECOND,
    .cut_us = 30 * SECOND,
    .cut_remote_us = 60 * SECOND,
    .returns_us = 60 * SECOND,
    .finder_us = 3600 * (int64_t)SECOND,
    .trigger = (char *)"",
};

struct dm_catalogue *world_catalogue(void) {
    struct dm_catalogue *catalogue = dm_catalogue_new();
    for (size_t i = 0; i < G_N_ELEMENTS(world_operations); i++) {
        dm_catalogue_add_operation(catalogue, &world_operations[i]);
    }
    return catalogue;
}

static void woken(void *data) {
    ((struct world *)data)->woken = true;
}

void world_start(struct world *world) {
    g_autoptr(GError) error = NULL;
    world->share = dm_share_open(world->path, 0, &error);
    g_assert_no_error(error);
    world->inbox = dm_inbox_new(&world->config, world->ledger, world->share, &world->wake);
}

void world_stop(struct world *world) {
    dm_share_stop(world->share);
    dm_inbox_free(world->inbox);
    dm_share_free(world->share);
}

void world_blind(struct world *world) {
    struct dm_inbox *inbox = world->inbox;
    g_clear_handle_id(&inbox->fd_source, g_source_remove);
    g_clear_handle_id(&inbox->pause_source, g_source_remove);
    dm_notify_free(inbox->notify);
    inbox->notify = NULL;
}

void world_init(struct world *world) {
    g_autoptr(GError) error = NULL;
    *world = (struct world){.now_us = 1000 * SECOND};
    g_log_set_always_fatal(G_LOG_LEVEL_ERROR |
                           G_LOG_LEVEL_CRITICAL); // warnings are part of the play
    world->path = share_dir_make();
    world->catalogue = world_catalogue();
    world->recipes = g_hash_table_new(g_str_hash, g_str_equal);
    world->wake = (struct dm_wake){woken, world};
    world->ledger = dm_ledger_open(":memory:", false, &error);
    g_assert_no_error(error);
    world->config = (struct dm_inbox_config){.catalogue = world->catalogue,
                                             .recipes = world->recipes,
                                             .settings = {
                                                 .waits = world_waits,
                                                 .sweep_us = 3600 * (int64_t)SECOND,
                                                 .rename_grace_us = 10 * SECOND,
                                                 .max_folders = 10000,
                                             }};
}

void world_clear(struct world *world) {
    dm_ledger_free(world->ledger);
    dm_catalogue_free(world->catalogue);
    g_hash_table_destroy(world->recipes);
    dm_remove_tree(world->path);
    g_free(world->path);
}

void world_answer(struct world *world) {
    while (dm_share_load(world->share) > 0) {
        struct pollfd answer = {.fd = dm_share_fd(world->share), .events = POLLIN};
        g_assert_cmpint(poll(&answer, 1, DEADLINE_MS), ==, 1);
        world->woken |= dm_share_dispatch(world->share, world->now_us) > 0;
    }
}

int64_t world_settle(struct world *world) {
    int64_t next_us;
    do {
        g_autoptr(GError) error = NULL;
        world->woken = false;
        int64_t share_us = dm_share_turn(world->share, world->now_us);
        next_us = MIN(share_us, dm_inbox_turn(world->inbox, world->now_us));
        dm_ledger_commit(world->ledger, &error);
        g_assert_no_error(error);
        world_answer(world);
    } while (world->woken || next_us <= world->now_us);
    return next_us;
}

void world_pass(struct world *world, int64_t us) {
    int64_t end_us = world->now_us + us;
    int64_t next_us = world_settle(world);
    while (next_us <= end_us) {
        world->now_us = next_us;
        next_us = world_settle(world);
    }
    world->now_us = end_us;
    world_settle(world);
}

char *world_path(const struct world *world, const char *path) {
    return g_build_filename(world->path, DM_DIR_INBOX, path, NULL);
}

void world_mkdir(const struct world *world, const char *path) {
    g_autofree char *full = world_path(world, path);
    g_assert_cmpint(g_mkdir_with_parents(full, 0755), ==, 0);
}

void world_write(const struct world *world, const char *path, const char *text) {
    g_autofree char *full = world_path(world, path);
    int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t)strlen(text));
    close(fd);
}

void world_drop(const struct world *world, const char *path) {
    g_autofree char *dir = g_path_get_dirname(path);
    world_mkdir(world, dir);
    world_write(world, path, "a picture");
}

void world_rename(const struct world *world, const char *from, const char *to) {
    g_autofree char *full_from = world_path(world, from);
    g_autofree char *full_to = world_path(world, to);
    g_assert_cmpint(g_rename(full_from, full_to), ==, 0);
}

void world_remove(const struct world *world, const char *path) {
    g_autofree char *full = world_path(world, path);
    g_assert_cmpint(g_remove(full), ==, 0);
}

bool world_has(const struct world *world, const char *path) {
    g_autofree char *full = world_path(world, path);
    return g_access(full, F_OK) == 0;
}

const char *world_state(const struct world *world, const char *path) {
    struct dm_row *row = dm_ledger_find(world->ledger, path);
    const char *name = row != NULL ? dm_state_name(row->state) : "none";
    dm_row_free(row);
    return name;
}

int64_t world_count(const struct world *world, enum dm_state state) {
    int64_t counts[DM_STATE_COUNT];
    dm_ledger_count(world->ledger, counts);
    return counts[state];
}

void world_move(const struct world *world, const char *path, enum dm_fact fact) {
    struct dm_row *row = dm_ledger_find(world->ledger, path);
    g_assert_nonnull(row);
    row_move(world->ledger, row, fact);
    dm_row_free(row);
}
