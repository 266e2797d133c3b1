// SPDX-License-Identifier: MIT
//
// The files that `dropmill process` was given: found, made absolute, each once, in the order of the
// command line.
#ifndef DM_WATCHER_CLI_PROCESS_INPUTS_H
#define DM_WATCHER_CLI_PROCESS_INPUTS_H

#include "common/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/** One file. */
struct dm_input {
    char *path;  // relative to "/", no symlinks in it
    char *given; // as on the command line, for messages
    struct dm_fingerprint fingerprint;
    // Two inputs with one stem (a.jpg and a.png) may want one name: the earlier one chooses first.
    struct dm_input *earlier; // (nullable)
    bool finished;            // published, or there will be no result
    // Its result could not have the name that it would have by itself.
    bool renamed;
    const struct dm_input *rival; // (nullable) whose result has it; NULL: a file that was there
    int changes;                  // how often it changed under our hands
};

/** The inputs, and what they are found by. */
struct dm_inputs {
    GPtrArray *list;     // of struct dm_input
    GHashTable *by_path; // path -> struct dm_input
    GHashTable *by_stem; // stem -> the latest struct dm_input of that stem
    size_t problems;     // how many arguments were no good; each was reported on stderr
};

/**
 * Find the files that @arguments name; of a directory all files in it (@recursive: and below it)
 * that are not hidden, but never those of @output_dir when that is below it.
 */
struct dm_inputs *dm_inputs_find(char **arguments, bool recursive, const char *output_dir);
void dm_inputs_free(struct dm_inputs *inputs);

/** Say whether the file with this device and inode is an input: it must not be overwritten. */
bool dm_inputs_contain(const struct dm_inputs *inputs, uint64_t dev, uint64_t ino);

#endif
