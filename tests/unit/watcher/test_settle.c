// SPDX-License-Identifier: MIT
//
// Settle: each case is a timeline of what happens to one file, with when it is finished. Times in
// ms.
#include "watcher/inbox/settle.h"

#include <glib.h>

enum kind { END, LINKED, WRITTEN, CLOSED, LOOK };

struct step {
    int at_ms;
    enum kind kind;
    int size;    // LOOK: what is seen
    int late_ms; // LOOK: the answer comes so much later than the question
};

struct timeline {
    const char *name;
    struct step steps[12];
    bool ready;      // after the last step
    int64_t next_ms; // if not: when the next look is due; -1: never
};

static const struct timeline timelines[] = {
    {"just noticed", {{0, WRITTEN, 0, 0}}, false, 0},
    {"closed, one look", {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}}, false, 1000},
    {"closed, quiet", {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {1000, LOOK, 9, 0}}, true, 0},
    {"closed, looked at too early",
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {500, LOOK, 9, 0}, {999, LOOK, 9, 0}},
     false,
     1000},
    {"closed, first look is late",
     {{0, CLOSED, 0, 0}, {700, LOOK, 9, 0}, {1000, LOOK, 9, 0}},
     true,
     0},
    {"closed, but only looked at once", {{0, CLOSED, 0, 0}, {2000, LOOK, 9, 0}}, false, 1000},
    {"written after the close",
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {900, WRITTEN, 0, 0}, {1000, LOOK, 9, 0}},
     false,
     900 + 30000},
    {"closed twice, the second counts",
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {900, CLOSED, 0, 0}, {1000, LOOK, 12, 0}},
     false,
     1900},
    {"changed after the close, without an event",
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {1000, LOOK, 12, 0}},
     false,
     2500},
    {"the same, and then quiet as if no close was seen",
     {{0, CLOSED, 0, 0},
      {0, LOOK, 9, 0},
      {1000, LOOK, 12, 0},
      {2500, LOOK, 12, 0},
      {4000, LOOK, 12, 0}},
     true,
     0},
    {"grows before its close: the first look is no promise",
     {{0, WRITTEN, 0, 0}, {0, LOOK, 1, 0}, {300, CLOSED, 0, 0}, {400, LOOK, 9, 0}},
     false,
     1300},
    {"linked in, quiet",
     {{0, LINKED, 0, 0}, {0, LOOK, 9, 0}, {1500, LOOK, 9, 0}, {3000, LOOK, 9, 0}},
     true,
     0},
    {"linked in, looked at too early",
     {{0, LINKED, 0, 0}, {0, LOOK, 9, 0}, {1500, LOOK, 9, 0}, {2999, LOOK, 9, 0}},
     false,
     3000},
    {"being written: three seconds of quiet are a pause",
     {{0, LINKED, 0, 0},
      {0, WRITTEN, 0, 0},
      {0, LOOK, 9, 0},
      {1500, LOOK, 9, 0},
      {3000, LOOK, 9, 0},
      {8000, LOOK, 9, 0}},
     false,
     30000},
    {"being written, almost a minute of quiet",
     {{0, WRITTEN, 0, 0}, {0, LOOK, 9, 0}, {30000, LOOK, 9, 0}, {59999, LOOK, 9, 0}},
     false,
     60000},
    {"being written, a minute of quiet",
     {{0, WRITTEN, 0, 0}, {0, LOOK, 9, 0}, {30000, LOOK, 9, 0}, {60000, LOOK, 9, 0}},
     true,
     0},
    {"being written, a minute of quiet with two looks",
     {{0, WRITTEN, 0, 0}, {0, LOOK, 9, 0}, {60000, LOOK, 9, 0}},
     false,
     60000},
    {"a pause, and then the close",
     {{0, WRITTEN, 0, 0},
      {0, LOOK, 4, 0},
      {8000, WRITTEN, 0, 0},
      {8100, CLOSED, 0, 0},
      {8100, LOOK, 9, 0},
      {9100, LOOK, 9, 0}},
     true,
     0},
    {"a write after the close opens it again, the next close ends that",
     {{0, CLOSED, 0, 0},
      {0, LOOK, 4, 0},
      {500, WRITTEN, 0, 0},
      {500, LOOK, 5, 0},
      {4000, LOOK, 5, 0},
      {7000, CLOSED, 0, 0},
      {7000, LOOK, 5, 0},
      {8000, LOOK, 5, 0}},
     true,
     0},
    {"being written: a change without an event does not close it",
     {{0, WRITTEN, 0, 0}, {0, LOOK, 4, 0}, {1000, LOOK, 5, 0}, {4000, LOOK, 5, 0}},
     false,
     1000 + 30000},
    {"a look is faster than the write that it shows",
     {{0, LOOK, 4, 0}, {1000, LOOK, 5, 400}, {1200, WRITTEN, 0, 0}, {1500, LOOK, 5, 0}},
     false,
     1400 + 30000},
    {"a write that is older than the close",
     {{0, LOOK, 4, 0},
      {1000, CLOSED, 0, 0},
      {900, WRITTEN, 0, 0},
      {1000, LOOK, 5, 0},
      {2000, LOOK, 5, 0}},
     true,
     0},
    {"no close, two looks", {{0, LOOK, 9, 0}, {1500, LOOK, 9, 0}}, false, 3000},
    {"no close, three looks", {{0, LOOK, 9, 0}, {1500, LOOK, 9, 0}, {3000, LOOK, 9, 0}}, true, 0},
    {"three looks in a burst prove as much as one",
     {{0, LOOK, 9, 0}, {1, LOOK, 9, 0}, {2, LOOK, 9, 0}, {3, LOOK, 9, 0}},
     false,
     1500},
    {"a burst at the end proves as much as one",
     {{0, LOOK, 9, 0}, {2999, LOOK, 9, 0}, {2999, LOOK, 9, 0}},
     false,
     3000},
    {"a slow writer",
     {{0, LOOK, 1, 0}, {1500, LOOK, 2, 0}, {3000, LOOK, 3, 0}, {4500, LOOK, 3, 0}},
     false,
     6000},
    {"a slow writer that ends",
     {{0, LOOK, 1, 0},
      {1500, LOOK, 2, 0},
      {3000, LOOK, 3, 0},
      {4500, LOOK, 3, 0},
      {6000, LOOK, 3, 0}},
     true,
     0},
    {"an answer may be as old as its question",
     {{0, LOOK, 9, 0}, {1500, LOOK, 9, 0}, {2900, LOOK, 9, 500}},
     false,
     3000},
    {"a change is as young as its answer",
     {{0, LOOK, 1, 0}, {1500, LOOK, 2, 400}},
     false,
     1900 + 1500},
    {"a look from before the last event says nothing",
     {{0, CLOSED, 0, 0}, {0, LOOK, 9, 0}, {500, WRITTEN, 0, 0}, {400, LOOK, 9, 200}},
     false,
     500},
    {"empty is never finished",
     {{0, CLOSED, 0, 0}, {0, LOOK, 0, 0}, {1000, LOOK, 0, 0}},
     false,
     -1},
    {"empty, then filled",
     {{0, CLOSED, 0, 0},
      {0, LOOK, 0, 0},
      {1000, LOOK, 0, 0},
      {9000, LOOK, 5, 0},
      {10500, LOOK, 5, 0},
      {12000, LOOK, 5, 0}},
     true,
     0},
    {"a busy writer is not looked at all the time",
     {{0, LOOK, 1, 0}, {10, WRITTEN, 0, 0}},
     false,
     100},
};

static void play(struct dm_settle *settle, const struct dm_settle_rules *rules,
                 const struct step *step) {
    const struct dm_fingerprint seen = {.ino = 1, .size_bytes = step->size};
    static const enum dm_evidence left[] = {[LINKED] = DM_EVIDENCE_UNSEEN,
                                            [WRITTEN] = DM_EVIDENCE_WRITING,
                                            [CLOSED] = DM_EVIDENCE_CLOSED};
    int64_t at_us = step->at_ms * 1000;
    if (step->kind == LOOK) {
        dm_settle_sample(settle, rules, &seen, at_us, at_us + step->late_ms * 1000);
    } else {
        dm_settle_event(settle, left[step->kind], at_us);
    }
}

static void test_timeline(gconstpointer data) {
    const struct timeline *timeline = data;
    struct dm_settle_rules rules;
    struct dm_settle settle;
    int64_t next_us = 0;
    dm_settle_rules_init(&rules, 1000 * 1000, 3000 * 1000);
    dm_settle_init(&settle, 0);
    for (const struct step *step = timeline->steps; step->kind != END; step++) {
        play(&settle, &rules, step);
    }
    g_assert_cmpint(dm_settle_check(&settle, &rules, &next_us), ==, timeline->ready);
    if (!timeline->ready) {
        g_assert_cmpint(next_us, ==, timeline->next_ms < 0 ? INT64_MAX : timeline->next_ms * 1000);
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
    const struct dm_fingerprint first = {
        .ino = 1, .size_bytes = 9, .mtime_ns = 3, .ctime_ns = 4, .btime_ns = 5};
    struct dm_settle_rules rules;
    dm_settle_rules_init(&rules, 1000, 3000);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        struct dm_settle settle;
        int64_t next_us = 0;
        dm_settle_init(&settle, 0);
        dm_settle_event(&settle, DM_EVIDENCE_CLOSED, 0);
        dm_settle_sample(&settle, &rules, &first, 0, 0);
        dm_settle_sample(&settle, &rules, &others[i], 1000, 1000);
        g_assert_false(dm_settle_check(&settle, &rules, &next_us));
        g_assert_cmpint(settle.evidence, ==, DM_EVIDENCE_UNSEEN);
        g_assert_cmpint(next_us, ==, 2500);
    }
}

// Who configures more than a minute for files that nobody was seen to write gets it for all.
static void test_long(void) {
    struct dm_settle_rules rules;
    dm_settle_rules_init(&rules, 1000, 90 * 1000 * 1000);
    g_assert_cmpint(rules.by_evidence[DM_EVIDENCE_WRITING].quiet_us, ==, 90 * 1000 * 1000);
    dm_settle_rules_init(&rules, 1000, 3000);
    g_assert_cmpint(rules.by_evidence[DM_EVIDENCE_WRITING].quiet_us, ==, 60 * 1000 * 1000);
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(timelines); i++) {
        g_autofree char *path = g_strconcat("/settle/", timelines[i].name, NULL);
        g_test_add_data_func(path, &timelines[i], test_timeline);
    }
    g_test_add_func("/settle/fields", test_fields);
    g_test_add_func("/settle/long", test_long);
    return g_test_run();
}
