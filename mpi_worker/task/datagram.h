// SPDX-License-Identifier: MIT
//
// What a sandbox and the outside say to each other: datagrams, with descriptors at times. Bounded,
// and nothing here ever trusts what came in: who reads decides what it means (claim.h).
#ifndef DM_MPI_WORKER_TASK_DATAGRAM_H
#define DM_MPI_WORKER_TASK_DATAGRAM_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define DM_DATAGRAM_FDS 2

/** Make two ends that hear each other alone. Errors: DM_ERROR_SYSTEM. */
bool dm_datagram_pair(int ret_ends[2], GError **error);

/**
 * Send @size bytes (1 or more) with the first @fd_count of @fds (at most DM_DATAGRAM_FDS). Never
 * raises SIGPIPE, never waits: a full socket is an error. False: errno says why.
 */
bool dm_datagram_send(int socket, const void *bytes, size_t size, const int *fds, size_t fd_count);

/**
 * Wait for a datagram. @ret_fds (nullable: none are taken in) gets its descriptors, -1 for those
 * that are not there. Returns its size, 0 when the other end is gone, -1 with errno when it is
 * longer than @size (EMSGSIZE) or for another reason.
 */
ssize_t dm_datagram_receive(int socket, void *bytes, size_t size, int ret_fds[DM_DATAGRAM_FDS]);

#endif
