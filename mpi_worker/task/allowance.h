// SPDX-License-Identifier: MIT
//
// What one try at a task may take, by the size of its work: time, memory, file. Pure.
#ifndef DM_MPI_WORKER_TASK_ALLOWANCE_H
#define DM_MPI_WORKER_TASK_ALLOWANCE_H

#include <stdint.h>

/** So much work is in every first allowance: most pictures need not ask for more. */
#define DM_ALLOWANCE_PIXELS INT64_C(4000000)

/** The memory that is asked for before anything is known but the file's size. */
int64_t dm_allowance_memory(int64_t file_bytes);

/**
 * For how long it may run: 20 s, and 1 s for each 10 MB of the file, and 1 s for each million
 * @pixels of work, at most @most_ms (0 or less: no such limit).
 */
int64_t dm_allowance_ms(int64_t file_bytes, int64_t pixels, int64_t most_ms);

/**
 * How much address space a sandbox may have that began with @base_bytes, for a task that will take
 * about @memory_bytes. An estimate is not a promise, and threads take stacks that they never touch.
 */
int64_t dm_allowance_address_space(int64_t base_bytes, int64_t memory_bytes, int cores);

/**
 * How long a result may become, by the most pixels that it may have; INT64_MAX without a limit on
 * these.
 */
int64_t dm_allowance_file(int64_t max_pixels);

#endif
