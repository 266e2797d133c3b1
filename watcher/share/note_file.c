// SPDX-License-Identifier: MIT
//
// Note files. See note_file.h.
#include "watcher/share/note_file.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

char *dm_note_file_name(const char *name) {
    return dm_name_fit(name, DM_NOTE_SUFFIX);
}

static bool write_all(int fd, const char *data, size_t length) {
    while (length > 0) {
        ssize_t n = write(fd, data, length);
        if (n < 0) {
            return false;
        }
        data += n;
        length -= (size_t)n;
    }
    return true;
}

int dm_note_file_write(int dir_fd, const char *name, const char *text) {
    int fd =
        openat(dir_fd, DM_NOTE_HALF, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0664);
    if (fd < 0) {
        return -1;
    }
    bool good = write_all(fd, text, strlen(text));
    int errnum = errno;
    good = close(fd) == 0 && good;
    if (good && renameat(dir_fd, DM_NOTE_HALF, dir_fd, name) == 0) {
        return 0;
    }
    errnum = good ? errno : errnum;
    unlinkat(dir_fd, DM_NOTE_HALF, 0);
    errno = errnum;
    return -1;
}

bool dm_note_file_has_text(int dir_fd, const char *name, const char *text) {
    size_t length = strlen(text);
    DM_AUTO_CLOSE int fd = dm_open_beneath(dir_fd, name, O_RDONLY, 0);
    if (fd < 0) {
        return false;
    }
    g_autofree char *found = g_malloc(length + 1);
    ssize_t size = read(fd, found, length + 1);
    return size == (ssize_t)length && memcmp(found, text, length) == 0;
}

static bool begins_as_note(int fd) {
    struct stat s;
    char start[sizeof(DM_NOTE_TITLE) - 1];
    return fstat(fd, &s) == 0 && S_ISREG(s.st_mode) &&
           read(fd, start, sizeof(start)) == (ssize_t)sizeof(start) &&
           memcmp(start, DM_NOTE_TITLE, sizeof(start)) == 0;
}

bool dm_note_file_is_ours(int dir_fd, const char *name) {
    if (!g_str_has_suffix(name, DM_NOTE_SUFFIX)) {
        return false;
    }
    DM_AUTO_CLOSE int fd = dm_open_beneath(dir_fd, name, O_RDONLY, 0);
    return fd >= 0 && begins_as_note(fd);
}

bool dm_note_file_remove_stale(int dir_fd, const char *name) {
    struct stat s;
    if (fstatat(dir_fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT) {
        return false;
    }
    g_autofree char *note = dm_note_file_name(name);
    return dm_note_file_is_ours(dir_fd, note) && unlinkat(dir_fd, note, 0) == 0;
}
