// SPDX-License-Identifier: MIT
//
// The transport of a rank that is the whole job: there is nobody to send to, and nobody sends.
#include "mpi_worker/job/transport.h"

#include <unistd.h>

static void send_message(struct dm_transport *self, int to, enum dm_message_kind kind,
                         const char *bytes, size_t size) {
    (void)self, (void)to, (void)kind, (void)bytes, (void)size;
    g_assert_not_reached(); // rank 0 gives its own tasks to its own pool
}

static bool sent(struct dm_transport *self, int to) {
    (void)self, (void)to;
    return true;
}

static bool receive(struct dm_transport *self, struct dm_message *ret) {
    (void)self, (void)ret;
    return false;
}

static bool receiving(struct dm_transport *self) {
    (void)self;
    return false;
}

static G_GNUC_NORETURN void abort_job(struct dm_transport *self, int code) {
    (void)self;
    _exit(code);
}

static void end(struct dm_transport *self) {
    g_free(self);
}

struct dm_transport *dm_transport_alone(void) {
    struct dm_transport *transport = g_new(struct dm_transport, 1);
    *transport = (struct dm_transport){.rank_count = 1,
                                       .neighbours = 1,
                                       .send = send_message,
                                       .sent = sent,
                                       .receive = receive,
                                       .receiving = receiving,
                                       .abort = abort_job,
                                       .end = end};
    return transport;
}
