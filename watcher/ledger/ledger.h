// SPDX-License-Identifier: MIT
//
// The ledger: the only memory of the watcher, and the only room that knows SQL. Rooms read rows,
// report facts as events, and never talk to each other. Inside:
//
//   transitions   the grid below as one table (pure)
//   row           what a fact does to a record (pure), invariants: what is always true of one;
//                 row_log: a line of the log about one
//   columns       the columns of a row, listing: the rows that a query asks for
//   in_turn       the rows that are handed out next, folders in turn; turn_order: whose turn was last
//   db            the connection, the commit; statements: their texts; schema: the tables and their
//                 versions
//   files, tables the rows; the smaller tables; under_way: what is to be done, by folder
//   uploads       what the mirror has to send: a door of its own; upload: the record,
//                 upload_end: what an end means for its input
//   arrivals      what the S3 inbox has found and taken, a third door; arrival: the record,
//                 arrival_taken: an object has become a file
//   drops         what lies together, counted for those who look on: a fourth door
//   expiry        what is forgotten in the end: a fifth
//   soundness     is the file whole? a sixth
//   history       what happened, by time, event, state and reason: a seventh; history_indexes
//   notices       what people are to be told of it: an eighth; notice: the records
//
// The life of a file
//
//   state      means                                     on disk                         left by
//   ---------  ----------------------------------------  ------------------------------  ----------
//   SEEN       noticed, not yet proved finished          original in inbox               inbox
//   READY      finished by evidence, waits for a batch   same                            engine
//   RUNNING    in batch N of job J, attempt K            same, perhaps a temporary       engine
//   COMPUTED   a worker reported a whole temporary       original + temporary            outbox
//   PUBLISHED  final name visible, perhaps not on disk   original + result               outbox
//   DONE       original retired; terminal                result, original in originals/  a new drop
//   FAILED     reason recorded; terminal once retired    failed/, with its note          a new drop
//   PARKED     the world refuses; retried slowly         unchanged                       outbox
//
//   state      holds: what a row always has there         and never has
//   ---------  -----------------------------------------  ---------------------------
//   SEEN       -                                          attempt, suspicion, reason
//   READY      chain                                      reason
//   RUNNING    chain, attempt, job, temp                  reason
//   COMPUTED   chain, attempt, job, temp, format, bytes   reason, suspicion
//   PUBLISHED  the same without temp, and output          reason, suspicion, temp
//   DONE       the same, and `retired`                    reason, suspicion, temp
//   FAILED     chain, reason                              suspicion
//   PARKED     chain, reason, not_before                  -
//
//   Only PARKED has not_before, only DONE and FAILED have `retired`. SEEN, READY, FAILED and PARKED
//   may have a temp: what a lost attempt left, or may have left. invariants.c says the same to the
//   builds that check it after each move (debug, crash, and under the sanitizers).
//
//   fact        from                                          to
//   ----------  --------------------------------------------  ------------------------------------
//   settled     SEEN                                          READY
//   changed     SEEN READY RUNNING COMPUTED PUBLISHED PARKED  SEEN
//   dispatched  READY                                         RUNNING     attempt + 1
//   lost        RUNNING COMPUTED PUBLISHED                    READY       the job died: temporary
//                                                                         or result is not there
//   computed    RUNNING                                       COMPUTED
//   refused     READY RUNNING                                 FAILED
//   stopped     SEEN READY PARKED                             FAILED      somebody wants it so
//   published   COMPUTED                                      PUBLISHED
//   retired     PUBLISHED                                     DONE        the original is out of the
//               FAILED                                        FAILED      inbox: `retired` is set
//   blocked     RUNNING COMPUTED PUBLISHED FAILED             PARKED
//   resumed     PARKED                                        where it was parked from; READY if
//                                                             that was RUNNING
//   dropped     DONE FAILED                                   SEEN        generation + 1
//   returned    DONE                                          PUBLISHED   the share has forgotten the
//                                                                         move of the original
//   gone        SEEN READY PARKED                             -           the user took it away:
//                                                                         the row is deleted
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
    DM_FACT_STOPPED,
    DM_FACT_PUBLISHED,
    DM_FACT_RETIRED,
    DM_FACT_BLOCKED,
    DM_FACT_RESUMED,
    DM_FACT_DROPPED,
    DM_FACT_RETURNED,
    DM_FACT_GONE,
    DM_FACT_COUNT,
};

/** One file that somebody dropped. A plain record; strings are owned, never NULL ("" instead). */
struct dm_row {
    int64_t id;
    enum dm_state state;
    // Meaningful in PARKED.
    enum dm_state parked_from;
    // Relative to the inbox (bytes); unique, and never another one.
    char *path;
    // Expanded and canonical; set before SETTLED.
    char *chain;
    // Of the original, as it was accepted last.
    struct dm_fingerprint fingerprint;
    // 1 for the first drop at this path.
    int64_t generation;
    // Of this generation.
    int64_t attempt;
    // The session that has or had it, and its batch there.
    int64_t job;
    int64_t batch;
    // It was in flight when a rank died: it runs alone.
    bool suspect;
    // How often it was the suspect of a death.
    int64_t crashes;
    // Relative to the outbox: a temporary that may exist.
    char *temp;
    // Relative to the outbox: the final name that this row has claimed.
    char *output;
    // The original has left the inbox: it is in originals/ or failed/.
    bool retired;
    // PUBLISHED: its result has to be in the mirror before its original may leave the inbox.
    bool held;
    // PUBLISHED: its original stays in the inbox until then: its writer may come back for it.
    int64_t stays_utc_us;
    // Why it is where it is, if something is wrong; the message may also be a remark on a result.
    enum dm_reason reason;
    char *message;
    // Of the result, and where it was made.
    char *format;
    int64_t width_px;
    int64_t height_px;
    int64_t bytes;
    int64_t elapsed_us;
    char *host;
    int64_t rank;
    // Since when there is this generation, and since when it is in this state.
    int64_t seen_utc_us;
    int64_t state_utc_us;
    // PARKED: when to try again.
    int64_t not_before_utc_us;
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
 * was made by a newer dropmill; DM_ERROR_TRANSIENT when another process has it open, not read-only:
 * beside it lies a lock, PATH.lock.
 */
struct dm_ledger *dm_ledger_open(const char *path, bool read_only, GError **error);

/** Take the lock of the ledger at @path without opening it: a descriptor whose closing gives it
 * back, or -1. Errors: DM_ERROR_TRANSIENT when another process has it; DM_ERROR_SYSTEM. */
int dm_ledger_lock(const char *path, GError **error);

/** Roll back what was not committed and close. Accepts NULL. */
void dm_ledger_free(struct dm_ledger *ledger);

/**
 * Let @utc_us say what time it is (microseconds since 1970) when a row is inserted or moves; until
 * then the system does. A hook, and no time of the turn: results and file work come in between two
 * turns, when that of the last one is long past.
 */
void dm_ledger_set_clock(struct dm_ledger *ledger, int64_t (*utc_us)(void *data), void *data);

/** What time it is by that clock: the rooms that work on rows go by it, too. */
int64_t dm_ledger_utc_us(const struct dm_ledger *ledger);

/** Look whether the file is still the one that was opened: what is written into one that was
 * deleted or replaced is lost. If not, that is a failure. */
void dm_ledger_look(struct dm_ledger *ledger);

/**
 * What is told of a row that was inserted (@from is DM_STATE_COUNT, @fact DM_FACT_DROPPED) or has
 * moved from @from by @fact; @row is as it is now, and was in @from for @us. The commit follows.
 */
typedef void (*dm_ledger_moved_fn)(const struct dm_row *row, enum dm_state from, enum dm_fact fact,
                                   int64_t us, void *data);

/** Tell @moved, too, of each move from now on: for who counts them, and changes nothing. */
void dm_ledger_on_move(struct dm_ledger *ledger, dm_ledger_moved_fn moved, void *data);

/** Tell who has come with @data no more. */
void dm_ledger_off_move(struct dm_ledger *ledger, const void *data);

/** Make all that was written since the last commit durable (as WAL at NORMAL is), or say why.
 * Errors: DM_ERROR_TRANSIENT: the disk is full or refuses; DM_ERROR_SYSTEM. */
bool dm_ledger_commit(struct dm_ledger *ledger, GError **error);

/** A number that grows with every write: has anything happened since I looked? */
uint64_t dm_ledger_changes(const struct dm_ledger *ledger);

/**
 * A number that grows with every write of a row that is then in @state. A room that found nothing
 * to do there need not ask again before it has grown; whoever opens a ledger asks once first.
 */
uint64_t dm_ledger_written(const struct dm_ledger *ledger, enum dm_state state);

/**
 * The ids of rows that were written in SEEN since dm_ledger_forget_seen(): int64_t, the ledger's.
 * The inbox forgets what it wrote itself; what is left others have put back.
 */
const GArray *dm_ledger_seen(const struct dm_ledger *ledger);
void dm_ledger_forget_seen(struct dm_ledger *ledger);

/**
 * A number that grows with every row that comes to SEEN anew: a file that was not known, or another
 * one at a known path. A file that goes on changing does not count again.
 */
uint64_t dm_ledger_drops(const struct dm_ledger *ledger);

/** States in which a row's temporary is of no use any more: it is removed before anything else. */
#define DM_STALE_STATES (1u << DM_STATE_SEEN | 1u << DM_STATE_READY | 1u << DM_STATE_FAILED)

/** The same for rows that are then in one of these and have a temporary. */
uint64_t dm_ledger_written_stale(const struct dm_ledger *ledger);

/** What the ledger has done since it was opened. */
struct dm_ledger_stats {
    // Calls of sqlite3_step(): one a row read, one a statement.
    uint64_t steps;
    // Begun, to write.
    uint64_t transactions;
    // Of any table: what dm_ledger_changes() says.
    uint64_t rows_written;
};

/** Say what it has done: of a read-only ledger, too. */
void dm_ledger_stats(const struct dm_ledger *ledger, struct dm_ledger_stats *ret);

/** Which rows: all conditions hold; zero means "any". */
struct dm_query {
    // Bits 1u << DM_STATE_x.
    unsigned states;
    // Only ids above.
    int64_t after_id;
    // At most so many; 0: no limit.
    int64_t limit;
    // The path is below this directory: "blur-5".
    const char *under;
    bool suspects;
    // `temp` is not "", or is.
    bool has_temp;
    bool no_temp;
    // `retired` is false.
    bool not_retired;
    // `held` is false.
    bool not_held;
    // not_before_utc_us is at most this.
    int64_t due_utc_us;
    // Of this session.
    int64_t job;
    // stays_utc_us is at most this.
    int64_t leaving_utc_us;
    // Of FAILED: it ended too early, is in failed/, since this at the earliest; the newest come
    // first.
    int64_t cut_since_utc_us;
};

/**
 * The rows that @query asks for, in order of id, or with `due_utc_us` of the time when they are
 * due: a GPtrArray of struct dm_row (transfer full). It costs what it returns, however many rows
 * are in these states; a state without rows costs nothing.
 */
GPtrArray *dm_ledger_list(struct dm_ledger *ledger, const struct dm_query *query);

/**
 * What may be handed out next: READY rows without a temporary, no suspects, at most @limit (1 or
 * more): the oldest of each folder in turn, and in a folder the oldest of each subfolder in turn,
 * beginning behind those that were dispatched last. A GPtrArray of struct dm_row (transfer full) in
 * the order in which they have their turns; it is empty only when there are none. It costs what it
 * returns, however many rows and folders there are.
 */
GPtrArray *dm_ledger_work(struct dm_ledger *ledger, int64_t limit);

/** One row by id or path, or NULL; (transfer full). */
struct dm_row *dm_ledger_get(struct dm_ledger *ledger, int64_t id);
struct dm_row *dm_ledger_find(struct dm_ledger *ledger, const char *path);

/** States of rows whose file should be in the inbox. */
#define DM_LIVE_STATES (1u << DM_STATE_SEEN | 1u << DM_STATE_READY | 1u << DM_STATE_PARKED)

/**
 * At most @limit paths of rows in DM_LIVE_STATES, from @from on up to, and without, @before (as
 * bytes), in their order: char * (transfer full). It costs what it returns.
 */
GPtrArray *dm_ledger_live_paths(struct dm_ledger *ledger, const char *from, const char *before,
                                int64_t limit);

/** How many rows are in each state. Costs nothing but in a read-only ledger, which counts them. */
void dm_ledger_count(struct dm_ledger *ledger, int64_t ret_counts[DM_STATE_COUNT]);

/** Whether a row is in one of @states (bits 1u << DM_STATE_x). Costs the same. */
bool dm_ledger_has(struct dm_ledger *ledger, unsigned states);

/** A new file in state SEEN, to be made by @chain ("": not known yet); (transfer full). */
struct dm_row *dm_ledger_insert(struct dm_ledger *ledger, const char *path, const char *chain,
                                const struct dm_fingerprint *fingerprint);

/**
 * Report @fact about @row: write all its fields and its new state, and a line of history. What the
 * grid says of a change of state is done to the record here: DISPATCHED counts the attempt;
 * CHANGED and DROPPED reset attempt, suspect, crashes, reason, message, retired; DROPPED counts the
 * generation and the time seen; STOPPED is its own reason; BLOCKED remembers where it was parked
 * from; GONE deletes (do not use @row again but to free it). A fact that the grid forbids is a
 * programming mistake, and so is a row that does not hold what it should: assertion. A row that
 * another has moved since @row was read is not written: a failure.
 */
void dm_ledger_move(struct dm_ledger *ledger, struct dm_row *row, enum dm_fact fact);

/** Write the fields of @row but path and state; nothing is added to the history. */
void dm_ledger_save(struct dm_ledger *ledger, const struct dm_row *row);

/**
 * Who owns an output name (relative to the outbox): an inbox path (transfer full), or NULL.
 * @ret_placed: (nullable) whether a file of the owner was ever put there.
 */
char *dm_ledger_output_owner(struct dm_ledger *ledger, const char *output, bool *ret_placed);

/** What became of a claim. */
enum dm_claim {
    // The name was free and is ours from now on: commit before it is used.
    DM_CLAIM_NEW,
    // It was ours, and no file of ours was ever there.
    DM_CLAIM_OURS,
    // It was ours, and what is there may be ours: it may be replaced.
    DM_CLAIM_PLACED,
    // Another input owns it; nothing has changed.
    DM_CLAIM_OTHERS,
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

/** The name, with a directory of the inbox behind it, of the number that says since when (UTC) its
 * files are open long after they were written. */
#define DM_NUMBER_OPEN "open "

/** A number that a room remembers under @name; 0 before it was set. */
int64_t dm_ledger_number(struct dm_ledger *ledger, const char *name);
void dm_ledger_set_number(struct dm_ledger *ledger, const char *name, int64_t value);

/** The names of all numbers but 0 that begin with @prefix, in their order: char * (transfer full).
 */
GPtrArray *dm_ledger_numbers(struct dm_ledger *ledger, const char *prefix);

/** Which share the ledger is of: the mark of its marker, and where it was last; (transfer full) in
 * @ret_path. Returns false when it is of none yet. */
bool dm_ledger_share(struct dm_ledger *ledger, struct dm_mark *ret_marker, char **ret_path);
void dm_ledger_set_share(struct dm_ledger *ledger, const struct dm_mark *marker, const char *path);

/** An original that we keep. A plain record. */
struct dm_kept {
    // Relative to originals/.
    char *path;
    // As we put it there: what is there in another state is somebody's.
    struct dm_fingerprint put;
};
struct dm_kept *dm_kept_new(const char *path, const struct dm_fingerprint *put);
/** Accepts NULL. */
void dm_kept_free(struct dm_kept *kept);

/** Remember that we have put an original there and may delete it then. */
void dm_ledger_keep_original(struct dm_ledger *ledger, const struct dm_kept *kept,
                             int64_t until_utc_us);

/** At most @limit originals whose time is up: GPtrArray of struct dm_kept (transfer full). */
GPtrArray *dm_ledger_expired_originals(struct dm_ledger *ledger, int64_t now_utc_us, int64_t limit);
void dm_ledger_forget_original(struct dm_ledger *ledger, const char *path);

/** A folder of the inbox with a problem: its name is not understood, or files lie loose in "". */
struct dm_folder_problem {
    // "" for files loose in the inbox.
    char *folder;
    // Why.
    char *message;
    // "" if there is none.
    char *suggestion;
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
    // As dm_fact_name() gives it, and the state after it.
    char *fact;
    enum dm_state state;
    enum dm_reason reason;
    char *message;
};
void dm_history_free(struct dm_history *line);
/** The newest @limit lines, newest first, of @path or (NULL) of all: struct dm_history. */
GPtrArray *dm_ledger_history(struct dm_ledger *ledger, const char *path, int64_t limit);

#endif
