// SPDX-License-Identifier: MIT
//
// A world for tests of the inbox: a real share in a temporary directory, a real ledger in memory, a
// real I/O thread and inotify; only the clock is ours. world_settle() gives turns until nothing is
// left to do at this moment, world_pass() lets time go by and gives every turn that the inbox asks
// for on the way.
#ifndef DM_TESTS_INBOX_WORLD_H
#define DM_TESTS_INBOX_WORLD_H

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/inbox/inbox.h"
#include "watcher/inbox/inbox_private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MS 1000
#define SECOND (1000 * MS)
#define DEADLINE_MS 20000 // of real time, for the I/O thread to answer

struct world {
    char *path; // of the share
    struct dm_catalogue *catalogue;
    GHashTable *recipes;
    struct dm_inbox_config config;
    struct dm_ledger *ledger;
    struct dm_share *share;
    struct dm_inbox *inbox;
    struct dm_wake wake;
    bool woken;
    int64_t now_us;
};

/** What folders of a world may be called: rotate, blur, gray. */
struct dm_catalogue *world_catalogue(void);

/** Open the share and start an inbox, as the daemon does; world_stop() is its end. */
void world_start(struct world *world);

void world_stop(struct world *world);

/** From now on the kernel tells the inbox nothing, as on a network file system. */
void world_blind(struct world *world);

/** A share with an empty inbox; no inbox is started yet. */
void world_init(struct world *world);

void world_clear(struct world *world);

/** Wait until the I/O thread has done all. */
void world_answer(struct world *world);

/** Give turns until nothing is left to do at this moment. Returns when the next one is wanted. */
int64_t world_settle(struct world *world);

/** Let @us go by, with every turn that is asked for on the way. */
void world_pass(struct world *world, int64_t us);

// ---- the hands of the user

char *world_path(const struct world *world, const char *path);

void world_mkdir(const struct world *world, const char *path);

/** Write @text as most programs do: create, write, close. */
void world_write(const struct world *world, const char *path, const char *text);

/** Make a directory with a file in it, and no moment between. */
void world_drop(const struct world *world, const char *path);

void world_rename(const struct world *world, const char *from, const char *to);

void world_remove(const struct world *world, const char *path);

bool world_has(const struct world *world, const char *path);

// ---- what the ledger says

/** The state of @path: "ready", or "none". */
const char *world_state(const struct world *world, const char *path);

#define assert_state(world, path, state) g_assert_cmpstr(world_state((world), (path)), ==, (state))

int64_t world_count(const struct world *world, enum dm_state state);

/** Lead the row of @path on by facts, as the other rooms would. */
void world_move(const struct world *world, const char *path, enum dm_fact fact);

#endif
