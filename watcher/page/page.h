// SPDX-License-Identifier: MIT
//
// What the routes of the page share.
//
//   dropmill-page.c   options, configuration, builds all this and runs the main loop
//   server            HTTP; guard: may this pass? access: who asks?; request: what a route sees
//   routes            the table of routes
//   page.c            what they all ask: is it working, what may be sent
//   listen            where it listens, and who may come in there
//   presence          what the service manager hears of it
//   board             what is going on, from the ledger and the daemon's status
//   board_drop        a drop on it: how fast it goes, when it is counted again (pure)
//   ask               the daemon's control socket
//   expected          what senders have announced
//   drop_id           how a drop is called in an address
//   events            what has changed, to those who listen; metrics: figures
//   file_stream       a file of the share, piece by piece; download: what its headers say
//   zip, zip_names    a ZIP file as it is made, and the names in it
//   api_files, api_zip                                  results, originals
//   api_state, api_catalogue, api_drops, api_actions    JSON
//   api_pictures      thumbnails, previews; pictures: their jobs, by thumb_cache, picture_size and
//                     preview_chain, preview_lengths; alone: the worker that makes them
//   views, html       HTML; assets: styles and scripts
#ifndef DM_WATCHER_PAGE_PAGE_H
#define DM_WATCHER_PAGE_PAGE_H

#include "common/catalogue.h"
#include "watcher/config.h"
#include "watcher/page/access.h"
#include "watcher/page/board.h"
#include "watcher/page/expected.h"
#include "watcher/page/pictures.h"
#include "watcher/page/request.h"
#include "watcher/page/server.h"
#include "watcher/places.h"
#include "watcher/share/share.h"

struct dm_events;

struct dm_page {
    const struct dm_config *config;
    const struct dm_places *places;
    const struct dm_catalogue *catalogue;
    char *state_dir;
    struct dm_access *access;
    struct dm_expected_store *expected;
    struct dm_board *board;
    struct dm_events *events;
    struct dm_share *share;
    struct dm_alone *alone;
    struct dm_pictures *pictures;
    struct dm_server *server;
};

/** Answer with @answer when the board is fresh; nothing happens if the client leaves before. */
void dm_page_fresh(struct dm_page *page, struct dm_request *request,
                   void (*answer)(struct dm_page *page, struct dm_request *request));

/** How dropmill is. */
struct dm_mood {
    // "working", "idle", "paused", "offline", "gone".
    const char *state;
    // "Working".
    const char *words;
    // "61 pictures a second"; "" if there is nothing to say.
    char *detail;
};
/** Of the board as it is; cleared by the caller. */
void dm_page_mood(const struct dm_page *page, struct dm_mood *ret);
void dm_mood_clear(struct dm_mood *mood);

/** The largest file that may be sent. */
int64_t dm_page_max_file_bytes(const struct dm_page *page);

/** How many problems there are: pictures that failed, and folders. */
int64_t dm_page_problems(const struct dm_page *page);

/** The state of a drop: "sending", "waiting", "processing", "done". */
const char *dm_page_drop_state(const struct dm_board_drop *drop);

/** The states (bits) that "done", "failed" or "waiting" stands for; any other word: all. */
unsigned dm_page_states(const char *name);

/** What a line of the history tells: "IMG_1.jpg done"; NULL: nothing for people; (transfer full).
 */
char *dm_page_log_words(const struct dm_history *line);

/** Say whether a folder may be called @name. */
bool dm_page_understands(const struct dm_page *page, const char *name);

#endif
