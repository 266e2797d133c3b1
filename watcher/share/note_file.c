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

int dm_note_file_write(int dir_fd, const char *name, const char *text) {
    g_autofree char *half = NULL;
    int fd = dm_create_half(dir_fd, DM_NOTE_HALF, 0664, &half);
    if (fd < 0) {
        return -1;
    }
    bool good = dm_write_all(fd, text, strlen(text));
    int errnum = errno;
    good = close(fd) == 0 && good;
    if (good && renameat(dir_fd, half, dir_fd, name) == 0) {
        return 0;
    }
    errnum = good ? errno : errnum;
    unlinkat(dir_fd, half, 0);
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

bool dm_note_file_begins(int dir_fd, const char *name, const char *title) {
    struct stat s;
    size_t length = strlen(title);
    DM_AUTO_CLOSE int fd = dm_open_beneath(dir_fd, name, O_RDONLY, 0);
    if (fd < 0 || fstat(fd, &s) != 0 || !S_ISREG(s.st_mode)) {
        return false;
    }
    g_autofree char *start = g_malloc(length);
    return read(fd, start, length) == (ssize_t)length && memcmp(start, title, length) == 0;
}

bool dm_note_file_is_ours(int dir_fd, const char *name) {
    return g_str_has_suffix(name, DM_NOTE_SUFFIX) &&
           dm_note_file_begins(dir_fd, name, DM_NOTE_TITLE);
}

bool dm_note_file_is_half(int dir_fd, const char *name) {
    return g_str_has_prefix(name, ".dropmill-") && g_str_has_suffix(name, ".tmp") &&
           dm_is_our_file(dir_fd, name);
}

bool dm_note_file_remove_stale(int dir_fd, const char *name) {
    struct stat s;
    if (fstatat(dir_fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT) {
        return false;
    }
    g_autofree char *note = dm_note_file_name(name);
    return dm_note_file_is_ours(dir_fd, note) && unlinkat(dir_fd, note, 0) == 0;
}
