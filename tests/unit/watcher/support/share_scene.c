// SPDX-License-Identifier: MIT
#include "tests/unit/watcher/support/share_scene.h"

#include "common/fsutil.h"
#include "tests/unit/watcher/support/share_dir.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#define SECOND_US G_USEC_PER_SEC
#define DEADLINE_MS 10000

char *scene_path(const struct scene *scene, const char *name) {
    return g_build_filename(scene->path, name, NULL);
}

void scene_open(struct scene *scene) {
    g_autoptr(GError) error = NULL;
    scene->share = dm_share_open(scene->path, 0, &error);
    g_assert_no_error(error);
}

void scene_set_up(struct scene *scene, const void *data) {
    (void)data;
    *scene = (struct scene){.now_us = 1000 * SECOND_US};
    scene->root = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    scene->path = g_build_filename(scene->root, "share", NULL);
    share_dir_fill(scene->path, "one");
    scene_open(scene);
}

void scene_tear_down(struct scene *scene, const void *data) {
    (void)data;
    dm_share_stop(scene->share);
    dm_share_free(scene->share);
    dm_remove_tree(scene->root);
    g_free(scene->root);
    g_free(scene->path);
}

int scene_work(const struct dm_share_dirs *dirs, void *job) {
    struct scene *scene = job;
    struct stat status;
    for (size_t i = 0; i < DM_SHARE_ROOM_COUNT; i++) {
        g_assert_cmpint(fstat(dirs->rooms[i], &status), ==, 0);
    }
    scene->worked++;
    return scene->errnum;
}

void scene_done(void *job, bool is_done) {
    struct scene *scene = job;
    scene->done += is_done;
    scene->undone += !is_done;
}

void scene_dispatch_all(struct scene *scene) {
    while (dm_share_load(scene->share) > 0) {
        struct pollfd fd = {.fd = dm_share_fd(scene->share), .events = POLLIN};
        g_assert_cmpint(poll(&fd, 1, DEADLINE_MS), ==, 1);
        dm_share_dispatch(scene->share, scene->now_us);
    }
}

bool scene_try(struct scene *scene, const char *problem) {
    unsigned before = scene->done;
    dm_share_push(scene->share, scene_work, scene_done, scene);
    scene_dispatch_all(scene);
    struct dm_share_status status;
    dm_share_status(scene->share, scene->now_us, &status);
    g_assert_true(status.online == (scene->done > before));
    if (!status.online) {
        g_test_message("%s", status.problem);
        g_assert_nonnull(strstr(status.problem, problem));
        scene->now_us += 31 * SECOND_US; // each one's problem is heard
    }
    return status.online;
}

void scene_move(const char *root, const char *from, const char *to) {
    g_autofree char *full_from = g_build_filename(root, from, NULL);
    g_autofree char *full_to = g_build_filename(root, to, NULL);
    g_assert_cmpint(g_rename(full_from, full_to), ==, 0);
}
