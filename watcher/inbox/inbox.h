// SPDX-License-Identifier: MIT
//
// The inbox: notices what was dropped and proves it finished. Events are hints, the directory is
// the truth: inotify and the sweep both end in one reconcile of a directory. Inside:
//
//   notify        inotify
//   dirs          the directories that are known
//   plan          what is to be looked at next
//   sweep         one look at one directory, a job of the share
//   glance        which directories have changed? another one
//   reconcile     what is on disk meets what the ledger believes
//   refused       what could not be looked at: the share has to prove itself
//   settle        is a file finished? (pure), pending: the files that are not yet
//   settling      a look at one of them; late: those that nobody finishes
//   probe         a look into one: its end, holes, who has it open
//   trigger       a second file that says that one is finished
//   habits        what holds in a directory: configured waits, and what was learned
//   ignore        litter of desktops, temporary names (pure)
//   folders       what the names of folders mean, folder_notes: texts for people
#ifndef DM_WATCHER_INBOX_INBOX_H
#define DM_WATCHER_INBOX_INBOX_H

#include "common/chain.h"
#include "watcher/inbox/settings.h"
#include "watcher/ledger/ledger.h"
#include "watcher/share/share.h"
#include "watcher/wake.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/** Copied; what it points to is borrowed for the inbox's life. */
struct dm_inbox_config {
    const struct dm_catalogue *catalogue;
    // Name -> text.
    GHashTable *recipes;
    struct dm_inbox_settings settings;
    // Files stay when they are done or have failed: only another state of one is news.
    bool leave;
};

/** What status shows. */
struct dm_inbox_status {
    // Why folders are left alone or polled; "" if nothing is wrong.
    char problem[256];
    // Files seen and not yet proved finished.
    int64_t settling;
    // Of these, how many have not changed for 10 minutes; the one that has waited longest, and for
    // what, or "".
    int64_t late;
    char late_file[512];
    // Chain folders.
    int64_t folders;
    // Directories that are looked at again and again, since nobody tells of all changes in them.
    int64_t polled;
    // How often events were lost, and everything was looked at.
    int64_t overflows;
    // When the folders were last looked at, whatever the kernel tells; 0: not yet.
    int64_t scanned_utc_us;
};

struct dm_inbox;

/** Start watching. @ledger and @share are borrowed, @wake is copied. */
struct dm_inbox *dm_inbox_new(const struct dm_inbox_config *config, struct dm_ledger *ledger,
                              struct dm_share *share, const struct dm_wake *wake);

/**
 * Stop watching and free. Accepts NULL. Stop the share first: our jobs on it point into the inbox,
 * and dm_share_stop() hands them all back. The ledger is not touched.
 */
void dm_inbox_free(struct dm_inbox *inbox);

/**
 * Do what is due. The first turn looks at everything. The main context of the thread watches for
 * events and calls the wake when there are some. Returns when (monotonic us) the next turn is
 * wanted; INT64_MAX: on events only.
 */
int64_t dm_inbox_turn(struct dm_inbox *inbox, int64_t now_us);

/** Read every directory again now. */
void dm_inbox_sweep(struct dm_inbox *inbox);

/** Why a file at @path (relative to the inbox) would not be worked on: its folder is not
 * understood, or its name is one that is left alone; a sentence, (transfer full). NULL: it would.
 */
char *dm_inbox_objection(const struct dm_inbox *inbox, const char *path);

void dm_inbox_status(const struct dm_inbox *inbox, struct dm_inbox_status *ret);

#endif
