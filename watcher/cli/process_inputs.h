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
    // Relative to "/", no symlinks in it.
    char *path;
    // As on the command line, for messages.
    char *given;
    // What the result is named by: its path below the directory that was given, else its own name,
    // and a link's is the link's.
    char *relative;
    struct dm_fingerprint fingerprint;
    // Two inputs with one stem (a.jpg and a.png) may want one name: the earlier one chooses first
    // (nullable).
    struct dm_input *earlier;
    // Published, or there will be no result.
    bool finished;
    // Its result could not have the name that it would have by itself.
    bool renamed;
    // (nullable) Whose result has it; NULL: a file that was there.
    const struct dm_input *rival;
    // How often it changed under our hands.
    int changes;
};

/** What is no input. */
struct dm_no_input {
    // As on the command line.
    char *given;
    char *why;
};

/** The inputs, and what they are found by. */
struct dm_inputs {
    // Of struct dm_input.
    GPtrArray *list;
    // By path: struct dm_input.
    GHashTable *by_path;
    // By relative path without extension: the latest struct dm_input.
    GHashTable *by_stem;
    // Of struct dm_no_input.
    GPtrArray *problems;
    // How many further names of an input were given.
    size_t again;
};

/**
 * Find the files that @arguments name; of a directory all files in it (@recursive: and below it)
 * that are not hidden, but never those of @output_dir when that is below it. A file that has
 * several names is taken by the first; that is said on stderr.
 */
struct dm_inputs *dm_inputs_find(char **arguments, bool recursive, const char *output_dir);
void dm_inputs_free(struct dm_inputs *inputs);

/** Say whether the file with this device and inode is an input: it must not be overwritten. */
bool dm_inputs_contain(const struct dm_inputs *inputs, uint64_t dev, uint64_t ino);

#endif
