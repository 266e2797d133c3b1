// SPDX-License-Identifier: MIT
//
// Whether libvips' own threads can be relied on: see vips_semaphore.c.
#ifndef DM_MPI_WORKER_CODEC_VIPS_SEMAPHORE_H
#define DM_MPI_WORKER_CODEC_VIPS_SEMAPHORE_H

#include <stdbool.h>

/** Say whether libvips is new enough, or calls our semaphore. (It also makes the linker take ours.)
 */
bool dm_vips_semaphore_is_sound(void);

#endif
