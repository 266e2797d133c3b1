// SPDX-License-Identifier: MIT
//
// Settle: the rules of readiness as one table. Proof shortens waiting, doubt lengthens it.
//
//   time     |----------- quiet -----------|
//   samples  1         2 ...               n      all equal, the n-th with a probe: ready
//   event or other sample: back to the left, with whatever evidence that event is
//
// The k-th sample counts only from its place on that line on, so that a burst of looks (a sweep
// that meets a timer) proves no more than one look does. The n-th is the fresh look at the end of
// the quiet, and only it looks into the file: until then the file is taken for whole. What it finds
// may bring another rule, and a longer line.
//
// The first rule that applies counts. To add evidence: what is known of it in settle.h, a row in
// `rules`, a case in the test.
#include "watcher/inbox/settle.h"

#include <inttypes.h>
#include <stddef.h>

// A file under a busy writer is not looked at more often than this.
#define SAMPLE_INTERVAL_US (100 * 1000)
// What may clear up without an event is looked at again after a quarter of the quiet so far.
#define AGAIN_MIN_US G_USEC_PER_SEC
#define AGAIN_MAX_US (30 * G_USEC_PER_SEC)
// Of what was learned twice as much is waited, and no less than this.
#define RETURNS_MIN_US (2 * G_USEC_PER_SEC)
#define OLD_NS (60 * INT64_C(1000000000))

// ---- what is known

static bool is_busy(const struct dm_settle *settle) {
    return settle->probed && settle->writer == DM_WRITER_BUSY;
}

static bool has_ending(const struct dm_settle *settle, enum dm_ending ending) {
    return settle->probed && settle->ending.ending == ending;
}

static bool has_hole(const struct dm_settle *settle) {
    return settle->probed && settle->hole_at >= 0;
}

/** Proved whole, or not looked into yet; but for its writer. */
static bool is_whole(const struct dm_settle *settle) {
    return !settle->probed || (settle->ending.ending == DM_ENDING_THERE && !settle->ending.grows);
}

static bool is_moved_in(const struct dm_settle *settle) {
    return settle->evidence == DM_EVIDENCE_MOVED ||
           (settle->evidence == DM_EVIDENCE_CREATED && settle->fingerprint.links > 1);
}

// ---- the conditions of the rules

typedef const struct dm_settle settle_t;
typedef const struct dm_settle_place place_t;

static bool empty(settle_t *settle, place_t *place) {
    (void)place;
    return settle->equal > 0 && settle->fingerprint.size_bytes == 0;
}

static bool not_triggered(settle_t *settle, place_t *place) {
    return *place->waits->trigger != '\0' && settle->probed && !settle->triggered;
}

static bool triggered(settle_t *settle, place_t *place) {
    (void)settle;
    return *place->waits->trigger != '\0';
}

static bool finder_copies(settle_t *settle, place_t *place) {
    (void)place;
    return settle->probed && settle->finder_copies;
}

static bool open_and_cut(settle_t *settle, place_t *place) {
    return is_busy(settle) && !place->always_open &&
           (has_ending(settle, DM_ENDING_MISSING) || has_hole(settle));
}

static bool hole(settle_t *settle, place_t *place) {
    (void)place;
    return has_hole(settle);
}

static bool cut(settle_t *settle, place_t *place) {
    (void)place;
    return has_ending(settle, DM_ENDING_MISSING);
}

/** Where nobody can be asked who has it open, a write without its close says the same. */
static bool open_and_unknown(settle_t *settle, place_t *place) {
    bool open = is_busy(settle) || (settle->probed && settle->writer == DM_WRITER_UNKNOWN &&
                                    settle->evidence == DM_EVIDENCE_WRITING);
    return open && !place->always_open && has_ending(settle, DM_ENDING_UNKNOWN);
}

static bool open_and_whole(settle_t *settle, place_t *place) {
    (void)place;
    return is_busy(settle);
}

static bool moved(settle_t *settle, place_t *place) {
    (void)place;
    return is_moved_in(settle) && is_whole(settle);
}

static bool moved_unproved(settle_t *settle, place_t *place) {
    (void)place;
    return is_moved_in(settle);
}

static bool closed(settle_t *settle, place_t *place) {
    (void)place;
    return settle->evidence == DM_EVIDENCE_CLOSED && is_whole(settle);
}

static bool closed_unproved(settle_t *settle, place_t *place) {
    (void)place;
    return settle->evidence == DM_EVIDENCE_CLOSED;
}

static bool old_and_whole(settle_t *settle, place_t *place) {
    (void)place;
    return settle->evidence == DM_EVIDENCE_UNSEEN && settle->old && is_whole(settle);
}

static bool any(settle_t *settle, place_t *place) {
    (void)settle, (void)place;
    return true;
}

// ---- the table

#define AT(member) offsetof(struct dm_inbox_waits, member)
#define NO_QUIET SIZE_MAX
#define NEVER (SIZE_MAX - 1)

static const struct rule {
    // In WATCHING.md.
    const char *letter;
    bool (*applies)(settle_t *settle, place_t *place);
    // Into struct dm_inbox_waits: on this machine's file systems, on others.
    size_t quiet, quiet_remote;
    // At least 2, but where no quiet is needed.
    int samples;
    // It may stop applying without an event.
    bool clears;
    // Where writers come back, that is waited for, too.
    bool returns;
    // What a file waits for; NULL: to be still. "%s" is the trigger, or where the hole is.
    const char *waits_for;
} rules[] = {
    // clang-format off
    {"",   empty,            NEVER,                  NEVER,                  2, false, false, "content: it is empty"},
    {"H",  not_triggered,    NEVER,                  NEVER,                  2, true,  false, "the file of its name and '%s'"},
    {"H",  triggered,        NO_QUIET,               NO_QUIET,               1, false, false, NULL},
    {"G",  finder_copies,    AT(finder_us),          AT(finder_us),          3, true,  false, "Finder, which is still copying"},
    {"E",  open_and_cut,     NEVER,                  NEVER,                  3, true,  false, "its writer: it is still open by another program"},
    {"F",  hole,             AT(cut_us),             AT(cut_remote_us),      3, true,  false, "its content: there is a hole at %s"},
    {"F",  cut,              AT(cut_us),             AT(cut_remote_us),      3, false, false, "its end: the end marker is missing"},
    {"E",  open_and_unknown, AT(open_us),            AT(open_us),            3, true,  false, "its writer: it is still open by another program"},
    {"E",  open_and_whole,   AT(unseen_us),          AT(unseen_remote_us),   3, true,  false, NULL},
    {"A",  moved,            AT(moved_us),           AT(moved_us),           2, false, false, NULL},
    {"A'", moved_unproved,   AT(moved_unproved_us),  AT(moved_unproved_us),  2, false, false, NULL},
    {"B",  closed,           AT(closed_us),          AT(closed_us),          2, false, true,  NULL},
    {"B'", closed_unproved,  AT(closed_unproved_us), AT(closed_unproved_us), 2, false, true,  NULL},
    {"D",  old_and_whole,    NO_QUIET,               NO_QUIET,               1, false, false, NULL},
    {"D",  any,              AT(unseen_us),          AT(unseen_remote_us),   3, false, true,  NULL},
    // clang-format on
};

static const struct rule *rule_of(settle_t *settle, place_t *place) {
    const struct rule *rule = rules;
    while (!rule->applies(settle, place)) {
        rule++;
    }
    return rule;
}

/** How long it must be still by @rule; INT64_MAX: that is not enough. */
static int64_t quiet_of(const struct rule *rule, place_t *place) {
    size_t at = place->remote ? rule->quiet_remote : rule->quiet;
    if (at == NO_QUIET || at == NEVER) {
        return at == NEVER ? INT64_MAX : 0;
    }
    int64_t quiet_us = *(const int64_t *)((const char *)place->waits + at);
    if (rule->returns && place->returned_us > 0) {
        int64_t returns_us = MAX(2 * place->returned_us, RETURNS_MIN_US);
        quiet_us = MAX(quiet_us, MIN(returns_us, place->waits->returns_us));
    }
    return quiet_us;
}

/** When the sample after those that count is due. */
static int64_t sample_due(settle_t *settle, place_t *place) {
    const struct rule *rule = rule_of(settle, place);
    int64_t quiet_us = quiet_of(rule, place);
    if (quiet_us == INT64_MAX) {
        return INT64_MAX;
    }
    int parts = MAX(rule->samples - 1, 1);
    return settle->quiet_since_us + quiet_us / parts * MIN(settle->equal, parts) +
           (settle->equal >= parts ? quiet_us % parts : 0);
}

// ---- what happens

static void restart(struct dm_settle *settle, enum dm_evidence evidence, int64_t at_us) {
    settle->evidence = evidence;
    settle->quiet_since_us = at_us;
    settle->equal = 0;
    settle->fresh = settle->probed = false;
}

void dm_settle_init(struct dm_settle *settle, int64_t now_us) {
    *settle = (struct dm_settle){.sampled_us = now_us - SAMPLE_INTERVAL_US};
    restart(settle, DM_EVIDENCE_UNSEEN, now_us);
}

void dm_settle_event(struct dm_settle *settle, enum dm_evidence evidence, int64_t at_us) {
    bool older = at_us < settle->quiet_since_us;
    if (!older) {
        restart(settle, evidence, at_us);
    } else if (evidence == DM_EVIDENCE_WRITING && settle->evidence == DM_EVIDENCE_UNSEEN) {
        restart(settle, evidence, settle->quiet_since_us); // a sample was faster than the event
    }
}

void dm_settle_lost_events(struct dm_settle *settle) {
    if (settle->evidence == DM_EVIDENCE_WRITING) {
        settle->evidence = DM_EVIDENCE_UNSEEN;
    }
}

/** Neither can be set by whoever writes it: mtime can, so both must be old. */
static bool is_old(const struct dm_settle_look *look) {
    int64_t before_ns = look->utc_us * 1000 - OLD_NS;
    return look->fingerprint.mtime_ns < before_ns && look->fingerprint.ctime_ns < before_ns;
}

static void take_probe(struct dm_settle *settle, const struct dm_probe *probe) {
    settle->probed = true;
    settle->ending = probe->ending;
    settle->writer = probe->writer;
    settle->hole_at = probe->hole_at;
    settle->finder_copies = probe->finder_copies;
    settle->triggered = probe->triggered;
}

/** Of a longer line fewer places were reached by @at_us. */
static int samples_at(settle_t *settle, place_t *place, int64_t at_us) {
    const struct rule *rule = rule_of(settle, place);
    int64_t quiet_us = quiet_of(rule, place), passed_us = at_us - settle->quiet_since_us;
    int parts = MAX(rule->samples - 1, 1);
    if (passed_us >= quiet_us) {
        return rule->samples;
    }
    return quiet_us < INT64_MAX ? 1 + (int)(passed_us * parts / quiet_us) : 1;
}

void dm_settle_sample(struct dm_settle *settle, const struct dm_settle_place *place,
                      const struct dm_settle_look *look) {
    settle->sampled_us = look->asked_us;
    if (settle->equal > 0 && !dm_fingerprint_equal(&settle->fingerprint, &look->fingerprint)) {
        bool open = settle->evidence == DM_EVIDENCE_WRITING;
        restart(settle, open ? DM_EVIDENCE_WRITING : DM_EVIDENCE_UNSEEN, look->now_us);
        settle->old = false;
    } else if (look->asked_us < settle->quiet_since_us) {
        return;
    } else if (settle->equal == 0) {
        settle->old = is_old(look);
    }
    if (look->probe != NULL) {
        take_probe(settle, look->probe);
        settle->equal = MIN(settle->equal, samples_at(settle, place, look->asked_us));
    }
    bool counts = look->asked_us >= sample_due(settle, place) || settle->equal == 0;
    settle->fingerprint = look->fingerprint;
    settle->equal += counts;
    settle->fresh = counts && look->probe != NULL;
}

bool dm_settle_wants_probe(const struct dm_settle *settle, const struct dm_settle_place *place) {
    const struct rule *rule = rule_of(settle, place);
    return rule->clears || settle->equal + 1 >= rule->samples;
}

/** When to look again at what may have cleared up. */
static int64_t again_at(settle_t *settle, int64_t now_us) {
    int64_t quarter_us = (now_us - settle->quiet_since_us) / 4;
    return now_us + CLAMP(quarter_us, AGAIN_MIN_US, AGAIN_MAX_US);
}

bool dm_settle_check(const struct dm_settle *settle, const struct dm_settle_place *place,
                     int64_t now_us, int64_t *ret_next_us) {
    const struct rule *rule = rule_of(settle, place);
    int64_t quiet_us = quiet_of(rule, place);
    if (settle->equal == 0) {
        *ret_next_us = MAX(settle->quiet_since_us, settle->sampled_us + SAMPLE_INTERVAL_US);
        return false;
    }
    if (quiet_us < INT64_MAX && settle->equal >= rule->samples && settle->fresh) {
        return true;
    }
    *ret_next_us = MAX(sample_due(settle, place), settle->quiet_since_us);
    if (rule->clears) {
        *ret_next_us = MIN(*ret_next_us, again_at(settle, now_us));
    }
    return false;
}

bool dm_settle_was_open(const struct dm_settle *settle) {
    return is_busy(settle) && is_whole(settle) && settle->evidence != DM_EVIDENCE_CLOSED &&
           settle->evidence != DM_EVIDENCE_MOVED;
}

// ---- in words

/** "4.1 MB". */
static char *place_in_file(int64_t bytes) {
    static const struct {
        int64_t factor;
        const char *name;
    } units[] = {{1000000000, "GB"}, {1000000, "MB"}, {1000, "kB"}};
    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        if (bytes >= units[i].factor) {
            return g_strdup_printf("%.1f %s", (double)bytes / (double)units[i].factor,
                                   units[i].name);
        }
    }
    return g_strdup_printf("%" PRId64 " bytes", bytes);
}

char *dm_settle_waits_for(const struct dm_settle *settle, const struct dm_settle_place *place) {
    const struct rule *rule = rule_of(settle, place);
    g_autofree char *hole_at = place_in_file(settle->hole_at);
    if (rule->waits_for == NULL) {
        return g_strdup_printf("waits to be still for %.3g s%s",
                               (double)quiet_of(rule, place) / G_USEC_PER_SEC,
                               is_busy(settle) ? ", for another program has it open" : "");
    }
    GString *text = g_string_new("waits for ");
    g_string_append(text, rule->waits_for);
    g_string_replace(text, "%s", rule->applies == hole ? hole_at : place->waits->trigger, 1);
    return g_string_free(text, FALSE);
}
