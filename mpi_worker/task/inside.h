// SPDX-License-Identifier: MIT
//
// What runs inside a sandbox: it hears of a task, makes the picture, says its verdict, and waits
// for the next. It knows no path: two open files and the chain go in, pixels and a verdict come
// out. Next: sandbox.h (its owner outside), zygote.h (where it comes from), jail.h (what holds it).
#ifndef DM_MPI_WORKER_TASK_INSIDE_H
#define DM_MPI_WORKER_TASK_INSIDE_H

#include "common/catalogue.h"
#include "common/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** What all sandboxes are born with. */
struct dm_inside_settings {
    // Whether the jail's locks are closed (jail.h).
    bool jailed;
    // What transparency is laid on where the result has none.
    struct dm_colour background;
    // (nullable) Pictures for `watermark`, as for dm_watermarks_load().
    const char *const *watermarks;
};

struct dm_inside;

/** Set up libvips, watermarks and operations. Errors: DM_ERROR_SYSTEM. Threads: main. */
struct dm_inside *dm_inside_new(const struct dm_inside_settings *settings, GError **error);

/** Write what a sandbox is told of a task that may take @memory_bytes; (transfer full). */
char *dm_inside_order(const struct dm_task *task, int64_t memory_bytes);

/** What tells it to go on after a need. */
extern const char dm_inside_go[2];

/**
 * Be a sandbox that talks over @socket, to the end of this process, of which nothing but @inside
 * must be needed any more. Threads: the only one.
 */
void dm_inside_live(struct dm_inside *inside, int socket) G_GNUC_NORETURN;

#endif
