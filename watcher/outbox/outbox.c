// SPDX-License-Identifier: MIT
//
// The room: each turn asks the ledger which rows want something, sends errands to the lane in jobs,
// and reports to the ledger what they bring back.
//
//   rows that are          errand  on the lane                 brings back
//   COMPUTED, no name yet  look    is the name taken?          -, then it is claimed
//   COMPUTED               place   temporary -> final name     PUBLISHED LOST BLOCKED
//   PUBLISHED              retire  original -> originals/      RETIRED CHANGED LOST BLOCKED
//   FAILED, not retired    fail    original -> failed/, note   RETIRED DROPPED BLOCKED
//   not in work, litter    tidy    temporary -> nothing        -, then row->temp is ""
//   PARKED                 none    -                           RESUMED in due time
//
// A name is claimed in one turn and used in a later one: the daemon commits between two turns, so
// that a result has its name in the ledger before it has it on disk. A result is visible at once;
// its original waits for a group, because one syncfs() serves a whole group. A row with an errand
// under way is left alone by later turns; and what comes back counts only if the row is still what
// it was.
//
// The daemon frees the lane first: that brings the errands home, unmade ones without a fact.
// Read next: place.h, retire.h; chores.h for what is done hourly.
#include "watcher/outbox/outbox.h"

#include "common/log.h"
#include "common/path.h"
#include "watcher/outbox/chores.h"
#include "watcher/outbox/courier.h"
#include "watcher/outbox/litter.h"
#include "watcher/outbox/place.h"
#include "watcher/outbox/publish.h"
#include "watcher/outbox/retire.h"

#include <string.h>

#define JOB_ROWS 256                     // of one job: the lane is shared with the inbox
#define GROUP_ROWS 64                    // originals wait until so many results are published,
#define GROUP_US 200000                  // or so long, or until nothing is being computed
#define PARKED_POLL_US INT64_C(10000000) // with more parked rows than one listing shows

#define IN(state) (1u << DM_STATE_##state)

struct dm_outbox {
    struct dm_outbox_config config;
    struct dm_wake wake;
    struct dm_ledger *ledger;
    struct dm_roots *roots; // the lane's
    struct dm_courier *courier;
    struct dm_chores *chores;
    GHashTable *proved; // int64_t *: PUBLISHED rows that this process published
    GHashTable *looked; // name -> ON_DISK or NOT_ON_DISK, of names that nobody owns
    uint64_t changes;   // of the ledger, at the start of the last turn
    int64_t next_us;    // what the last turn returned
    int64_t group_us;   // since when the next group gathers; INT64_MAX: it is empty
    bool litter_stuck;  // a temporary could not be removed
    int64_t litter_us;  // litter is looked for from then on
};

enum { ON_DISK = 1, NOT_ON_DISK };

// ---- what errands bring back

/**
 * The world refuses @row: it waits. A FAILED row keeps its own reason and message, which its note
 * will tell; that it cannot be moved is in the log.
 */
static void park(struct dm_outbox *outbox, struct dm_row *row, enum dm_reason reason,
                 const char *message) {
    if (row->state != DM_STATE_FAILED) {
        row->reason = reason;
        dm_row_set(&row->message, message);
    }
    row->not_before_utc_us = g_get_real_time() + outbox->config.settings.retry_us;
    dm_ledger_move(outbox->ledger, row, DM_FACT_BLOCKED);
}

static void report(struct dm_outbox *outbox, struct dm_row *row, const struct dm_errand *errand) {
    if (errand->fact == DM_FACT_BLOCKED) {
        park(outbox, row, DM_REASON_CANNOT_WRITE, errand->message);
    } else {
        dm_ledger_move(outbox->ledger, row, errand->fact);
    }
}

static void log_published(const struct dm_row *row) {
    g_autofree char *output = dm_path_display(row->output);
    g_autofree char *path = dm_path_display(row->path);
    if (strcmp(row->output, row->path) == 0) {
        dm_log_info("published '%s'", output);
    } else {
        dm_log_info("published '%s' from '%s'", output, path);
    }
}

static void log_failed(const struct dm_row *row) {
    const char *why = *row->message ? row->message : dm_reason_what(row->reason);
    g_autofree char *path = dm_path_display(row->path);
    g_autofree char *shown = dm_path_display(why);
    dm_log_warning("moved to " DM_DIR_FAILED " '%s': %s: %s", path, dm_reason_name(row->reason),
                   shown);
}

static void looked(struct dm_outbox *outbox, struct dm_row *row, const struct dm_errand *errand) {
    (void)row;
    g_hash_table_replace(outbox->looked, g_strdup(errand->name),
                         GINT_TO_POINTER(errand->exists ? ON_DISK : NOT_ON_DISK));
}

static void placed(struct dm_outbox *outbox, struct dm_row *row, const struct dm_errand *errand) {
    if (errand->fact == DM_FACT_PUBLISHED) {
        dm_row_set(&row->temp, "");
        g_hash_table_add(outbox->proved, g_memdup2(&row->id, sizeof(int64_t)));
        log_published(row);
    }
    report(outbox, row, errand);
}

static void keep(struct dm_outbox *outbox, const char *path) {
    int64_t now = g_get_real_time();
    if (outbox->config.settings.keep_us < INT64_MAX - now) { // else: for ever
        dm_ledger_keep_original(outbox->ledger, path, now + outbox->config.settings.keep_us);
    }
}

static void retired(struct dm_outbox *outbox, struct dm_row *row, const struct dm_errand *errand) {
    if (errand->kept != NULL) {
        keep(outbox, errand->kept);
    }
    if (errand->fact != DM_FACT_BLOCKED) {
        g_hash_table_remove(outbox->proved, &row->id);
    }
    report(outbox, row, errand);
}

static void failed(struct dm_outbox *outbox, struct dm_row *row, const struct dm_errand *errand) {
    if (errand->fact == DM_FACT_RETIRED) {
        log_failed(row);
    }
    report(outbox, row, errand);
}

static void tidied(struct dm_outbox *outbox, struct dm_row *row, const struct dm_errand *errand) {
    if (errand->fact == DM_FACT_BLOCKED) {
        outbox->litter_stuck = true; // the engine waits for us, we wait for the disk
        return;
    }
    dm_row_set(&row->temp, "");
    dm_ledger_save(outbox->ledger, row);
}

// ---- what the lane does for them

static void look(const struct dm_roots *roots, const struct dm_outbox_config *config,
                 struct dm_errand *errand) {
    (void)config;
    dm_place_look(roots, errand);
}

static void place(const struct dm_roots *roots, const struct dm_outbox_config *config,
                  struct dm_errand *errand) {
    (void)config;
    dm_place_result(roots, errand);
}

static void retire(const struct dm_roots *roots, const struct dm_outbox_config *config,
                   struct dm_errand *errand) {
    dm_retire_original(roots, errand, config->settings.keep_us > 0);
}

static void fail(const struct dm_roots *roots, const struct dm_outbox_config *config,
                 struct dm_errand *errand) {
    (void)config;
    dm_retire_failed(roots, errand, g_get_real_time());
}

static void tidy(const struct dm_roots *roots, const struct dm_outbox_config *config,
                 struct dm_errand *errand) {
    (void)config;
    if (dm_litter_remove_temp(roots->outbox, errand->row->temp) != 0) {
        dm_errand_block(errand, "remove the temporary", errand->row->temp);
    }
}

static const struct dm_errand_kind look_kind = {.work = look, .done = looked};
static const struct dm_errand_kind place_kind = {.work = place, .done = placed};
static const struct dm_errand_kind retire_kind = {dm_retire_flush, retire, retired};
static const struct dm_errand_kind fail_kind = {.work = fail, .done = failed};
static const struct dm_errand_kind tidy_kind = {.work = tidy, .done = tidied};

// ---- names

/** Whose name is asked for, in is_free(). */
struct asker {
    struct dm_outbox *outbox;
    const char *path;
};

/** For dm_publish_name(). A name on disk that nobody owns is somebody's file: never overwritten. */
static bool is_free(const char *name, void *data) {
    const struct asker *asker = data;
    struct dm_outbox *outbox = asker->outbox;
    g_autofree char *owner = dm_ledger_output_owner(outbox->ledger, name, NULL);
    if (owner != NULL) {
        return strcmp(owner, asker->path) == 0;
    }
    return g_hash_table_lookup(outbox->looked, name) != GINT_TO_POINTER(ON_DISK);
}

/** Say whether @name, which is_free() allowed, may be had now: it is ours, or known not to be
 * there. */
static bool may_claim(struct dm_outbox *outbox, const char *name) {
    g_autofree char *owner = dm_ledger_output_owner(outbox->ledger, name, NULL);
    return owner != NULL ||
           g_hash_table_lookup(outbox->looked, name) == GINT_TO_POINTER(NOT_ON_DISK);
}

static void claim(struct dm_outbox *outbox, struct dm_row *row, const char *name) {
    dm_ledger_claim_output(outbox->ledger, name, row->path);
    dm_row_set(&row->output, name);
    dm_ledger_save(outbox->ledger, row);
    g_hash_table_remove(outbox->looked, name);
}

/** Choose names for rows without. Returns whether one was claimed: it is used in the next turn. */
static bool choose_names(struct dm_outbox *outbox, GPtrArray *nameless) {
    GPtrArray *questions = dm_courier_errands();
    bool claimed = false;
    for (guint i = 0; i < nameless->len; i++) {
        struct dm_errand *errand = nameless->pdata[i];
        struct asker asker = {outbox, errand->row->path};
        const struct dm_format *format =
            dm_catalogue_find_format(outbox->config.catalogue, errand->row->format);
        g_autofree char *name = dm_publish_name(errand->row->path, format, is_free, &asker);
        if (may_claim(outbox, name)) {
            claim(outbox, errand->row, name);
            claimed = true;
        } else {
            errand->name = g_steal_pointer(&name);
            g_ptr_array_add(questions, g_steal_pointer(&nameless->pdata[i]));
        }
    }
    dm_courier_send(outbox->courier, &look_kind, questions);
    return claimed;
}

// ---- a turn

/** What a COMPUTED row can have: a name that it owns and that fits what it has become. */
static bool has_name(const struct dm_row *row, const struct dm_format *format) {
    return *row->output != '\0' &&
           dm_format_has_extension(format, dm_name_extension(dm_path_base(row->output)));
}

/** Returns whether a name was claimed. */
static bool publish(struct dm_outbox *outbox) {
    const struct dm_query query = {.states = IN(COMPUTED)};
    GPtrArray *computed = dm_courier_gather(outbox->courier, query, JOB_ROWS);
    GPtrArray *named = dm_courier_errands();
    GPtrArray *nameless = dm_courier_errands();
    for (guint i = 0; i < computed->len; i++) {
        struct dm_row *row = ((struct dm_errand *)computed->pdata[i])->row;
        const struct dm_format *format =
            dm_catalogue_find_format(outbox->config.catalogue, row->format);
        if (format == NULL) {
            g_autofree char *message =
                g_strdup_printf("cannot name the result: format '%s' is unknown", row->format);
            park(outbox, row, DM_REASON_INTERNAL, message);
            continue;
        }
        g_ptr_array_add(has_name(row, format) ? named : nameless,
                        g_steal_pointer(&computed->pdata[i]));
    }
    dm_courier_send(outbox->courier, &place_kind, named);
    bool claimed = choose_names(outbox, nameless);
    g_ptr_array_unref(nameless);
    g_ptr_array_unref(computed);
    return claimed;
}

static bool has_rows(struct dm_outbox *outbox, unsigned states) {
    const struct dm_query query = {.states = states, .limit = 1};
    GPtrArray *rows = dm_ledger_list(outbox->ledger, &query);
    bool some = rows->len > 0;
    g_ptr_array_unref(rows);
    return some;
}

/** Send a group of originals off when it is large, old or the last for now; else say when it will
 * be. */
static int64_t retire_group(struct dm_outbox *outbox, int64_t now_us) {
    if (dm_courier_busy(outbox->courier, &retire_kind)) {
        return INT64_MAX;
    }
    const struct dm_query query = {.states = IN(PUBLISHED)};
    GPtrArray *group = dm_courier_gather(outbox->courier, query, JOB_ROWS);
    if (group->len > 0) {
        outbox->group_us = MIN(outbox->group_us, now_us);
    }
    bool due = group->len >= GROUP_ROWS || now_us - outbox->group_us >= GROUP_US;
    if (group->len > 0 && !due && has_rows(outbox, IN(RUNNING) | IN(COMPUTED))) {
        g_ptr_array_unref(group);
        return outbox->group_us + GROUP_US;
    }
    for (guint i = 0; i < group->len; i++) {
        struct dm_errand *errand = group->pdata[i];
        errand->unproved = !g_hash_table_contains(outbox->proved, &errand->row->id);
    }
    dm_courier_send(outbox->courier, &retire_kind, group);
    outbox->group_us = INT64_MAX;
    return INT64_MAX;
}

static void move_failed(struct dm_outbox *outbox) {
    const struct dm_query query = {.states = IN(FAILED), .not_retired = true};
    dm_courier_send(outbox->courier, &fail_kind,
                    dm_courier_gather(outbox->courier, query, JOB_ROWS));
}

static int64_t remove_litter(struct dm_outbox *outbox, int64_t now_us) {
    if (outbox->litter_stuck) {
        outbox->litter_stuck = false;
        outbox->litter_us = now_us + outbox->config.settings.retry_us;
    }
    if (now_us < outbox->litter_us) {
        return outbox->litter_us;
    }
    const struct dm_query query = {.states = IN(SEEN) | IN(READY) | IN(FAILED), .litter = true};
    dm_courier_send(outbox->courier, &tidy_kind,
                    dm_courier_gather(outbox->courier, query, JOB_ROWS));
    return INT64_MAX;
}

static void resume(struct dm_outbox *outbox, struct dm_row *row) {
    if (row->parked_from != DM_STATE_FAILED) {
        row->reason = DM_REASON_NONE;
        dm_row_set(&row->message, "");
    }
    dm_ledger_move(outbox->ledger, row, DM_FACT_RESUMED);
}

/** Returns when (UTC) the next parked row is to be resumed. */
static int64_t resume_parked(struct dm_outbox *outbox, int64_t utc_us) {
    const struct dm_query due = {.states = IN(PARKED), .due_utc_us = utc_us, .limit = JOB_ROWS};
    GPtrArray *rows = dm_ledger_list(outbox->ledger, &due);
    for (guint i = 0; i < rows->len; i++) {
        resume(outbox, rows->pdata[i]);
    }
    g_ptr_array_unref(rows);
    const struct dm_query parked = {.states = IN(PARKED), .limit = JOB_ROWS};
    rows = dm_ledger_list(outbox->ledger, &parked);
    int64_t next = rows->len == JOB_ROWS ? utc_us + PARKED_POLL_US : INT64_MAX;
    for (guint i = 0; i < rows->len; i++) {
        const struct dm_row *row = rows->pdata[i];
        next = MIN(next, row->not_before_utc_us);
    }
    g_ptr_array_unref(rows);
    return next;
}

/** Look at every kind of row. Returns when (monotonic) to look again if nothing happens before. */
static int64_t look_around(struct dm_outbox *outbox, int64_t now_us, int64_t utc_us) {
    int64_t resume_utc_us = resume_parked(outbox, utc_us);
    int64_t next = resume_utc_us < INT64_MAX ? now_us + (resume_utc_us - utc_us) : INT64_MAX;
    if (publish(outbox)) {
        next = now_us;
    }
    next = MIN(next, retire_group(outbox, now_us));
    move_failed(outbox);
    next = MIN(next, remove_litter(outbox, now_us));
    if (!dm_courier_busy(outbox->courier, NULL)) {
        g_hash_table_remove_all(outbox->looked); // true for the moment only
    }
    return next;
}

int64_t dm_outbox_turn(struct dm_outbox *outbox, int64_t now_us) {
    bool news = dm_courier_take_news(outbox->courier);
    int64_t offline_until = dm_courier_offline_until(outbox->courier, now_us);
    if (offline_until != INT64_MIN) {
        outbox->next_us = offline_until;
        return offline_until;
    }
    int64_t utc_us = now_us + (g_get_real_time() - g_get_monotonic_time());
    int64_t chores_us = dm_chores_turn(outbox->chores, now_us, utc_us);
    uint64_t changes = dm_ledger_changes(outbox->ledger);
    if (news || changes != outbox->changes || now_us >= outbox->next_us) {
        outbox->changes = changes;
        outbox->next_us = look_around(outbox, now_us, utc_us);
    }
    return MIN(outbox->next_us, chores_us);
}

bool dm_outbox_busy(const struct dm_outbox *outbox) {
    return dm_courier_busy(outbox->courier, NULL) || dm_chores_busy(outbox->chores);
}

struct dm_outbox *dm_outbox_new(const struct dm_outbox_config *config, struct dm_ledger *ledger,
                                struct dm_lane *lane, const struct dm_wake *wake, GError **error) {
    struct dm_roots *roots = dm_roots_new(config->share, error);
    if (roots == NULL) {
        return NULL;
    }
    struct dm_outbox *outbox = g_new0(struct dm_outbox, 1);
    outbox->config = *config;
    outbox->wake = *wake;
    const struct dm_courier_config courier = {
        .outbox = outbox,
        .config = &outbox->config,
        .roots = roots,
        .ledger = ledger,
        .lane = lane,
        .wake = &outbox->wake,
    };
    outbox->ledger = ledger;
    outbox->roots = roots;
    outbox->courier = dm_courier_new(&courier);
    outbox->chores = dm_chores_new(roots, ledger, lane, &outbox->wake);
    outbox->proved = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    outbox->looked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    outbox->next_us = INT64_MIN;
    outbox->group_us = INT64_MAX;
    outbox->litter_us = INT64_MIN;
    return outbox;
}

void dm_outbox_free(struct dm_outbox *outbox) {
    if (outbox == NULL) {
        return;
    }
    dm_chores_free(outbox->chores);
    dm_courier_free(outbox->courier);
    dm_roots_free(outbox->roots);
    g_hash_table_unref(outbox->proved);
    g_hash_table_unref(outbox->looked);
    g_free(outbox);
}
