// SPDX-License-Identifier: MIT
//
// Messages that an administrator may want to look for by what they mean: each bears an id, by which
// the journal finds them (journalctl MESSAGE_ID=...) and explains them (journalctl -x). What is
// explained stands in packaging/journald/dropmill.catalog, an entry for each id here.
#ifndef DM_COMMON_LOG_EVENT_H
#define DM_COMMON_LOG_EVENT_H

#define DM_EVENT_WATCHING "eee5413811934c74b63c983fcebbf28d"
#define DM_EVENT_REFUSED "4b8d0c23b315414aa3d11cfb76b32275"
#define DM_EVENT_SHARE_AWAY "04fc1b3095024d5aa2b78f6544cb1bec"
#define DM_EVENT_SHARE_BACK "a72c169b63d24af1aadee7e65dd0b6c6"
#define DM_EVENT_JOB_DIED "fba7d230a2804078aef50081c2b56bc0"
#define DM_EVENT_ACCUSED "a22e69fa7a3047518d0d32f4d5e389c8"

#endif
