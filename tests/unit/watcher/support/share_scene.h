// SPDX-License-Identifier: MIT
//
// A share of its own for each test of the room share/, and jobs that are tried on it.
#ifndef DM_TESTS_SHARE_SCENE_H
#define DM_TESTS_SHARE_SCENE_H

#include "watcher/share/share.h"

#include <stdbool.h>
#include <stdint.h>

struct scene {
    char *root, *path;
    struct dm_share *share;
    int64_t now_us;
    unsigned worked, done, undone;
    // What work returns.
    int errnum;
};

/** For g_test_add(). */
void scene_set_up(struct scene *scene, const void *data);
void scene_tear_down(struct scene *scene, const void *data);

/** Open the share (again). */
void scene_open(struct scene *scene);

/** The path of @name in the share; (transfer full). */
char *scene_path(const struct scene *scene, const char *name);

/** A job of the scene, and what follows it. */
int scene_work(const struct dm_share_dirs *dirs, void *job);
void scene_done(void *job, bool is_done);

/** Until all that was pushed has ended. */
void scene_dispatch_all(struct scene *scene);

/** Push a job. Returns whether it was done; else @problem is a part of what status says. */
bool scene_try(struct scene *scene, const char *problem);

/** Rename in @root. */
void scene_move(const char *root, const char *from, const char *to);

#endif
