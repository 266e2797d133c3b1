// SPDX-License-Identifier: MIT
//
// Small pictures for the page: thumbnails of results, and previews of what a chain would make of a
// picture that nobody has sent yet. They are made by the page's own worker (alone.h), so that no
// stranger's bytes are decoded here. On the main loop; nothing waits, apart from files of our own.
// Knows nothing of HTTP. Inside: preview_chain.h (what is done for a preview), picture_size.h,
// thumb_cache.h.
#ifndef DM_WATCHER_PAGE_PICTURES_H
#define DM_WATCHER_PAGE_PICTURES_H

#include "common/catalogue.h"
#include "common/extent.h"
#include "common/reason.h"
#include "watcher/page/alone.h"
#include "watcher/page/preview_chain.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Copied; what it points to is borrowed for its life. */
struct dm_pictures_config {
    const struct dm_catalogue *catalogue;
    // (nullable) name -> chain.
    GHashTable *recipes;
    struct dm_picture_maker maker;
    // A directory for this alone, which is made if need be: inputs and pictures are there while
    // they are worked on. What an earlier process left in it goes.
    const char *dir;
    // Of all thumbnails that are kept; 0: 64 MB.
    int64_t cache_bytes;
    // Of a picture, as for any task; deadline_ms: of one of two tries.
    int64_t max_bytes, max_pixels, max_pages, deadline_ms;
    // A preview that waits longer is not made; 0: 10 s.
    int64_t patience_us;
};

/** How it ended. */
enum dm_picture_outcome {
    DM_PICTURE_MADE,       // `jpeg`
    DM_PICTURE_FAILED,     // the picture's own fault: `reason`, `message`
    DM_PICTURE_CHAIN,      // the chain is not understood: `message`, `suggestion`
    DM_PICTURE_BUSY,       // too much is wanted: try later
    DM_PICTURE_SUPERSEDED, // the same client wants another one
    DM_PICTURE_TROUBLE,    // ours: `message`
};

/** What became of it; all of it is borrowed, for the call. */
struct dm_picture_answer {
    enum dm_picture_outcome outcome;
    GBytes *jpeg;
    enum dm_reason reason;
    // What failed, for an administrator; never NULL.
    const char *message;
    // (nullable) The chain that was meant.
    const char *suggestion;

    // Of a preview: what the result of the whole picture will measure, 0x0: not known; exactly, or
    // about; pixels of the preview for one of the result, and of the result for one of the
    // original.
    struct dm_extent result;
    bool exact;
    double scale, ratio;
    // Of the result, about; 0: nobody can say.
    int64_t bytes;
    // It shows how the result will look only in part: see struct dm_preview_chain.
    bool rough;
};

typedef void (*dm_picture_done)(void *data, const struct dm_picture_answer *answer);

/** A result, as the ledger knows it. */
struct dm_picture_row {
    int64_t row;
    // Another for another content: the thumbnail is made again.
    int64_t generation;
    // The outbox, what stands there (nullable: not known), and the result in it.
    const char *root;
    const struct dm_mark *mark;
    const char *path;
};

/** What a preview is of. */
struct dm_picture_preview {
    // Who wants it: of one client the newest is made.
    const char *client;
    // As somebody wrote it.
    const char *chain;
    enum dm_preview_mode mode;
    // Of the original, upright; FILE: 0x0.
    struct dm_extent original;
    // The original is a JPEG.
    bool of_jpeg;
    // The copy, the piece, or the file.
    GBytes *bytes;
};

struct dm_pictures;

/** Errors: DM_ERROR_SYSTEM, the directory cannot be made. */
struct dm_pictures *dm_pictures_new(const struct dm_pictures_config *config, GError **error);

/** Free it, before its maker; nobody is called any more. Accepts NULL. */
void dm_pictures_free(struct dm_pictures *pictures);

/**
 * Have a picture. @done is called once, unless it is cancelled. Returns the request for
 * dm_pictures_cancel(), good until @done is called; NULL: @done has been called already.
 */
struct dm_picture_request *dm_pictures_thumb(struct dm_pictures *pictures,
                                             const struct dm_picture_row *row, dm_picture_done done,
                                             void *data);
struct dm_picture_request *dm_pictures_preview(struct dm_pictures *pictures,
                                               const struct dm_picture_preview *preview,
                                               dm_picture_done done, void *data);

/** @request's caller has gone: what only he waits for is not begun. */
void dm_pictures_cancel(struct dm_pictures *pictures, struct dm_picture_request *request);

#endif
