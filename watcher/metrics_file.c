// SPDX-License-Identifier: MIT
//
// The file of metrics: see metrics_file.h. It is small, on a local disk, and is not flushed: after
// a crash nobody wants it.
#include "watcher/metrics_file.h"

#include "common/error.h"
#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVERY_US (15 * (int64_t)G_USEC_PER_SEC)

struct dm_metrics_file {
    char *path;
    // Beside it; the collector reads *.prom alone.
    char *temp;
    char *(*write)(void *data);
    void *data;
    int64_t due_us;
    // What was said last; "": all is well.
    char *problem;
};

struct dm_metrics_file *dm_metrics_file_new(const char *path, char *(*write)(void *data),
                                            void *data) {
    struct dm_metrics_file *file = g_new0(struct dm_metrics_file, 1);
    file->path = g_strdup(path);
    file->temp = g_strconcat(path, ".dropmill-new", NULL);
    file->write = write;
    file->data = data;
    file->problem = g_strdup("");
    return file;
}

void dm_metrics_file_free(struct dm_metrics_file *file) {
    if (file == NULL) {
        return;
    }
    (void)unlink(file->path); // else it would be read for ever
    g_free(file->path);
    g_free(file->temp);
    g_free(file->problem);
    g_free(file);
}

/** Write @text into the temporary. The errno, or 0. */
static int write_temp(const struct dm_metrics_file *file, const char *text) {
    (void)unlink(file->temp); // of a killed daemon
    int fd = open(file->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) {
        return errno;
    }
    size_t length = strlen(text);
    errno = ENOSPC; // of a short write
    bool is_written = fchmod(fd, 0644) == 0 && write(fd, text, length) == (ssize_t)length;
    int errnum = is_written ? 0 : errno;
    close(fd);
    return errnum;
}

static int write_file(const struct dm_metrics_file *file, const char *text) {
    int errnum = write_temp(file, text);
    if (errnum == 0 && rename(file->temp, file->path) != 0) {
        errnum = errno;
    }
    if (errnum != 0) {
        (void)unlink(file->temp);
    }
    return errnum;
}

int64_t dm_metrics_file_turn(struct dm_metrics_file *file, int64_t now_us) {
    if (now_us < file->due_us) {
        return file->due_us;
    }
    file->due_us = now_us + EVERY_US;
    g_autofree char *text = file->write(file->data);
    int errnum = write_file(file, text);
    const char *problem = errnum != 0 ? g_strerror(errnum) : "";
    if (strcmp(problem, file->problem) != 0) {
        if (errnum != 0) {
            dm_log_warning("metrics.file: cannot write '%s': %s", file->path, problem);
        }
        g_free(file->problem);
        file->problem = g_strdup(problem);
    }
    return file->due_us;
}
