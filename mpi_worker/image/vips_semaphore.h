// SPDX-License-Identifier: MIT
//
// Whether libvips' own threads can be relied on: see vips_semaphore.c.
#ifndef DM_MPI_WORKER_IMAGE_VIPS_SEMAPHORE_H
#define DM_MPI_WORKER_IMAGE_VIPS_SEMAPHORE_H

#include <stdbool.h>

/** Say whether libvips is new enough, or calls our semaphore. (Also makes the linker take it.) */
bool dm_vips_semaphore_is_sound(void);

#endif
