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
#define DM_EVENT_NOTICE_LOST "cfea8b35c58a4dd697f3ea8e5b29b9f1"

#define DM_EVENT_DONE "a07faa265ef04b2bb5c98956345cbc56"
#define DM_EVENT_FAILED "38b0c4b46ad343c79466bbcb677ed21b"
#define DM_EVENT_STOPPED "e91d080f20f2490bb64de4fc8e2c13ef"
#define DM_EVENT_MIRRORED "54b57aa0120b4957a471eacda6f0876f"
#define DM_EVENT_NOT_MIRRORED "88d4fce18ce14a43af91380222ec7659"
#define DM_EVENT_TAKEN "d63c4e94312b4918abb587aa5fbb3992"
#define DM_EVENT_NOT_TAKEN "085098f1e70b49c0838151309b9d5447"
#define DM_EVENT_JOB_UP "d4b20fcb816f48d8bdc5c6074165112e"
#define DM_EVENT_JOB_ENDED "0c37c31ae24d4ab29bbbfc188cf151e9"

#endif
