// SPDX-License-Identifier: MIT
//
// Names: what a key below the prefix says, and the keys that are ours. A key comes from anybody who
// may write there: what would not stay in the inbox, or would not be seen by it, is refused. Pure.
#ifndef DM_WATCHER_S3_INBOX_NAMES_H
#define DM_WATCHER_S3_INBOX_NAMES_H

#include <stdbool.h>

/** Say whether @key is one of the S3 inbox's own: the claim, an answer, what was moved. */
bool dm_s3_name_is_own(const char *prefix, const char *key);

/** What stands behind the prefix: the path in the inbox, if dm_s3_name_objection() has nothing
 * against it. Points into @key; NULL: it is not below the prefix. */
const char *dm_s3_name_path(const char *prefix, const char *key);

/**
 * Why there can be no such file in the inbox: a sentence, a literal; NULL if there can be one.
 * @ret_reason: a word for it: "folder", "name" or "loose".
 */
const char *dm_s3_name_objection(const char *prefix, const char *key, const char **ret_reason);

/** The keys of the claim, of the answer to @key, and of where @key is moved to; (transfer full). */
char *dm_s3_name_claim(const char *prefix);
char *dm_s3_name_answer(const char *prefix, const char *key);
char *dm_s3_name_taken(const char *prefix, const char *key);

/** If @key is an answer, or was moved: a key that sorts behind all of its kind and before whatever
 * follows, (transfer full); else NULL. */
char *dm_s3_name_behind(const char *prefix, const char *key);

/** A key that sorts before all below the prefix, and as few others as may be; (transfer full). */
char *dm_s3_name_start(const char *prefix);

/** A key that sorts behind all below the prefix; (transfer full). */
char *dm_s3_name_end(const char *prefix);

#endif
