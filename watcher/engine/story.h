// SPDX-License-Identifier: MIT
//
// The story of a job, for people: a file of what was said to it and by it, each line with its time.
//
//   14:03:22.104512 - starting -> up
//   14:03:22.104903 > task ...           to rank 0
//   14:03:22.109318 < result ...         from rank 0
//   14:03:22.120007 | crash SIGSEGV 7 1  mpirun and the ranks, on stderr
//
// Bounded: of a long story the beginning and the end are kept. It is written line by line and never
// synced: it is whole after a crash of the watcher, though not after one of the machine.
#ifndef DM_WATCHER_ENGINE_STORY_H
#define DM_WATCHER_ENGINE_STORY_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/** How much is kept; the end is at times twice that. */
#define DM_STORY_HEAD_BYTES (64 * 1024)
#define DM_STORY_TAIL_BYTES (128 * 1024)

enum dm_story_line {
    // By the watcher.
    DM_STORY_NOTE,
    // To rank 0.
    DM_STORY_TO,
    // From rank 0.
    DM_STORY_FROM,
    // By mpirun and the ranks, on stderr.
    DM_STORY_OUTPUT,
};

struct dm_story;

/** Where the story of @job is told; (transfer full). */
char *dm_story_path(const char *runtime_dir, int64_t job);

/** Remove the stories in @runtime_dir but those of the last few jobs before @job. */
void dm_story_remove_old(const char *runtime_dir, int64_t job);

/** Begin the file @path anew. Errors: DM_ERROR_SYSTEM. */
struct dm_story *dm_story_new(const char *path, GError **error);

/** End it; the file stays. Accepts NULL. */
void dm_story_free(struct dm_story *story);

/**
 * Add @text: one line without its LF or several whole lines. What cannot be written is left out.
 * Accepts NULL.
 */
void dm_story_add(struct dm_story *story, int64_t now_utc_us, enum dm_story_line kind,
                  const char *text, size_t length);

#endif
