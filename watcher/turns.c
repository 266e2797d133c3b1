// SPDX-License-Identifier: MIT
//
// The loop of turns: one source of the main loop, whose ready time is when the next turn is due.
#include "watcher/turns.h"

#include "common/log.h"

#define GAP_US INT64_C(5000)
// A file that comes alone makes fewer turns than this from the end of its settling to DONE.
#define BURST_TURNS 12
#define SLOW_US INT64_C(100000)
// While the ledger cannot be written.
#define HELD_US INT64_C(500000)

struct place {
    struct dm_turns_room room;
    // Rows written in its states, when it had its last turn.
    uint64_t seen;
};

struct dm_turns {
    struct dm_ledger *ledger;
    // Of struct place.
    GArray *places;
    // (nullable) Says whether the ledger cannot be written.
    bool (*is_bad)(void *data);
    void *bad_data;
    GMainLoop *loop;
    GSource *source;
    // A turn is wanted as soon as may be.
    bool asked;
    // The next one that a room wants by time.
    int64_t due_us;
    // No turn before this.
    int64_t earliest_us;
    int64_t count;
    GError *failure;
};

/** Say when the next turn is, by what was asked for and when one may be. */
static void arm(struct dm_turns *turns) {
    int64_t ready_us = turns->asked ? turns->earliest_us : MAX(turns->due_us, turns->earliest_us);
    g_source_set_ready_time(turns->source, ready_us == INT64_MAX ? -1 : ready_us);
}

static void ask(void *data) {
    struct dm_turns *turns = data;
    if (!turns->asked) {
        turns->asked = true;
        arm(turns);
    }
}

/**
 * A turn at @now_us counts as one gap, and those that had none within the last BURST_TURNS gaps
 * may be made up for.
 */
static void hold_apart(struct dm_turns *turns, int64_t now_us) {
    turns->earliest_us = MAX(turns->earliest_us, now_us - BURST_TURNS * GAP_US) + GAP_US;
}

static uint64_t rows_written(const struct dm_ledger *ledger, unsigned states) {
    uint64_t count = 0;
    for (int state = 0; state < DM_STATE_COUNT; state++) {
        count += states & 1u << state ? dm_ledger_written(ledger, (enum dm_state)state) : 0;
    }
    return count;
}

static int64_t visit(const struct dm_ledger *ledger, struct place *place, int64_t now_us) {
    int64_t start_us = g_get_monotonic_time();
    int64_t due_us = place->room.turn(place->room.room, now_us);
    int64_t took_us = g_get_monotonic_time() - start_us;
    if (took_us > SLOW_US) {
        dm_log_debug("the turn of the %s took %d ms", place->room.name, (int)(took_us / 1000));
    }
    place->seen = rows_written(ledger, place->room.states);
    return due_us;
}

/** Say whether rooms have written what is news for one that had its turn before. */
static bool is_news(const struct dm_turns *turns) {
    for (guint i = 0; i < turns->places->len; i++) {
        const struct place *place = &g_array_index(turns->places, struct place, i);
        if (rows_written(turns->ledger, place->room.states) != place->seen) {
            return true;
        }
    }
    return false;
}

/** The turn of every room, or of those alone that only read. */
static void visit_all(struct dm_turns *turns, int64_t now_us, bool readers_only) {
    turns->asked = false;
    turns->due_us = INT64_MAX;
    for (guint i = 0; i < turns->places->len; i++) {
        struct place *place = &g_array_index(turns->places, struct place, i);
        if (place->room.only_reads || !readers_only) {
            int64_t due_us = visit(turns->ledger, place, now_us);
            turns->due_us = MIN(turns->due_us, due_us);
        }
    }
}

static void tell_committed(struct dm_turns *turns, bool readers_only) {
    for (guint i = 0; i < turns->places->len; i++) {
        const struct dm_turns_room *room = &g_array_index(turns->places, struct place, i).room;
        if (room->committed != NULL && (room->only_reads || !readers_only)) {
            room->committed(room->room);
        }
    }
}

/** The ledger cannot be written: look again in a moment. */
static void wait_for_ledger(struct dm_turns *turns, int64_t now_us) {
    visit_all(turns, now_us, true);
    tell_committed(turns, true);
    turns->earliest_us = turns->due_us = now_us + HELD_US;
    arm(turns);
}

/** Every room's turn, then one commit. */
static gboolean take_turn(void *data) {
    struct dm_turns *turns = data;
    int64_t now_us = g_get_monotonic_time();
    if (turns->is_bad != NULL && turns->is_bad(turns->bad_data)) {
        wait_for_ledger(turns, now_us);
        return G_SOURCE_CONTINUE;
    }
    hold_apart(turns, now_us);
    turns->count++;
    visit_all(turns, now_us, false);
    turns->asked |= is_news(turns);
    arm(turns);
    if (!dm_ledger_commit(turns->ledger, &turns->failure)) {
        dm_turns_quit(turns);
        g_source_set_ready_time(turns->source, -1);
        return G_SOURCE_CONTINUE;
    }
    tell_committed(turns, false);
    return G_SOURCE_CONTINUE;
}

static gboolean dispatch(GSource *source, GSourceFunc callback, gpointer data) {
    (void)source;
    return callback(data);
}

struct dm_turns *dm_turns_new(struct dm_ledger *ledger) {
    static GSourceFuncs functions = {.dispatch = dispatch};
    struct dm_turns *turns = g_new0(struct dm_turns, 1);
    turns->ledger = ledger;
    turns->places = g_array_new(FALSE, FALSE, sizeof(struct place));
    turns->loop = g_main_loop_new(NULL, FALSE);
    turns->source = g_source_new(&functions, sizeof(GSource));
    turns->due_us = INT64_MAX;
    g_source_set_callback(turns->source, take_turn, turns, NULL);
    return turns;
}

void dm_turns_free(struct dm_turns *turns) {
    if (turns == NULL) {
        return;
    }
    g_source_destroy(turns->source);
    g_source_unref(turns->source);
    g_main_loop_unref(turns->loop);
    g_array_unref(turns->places);
    g_clear_error(&turns->failure);
    g_free(turns);
}

struct dm_wake dm_turns_wake(struct dm_turns *turns) {
    return (struct dm_wake){.call = ask, .data = turns};
}

void dm_turns_hold(struct dm_turns *turns, bool (*is_bad)(void *data), void *data) {
    turns->is_bad = is_bad;
    turns->bad_data = data;
}

void dm_turns_add(struct dm_turns *turns, const struct dm_turns_room *room) {
    const struct place place = {.room = *room};
    g_array_append_val(turns->places, place);
}

bool dm_turns_run(struct dm_turns *turns, GError **error) {
    turns->asked = true;
    arm(turns);
    g_source_attach(turns->source, g_main_loop_get_context(turns->loop));
    g_main_loop_run(turns->loop);
    g_source_destroy(turns->source);
    if (turns->failure != NULL) {
        g_propagate_error(error, g_steal_pointer(&turns->failure));
        return false;
    }
    return true;
}

void dm_turns_quit(struct dm_turns *turns) {
    g_main_loop_quit(turns->loop);
}

int64_t dm_turns_count(const struct dm_turns *turns) {
    return turns->count;
}
