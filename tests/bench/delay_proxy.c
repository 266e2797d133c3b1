// SPDX-License-Identifier: MIT
//
// A proxy on loopback that lets every byte pass, both ways, so many milliseconds after it came: the
// latency of a network, without its losses. For machines whose kernel has no netem.
//
//   delay_proxy PORT OF_PORT MS     PORT is ours; MS one way
//
// All bytes are delayed alike, so that one queue for all of them is in the order of their times.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES (128 * 1024)
#define MAX_EVENTS 256

/** One end of a connection through us. */
struct end {
    int fd;
    struct end *other;
    // Of struct chunk *: due, and not written yet.
    GQueue held;
    bool is_dead;
};

/** Bytes on their way to an end; none: the other side has said its last. */
struct chunk {
    struct end *to;
    int64_t due_us;
    ssize_t length, written;
    char bytes[];
};

static int poller;
static GQueue on_the_way = G_QUEUE_INIT;

static struct sockaddr_in loopback(const char *port) {
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(port)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void watch(struct end *end, uint32_t events, int how) {
    struct epoll_event event = {.events = events, .data.ptr = end};
    if (epoll_ctl(poller, how, end->fd, &event) != 0) {
        g_error("epoll_ctl: %s", g_strerror(errno));
    }
}

static struct end *end_new(int fd) {
    struct end *end = g_new0(struct end, 1);
    end->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return end;
}

/** The structs stay: bytes may be on their way to them. */
static void hang_up(struct end *end) {
    if (!end->is_dead) {
        end->is_dead = end->other->is_dead = true;
        close(end->fd);
        close(end->other->fd);
    }
}

static void take_connection(int listener, const struct sockaddr_in *of) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    int to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || to < 0 || connect(to, (const struct sockaddr *)of, sizeof(*of)) != 0) {
        g_error("no connection: %s", g_strerror(errno));
    }
    fcntl(to, F_SETFL, O_NONBLOCK);
    struct end *near = end_new(fd), *far = end_new(to);
    near->other = far;
    far->other = near;
    watch(near, EPOLLIN, EPOLL_CTL_ADD);
    watch(far, EPOLLIN, EPOLL_CTL_ADD);
}

static void read_some(struct end *end, int64_t delay_us) {
    struct chunk *chunk = g_malloc(sizeof(*chunk) + READ_BYTES);
    ssize_t n = read(end->fd, chunk->bytes, READ_BYTES);
    if (n < 0) {
        g_free(chunk);
        if (errno != EAGAIN) {
            hang_up(end);
        }
        return;
    }
    *chunk = (struct chunk){end->other, g_get_monotonic_time() + delay_us, n, 0};
    g_queue_push_tail(&on_the_way, chunk);
    if (n == 0) {
        watch(end, 0, EPOLL_CTL_MOD);
    }
}

/** Write what is held as far as it goes. */
static void write_some(struct end *end) {
    struct chunk *chunk;
    while (!end->is_dead && (chunk = g_queue_peek_head(&end->held)) != NULL) {
        if (chunk->length == 0) {
            hang_up(end);
            break;
        }
        ssize_t n = send(end->fd, chunk->bytes + chunk->written,
                         (size_t)(chunk->length - chunk->written), MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(end, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return;
        }
        if (n < 0) {
            hang_up(end);
            break;
        }
        chunk->written += n;
        if (chunk->written == chunk->length) {
            g_free(g_queue_pop_head(&end->held));
        }
    }
    if (!end->is_dead) {
        watch(end, EPOLLIN, EPOLL_CTL_MOD);
    }
}

/** Let those arrive whose time has come. Returns how long (ms) nothing else does; -1: for ever. */
static int deliver(void) {
    struct chunk *chunk;
    while ((chunk = g_queue_peek_head(&on_the_way)) != NULL) {
        int64_t left_us = chunk->due_us - g_get_monotonic_time();
        if (left_us > 0) {
            return (int)(left_us / 1000);
        }
        g_queue_pop_head(&on_the_way);
        g_queue_push_tail(&chunk->to->held, chunk);
        write_some(chunk->to);
    }
    return -1;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: delay_proxy PORT OF_PORT MS\n");
        return 64;
    }
    struct sockaddr_in ours = loopback(argv[1]), of = loopback(argv[2]);
    int64_t delay_us = atoll(argv[3]) * 1000;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (const struct sockaddr *)&ours, sizeof(ours)) != 0 ||
        listen(listener, MAX_EVENTS) != 0) {
        g_error("cannot listen at %s: %s", argv[1], g_strerror(errno));
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct end door = {.fd = listener};
    watch(&door, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) {
        struct epoll_event events[MAX_EVENTS];
        int count = epoll_wait(poller, events, MAX_EVENTS, deliver());
        for (int i = 0; i < count; i++) {
            struct end *end = events[i].data.ptr;
            if (end == &door) {
                take_connection(listener, &of);
            } else if (!end->is_dead && (events[i].events & EPOLLOUT) != 0) {
                write_some(end);
            } else if (!end->is_dead) {
                read_some(end, delay_us);
            }
        }
    }
}
