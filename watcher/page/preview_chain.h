// SPDX-License-Identifier: MIT
//
// A chain for a preview: what the worker shall do with a smaller copy of a picture, or with a piece
// of it, so that what comes out looks like the result, or like a piece of the result. By what the
// catalogue says of operations and units alone; how: the essay in preview_chain.c. Pure. Who has it
// done: pictures.h.
#ifndef DM_WATCHER_PAGE_PREVIEW_CHAIN_H
#define DM_WATCHER_PAGE_PREVIEW_CHAIN_H

#include "common/catalogue.h"
#include "common/chain.h"
#include "common/extent.h"

#include <glib.h>
#include <stdbool.h>

/** What is given. */
enum dm_preview_mode {
    DM_PREVIEW_WHOLE,  // a smaller copy of the whole picture
    DM_PREVIEW_DETAIL, // a piece of the picture, its pixels as they are
    DM_PREVIEW_FILE,   // the file itself
};

/** Find a mode by its name, "whole" "detail" "file". False: there is none. */
bool dm_preview_mode_from_name(const char *name, enum dm_preview_mode *ret);

/** And of what. */
struct dm_preview_view {
    enum dm_preview_mode mode;
    // Width and height of the picture, upright, and of the copy or piece; FILE: not looked at.
    struct dm_extent original, given;
    // The original is a JPEG, and so is what comes of a chain that does not choose.
    bool of_jpeg;
};

struct dm_preview_chain {
    // For the worker; it writes JPEG.
    char *text;
    // What the result of the whole picture will measure; 0x0: not known.
    struct dm_extent result;
    // It will measure exactly that; else about.
    bool exact;
    // How many pixels of the preview there are for one of the result, across: 1 or less.
    double scale;
    // How many pixels of the result there are for one of the original, across; by this the browser
    // knows how large a piece it has to give.
    double ratio;
    // How many bytes the result has for one of the preview, about (within a half of it, mostly); 0:
    // nobody can say.
    double bytes;
    // It differs from the result in kind: a step looks at pixels that a copy does not have, or at
    // where in the picture a piece lies.
    bool rough;
};

/**
 * Make it. @catalogue: of which @chain is. Errors: DM_ERROR_INPUT, a step cannot be applied to a
 * picture of that size.
 */
bool dm_preview_chain_make(const struct dm_catalogue *catalogue, const struct dm_chain *chain,
                           const struct dm_preview_view *view, struct dm_preview_chain *ret,
                           GError **error);

void dm_preview_chain_clear(struct dm_preview_chain *preview);

#endif
