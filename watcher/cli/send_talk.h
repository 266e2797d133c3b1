// SPDX-License-Identifier: MIT
//
// What a dropmill that takes from a bucket says there, as small JSON objects, and where: what it is
// and where its results and answers go (<prefix>.dropmill.json); what became of an input
// (<answers><chain>/<name>.json). Pure. The other side can be anybody who may write there.
#ifndef DM_WATCHER_CLI_SEND_TALK_H
#define DM_WATCHER_CLI_SEND_TALK_H

#include <glib.h>
#include <stdbool.h>

/** BUCKET[/PREFIX] of a command line: the prefix ends with a slash unless it is "". (transfer full)
 * Errors: DM_ERROR_CONFIG. */
bool dm_send_split_place(const char *text, char **ret_bucket, char **ret_prefix, GError **error);

/** Who takes inputs. Owns its texts. */
struct dm_send_host {
    char *host, *version;
    // Prefixes of keys.
    char *results, *answers;
};

/** Read it. Errors: DM_ERROR_REMOTE. */
bool dm_send_read_host(const char *text, struct dm_send_host *ret, GError **error);
void dm_send_host_clear(struct dm_send_host *host);

/** What became of an input. Owns its texts. */
struct dm_send_answer {
    // Which version of it.
    char *etag;
    bool is_done;
    // Done: keys. NULL-terminated.
    char **results;
    // Not done: a word, and a sentence.
    char *reason, *message;
};

/** Read it. Errors: DM_ERROR_REMOTE. */
bool dm_send_read_answer(const char *text, struct dm_send_answer *ret, GError **error);
void dm_send_answer_clear(struct dm_send_answer *answer);

/** Where the result @key goes in the directory of --get: its path below @folder (the results of the
 * send), else its last name; (transfer full). NULL: it would lead out of it, or be hidden. */
char *dm_send_path_of(const char *folder, const char *key);

#endif
