// SPDX-License-Identifier: MIT
//
// MPI, all of it. One thread of each rank, the main thread, calls it (FUNNELED) and never blocks in
// it: a blocking MPI_Send or MPI_Recv of Open MPI spins, and takes a whole core from the pool.
//
// MPI's error handler is the default one: any error of MPI ends the job. The watcher starts
// another.
#include "mpi_worker/job/transport.h"

#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ABORT_SECONDS = 2 }; // if MPI_Abort itself hangs, SIGALRM ends this rank

/** A message being received. */
struct arrival {
    MPI_Request request;
    struct dm_message message;
};

/** The first member is what others see of it. */
struct mpi_transport {
    struct dm_transport interface;
    MPI_Request *sending; // [rank_count], MPI_REQUEST_NULL: nothing is under way
    GQueue arrivals;      // of struct arrival, in the order of their sending
};

static struct mpi_transport *mpi_of(struct dm_transport *self) {
    return (struct mpi_transport *)self;
}

static void send_message(struct dm_transport *self, int to, enum dm_message_kind kind,
                         const char *bytes, size_t size) {
    MPI_Request *request = &mpi_of(self)->sending[to];
    g_assert(*request == MPI_REQUEST_NULL && size <= G_MAXINT);
    MPI_Isend(bytes, (int)size, MPI_CHAR, to, (int)kind, MPI_COMM_WORLD, request);
}

static bool sent(struct dm_transport *self, int to) {
    MPI_Request *request = &mpi_of(self)->sending[to];
    int left = 1;
    if (*request != MPI_REQUEST_NULL) {
        MPI_Test(request, &left, MPI_STATUS_IGNORE);
    }
    return left != 0;
}

/** Start receiving the next message that has come, if any. */
static bool probe(struct mpi_transport *mpi) {
    int found = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &found, &status);
    if (found == 0) {
        return false;
    }
    int length = 0;
    MPI_Get_count(&status, MPI_CHAR, &length);
    struct arrival *arrival = g_new0(struct arrival, 1);
    arrival->message = (struct dm_message){.kind = (enum dm_message_kind)status.MPI_TAG,
                                           .from = status.MPI_SOURCE,
                                           .bytes = g_malloc0((size_t)length + 1),
                                           .size = (size_t)length};
    MPI_Irecv(arrival->message.bytes, length, MPI_CHAR, status.MPI_SOURCE, status.MPI_TAG,
              MPI_COMM_WORLD, &arrival->request);
    g_queue_push_tail(&mpi->arrivals, arrival);
    return true;
}

/** Take the oldest arrival if it is whole. */
static bool take_arrival(struct mpi_transport *mpi, struct dm_message *ret) {
    struct arrival *arrival = g_queue_peek_head(&mpi->arrivals);
    int whole = 0;
    if (arrival != NULL) {
        MPI_Test(&arrival->request, &whole, MPI_STATUS_IGNORE);
    }
    if (whole == 0) {
        return false;
    }
    g_queue_pop_head(&mpi->arrivals);
    *ret = arrival->message;
    g_free(arrival);
    return true;
}

static bool receive(struct dm_transport *self, struct dm_message *ret) {
    if (self->rank_count == 1) {
        return false;
    }
    // Twice nothing: the first look may have done no more than move a message along.
    for (int misses = 0; misses < 2;) {
        misses = probe(mpi_of(self)) ? 0 : misses + 1;
        if (take_arrival(mpi_of(self), ret)) {
            return true;
        }
    }
    return false;
}

static bool receiving(struct dm_transport *self) {
    return !g_queue_is_empty(&mpi_of(self)->arrivals);
}

static G_GNUC_NORETURN void abort_job(struct dm_transport *self, int code) {
    (void)self;
    alarm(ABORT_SECONDS);
    MPI_Abort(MPI_COMM_WORLD, code);
    _exit(code);
}

static void end(struct dm_transport *self) {
    MPI_Finalize();
    g_free(mpi_of(self)->sending);
    g_free(self);
}

static int count_neighbours(void) {
    MPI_Comm node;
    int neighbours = 1;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    MPI_Comm_size(node, &neighbours);
    MPI_Comm_free(&node);
    return neighbours;
}

/**
 * MPI_Init() looks the machine over by hwloc, which goes as far as to ask every X server for its
 * graphics cards (connecting to ten TCP ports of this machine): a third of the time of a start.
 */
static void leave_graphics_alone(void) {
    setenv("HWLOC_COMPONENTS", "-gl,-opencl,-cuda,-nvml,-rsmi,-levelzero", 0);
}

struct dm_transport *dm_transport_over_mpi(void) {
    int provided = 0;
    leave_graphics_alone();
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    struct mpi_transport *mpi = g_new0(struct mpi_transport, 1);
    struct dm_transport *interface = &mpi->interface;
    *interface = (struct dm_transport){.send = send_message,
                                       .sent = sent,
                                       .receive = receive,
                                       .receiving = receiving,
                                       .abort = abort_job,
                                       .end = end};
    MPI_Comm_rank(MPI_COMM_WORLD, &interface->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &interface->rank_count);
    interface->neighbours = count_neighbours();
    g_queue_init(&mpi->arrivals);
    mpi->sending = g_new(MPI_Request, (size_t)interface->rank_count);
    for (int i = 0; i < interface->rank_count; i++) {
        mpi->sending[i] = MPI_REQUEST_NULL;
    }
    return interface;
}

char *dm_transport_library(void) {
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    MPI_Get_library_version(text, &length); // may be asked before MPI_Init()
    return g_strndup(text, strcspn(text, ",\n"));
}
