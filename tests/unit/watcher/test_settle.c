// SPDX-License-Identifier: MIT
//
// Settle: each case is a timeline of what happens to one file, with when it is finished, or what it
// waits for. Times in ms; the waits are those of the shipped configuration.
#include "watcher/inbox/settle.h"

#include <glib.h>

#define SECOND (1000 * 1000)
#define UTC_US (INT64_C(1700000000) * SECOND)

enum kind {
    END,
    // Events.
    CREATED,
    WRITTEN,
    CLOSED,
    MOVED,
    LOST,
    // Looks: from outside, and into it.
    LOOK,
    WHOLE, // its end is there
    WHOLE_OPEN,
    CUT,
    CUT_OPEN,
    CUT_NOBODY_KNOWS,
    HOLE,
    HOLE_OPEN,
    TEXT,
    TEXT_OPEN,
    TEXT_NOBODY_KNOWS,
    TIFF,
    FINDER,
    NOT_TRIGGERED,
    TRIGGERED,
};

struct step {
    int at_ms;
    enum kind kind;
    int size;    // looks: what is seen
    int late_ms; // looks: the answer comes so much later than the question
};

/** How a place may differ. */
enum where { LOCAL, REMOTE, ALWAYS_OPEN, SCANS, SCANS_AT_ONCE, WITH_TRIGGER, OLD, LINKED };

struct timeline {
    const char *name;
    enum where where;
    struct step steps[12];
    bool ready;            // after the last step
    int64_t next_ms;       // if not: when the next look is due; -1: never
    const char *waits_for; // (nullable) if not: what it says
};

static const struct timeline timelines[] = {
    {"just noticed", LOCAL, {{0, WRITTEN, 0, 0}}, false, 0, NULL},

    // A: renamed or linked in
    {"moved, one look", LOCAL, {{0, MOVED, 0, 0}, {0, LOOK, 9, 0}}, false, 50, NULL},
    {"moved, whole", LOCAL, {{0, MOVED, 0, 0}, {0, LOOK, 9, 0}, {50, WHOLE, 9, 0}}, true, 0, NULL},
    {"moved, whole, but not looked into",
     LOCAL,
     {{0, MOVED, 0, 0}, {0, LOOK, 9, 0}, {50, LOOK, 9, 0}},
     false,
     50,
     NULL},
    {"moved, looked into too early",
     LOCAL,
     {{0, MOVED, 0, 0}, {0, LOOK, 9, 0}, {49, WHOLE, 9, 0}},
     false,
     50,
     "waits to be still for 0.05 s"},
    {"moved, of no known kind",
     LOCAL,
     {{0, MOVED, 0, 0}, {0, LOOK, 9, 0}, {50, TEXT, 9, 0}},
     false,
     300,
     "waits to be still for 0.3 s"},
    {"moved, of no known kind, quiet",
     LOCAL,
     {{0, MOVED, 0, 0}, {0, LOOK, 9, 0}, {50, TEXT, 9, 0}, {300, TEXT, 9, 0}},
     true,
     0,
     NULL},
    {"moved, TIFF", LOCAL, {{0, MOVED, 0, 0}, {0, LOOK, 9, 0}, {50, TIFF, 9, 0}}, false, 300, NULL},
    {"moved, cut short",
     LOCAL,
     {{0, MOVED, 0, 0}, {0, LOOK, 9, 0}, {50, CUT, 9, 0}},
     false,
     15000,
     "waits for its end: the end marker is missing"},
    {"moved, but its writer still has it open",
     LOCAL,
     {{0, MOVED, 0, 0}, {0, LOOK, 9, 0}, {50, WHOLE_OPEN, 9, 0}},
     false,
     1050,
     "waits to be still for 3 s, for another program has it open"},
    {"linked in, whole",
     LINKED,
     {{0, CREATED, 0, 0}, {0, LOOK, 9, 0}, {50, WHOLE, 9, 0}},
     true,
     0,
     NULL},
    {"made, and no second name",
     LOCAL,
     {{0, CREATED, 0, 0}, {0, LOOK, 9, 0}, {50, WHOLE, 9, 0}},
     false,
     1500,
     NULL},

    // B: closed
    {"closed, one look", LOCAL, {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}}, false, 250, NULL},
    {"closed, whole",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, WHOLE, 9, 0}},
     true,
     0,
     NULL},
    {"closed, looked at too early",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {100, WHOLE, 9, 0}, {249, WHOLE, 9, 0}},
     false,
     250,
     NULL},
    {"closed, first look is late",
     LOCAL,
     {{0, CLOSED, 0, 0}, {200, LOOK, 9, 0}, {250, WHOLE, 9, 0}},
     true,
     0,
     NULL},
    {"closed, but only looked at once",
     LOCAL,
     {{0, CLOSED, 0, 0}, {2000, WHOLE, 9, 0}},
     false,
     250,
     NULL},
    {"closed, TIFF",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, TIFF, 9, 0}},
     false,
     1000,
     "waits to be still for 1 s"},
    {"closed, TIFF, quiet",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, TIFF, 9, 0}, {1000, TIFF, 9, 0}},
     true,
     0,
     NULL},
    {"closed, of no known kind, quiet",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, TEXT, 9, 0}, {1000, TEXT, 9, 0}},
     true,
     0,
     NULL},
    {"written after the close",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {200, WRITTEN, 0, 0}, {250, LOOK, 9, 0}},
     false,
     200 + 1500,
     NULL},
    {"closed twice, the second counts",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {200, CLOSED, 0, 0}, {250, LOOK, 12, 0}},
     false,
     450,
     NULL},
    {"closed by one of two writers",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, WHOLE_OPEN, 9, 0}},
     false,
     1250,
     NULL},
    {"changed after the close, without an event",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, WHOLE, 12, 0}},
     false,
     250 + 1500,
     NULL},
    {"the same, and then quiet as if no close was seen",
     LOCAL,
     {{0, CLOSED, 0, 0},
      {0, LOOK, 9, 0},
      {250, WHOLE, 12, 0},
      {1750, LOOK, 12, 0},
      {3250, WHOLE, 12, 0}},
     true,
     0,
     NULL},
    {"grows before its close: the first look is no promise",
     LOCAL,
     {{0, WRITTEN, 0, 0}, {0, LOOK, 1, 0}, {300, CLOSED, 0, 0}, {400, LOOK, 9, 0}},
     false,
     550,
     NULL},
    {"a write that is older than the close",
     LOCAL,
     {{0, LOOK, 4, 0},
      {1000, CLOSED, 0, 0},
      {900, WRITTEN, 0, 0},
      {1000, LOOK, 5, 0},
      {1250, WHOLE, 5, 0}},
     true,
     0,
     NULL},

    // C: writers come back here
    {"scanner: closed and whole says little",
     SCANS,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, WHOLE, 9, 0}},
     false,
     8000,
     "waits to be still for 8 s"},
    {"scanner, quiet for twice its pause",
     SCANS,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {8000, WHOLE, 9, 0}},
     true,
     0,
     NULL},
    {"scanner: what is renamed in is finished",
     SCANS,
     {{0, MOVED, 0, 0}, {0, LOOK, 9, 0}, {50, WHOLE, 9, 0}},
     true,
     0,
     NULL},
    {"scanner with short pauses: two seconds",
     SCANS_AT_ONCE,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, WHOLE, 9, 0}},
     false,
     2000,
     NULL},

    // D: no close was seen
    {"no close, two looks", LOCAL, {{0, LOOK, 9, 0}, {1500, LOOK, 9, 0}}, false, 3000, NULL},
    {"no close, three looks",
     LOCAL,
     {{0, LOOK, 9, 0}, {1500, LOOK, 9, 0}, {3000, WHOLE, 9, 0}},
     true,
     0,
     NULL},
    {"no close, of no known kind",
     LOCAL,
     {{0, LOOK, 9, 0}, {1500, LOOK, 9, 0}, {3000, TEXT, 9, 0}},
     true,
     0,
     NULL},
    {"polled: five seconds",
     REMOTE,
     {{0, LOOK, 9, 0}, {2500, LOOK, 9, 0}, {3000, CUT_NOBODY_KNOWS, 9, 0}, {3000, WHOLE, 9, 0}},
     false,
     5000,
     NULL},
    {"polled, quiet",
     REMOTE,
     {{0, LOOK, 9, 0}, {2500, LOOK, 9, 0}, {5000, WHOLE, 9, 0}},
     true,
     0,
     NULL},
    {"three looks in a burst prove as much as one",
     LOCAL,
     {{0, LOOK, 9, 0}, {1, LOOK, 9, 0}, {2, LOOK, 9, 0}, {3, WHOLE, 9, 0}},
     false,
     1500,
     NULL},
    {"a burst at the end proves as much as one",
     LOCAL,
     {{0, LOOK, 9, 0}, {2999, LOOK, 9, 0}, {2999, WHOLE, 9, 0}},
     false,
     3000,
     NULL},
    {"there at start, old and whole", OLD, {{0, LOOK, 9, 0}, {0, WHOLE, 9, 0}}, true, 0, NULL},
    {"there at start, old, not looked into", OLD, {{0, LOOK, 9, 0}}, false, 0, NULL},
    {"there at start, old, of no known kind",
     OLD,
     {{0, LOOK, 9, 0}, {0, TEXT, 9, 0}},
     false,
     1500,
     NULL},
    {"there at start, old, TIFF", OLD, {{0, LOOK, 9, 0}, {0, TIFF, 9, 0}}, false, 1500, NULL},
    {"old, but it has just been written",
     OLD,
     {{0, WRITTEN, 0, 0}, {0, LOOK, 9, 0}, {0, WHOLE, 9, 0}},
     false,
     1500,
     NULL},
    {"a slow writer",
     LOCAL,
     {{0, LOOK, 1, 0}, {1500, LOOK, 2, 0}, {3000, WHOLE, 3, 0}, {4500, LOOK, 3, 0}},
     false,
     6000,
     NULL},
    {"a slow writer that ends",
     LOCAL,
     {{0, LOOK, 1, 0},
      {1500, LOOK, 2, 0},
      {3000, LOOK, 3, 0},
      {4500, LOOK, 3, 0},
      {6000, WHOLE, 3, 0}},
     true,
     0,
     NULL},

    // E: open
    {"written, open and cut short: as long as it is open",
     LOCAL,
     {{0, WRITTEN, 0, 0}, {0, LOOK, 9, 0}, {1500, LOOK, 9, 0}, {3000, CUT_OPEN, 9, 0}},
     false,
     4000,
     "waits for its writer: it is still open by another program"},
    {"open and cut short, an hour later",
     LOCAL,
     {{0, WRITTEN, 0, 0},
      {0, LOOK, 9, 0},
      {1500, LOOK, 9, 0},
      {3000, CUT_OPEN, 9, 0},
      {3600000, CUT_OPEN, 9, 0}},
     false,
     3630000,
     "waits for its writer: it is still open by another program"},
    {"open, cut short, silent, completed",
     LOCAL,
     {{0, WRITTEN, 0, 0},
      {0, LOOK, 9, 0},
      {65000, CUT_OPEN, 9, 0},
      {65100, WRITTEN, 0, 0},
      {65100, CLOSED, 0, 0},
      {65100, LOOK, 20, 0},
      {65350, WHOLE, 20, 0}},
     true,
     0,
     NULL},
    {"open and whole: as if no close was seen",
     LOCAL,
     {{0, WRITTEN, 0, 0}, {0, LOOK, 9, 0}, {1500, LOOK, 9, 0}, {3000, WHOLE_OPEN, 9, 0}},
     true,
     0,
     NULL},
    {"open, and its kind has no end",
     LOCAL,
     {{0, WRITTEN, 0, 0}, {0, LOOK, 9, 0}, {1500, LOOK, 9, 0}, {3000, TEXT_OPEN, 9, 0}},
     false,
     4000,
     "waits for its writer: it is still open by another program"},
    {"open for a minute, and its kind has no end",
     LOCAL,
     {{0, WRITTEN, 0, 0}, {0, LOOK, 9, 0}, {30000, TEXT_OPEN, 9, 0}, {60000, TEXT_OPEN, 9, 0}},
     true,
     0,
     NULL},
    {"written and not closed, and nobody knows who has it open",
     LOCAL,
     {{0, WRITTEN, 0, 0}, {0, LOOK, 9, 0}, {1500, LOOK, 9, 0}, {3000, TEXT_NOBODY_KNOWS, 9, 0}},
     false,
     4000,
     NULL},
    {"the same when events were lost: perhaps its close",
     LOCAL,
     {{0, WRITTEN, 0, 0},
      {0, LOOK, 9, 0},
      {1000, LOST, 0, 0},
      {1500, LOOK, 9, 0},
      {3000, TEXT_NOBODY_KNOWS, 9, 0}},
     true,
     0,
     NULL},
    {"where files are always open, one that is cut short is tried in the end",
     ALWAYS_OPEN,
     {{0, WRITTEN, 0, 0},
      {0, LOOK, 9, 0},
      {1500, LOOK, 9, 0},
      {3000, CUT_OPEN, 9, 0},
      {15000, CUT_OPEN, 9, 0},
      {30000, CUT_OPEN, 9, 0}},
     true,
     0,
     NULL},
    {"a pause, and then the close",
     LOCAL,
     {{0, WRITTEN, 0, 0},
      {0, LOOK, 4, 0},
      {8000, WRITTEN, 0, 0},
      {8100, CLOSED, 0, 0},
      {8100, LOOK, 9, 0},
      {8350, WHOLE, 9, 0}},
     true,
     0,
     NULL},
    {"being written: a change without an event does not close it",
     LOCAL,
     {{0, WRITTEN, 0, 0}, {0, LOOK, 4, 0}, {1000, LOOK, 5, 0}, {4000, TEXT_NOBODY_KNOWS, 5, 0}},
     false,
     5000,
     NULL},
    {"a look is faster than the write that it shows",
     LOCAL,
     {{0, LOOK, 4, 0}, {1000, LOOK, 5, 400}, {1200, WRITTEN, 0, 0}, {1500, LOOK, 5, 0}},
     false,
     1400 + 1500,
     NULL},

    // F: holes, and no end
    {"closed, a hole",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, HOLE, 9, 0}},
     false,
     1250,
     "waits for its content: there is a hole at 4.1 MB"},
    {"closed, a hole, half a minute",
     LOCAL,
     {{0, CLOSED, 0, 0},
      {0, LOOK, 9, 0},
      {250, HOLE, 9, 0},
      {15000, HOLE, 9, 0},
      {30000, HOLE, 9, 0}},
     true,
     0,
     NULL},
    {"a hole, and open",
     LOCAL,
     {{0, LOOK, 9, 0},
      {15000, HOLE_OPEN, 9, 0},
      {30000, HOLE_OPEN, 9, 0},
      {60000, HOLE_OPEN, 9, 0}},
     false,
     75000,
     NULL},
    {"closed, no end",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, CUT, 9, 0}},
     false,
     15000,
     "waits for its end: the end marker is missing"},
    {"closed, no end, half a minute",
     LOCAL,
     {{0, CLOSED, 0, 0},
      {0, LOOK, 9, 0},
      {250, CUT, 9, 0},
      {15000, LOOK, 9, 0},
      {30000, CUT, 9, 0}},
     true,
     0,
     NULL},
    {"polled, no end, half a minute",
     REMOTE,
     {{0, LOOK, 9, 0},
      {2500, LOOK, 9, 0},
      {5000, CUT, 9, 0},
      {15000, LOOK, 9, 0},
      {30000, CUT, 9, 0}},
     false,
     60000,
     NULL},

    // G: Finder
    {"Finder copies",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, FINDER, 9, 0}},
     false,
     1250,
     "waits for Finder, which is still copying"},
    {"Finder is done",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {250, FINDER, 9, 0}, {1250, WHOLE, 9, 0}},
     true,
     0,
     NULL},
    {"Finder has forgotten it",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {1800000, FINDER, 9, 0}, {3600000, FINDER, 9, 0}},
     true,
     0,
     NULL},

    // H: a second file says so
    {"no trigger",
     WITH_TRIGGER,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {100, NOT_TRIGGERED, 9, 0}},
     false,
     1100,
     "waits for the file of its name and '.done'"},
    {"no trigger, a day later",
     WITH_TRIGGER,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {86400000, NOT_TRIGGERED, 9, 0}},
     false,
     86430000,
     NULL},
    {"trigger: at once", WITH_TRIGGER, {{0, WRITTEN, 0, 0}, {0, TRIGGERED, 9, 0}}, true, 0, NULL},

    // Empty files, and looks
    {"empty is never finished",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 0, 0}, {250, CUT, 0, 0}, {100000, CUT, 0, 0}},
     false,
     -1,
     "waits for content: it is empty"},
    {"empty, then filled",
     LOCAL,
     {{0, CLOSED, 0, 0},
      {0, LOOK, 0, 0},
      {9000, LOOK, 5, 0},
      {10500, LOOK, 5, 0},
      {12000, WHOLE, 5, 0}},
     true,
     0,
     NULL},
    {"an answer may be as old as its question",
     LOCAL,
     {{0, LOOK, 9, 0}, {1500, LOOK, 9, 0}, {2900, WHOLE, 9, 500}},
     false,
     3000,
     NULL},
    {"a change is as young as its answer",
     LOCAL,
     {{0, LOOK, 1, 0}, {1500, LOOK, 2, 400}},
     false,
     1900 + 1500,
     NULL},
    {"a look from before the last event says nothing",
     LOCAL,
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {500, WRITTEN, 0, 0}, {400, WHOLE, 9, 200}},
     false,
     500,
     NULL},
    {"a busy writer is not looked at all the time",
     LOCAL,
     {{0, LOOK, 1, 0}, {10, WRITTEN, 0, 0}},
     false,
     100,
     NULL},
};

// ---- the world of a timeline

static const struct dm_inbox_waits waits = {
    .moved_us = SECOND / 20,
    .moved_unproved_us = 3 * SECOND / 10,
    .closed_us = SECOND / 4,
    .closed_unproved_us = SECOND,
    .unseen_us = 3 * SECOND,
    .unseen_remote_us = 5 * SECOND,
    .open_us = 60 * SECOND,
    .cut_us = 30 * SECOND,
    .cut_remote_us = 60 * SECOND,
    .returns_us = 60 * SECOND,
    .finder_us = 3600 * (int64_t)SECOND,
    .trigger = (char *)"",
};

static struct dm_settle_place place_of(enum where where) {
    static struct dm_inbox_waits with_trigger;
    with_trigger = waits;
    with_trigger.trigger = (char *)".done";
    return (struct dm_settle_place){.waits = where == WITH_TRIGGER ? &with_trigger : &waits,
                                    .remote = where == REMOTE,
                                    .always_open = where == ALWAYS_OPEN,
                                    .returned_us = where == SCANS           ? 4 * SECOND
                                                   : where == SCANS_AT_ONCE ? SECOND / 2
                                                                            : 0};
}

static struct dm_probe probe_of(enum kind kind) {
    bool tiff = kind == TIFF, cut = kind == CUT || kind == CUT_OPEN || kind == CUT_NOBODY_KNOWS;
    bool text = kind == TEXT || kind == TEXT_OPEN || kind == TEXT_NOBODY_KNOWS;
    bool open = kind == WHOLE_OPEN || kind == CUT_OPEN || kind == HOLE_OPEN || kind == TEXT_OPEN;
    bool unknown = kind == CUT_NOBODY_KNOWS || kind == TEXT_NOBODY_KNOWS;
    return (struct dm_probe){
        .ending = {cut    ? DM_ENDING_MISSING
                   : text ? DM_ENDING_UNKNOWN
                          : DM_ENDING_THERE,
                   tiff},
        .writer = open      ? DM_WRITER_BUSY
                  : unknown ? DM_WRITER_UNKNOWN
                            : DM_WRITER_NONE,
        .hole_at = kind == HOLE || kind == HOLE_OPEN ? 4100000 : -1,
        .finder_copies = kind == FINDER,
        .triggered = kind != NOT_TRIGGERED,
    };
}

static void play(struct dm_settle *settle, const struct dm_settle_place *place, enum where where,
                 const struct step *step) {
    static const enum dm_evidence left[] = {[CREATED] = DM_EVIDENCE_CREATED,
                                            [WRITTEN] = DM_EVIDENCE_WRITING,
                                            [CLOSED] = DM_EVIDENCE_CLOSED,
                                            [MOVED] = DM_EVIDENCE_MOVED};
    int64_t at_us = step->at_ms * INT64_C(1000);
    if (step->kind < LOST) {
        dm_settle_event(settle, left[step->kind], at_us);
        return;
    }
    if (step->kind == LOST) {
        dm_settle_lost_events(settle);
        return;
    }
    int64_t age_us = where == OLD ? 61 * SECOND : 0;
    const struct dm_probe probe = probe_of(step->kind);
    const struct dm_settle_look look = {
        .fingerprint = {.ino = 1,
                        .size_bytes = step->size,
                        .mtime_ns = (UTC_US - age_us) * 1000,
                        .ctime_ns = (UTC_US - age_us) * 1000,
                        .links = where == LINKED ? 2 : 1},
        .probe = step->kind != LOOK ? &probe : NULL,
        .asked_us = at_us,
        .now_us = at_us + step->late_ms * 1000,
        .utc_us = UTC_US + at_us,
    };
    dm_settle_sample(settle, place, &look);
}

static void test_timeline(gconstpointer data) {
    const struct timeline *timeline = data;
    struct dm_settle_place place = place_of(timeline->where);
    struct dm_settle settle;
    int64_t next_us = 0, now_us = 0;
    dm_settle_init(&settle, 0);
    for (const struct step *step = timeline->steps; step->kind != END; step++) {
        play(&settle, &place, timeline->where, step);
        now_us = (step->at_ms + step->late_ms) * INT64_C(1000);
    }
    g_assert_cmpint(dm_settle_check(&settle, &place, now_us, &next_us), ==, timeline->ready);
    if (!timeline->ready) {
        g_assert_cmpint(next_us, ==, timeline->next_ms < 0 ? INT64_MAX : timeline->next_ms * 1000);
    }
    g_autofree char *text = dm_settle_waits_for(&settle, &place);
    if (timeline->waits_for != NULL) {
        g_assert_cmpstr(text, ==, timeline->waits_for);
    }
}

// Whoever looks when it is asked for, and how it is asked for, comes to an end with each kind of
// file, at the time that the rule says: no rule hangs.
static void test_ends(void) {
    static const struct {
        enum kind event, probe;
        int64_t end_ms;
    } cases[] = {
        {MOVED, WHOLE, 50},        {MOVED, TEXT, 300},          {MOVED, TIFF, 300},
        {MOVED, CUT, 30000},       {CLOSED, WHOLE, 250},        {CLOSED, TEXT, 1000},
        {CLOSED, HOLE, 30000},     {LOST, WHOLE, 3000},         {LOST, TEXT, 3000},
        {LOST, CUT, 30000},        {WRITTEN, WHOLE, 3000},      {WRITTEN, TEXT, 3000},
        {WRITTEN, CUT, 30000},     {WRITTEN, WHOLE_OPEN, 3000}, {WRITTEN, TEXT_OPEN, 60000},
        {CLOSED, FINDER, 3600000},
    };
    struct dm_settle_place place = place_of(LOCAL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_settle settle;
        dm_settle_init(&settle, 0);
        play(&settle, &place, LOCAL, &(struct step){0, cases[i].event, 0, 0});
        int64_t now_us = 0;
        int looks = 0, probes = 0;
        while (!dm_settle_check(&settle, &place, now_us, &now_us)) {
            bool probe = dm_settle_wants_probe(&settle, &place);
            enum kind kind = probe ? cases[i].probe : LOOK;
            play(&settle, &place, LOCAL, &(struct step){(int)(now_us / 1000), kind, 9, 0});
            probes += probe;
            g_assert_cmpint(looks++, <, 200);
        }
        g_test_message("case %zu: %d looks, %d probes", i, looks, probes);
        g_assert_cmpint(now_us / 1000, ==, cases[i].end_ms);
        g_assert_cmpint(probes, >, 0);
        g_assert_true(cases[i].probe != WHOLE || probes == 1); // most files are looked into once
    }
}

// Every field of the fingerprint counts, and a clock that stands in 1970 or 2106 changes nothing.
static void test_fields(void) {
    static const struct dm_fingerprint others[] = {
        {.ino = 2, .size_bytes = 9, .mtime_ns = 3, .ctime_ns = 4, .btime_ns = 5},
        {.ino = 1, .size_bytes = 8, .mtime_ns = 3, .ctime_ns = 4, .btime_ns = 5},
        {.ino = 1, .size_bytes = 9, .mtime_ns = -9, .ctime_ns = 4, .btime_ns = 5},
        {.ino = 1, .size_bytes = 9, .mtime_ns = 4300000000000000000, .ctime_ns = 4, .btime_ns = 5},
        {.ino = 1, .size_bytes = 9, .mtime_ns = 3, .ctime_ns = 0, .btime_ns = 5},
    };
    struct dm_settle_look look = {
        .fingerprint = {.ino = 1, .size_bytes = 9, .mtime_ns = 3, .ctime_ns = 4, .btime_ns = 5}};
    const struct dm_fingerprint first = look.fingerprint;
    struct dm_settle_place place = place_of(LOCAL);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        struct dm_settle settle;
        int64_t next_us = 0;
        dm_settle_init(&settle, 0);
        dm_settle_event(&settle, DM_EVIDENCE_CLOSED, 0);
        look = (struct dm_settle_look){.fingerprint = first};
        dm_settle_sample(&settle, &place, &look);
        look =
            (struct dm_settle_look){.fingerprint = others[i], .asked_us = SECOND, .now_us = SECOND};
        dm_settle_sample(&settle, &place, &look);
        g_assert_false(dm_settle_check(&settle, &place, SECOND, &next_us));
        g_assert_cmpint(settle.evidence, ==, DM_EVIDENCE_UNSEEN);
        g_assert_cmpint(next_us, ==, 2500 * 1000);
    }
}

// Only a file that is whole and open, and that nobody closed, says that here files are always open.
static void test_was_open(void) {
    static const struct {
        enum kind event, probe;
        bool was_open;
    } cases[] = {
        {WRITTEN, WHOLE_OPEN, true}, {LOST, WHOLE_OPEN, true},   {CLOSED, WHOLE_OPEN, false},
        {WRITTEN, WHOLE, false},     {WRITTEN, CUT_OPEN, false}, {WRITTEN, TEXT_OPEN, false},
    };
    struct dm_settle_place place = place_of(LOCAL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_settle settle;
        dm_settle_init(&settle, 0);
        play(&settle, &place, LOCAL, &(struct step){0, cases[i].event, 0, 0});
        play(&settle, &place, LOCAL, &(struct step){0, LOOK, 9, 0});
        play(&settle, &place, LOCAL, &(struct step){3000, cases[i].probe, 9, 0});
        g_assert_cmpint(dm_settle_was_open(&settle), ==, cases[i].was_open);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(timelines); i++) {
        g_autofree char *path = g_strconcat("/settle/", timelines[i].name, NULL);
        g_test_add_data_func(path, &timelines[i], test_timeline);
    }
    g_test_add_func("/settle/ends", test_ends);
    g_test_add_func("/settle/fields", test_fields);
    g_test_add_func("/settle/was-open", test_was_open);
    return g_test_run();
}
