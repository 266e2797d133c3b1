// SPDX-License-Identifier: MIT
//
// The files that `dropmill send` was given, and what they are called in the send: a file by its own
// name, those of a directory by the directory's name and their way below it.
#ifndef DM_WATCHER_CLI_SEND_FILES_H
#define DM_WATCHER_CLI_SEND_FILES_H

#include "watcher/cli/send.h"

/**
 * Find what @arguments name, into send->files, with all that is in directories and below them. Left
 * out, and named on stderr unless that is not wanted: what dropmill leaves alone in an inbox
 * (dotfiles, litter of file managers, half copies), symbolic links in directories, and what is in
 * the directory of --get. What cannot be sent is reported and counted in send->problems.
 */
void dm_send_find_files(struct dm_send *send, char **arguments);

/** Say why a file cannot have @name in a bucket's folder, or NULL. A literal. Pure. */
const char *dm_send_bad_name(const char *name);

#endif
