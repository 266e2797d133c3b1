// SPDX-License-Identifier: MIT
//
// The table behind reason.h. The sentences are read by people in a file manager: they name no
// program part, no signal, no error number. A new reason is a line in the enum and a row here.
#include "common/reason.h"

#include <stdbool.h>
#include <string.h>

struct reason {
    const char *name;
    const char *what;
    const char *advice;
    // (nullable) The same two for who gave files to a command: there is no folder, and nobody to
    // ask.
    const char *command_what, *command_advice;
    // The same file may be taken when it comes again.
    bool again;
};

static const struct reason reasons[DM_REASON_COUNT] = {
    [DM_REASON_NONE] = {"none", "Nothing is wrong with this file.", "There is nothing to do."},
    [DM_REASON_EMPTY] =
        {
            "empty",
            "The file is empty: it has a name, but nothing is inside.",
            "Copy the picture here again from where it came from, and look whether it opens there.",
            .command_advice = "Copy it again from where it came from.",
        },
    [DM_REASON_NOT_AN_IMAGE] =
        {
            "not-an-image",
            "This does not look like a picture.",
            "Only pictures can be processed here. If it is meant to be one, open it in a photo "
            "program "
            "and save it again as JPEG or PNG.",
            .command_advice = "Is it meant to be a picture, save it again as JPEG or PNG.",
        },
    [DM_REASON_UNSUPPORTED_FORMAT] =
        {
            "unsupported-format",
            "This is a kind of picture that cannot be read here.",
            "Open it in a photo program, save it as JPEG, PNG or TIFF, and drop that one.",
            .command_what = "This is a kind of file that cannot be read.",
            .command_advice = "Save it as JPEG, PNG or TIFF first.",
        },
    [DM_REASON_TRUNCATED] =
        {
            "truncated",
            "The picture ends too early: a part of the file is missing.",
            "It was probably not copied to its end. Copy it here again from where it came from.",
            .command_advice =
                "It was probably not copied to its end: copy it again from where it came from.",
        },
    [DM_REASON_DAMAGED] =
        {
            "damaged",
            "The picture is damaged and cannot be opened.",
            "Look whether it opens in a photo program. If it does, save it again there and drop "
            "that "
            "one; if not, take another copy of the picture.",
            .command_advice = "If another program opens it, save it again there.",
        },
    [DM_REASON_TOO_LARGE] =
        {
            "too-large",
            "The picture is larger than is allowed here, or would become so.",
            "Make it smaller in a photo program, or ask your administrator to allow larger "
            "pictures.",
            .command_what = "The picture is larger than is allowed, or would become so.",
            .command_advice = "Make it smaller first, or raise limits.max_file or "
                              "limits.max_pixels, see dropmill.conf(5).",
            .again = true,
        },
    [DM_REASON_BAD_STEP] =
        {
            "bad-step",
            "What the folder's name asks for cannot be done with this picture.",
            "The details below say what it was. Put the picture into another folder, for "
            "example one that cuts out a smaller piece.",
            .command_what = "What --with asks for cannot be done with this picture.",
            .command_advice = "The message says why; another --with may do, say one that cuts out "
                              "a smaller piece.",
            .again = true,
        },
    [DM_REASON_UNREADABLE] =
        {
            "unreadable",
            "The file was there, but it could not be read.",
            "Copy it here again. If that does not help, ask your administrator to look at the "
            "file's "
            "permissions and at the disk.",
            .command_what = "The file is there, but it cannot be read.",
            .command_advice = "Look at its permissions, and at the disk.",
            .again = true,
        },
    [DM_REASON_CANNOT_WRITE] =
        {
            "cannot-write",
            "The result could not be saved: the place for results is full or does not take new "
            "files.",
            "Ask your administrator to look at it. Your picture is safe and is tried again by "
            "itself.",
            .command_advice =
                "Is the disk full, or may you not write there? Then run it again with --update.",
            .again = true,
        },
    [DM_REASON_NAME_TAKEN] =
        {
            "name-taken",
            "Something else has the name under which the result was to be made.",
            "There is nothing to do: it is made under another name.",
        },
    [DM_REASON_CHANGED] =
        {
            "changed",
            "The file was changed or taken away while it was being read.",
            "Wait until whatever writes the file is done, then drop it again.",
            .command_what = "The file was changed or taken away while it was being read.",
            .command_advice = "Run it again, with --update, when nothing writes the file any more.",
            .again = true,
        },
    [DM_REASON_WORKER_CRASH] =
        {
            "worker-crash",
            "Something in this picture made the image program stop, twice.",
            "Open the picture in a photo program, save it again and drop that one. Please show "
            "this "
            "note to your administrator.",
            .command_advice =
                "Save it again in another program. It is a defect all the same: please report it.",
            .again = true,
        },
    [DM_REASON_TIMEOUT] =
        {
            "timeout",
            "Processing this picture took far too long and was given up, twice.",
            "Try a smaller picture or a simpler folder name, or ask your administrator to allow "
            "more "
            "time.",
            .command_advice =
                "Make the picture smaller first, or raise limits.deadline, see dropmill.conf(5).",
            .again = true,
        },
    [DM_REASON_STOPPED] =
        {
            "stopped",
            "You stopped this.",
            "To run it after all, move it back.",
        },
    [DM_REASON_INTERNAL] =
        {
            "internal",
            "Something went wrong that is not your picture's fault.",
            "Try it again. If it happens again, please show this note to your administrator.",
            .command_advice = "Run it again. If it happens again it is a defect: please report it.",
            .again = true,
        },
};

static const struct reason *find(enum dm_reason reason) {
    bool known = (int)reason >= 0 && reason < DM_REASON_COUNT;
    return &reasons[known ? reason : DM_REASON_INTERNAL];
}

const char *dm_reason_name(enum dm_reason reason) {
    return find(reason)->name;
}

enum dm_reason dm_reason_from_name(const char *name) {
    for (int i = 0; i < DM_REASON_COUNT; i++) {
        if (strcmp(reasons[i].name, name) == 0) {
            return (enum dm_reason)i;
        }
    }
    return DM_REASON_INTERNAL;
}

const char *dm_reason_what(enum dm_reason reason) {
    return find(reason)->what;
}

const char *dm_reason_advice(enum dm_reason reason) {
    return find(reason)->advice;
}

const char *dm_reason_command_what(enum dm_reason reason) {
    const struct reason *row = find(reason);
    return row->command_what != NULL ? row->command_what : row->what;
}

const char *dm_reason_command_advice(enum dm_reason reason) {
    const struct reason *row = find(reason);
    return row->command_advice != NULL ? row->command_advice : row->advice;
}

bool dm_reason_helps_again(enum dm_reason reason) {
    return find(reason)->again;
}
