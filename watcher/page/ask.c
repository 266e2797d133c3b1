// SPDX-License-Identifier: MIT
#include "watcher/page/ask.h"

#include "common/error.h"
#include "watcher/control.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEADLINE_MS 2000

struct question {
    int fd;
    guint source, timer;
    char *line;
    size_t sent;
    GString *reply;
    GError *error;
    dm_ask_fn done;
    void *data;
};

static void finish(struct question *question) {
    if (question->fd >= 0) {
        close(question->fd);
    }
    if (question->timer != 0) {
        g_source_remove(question->timer);
    }
    g_autofree char *answer = NULL;
    if (question->error == NULL) {
        answer = dm_control_read(question->reply->str, &question->error);
    }
    question->done(answer, question->error, question->data);
    g_clear_error(&question->error);
    g_string_free(question->reply, TRUE);
    g_free(question->line);
    g_free(question);
}

/** The timer, or the first idle moment after it failed at once. */
static gboolean finish_late(void *data) {
    struct question *question = data;
    question->timer = 0;
    if (question->source != 0) {
        g_source_remove(question->source);
    }
    if (question->error == NULL) {
        dm_fail(&question->error, DM_ERROR_TRANSIENT, "dropmilld does not answer");
    }
    finish(question);
    return G_SOURCE_REMOVE;
}

static gboolean end(struct question *question) {
    question->source = 0;
    finish(question);
    return G_SOURCE_REMOVE;
}

static gboolean on_readable(int fd, GIOCondition condition, void *data) {
    (void)condition;
    struct question *question = data;
    char buffer[8192];
    ssize_t count = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return G_SOURCE_CONTINUE;
    }
    if (count > 0) {
        g_string_append_len(question->reply, buffer, count);
        return G_SOURCE_CONTINUE;
    }
    return end(question);
}

static gboolean on_writable(int fd, GIOCondition condition, void *data) {
    (void)condition;
    struct question *question = data;
    const char *rest = question->line + question->sent;
    ssize_t count = send(fd, rest, strlen(rest), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
        return end(question);
    }
    question->sent += count > 0 ? (size_t)count : 0;
    if (question->line[question->sent] != '\0') {
        return G_SOURCE_CONTINUE;
    }
    question->source = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, question);
    return G_SOURCE_REMOVE;
}

void dm_ask(const char *path, const char *request, dm_ask_fn done, void *data) {
    struct question *question = g_new0(struct question, 1);
    question->line = g_strconcat(request, "\n", NULL);
    question->reply = g_string_new(NULL);
    question->done = done;
    question->data = data;
    question->fd = dm_control_connect(path, &question->error);
    if (question->fd < 0) {
        question->timer = g_idle_add(finish_late, question);
        return;
    }
    question->timer = g_timeout_add(DEADLINE_MS, finish_late, question);
    question->source =
        g_unix_fd_add(question->fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, on_writable, question);
}
