// SPDX-License-Identifier: MIT
//
// Inside the ledger: who had the last turn, of the folders of the inbox and, in each, of its
// subfolders. Pure; below db.h, which has one. What turns are for: in_turn.c.
#ifndef DM_WATCHER_LEDGER_TURN_ORDER_H
#define DM_WATCHER_LEDGER_TURN_ORDER_H

struct dm_turn_order;

/** One in which nobody has had a turn. */
struct dm_turn_order *dm_turn_order_new(void);
/** Accepts NULL. */
void dm_turn_order_free(struct dm_turn_order *order);

/** The file @path, relative to the inbox, has its turn. */
void dm_turn_order_note(struct dm_turn_order *order, const char *path);

/** The folder that had the last turn, and the subfolder that had the last of @folder's; "" is the
 * place above them, NULL: none had. */
const char *dm_turn_order_folder(const struct dm_turn_order *order);
const char *dm_turn_order_subfolder(const struct dm_turn_order *order, const char *folder);

#endif
