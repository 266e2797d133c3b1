// SPDX-License-Identifier: MIT
//
// The control socket. On the wire: the request and a newline; back come "ok" or "error", a newline
// and the text, then the end. The server never waits for a client: each has a small state, a limit
// on its request and a deadline, and there is a limit on how many there are.
#include "watcher/control.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// A path, escaped, and some words.
#define REQUEST_MAX 20000
#define CLIENTS_MAX 32
#define DEADLINE_MS 2000

struct dm_control {
    char *path;
    int fd;
    guint source;
    dm_control_fn answer;
    void *data;
    // Of struct client.
    GPtrArray *clients;
    uint64_t last_ticket;
};

struct client {
    struct dm_control *control;
    uint64_t ticket;
    uid_t uid;
    int fd;
    guint source, timer;
    GString *request;
    // (nullable) Until the request is whole.
    GString *reply;
    size_t sent;
};

static void client_free(void *data) {
    struct client *client = data;
    if (client->source) {
        g_source_remove(client->source);
    }
    g_source_remove(client->timer);
    close(client->fd);
    g_string_free(client->request, TRUE);
    if (client->reply != NULL) {
        g_string_free(client->reply, TRUE);
    }
    g_free(client);
}

/** The client's own source is running and ends by returning G_SOURCE_REMOVE. */
static gboolean client_end(struct client *client) {
    client->source = 0;
    g_ptr_array_remove_fast(client->control->clients, client);
    return G_SOURCE_REMOVE;
}

static gboolean client_late(void *data) {
    struct client *client = data;
    g_ptr_array_remove_fast(client->control->clients, client);
    return G_SOURCE_CONTINUE; // removed just now, with the client
}

static gboolean client_write(int fd, GIOCondition condition, void *data) {
    (void)condition;
    struct client *client = data;
    size_t left = client->reply->len - client->sent;
    ssize_t count = send(fd, client->reply->str + client->sent, left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0) {
        return errno == EAGAIN || errno == EINTR ? G_SOURCE_CONTINUE : client_end(client);
    }
    client->sent += (size_t)count;
    return client->sent < client->reply->len ? G_SOURCE_CONTINUE : client_end(client);
}

static void reply(struct client *client, const char *status, const char *text) {
    client->reply = g_string_new(status);
    g_string_append(client->reply, text);
    client->source =
        g_unix_fd_add(client->fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, client_write, client);
}

/** The request is whole: it has its own time from here on. */
static void take_request(struct client *client) {
    client->request->str[strcspn(client->request->str, "\r\n")] = '\0';
    g_source_remove(client->timer);
    client->timer = g_timeout_add(DEADLINE_MS, client_late, client);
    client->source = 0;
    const struct dm_asked asked = {
        .text = client->request->str, .uid = client->uid, .ticket = client->ticket};
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = client->control->answer(&asked, client->control->data, &error);
    if (answer != NULL) {
        reply(client, "ok\n", answer);
    } else if (error != NULL) {
        reply(client, "error\n", error->message);
    }
}

void dm_control_answer(struct dm_control *control, uint64_t ticket, const char *answer) {
    for (guint i = 0; control != NULL && i < control->clients->len; i++) {
        struct client *client = control->clients->pdata[i];
        if (client->ticket == ticket && client->reply == NULL) {
            reply(client, "ok\n", answer);
        }
    }
}

static gboolean client_read(int fd, GIOCondition condition, void *data) {
    (void)condition;
    struct client *client = data;
    char buffer[REQUEST_MAX];
    ssize_t count = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return G_SOURCE_CONTINUE;
    }
    if (count <= 0 || client->request->len + (size_t)count > REQUEST_MAX) {
        return client_end(client);
    }
    g_string_append_len(client->request, buffer, count);
    if (memchr(client->request->str, '\n', client->request->len) == NULL) {
        return G_SOURCE_CONTINUE;
    }
    take_request(client);
    return G_SOURCE_REMOVE;
}

static uid_t uid_of(int fd) {
    struct ucred peer;
    socklen_t length = sizeof(peer);
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? peer.uid : (uid_t)-1;
}

static gboolean accept_client(int fd, GIOCondition condition, void *data) {
    (void)condition;
    struct dm_control *control = data;
    int client_fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client_fd < 0) {
        return G_SOURCE_CONTINUE;
    }
    if (control->clients->len >= CLIENTS_MAX) {
        close(client_fd);
        return G_SOURCE_CONTINUE;
    }
    struct client *client = g_new0(struct client, 1);
    client->control = control;
    client->ticket = ++control->last_ticket;
    client->fd = client_fd;
    client->uid = uid_of(client_fd);
    client->request = g_string_new(NULL);
    client->source = g_unix_fd_add(client_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, client_read, client);
    client->timer = g_timeout_add(DEADLINE_MS, client_late, client);
    g_ptr_array_add(control->clients, client);
    return G_SOURCE_CONTINUE;
}

/**
 * The address of @path. A path that does not fit into the 108 bytes of an address is reached by way
 * of its directory's descriptor, which is left in *ret_dir_fd for the caller to close (else -1).
 */
static bool make_address(const char *path, struct sockaddr_un *ret, int *ret_dir_fd) {
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    *ret_dir_fd = -1;
    if (strlen(path) < sizeof(ret->sun_path)) {
        g_strlcpy(ret->sun_path, path, sizeof(ret->sun_path));
        return true;
    }
    g_autofree char *directory = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    g_autofree char *by_fd = g_strdup_printf("/proc/self/fd/%d/%s", fd, name);
    if (g_strlcpy(ret->sun_path, by_fd, sizeof(ret->sun_path)) >= sizeof(ret->sun_path)) {
        close(fd);
        errno = ENAMETOOLONG;
        return false;
    }
    *ret_dir_fd = fd;
    return true;
}

static int with_address(const char *path, int fd,
                        int (*call)(int fd, const struct sockaddr *address, socklen_t length)) {
    struct sockaddr_un address;
    int dir_fd;
    if (!make_address(path, &address, &dir_fd)) {
        return -1;
    }
    int status = call(fd, (const struct sockaddr *)&address, sizeof(address));
    int errnum = errno;
    if (dir_fd >= 0) {
        close(dir_fd);
    }
    errno = errnum;
    return status;
}

static int new_socket(void) {
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/** Say whether somebody listens at @path; a socket file that a killed daemon left answers nothing.
 */
static bool is_alive(const char *path) {
    int fd = new_socket();
    bool alive = fd >= 0 && (with_address(path, fd, connect) == 0 || errno == EAGAIN);
    if (fd >= 0) {
        close(fd);
    }
    return alive;
}

/** Let our group ask, and no other before. */
static bool open_to_group(const char *path, gid_t gid) {
    if (gid != (gid_t)-1 && lchown(path, (uid_t)-1, gid) != 0 && errno != EPERM) {
        return false;
    }
    return chmod(path, 0660) == 0;
}

static bool bind_and_listen(int fd, const char *path, gid_t gid, GError **error) {
    if (is_alive(path)) {
        return dm_fail(error, DM_ERROR_SYSTEM, "another dropmilld listens at '%s'", path);
    }
    if (unlink(path) != 0 && errno != ENOENT) {
        return dm_fail_errno(error, errno, "cannot replace the control socket '%s'", path);
    }
    // Linux gives the file the socket's own mode: there is no moment with a laxer one.
    if (fchmod(fd, 0600) != 0 || with_address(path, fd, bind) != 0 || !open_to_group(path, gid) ||
        listen(fd, 16) != 0) {
        return dm_fail_errno(error, errno, "cannot listen at the control socket '%s'", path);
    }
    return true;
}

struct dm_control *dm_control_new(const char *path, gid_t gid, dm_control_fn answer, void *data,
                                  GError **error) {
    int fd = new_socket();
    if (fd < 0) {
        dm_fail_errno(error, errno, "cannot make the control socket");
        return NULL;
    }
    if (!bind_and_listen(fd, path, gid, error)) {
        close(fd);
        return NULL;
    }
    struct dm_control *control = g_new0(struct dm_control, 1);
    control->path = g_strdup(path);
    control->fd = fd;
    control->answer = answer;
    control->data = data;
    control->clients = g_ptr_array_new_with_free_func(client_free);
    control->source = g_unix_fd_add(fd, G_IO_IN, accept_client, control);
    return control;
}

void dm_control_free(struct dm_control *control) {
    if (control == NULL) {
        return;
    }
    g_source_remove(control->source);
    g_ptr_array_unref(control->clients);
    unlink(control->path);
    close(control->fd);
    g_free(control->path);
    g_free(control);
}

/** Wait until @fd is ready for @events. */
static bool wait_until(int fd, short events, int64_t deadline_us) {
    int64_t left_us = deadline_us - g_get_monotonic_time();
    struct pollfd poll_fd = {.fd = fd, .events = events};
    if (left_us <= 0) {
        return false;
    }
    int count = poll(&poll_fd, 1, (int)(left_us / 1000) + 1);
    return count > 0 || (count < 0 && errno == EINTR);
}

static bool send_request(int fd, const char *request, int64_t deadline_us) {
    g_autofree char *line = g_strconcat(request, "\n", NULL);
    size_t length = strlen(line);
    size_t sent = 0;
    while (sent < length) {
        ssize_t count = send(fd, line + sent, length - sent, MSG_NOSIGNAL);
        if (count >= 0) {
            sent += (size_t)count;
        } else if ((errno != EAGAIN && errno != EINTR) || !wait_until(fd, POLLOUT, deadline_us)) {
            return false;
        }
    }
    return true;
}

/** Everything until the other side closes; NULL when that does not happen in time. */
static char *receive_all(int fd, int64_t deadline_us) {
    g_autoptr(GString) text = g_string_new(NULL);
    char buffer[4096];
    while (true) {
        ssize_t count = recv(fd, buffer, sizeof(buffer), 0);
        if (count == 0) {
            return g_strdup(text->str);
        }
        if (count > 0) {
            g_string_append_len(text, buffer, count);
        } else if ((errno != EAGAIN && errno != EINTR) || !wait_until(fd, POLLIN, deadline_us)) {
            return NULL;
        }
    }
}

static char *exchange(int fd, const char *request) {
    int64_t deadline_us = g_get_monotonic_time() + DEADLINE_MS * INT64_C(1000);
    return send_request(fd, request, deadline_us) ? receive_all(fd, deadline_us) : NULL;
}

int dm_control_connect(const char *path, GError **error) {
    int fd = new_socket();
    if (fd >= 0 && with_address(path, fd, connect) == 0) {
        return fd;
    }
    dm_fail(error, DM_ERROR_REMOTE, "nobody listens at '%s': %s", path, g_strerror(errno));
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

char *dm_control_read(const char *reply, GError **error) {
    if (g_str_has_prefix(reply, "ok\n")) {
        return g_strdup(reply + strlen("ok\n"));
    }
    if (g_str_has_prefix(reply, "error\n")) {
        dm_fail(error, DM_ERROR_REMOTE, "dropmilld: %s", reply + strlen("error\n"));
    } else {
        dm_fail(error, DM_ERROR_TRANSIENT, "dropmilld does not answer");
    }
    return NULL;
}

char *dm_control_ask(const char *path, const char *request, GError **error) {
    int fd = dm_control_connect(path, error);
    if (fd < 0) {
        return NULL;
    }
    g_autofree char *reply = exchange(fd, request);
    close(fd);
    return dm_control_read(reply != NULL ? reply : "", error);
}
