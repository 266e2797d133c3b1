// SPDX-License-Identifier: MIT
//
// See probe.h.
#include "watcher/inbox/probe.h"

#include "common/bytes.h"
#include "common/fsutil.h"
#include "watcher/share/descriptor.h"

#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define READ_MAX (8 << 20)
#define APPLE_DOUBLE_BYTES 4096

// ---- holes

/** Where the first hole is; -1: there is none, or nobody knows. */
static int64_t find_hole(int fd, int64_t size_bytes) {
    off_t at = size_bytes > 0 ? lseek(fd, 0, SEEK_HOLE) : -1;
    return at >= 0 && at < size_bytes ? at : -1;
}

// ---- Finder

enum { MAGIC = 0x00051607, ENTRY_DATES = 8, ENTRY_FINDER_INFO = 9 };

/** Finder gives halves these creation dates, in seconds since 2000: 1946-02-14 00:34:56 and
 * 1984-01-24, by some clock of this world. */
static bool is_date_of_half(uint32_t date) {
    static const int64_t day = 24 * 60 * 60, halves[] = {-1700263504, -502934400};
    int64_t seconds = (int32_t)date;
    return llabs(seconds - halves[0]) <= day || llabs(seconds - halves[1]) <= day;
}

static bool says_half(uint32_t entry, const uint8_t *data, size_t size) {
    if (entry == ENTRY_FINDER_INFO) {
        return size >= 8 && memcmp(data, "brokMACS", 8) == 0;
    }
    return entry == ENTRY_DATES && size >= 4 && is_date_of_half(dm_be32(data));
}

bool dm_probe_finder_copies(const uint8_t *data, size_t size) {
    if (size < 26 || dm_be32(data) != MAGIC) {
        return false;
    }
    size_t count = dm_be16(data + 24);
    for (size_t i = 0; i < count && 26 + 12 * (i + 1) <= size; i++) {
        const uint8_t *entry = data + 26 + 12 * i;
        size_t at = dm_be32(entry + 4), length = dm_be32(entry + 8);
        if (at <= size && says_half(dm_be32(entry), data + at, MIN(length, size - at))) {
            return true;
        }
    }
    return false;
}

static bool look_beside(int dir_fd, const char *name) {
    g_autofree char *beside = g_strconcat("._", name, NULL);
    DM_AUTO_CLOSE int fd = dm_open_beneath(dir_fd, beside, O_RDONLY, 0);
    uint8_t data[APPLE_DOUBLE_BYTES];
    ssize_t size = fd >= 0 ? pread(fd, data, sizeof(data), 0) : 0;
    return size > 0 && dm_probe_finder_copies(data, (size_t)size);
}

// ---- all

static bool is_triggered(int dir_fd, const char *name, const char *trigger) {
    struct stat s;
    g_autofree char *beside = g_strconcat(name, trigger, NULL);
    return *trigger == '\0' || fstatat(dir_fd, beside, &s, AT_SYMLINK_NOFOLLOW) == 0;
}

static int look_into(int fd, struct dm_probe *ret) {
    struct dm_source source = dm_source_file(fd, (uint64_t)ret->fingerprint.size_bytes, READ_MAX);
    ret->ending = dm_ending_look(&source);
    ret->hole_at = find_hole(fd, ret->fingerprint.size_bytes);
    dm_source_clear(&source);
    return source.error;
}

int dm_probe_file(int dir_fd, const char *name, const struct dm_probe_question *question,
                  struct dm_probe *ret) {
    struct stat s;
    struct dm_fingerprint after;
    *ret = (struct dm_probe){.hole_at = -1,
                             .triggered = is_triggered(dir_fd, name, question->trigger)};
    DM_AUTO_CLOSE int fd = dm_open_beneath(dir_fd, name, O_RDONLY, 0);
    if (fd < 0 || fstat(fd, &s) != 0 || dm_fingerprint_fd(fd, &ret->fingerprint) != 0) {
        return errno;
    }
    if (!S_ISREG(s.st_mode)) {
        return EAGAIN;
    }
    ret->finder_copies = look_beside(dir_fd, name);
    int errnum = look_into(fd, ret);
    ret->writer =
        question->remote ? DM_WRITER_UNKNOWN : dm_writer_of(fd); // last: it is the freshest
    if (errnum == 0 && dm_fingerprint_fd(fd, &after) != 0) {
        errnum = errno;
    }
    return errnum != 0 ? errnum : dm_fingerprint_equal(&ret->fingerprint, &after) ? 0 : EAGAIN;
}
