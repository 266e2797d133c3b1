// SPDX-License-Identifier: MIT
//
// Knowing a failure note: see note.h.
#include "common/note.h"

#include "common/fsutil.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool begins_as_note(int fd) {
    struct stat s;
    char start[sizeof(DM_NOTE_TITLE) - 1];
    return fstat(fd, &s) == 0 && S_ISREG(s.st_mode) &&
           read(fd, start, sizeof(start)) == (ssize_t)sizeof(start) &&
           memcmp(start, DM_NOTE_TITLE, sizeof(start)) == 0;
}

bool dm_note_is_ours(int dir_fd, const char *name) {
    int fd =
        g_str_has_suffix(name, DM_NOTE_SUFFIX) ? dm_open_beneath(dir_fd, name, O_RDONLY, 0) : -1;
    bool ours = fd >= 0 && begins_as_note(fd);
    if (fd >= 0) {
        close(fd);
    }
    return ours;
}
