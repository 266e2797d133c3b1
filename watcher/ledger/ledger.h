// SPDX-License-Identifier: MIT
//
// The ledger: the only memory of the watcher, and the only room that knows SQL. Rooms read rows,
// report facts as events, and never talk to each other.
//
// The life of a file
//
//   state      means                                     on disk                          left by
//   SEEN       noticed, not yet proved finished          original in inbox                inbox
//   READY      finished by evidence, waits for a batch   same                             engine
//   RUNNING    in batch N of job J, attempt K            same, perhaps a temporary        engine
//   COMPUTED   worker reported a whole temporary         original + temporary             outbox
//   PUBLISHED  final name visible, perhaps not on disk   original + result                outbox
//   DONE       original retired; terminal                result, original in originals/   a new
//   drop FAILED     reason recorded; terminal once retired    failed/ with its note            a
//   new drop PARKED     the world refuses; retried slowly         unchanged outbox
//
//   event      from -> to
//   settled    SEEN -> READY
//   changed    SEEN READY RUNNING COMPUTED PUBLISHED PARKED -> SEEN
//   dispatched READY -> RUNNING                    (attempt + 1)
//   lost       RUNNING COMPUTED PUBLISHED -> READY (the job died; the temporary or result is not
//   there) computed   RUNNING -> COMPUTED refused    RUNNING READY -> FAILED published  COMPUTED ->
//   PUBLISHED retired    PUBLISHED -> DONE, FAILED -> FAILED (`retired` is set: the original has
//   left the inbox) blocked    RUNNING COMPUTED PUBLISHED FAILED -> PARKED resumed    PARKED ->
//   READY, or where it was parked from dropped    DONE FAILED -> SEEN                 (generation +
//   1) gone       SEEN READY PARKED -> the row is deleted (the user took the file away)
//
// Writing functions return nothing: the first failure sticks, all that follows is ignored, and
// dm_ledger_commit() reports it. Everything written since the last commit is one transaction.
// Threads: the main loop only. Other processes (the CLI) open it read-only.
#ifndef DM_WATCHER_LEDGER_LEDGER_H
#define DM_WATCHER_LEDGER_LEDGER_H

#include "common/wire.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum dm_state {
    DM_STATE_SEEN,
    DM_STATE_READY,
    DM_STATE_RUNNING,
    DM_STATE_COMPUTED,
    DM_STATE_PUBLISHED,
    DM_STATE_DONE,
    DM_STATE_FAILED,
    DM_STATE_PARKED,
    DM_STATE_COUNT,
};

enum dm_fact {
    DM_FACT_SETTLED,
    DM_FACT_CHANGED,
    DM_FACT_DISPATCHED,
    DM_FACT_LOST,
    DM_FACT_COMPUTED,
    DM_FACT_REFUSED,
    DM_FACT_PUBLISHED,
    DM_FACT_RETIRED,
    DM_FACT_BLOCKED,
    DM_FACT_RESUMED,
    DM_FACT_DROPPED,
    DM_FACT_GONE,
    DM_FACT_COUNT,
};

/** One file that somebody dropped. A plain record; strings are owned, never NULL ("" instead). */
struct dm_row {
    int64_t id;
    enum dm_state state;
    enum dm_state parked_from; // meaningful in PARKED
    char *path;                // relative to the inbox (bytes); unique
    char *chain;               // expanded canonical chain; set before SETTLED
    struct dm_fingerprint fingerprint;
    int64_t generation; // 1 for the first drop at this path
    int64_t attempt;    // of this generation
    int64_t job;        // the session that has or had it
    int64_t batch;
    bool suspect;    // was in flight when a rank died: runs alone
    int64_t crashes; // how often it was the suspect of a death
    char *temp;      // relative to the outbox: a temporary that may exist
    char *output;    // relative to the outbox: the final name that this row has claimed
    bool retired;    // FAILED: the original is in failed/
    enum dm_reason reason;
    char *message;
    char *format;
    int64_t width_px, height_px, bytes, elapsed_us; // of the result
    char *host;
    int64_t rank;
    int64_t seen_utc_us;       // of this generation
    int64_t state_utc_us;      // since when it is in this state
    int64_t not_before_utc_us; // PARKED: when to try again
};

/** Free a row. Accepts NULL. */
void dm_row_free(struct dm_row *row);

/** `DM_AUTO_ROW struct dm_row *row = ...`: it is freed where the block is left. */
#define DM_AUTO_ROW __attribute__((cleanup(dm_row_free_at)))
void dm_row_free_at(struct dm_row **row);

/** Replace an owned string of a row: `dm_row_set(&row->temp, name)`. */
void dm_row_set(char **field, const char *value);

/** "seen", "ready", ...; and back: DM_STATE_COUNT when unknown. */
const char *dm_state_name(enum dm_state state);
enum dm_state dm_state_from_name(const char *name);
const char *dm_fact_name(enum dm_fact fact);

/**
 * Where @fact leads from @state by the grid above: the next state; DM_STATE_COUNT when the row is
 * deleted; -1 when the grid forbids it. Pure. (PARKED + RESUMED gives READY; see dm_ledger_move.)
 */
int dm_transition(enum dm_state state, enum dm_fact fact);

struct dm_ledger;

/**
 * Open or make the ledger at @path (":memory:" for one that dies with the process).
 * @read_only: for the CLI; the file must exist. Errors: DM_ERROR_SYSTEM; DM_ERROR_CONFIG when it
 * was made by a newer dropmill.
 */
struct dm_ledger *dm_ledger_open(const char *path, bool read_only, GError **error);

/** Roll back what was not committed and close. Accepts NULL. */
void dm_ledger_free(struct dm_ledger *ledger);

/**
 * Let @utc_us say what time it is (microseconds since 1970) when a row is inserted or moves; until
 * then the system does. A hook, and no time of the turn: results and file work come in between two
 * turns, when that of the last one is long past.
 */
void dm_ledger_set_clock(struct dm_ledger *ledger, int64_t (*utc_us)(void *data), void *data);

/** Make everything written since the last commit durable (as WAL at NORMAL is), or say what failed.
 */
bool dm_ledger_commit(struct dm_ledger *ledger, GError **error);

/** A number that grows with every write: has anything happened since I looked? */
uint64_t dm_ledger_changes(const struct dm_ledger *ledger);

/** Which rows: all conditions hold; zero means "any". */
struct dm_query {
    unsigned states;    // bits 1u << DM_STATE_x
    int64_t after_id;   // only ids above
    int64_t limit;      // at most so many; 0: no limit
    const char *under;  // path is below this directory: "blur-5"
    bool suspects;      // only suspects
    bool no_suspects;   // no suspects
    bool litter;        // temp is not ""
    bool no_litter;     // temp is ""
    bool not_retired;   // `retired` is false
    int64_t due_utc_us; // not_before_utc_us is at most this
    int64_t job;        // of this session
};

/** The rows that @query asks for, in order of id: a GPtrArray of struct dm_row (transfer full). */
GPtrArray *dm_ledger_list(struct dm_ledger *ledger, const struct dm_query *query);

/** One row by id or path, or NULL; (transfer full). */
struct dm_row *dm_ledger_get(struct dm_ledger *ledger, int64_t id);
struct dm_row *dm_ledger_find(struct dm_ledger *ledger, const char *path);

/** How many rows are in each state. */
void dm_ledger_count(struct dm_ledger *ledger, int64_t ret_counts[DM_STATE_COUNT]);

/** A new file in state SEEN, to be made by @chain ("": not known yet); (transfer full). */
struct dm_row *dm_ledger_insert(struct dm_ledger *ledger, const char *path, const char *chain,
                                const struct dm_fingerprint *fingerprint);

/**
 * Report @fact about @row: write all its fields and its new state, and a line of history. What the
 * grid says of a state change is done to the record here: DISPATCHED counts the attempt; CHANGED,
 * DROPPED reset attempt, suspect, crashes, reason, message, retired; DROPPED counts the generation
 * and the time seen; BLOCKED remembers where it was parked from (RUNNING: READY); GONE deletes (do
 * not use @row again but to free it). A fact that the grid forbids is a programming mistake:
 * assertion.
 */
void dm_ledger_move(struct dm_ledger *ledger, struct dm_row *row, enum dm_fact fact);

/** Write all fields of @row; its state is not changed and nothing is added to the history. */
void dm_ledger_save(struct dm_ledger *ledger, const struct dm_row *row);

/**
 * Who owns an output name (relative to the outbox): an inbox path (transfer full), or NULL.
 * @ret_placed: (nullable) whether a file of the owner was ever put there.
 */
char *dm_ledger_output_owner(struct dm_ledger *ledger, const char *output, bool *ret_placed);

/** What became of a claim. */
enum dm_claim {
    DM_CLAIM_NEW,    // the name was free and is ours from now on: commit before it is used
    DM_CLAIM_OURS,   // it was ours, and no file of ours was ever there
    DM_CLAIM_PLACED, // it was ours, and what is there may be ours: it may be replaced
    DM_CLAIM_OTHERS, // another input owns it; nothing has changed
};

/** Let the input @path own @output from now on, if nobody does. (After a failure: OTHERS.) */
enum dm_claim dm_ledger_claim_output(struct dm_ledger *ledger, const char *output,
                                     const char *path);

/** Remember that a file of its owner was put at @output. */
void dm_ledger_output_placed(struct dm_ledger *ledger, const char *output);

/** Give a claimed name back; one at which a file was placed stays its owner's. */
void dm_ledger_release_output(struct dm_ledger *ledger, const char *output);

/** A number for the next session. */
int64_t dm_ledger_next_job(struct dm_ledger *ledger);

/** Remember that we put an original at @path (relative to originals/) and may delete it after a
 * time. */
void dm_ledger_keep_original(struct dm_ledger *ledger, const char *path, int64_t until_utc_us);

/** At most @limit originals whose time is up: GPtrArray of char * (transfer full). */
GPtrArray *dm_ledger_expired_originals(struct dm_ledger *ledger, int64_t now_utc_us, int64_t limit);
void dm_ledger_forget_original(struct dm_ledger *ledger, const char *path);

/** A folder of the inbox that has a problem: its name is not understood, or files lie loose in "".
 */
struct dm_folder_problem {
    char *folder;     // "" for files loose in the inbox
    char *message;    // why
    char *suggestion; // "" if none
};
void dm_folder_problem_free(struct dm_folder_problem *problem);
void dm_ledger_set_folder_problem(struct dm_ledger *ledger, const char *folder, const char *message,
                                  const char *suggestion);
void dm_ledger_clear_folder_problem(struct dm_ledger *ledger, const char *folder);
/** All of them, by name: GPtrArray of struct dm_folder_problem (transfer full). */
GPtrArray *dm_ledger_folder_problems(struct dm_ledger *ledger);

/** One line of the history of a path. */
struct dm_history {
    int64_t utc_us;
    char *path;
    char *fact;          // as dm_fact_name()
    enum dm_state state; // after it
    enum dm_reason reason;
    char *message;
};
void dm_history_free(struct dm_history *line);
/** The newest @limit lines, newest first, of @path or (NULL) of all: GPtrArray of struct
 * dm_history. */
GPtrArray *dm_ledger_history(struct dm_ledger *ledger, const char *path, int64_t limit);
/** Delete history, and DONE rows whose original is gone from our care, older than a time. */
void dm_ledger_expire(struct dm_ledger *ledger, int64_t before_utc_us);

#endif
