// SPDX-License-Identifier: MIT
//
// The way by a share that is mounted here: files are copied into a folder of its inbox, CHAIN/NAME,
// each under a hidden name until it is whole; its ledger says what became of them, and results are
// copied out of its outbox.
#ifndef DM_WATCHER_CLI_SEND_SHARE_H
#define DM_WATCHER_CLI_SEND_SHARE_H

#include "watcher/cli/send.h"

extern const struct dm_send_way dm_send_way_share;

#endif
