// SPDX-License-Identifier: MIT
//
// How a drop is called in an address: its path in base64url, without padding. Pure.
#ifndef DM_WATCHER_PAGE_DROP_ID_H
#define DM_WATCHER_PAGE_DROP_ID_H

/** (transfer full) */
char *dm_drop_id(const char *drop);

/** The drop that @id names: no "..", at most two parts; NULL: it is none; (transfer full). */
char *dm_drop_from_id(const char *id);

/** What people call it: its last part; (transfer full), UTF-8. */
char *dm_drop_title(const char *drop);

/** Its chain folder, as people read it; (transfer full). */
char *dm_drop_chain(const char *drop);

#endif
