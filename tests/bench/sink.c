// SPDX-License-Identifier: MIT
//
// A store of S3 that costs next to nothing and keeps nothing: it reads each request, and answers so
// many milliseconds after its end. Against it a mirror shows what it can do by itself, where a
// gateway of Ceph on the same two cores shows what the gateway can.
//
//   sink PORT MS
#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_BYTES 8192
#define BODY_BYTES (256 * 1024)
#define MAX_EVENTS 256

/** A connection, in the middle of a request. */
struct client {
    int fd;
    char head[HEAD_BYTES + 1];
    size_t head_length;
    // Of its body; -1: its head is not there yet.
    int64_t left;
};

/** An answer that is due. */
struct answer {
    struct client *client;
    int64_t due_us;
    bool is_list;
};

static const char put_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                                 "ETag: \"00000000000000000000000000000000\"\r\n\r\n";
static const char list_answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 58\r\n\r\n"
                                  "<ListMultipartUploadsResult></ListMultipartUploadsResult>\n";

static int poller;
static int64_t delay_us;
static GQueue answers = G_QUEUE_INIT;

static void take_connection(int listener) {
    struct client *client = g_new0(struct client, 1);
    client->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    client->left = -1;
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    epoll_ctl(poller, EPOLL_CTL_ADD, client->fd, &event);
}

static void request_ends(struct client *client) {
    struct answer *answer = g_new(struct answer, 1);
    *answer = (struct answer){client, g_get_monotonic_time() + delay_us,
                              g_str_has_prefix(client->head, "GET ")};
    g_queue_push_tail(&answers, answer);
    client->head_length = 0;
    client->left = -1;
}

/** Read on in the head; what follows it is of the body. Returns what read(2) says. */
static ssize_t read_head(struct client *client) {
    ssize_t n =
        read(client->fd, client->head + client->head_length, HEAD_BYTES - client->head_length);
    client->head_length += n > 0 ? (size_t)n : 0;
    client->head[client->head_length] = '\0';
    const char *end = strstr(client->head, "\r\n\r\n");
    if (end != NULL) {
        const char *length = strstr(client->head, "\r\nContent-Length: ");
        client->left = length != NULL && length < end ? atoll(length + 18) : 0;
        client->left -= (int64_t)client->head_length - (end + 4 - client->head);
    }
    return n;
}

static void read_some(struct client *client) {
    static char body[BODY_BYTES];
    ssize_t n = client->left < 0 ? read_head(client) : read(client->fd, body, sizeof(body));
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        close(client->fd); // nobody waits for an answer: the client has gone
        return;
    }
    if (n > 0 && client->left >= 0) {
        client->left -= client->head_length > 0 ? 0 : n;
        client->head_length = 0;
        if (client->left == 0) {
            request_ends(client);
        }
    }
}

/** Returns how long (ms) nothing is due; -1: for ever. */
static int answer_some(void) {
    struct answer *answer;
    while ((answer = g_queue_peek_head(&answers)) != NULL) {
        int64_t left_us = answer->due_us - g_get_monotonic_time();
        if (left_us > 0) {
            return (int)(left_us / 1000);
        }
        const char *text = answer->is_list ? list_answer : put_answer;
        (void)!send(answer->client->fd, text, strlen(text), MSG_NOSIGNAL);
        g_free(g_queue_pop_head(&answers));
    }
    return -1;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: sink PORT MS\n");
        return 64;
    }
    struct sockaddr_in ours = {.sin_family = AF_INET,
                               .sin_port = htons((uint16_t)atoi(argv[1])),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    delay_us = atoll(argv[2]) * 1000;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (const struct sockaddr *)&ours, sizeof(ours)) != 0 ||
        listen(listener, MAX_EVENTS) != 0) {
        g_error("cannot listen at %s: %s", argv[1], g_strerror(errno));
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct client door = {.fd = listener};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &door};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event events[MAX_EVENTS];
        int count = epoll_wait(poller, events, MAX_EVENTS, answer_some());
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == &door) {
                take_connection(listener);
            } else {
                read_some(events[i].data.ptr);
            }
        }
    }
}
