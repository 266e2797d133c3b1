// SPDX-License-Identifier: MIT
//
// A file that is written at its end and shortened in its middle: see story.h. Once the end has
// grown to twice its bound the newer half of it is moved to behind the beginning; so the file reads
// from top to bottom at any time, and each byte is written twice at most.
#include "watcher/engine/story.h"

#include "common/error.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "job-"
#define SUFFIX ".txt"
enum { JOBS_KEPT = 8 };

struct dm_story {
    int fd;
    // Where the beginning ends; 0: still within it.
    int64_t head_bytes;
    // Of the file.
    int64_t bytes;
    // Scratch.
    GString *line;
};

// ---- files of a directory

char *dm_story_path(const char *runtime_dir, int64_t job) {
    return g_strdup_printf("%s/" PREFIX "%" PRId64 SUFFIX, runtime_dir, job);
}

/** The number in the name of a story; -1: it is none. */
static int64_t job_of(const char *name) {
    if (!g_str_has_prefix(name, PREFIX) || !g_str_has_suffix(name, SUFFIX)) {
        return -1;
    }
    const char *number = name + strlen(PREFIX);
    char *end;
    int64_t job = strtoll(number, &end, 10);
    return end > number && strcmp(end, SUFFIX) == 0 ? job : -1;
}

void dm_story_remove_old(const char *runtime_dir, int64_t job) {
    g_autoptr(GDir) dir = g_dir_open(runtime_dir, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        int64_t old = job_of(name);
        if (old >= 0 && old <= job - JOBS_KEPT) {
            g_autofree char *path = g_build_filename(runtime_dir, name, NULL);
            unlink(path);
        }
    }
}

struct dm_story *dm_story_new(const char *path, GError **error) {
    unlink(path);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        dm_fail_errno(error, errno, "cannot make '%s'", path);
        return NULL;
    }
    struct dm_story *story = g_new(struct dm_story, 1);
    *story = (struct dm_story){.fd = fd, .line = g_string_new(NULL)};
    return story;
}

void dm_story_free(struct dm_story *story) {
    if (story != NULL) {
        close(story->fd);
        g_string_free(story->line, TRUE);
        g_free(story);
    }
}

// ---- lines

/** The middle goes: what is left is the beginning, a word about it, and the end. */
static void shorten(struct dm_story *story) {
    g_autofree char *tail = g_malloc(DM_STORY_TAIL_BYTES);
    int64_t from = story->bytes - DM_STORY_TAIL_BYTES;
    ssize_t got = pread(story->fd, tail, DM_STORY_TAIL_BYTES, from);
    const char *newline = got > 0 ? memchr(tail, '\n', (size_t)got) : NULL;
    if (newline == NULL) {
        return;
    }
    size_t cut = (size_t)(newline - tail) + 1;
    g_autoptr(GString) end = g_string_new("                ... lines are left out here ...\n");
    g_string_append_len(end, tail + cut, got - (gssize)cut);
    if (pwrite(story->fd, end->str, end->len, story->head_bytes) == (ssize_t)end->len) {
        story->bytes = story->head_bytes + (int64_t)end->len;
        (void)!ftruncate(story->fd, story->bytes); // else: some lines stand there twice
    }
}

static void write_line(struct dm_story *story) {
    ssize_t written = pwrite(story->fd, story->line->str, story->line->len, story->bytes);
    if (written != (ssize_t)story->line->len) {
        return; // the next line takes its place
    }
    story->bytes += written;
    if (story->head_bytes == 0 && story->bytes >= DM_STORY_HEAD_BYTES) {
        story->head_bytes = story->bytes;
    }
    if (story->head_bytes > 0 &&
        story->bytes >= story->head_bytes + 2 * (int64_t)DM_STORY_TAIL_BYTES) {
        shorten(story);
    }
}

/** @digits digits of @number at @at. */
static void put_number(char *at, int digits, int64_t number) {
    for (int i = digits; i-- > 0; number /= 10) {
        at[i] = (char)('0' + number % 10);
    }
}

/** "14:03:22.104512 > " by hand: strftime() would be half of the cost of a line. */
static void append_stamp(GString *line, int64_t utc_us, char mark) {
    char stamp[] = "hh:mm:ss.uuuuuu m ";
    int64_t seconds = utc_us / G_USEC_PER_SEC;
    put_number(stamp, 2, seconds / 3600 % 24);
    put_number(stamp + 3, 2, seconds / 60 % 60);
    put_number(stamp + 6, 2, seconds % 60);
    put_number(stamp + 9, 6, utc_us % G_USEC_PER_SEC);
    stamp[16] = mark;
    g_string_append_len(line, stamp, sizeof(stamp) - 1);
}

/** What ranks and libraries write may hold anything; what is on the wire is escaped already. */
static void hide_controls(GString *line) {
    for (size_t i = 0; i + 1 < line->len; i++) {
        unsigned char c = (unsigned char)line->str[i];
        if ((c < ' ' && c != '\t') || c == 0x7f) {
            line->str[i] = '?';
        }
    }
}

void dm_story_add(struct dm_story *story, int64_t now_utc_us, enum dm_story_line kind,
                  const char *text, size_t length) {
    if (story == NULL) {
        return;
    }
    g_string_truncate(story->line, 0);
    for (const char *end = text + length; text < end;) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t part = (size_t)((newline != NULL ? newline : end) - text);
        append_stamp(story->line, now_utc_us, "-><|"[kind]);
        g_string_append_len(story->line, text, (gssize)part);
        g_string_append_c(story->line, '\n');
        text += part + (newline != NULL);
    }
    if (kind == DM_STORY_OUTPUT) {
        hide_controls(story->line);
    }
    write_line(story);
}
