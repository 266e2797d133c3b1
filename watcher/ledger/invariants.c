// SPDX-License-Identifier: MIT
//
// The column "holds" of the state grid of ledger.h, as a picture.
#include "watcher/ledger/invariants.h"

#include "common/log.h"

static bool has_chain(const struct dm_row *row) {
    return *row->chain != '\0';
}

static bool has_attempt(const struct dm_row *row) {
    return row->attempt > 0;
}

static bool has_job(const struct dm_row *row) {
    return row->job > 0;
}

static bool is_suspect(const struct dm_row *row) {
    return row->suspect;
}

static bool has_temp(const struct dm_row *row) {
    return *row->temp != '\0';
}

static bool has_format(const struct dm_row *row) {
    return *row->format != '\0';
}

static bool has_bytes(const struct dm_row *row) {
    return row->bytes > 0;
}

static bool has_output(const struct dm_row *row) {
    return *row->output != '\0';
}

static bool has_reason(const struct dm_row *row) {
    return row->reason != DM_REASON_NONE;
}

static bool is_retired(const struct dm_row *row) {
    return row->retired;
}

static bool is_held(const struct dm_row *row) {
    return row->held;
}

static bool has_not_before(const struct dm_row *row) {
    return row->not_before_utc_us > 0;
}

/** A line a fact about a row; a column a state, in the order of enum dm_state. */
static const struct {
    // "+": it is so, "-": it is not, ".": either.
    const char *in;
    bool (*is_so)(const struct dm_row *row);
    const char *name;
    const char *article;
} invariants[] = {
    // SRUCPDFK
    {".+++++++", has_chain, "chain", "a "},
    {"-.++++..", has_attempt, "attempt", "an "},
    {"..++++..", has_job, "job", "a "},
    {"-..----.", is_suspect, "suspicion", "a "},
    {"..++--..", has_temp, "temp", "a "},
    {"...+++..", has_format, "format", "a "},
    {"...+++..", has_bytes, "bytes", ""},
    {"....++..", has_output, "output", "an "},
    {"------++", has_reason, "reason", "a "},
    {"-----+.-", is_retired, "original put away", "an "},
    {"----.--.", is_held, "wait for the mirror", "a "},
    {"-------+", has_not_before, "not_before", "a "},
};

char *dm_row_breach(const struct dm_row *row) {
    for (size_t i = 0; i < G_N_ELEMENTS(invariants); i++) {
        char wanted = invariants[i].in[row->state];
        bool is_so = invariants[i].is_so(row);
        if (wanted != '.' && is_so != (wanted == '+')) {
            return g_strdup_printf("a %s row has %s%s", dm_state_name(row->state),
                                   is_so ? invariants[i].article : "no ", invariants[i].name);
        }
    }
    return NULL;
}

void dm_row_check(const struct dm_row *row) {
#ifdef DM_CHECK_ROWS
    g_autofree char *breach = dm_row_breach(row);
    if (breach != NULL) {
        g_error("row %" G_GINT64_FORMAT " '%s': %s", row->id, row->path, breach);
    }
#else
    (void)row;
#endif
}
