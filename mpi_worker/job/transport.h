// SPDX-License-Identifier: MIT
//
// What moves messages between the ranks of a job: an interface, so that a rank's loop (rank.c) is
// tested with a transport that knows no MPI (test_rank.c). The real one is in transport.c, the only
// file that includes mpi.h; that of a rank that is the whole job is in alone.c.
//
// Nothing here ever waits. A message is a kind and some bytes; of text the bytes are whole lines of
// common/wire.h, unchanged, as many as were at hand.
//
//   kind      from -> to         holds
//   TASKS     rank 0 -> rank k   task lines, as the watcher wrote them
//   REPORTS   rank k -> rank 0   hello (first of all), then event and result lines
//   BYE       rank 0 -> rank k   nothing: all is answered, the end comes next
#ifndef DM_MPI_WORKER_JOB_TRANSPORT_H
#define DM_MPI_WORKER_JOB_TRANSPORT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

enum dm_message_kind { DM_MESSAGE_TASKS = 1, DM_MESSAGE_REPORTS, DM_MESSAGE_BYE };

/** A message that has arrived whole. */
struct dm_message {
    enum dm_message_kind kind;
    int from;
    // Owned, and with a NUL behind its end.
    char *bytes;
    size_t size;
};

/** A transport; @self is it. Threads: all of it on the main thread of a rank. */
struct dm_transport {
    int rank, rank_count;
    // Ranks on this node, this one included.
    int neighbours;

    /**
     * Start a message to rank @to, to which none may be under way. @bytes (borrowed) stay as they
     * are until sent() says that it has left.
     */
    void (*send)(struct dm_transport *self, int to, enum dm_message_kind kind, const char *bytes,
                 size_t size);

    /** Say whether no message is under way to rank @to, having moved on the one that is. */
    bool (*sent)(struct dm_transport *self, int to);

    /**
     * Take the next message that has arrived whole; from one rank in the order of their sending.
     * @ret->bytes: (transfer full). False: there is none now.
     */
    bool (*receive)(struct dm_transport *self, struct dm_message *ret);

    /** Say whether part of a message has arrived: it needs receive() to move on. */
    bool (*receiving)(struct dm_transport *self);

    /** End the whole job badly, every rank of it, with a sysexits(3) code. Does not return. */
    void (*abort)(struct dm_transport *self, int code);

    /** End in peace, once all that was sent has left, and free @self. */
    void (*end)(struct dm_transport *self);
};

/** Join the job of mpirun; (transfer full). Threads: main, once. */
struct dm_transport *dm_transport_over_mpi(void);

/** Be rank 0 of a job that has no other, without MPI; (transfer full). */
struct dm_transport *dm_transport_alone(void);

/** Which MPI this is, as in "Open MPI v4.1.4"; (transfer full). Threads: any, before MPI, too. */
char *dm_transport_library(void);

#endif
