// SPDX-License-Identifier: MIT
//
// Why a file failed: a closed list. The name travels in result lines, the ledger, metrics and
// --json; the sentences are for the person who dropped the file and who knows nothing of dropmill.
#ifndef DM_COMMON_REASON_H
#define DM_COMMON_REASON_H

#include <glib.h>
#include <stdbool.h>

// How a message begins that says what a file is instead of a picture: "... a ZIP archive; ...".
#define DM_REASON_SEEMS "the file seems to be "

enum dm_reason {
    DM_REASON_NONE,
    DM_REASON_EMPTY,              // 0 bytes
    DM_REASON_NOT_AN_IMAGE,       // no known magic bytes
    DM_REASON_UNSUPPORTED_FORMAT, // known, and not one that we read
    DM_REASON_TRUNCATED,          // ends before the picture does
    DM_REASON_DAMAGED,            // the decoder refuses it otherwise
    DM_REASON_TOO_LARGE,          // over a configured limit
    DM_REASON_BAD_STEP,           // a step cannot be applied to this picture
    DM_REASON_UNREADABLE,         // permission, or an I/O error on the input
    DM_REASON_CANNOT_WRITE,       // the outbox refuses: full, read-only, permission
    DM_REASON_NAME_TAKEN,         // something of somebody else's stands in the way of a temporary
    DM_REASON_CHANGED,            // changed or gone while it was read
    DM_REASON_WORKER_CRASH,       // killed the worker twice
    DM_REASON_TIMEOUT,            // did not come back within the deadline, twice
    DM_REASON_STOPPED,            // somebody did not want it any more
    DM_REASON_INTERNAL,           // a defect of dropmill
    DM_REASON_COUNT,
};

/** Give the reason's name, e.g. "not-an-image". Never NULL. */
const char *dm_reason_name(enum dm_reason reason);

/** Find a reason by name. Returns DM_REASON_INTERNAL for a name that this build does not know. */
enum dm_reason dm_reason_from_name(const char *name);

/** One plain sentence with a full stop: what is wrong. */
const char *dm_reason_what(enum dm_reason reason);

/** One or two plain sentences with a full stop: what the person can do. */
const char *dm_reason_advice(enum dm_reason reason);

/** The same two for who gave the file to a command, instead of putting it into a folder. */
const char *dm_reason_command_what(enum dm_reason reason);
const char *dm_reason_command_advice(enum dm_reason reason);

/** Say whether the same file may be taken when it is put back. */
bool dm_reason_helps_again(enum dm_reason reason);

#endif
