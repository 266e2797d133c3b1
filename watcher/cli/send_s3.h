// SPDX-License-Identifier: MIT
//
// The way by a bucket that a dropmill takes from (its s3_inbox), where its results go as well. In
// the bucket, with PREFIX/ as the command line says it:
//
//   PREFIX/.dropmill.json                     who takes inputs; where results and answers go
//   PREFIX/CHAIN/NAME/trip/a.jpg              an input; NAME is this send's folder
//   <answers>CHAIN/NAME/trip/a.jpg.json       what became of it
//   <results>CHAIN/NAME/trip/a.jpg            a result, as the answer says
#ifndef DM_WATCHER_CLI_SEND_S3_H
#define DM_WATCHER_CLI_SEND_S3_H

#include "watcher/cli/send.h"

extern const struct dm_send_way dm_send_way_s3;

#endif
