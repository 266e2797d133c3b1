// SPDX-License-Identifier: MIT
//
// Fetching: objects on their way from the bucket into temporaries on the share. What comes is
// looked at: its size; the sha256 that its sender said; if he said none, its ETag where that is an
// MD5 (where it only looks like one, two fetches that agree outweigh it). What is whole is written
// down as FETCHED; duties.h goes on from there. What is another object by now (412), or gone, is
// left to the next pass.
#ifndef DM_WATCHER_S3_INBOX_FETCH_H
#define DM_WATCHER_S3_INBOX_FETCH_H

#include "watcher/s3_inbox/work.h"

/** Begin with as many of those that are ready as the pace allows. */
void dm_s3_fetch_some(struct dm_s3_inbox *inbox);

#endif
