// SPDX-License-Identifier: MIT
//
// Settle: the readiness rule as a table.
//
//   time     |----------- quiet -----------|
//   samples  1         2 ...               n      all equal: ready at the n-th
//   event or other sample: back to the left, with whatever evidence that event is
//
// The k-th sample counts only from its place on that line on, so that a burst of looks (a sweep
// that meets a timer) proves no more than one look does. The n-th is the fresh look at the end of
// the quiet. To add evidence: a value in enum dm_evidence and a row in `table`.
#include "watcher/inbox/settle.h"

#include <glib.h>
#include <stddef.h>

// A file under a busy writer is not looked at more often than this.
#define SAMPLE_INTERVAL_US (100 * 1000)

static const struct {
    const char *name;
    // At least 2.
    int samples;
    // 0: configured.
    int64_t quiet_us;
} table[DM_EVIDENCE_COUNT] = {
    [DM_EVIDENCE_UNSEEN] = {.name = "no write seen", .samples = 3},
    // A local writer closes in the end, however long it pauses. An NFSv3 server may hold a file
    // open for ever: therefore there is an end to waiting.
    [DM_EVIDENCE_WRITING] = {.name = "not closed", .samples = 3, .quiet_us = 60 * 1000 * 1000},
    [DM_EVIDENCE_CLOSED] = {.name = "closed or renamed in", .samples = 2},
};

// When the sample after @equal ones that count is due.
static int64_t sample_due(const struct dm_settle *settle, const struct dm_settle_rule *rule) {
    return settle->quiet_since_us + rule->quiet_us * settle->equal / (rule->samples - 1);
}

static void restart(struct dm_settle *settle, enum dm_evidence evidence, int64_t at_us) {
    settle->evidence = evidence;
    settle->quiet_since_us = at_us;
    settle->equal = 0;
}

void dm_settle_rules_init(struct dm_settle_rules *ret, int64_t closed_us, int64_t unseen_us) {
    const int64_t quiet_us[DM_EVIDENCE_COUNT] = {
        [DM_EVIDENCE_UNSEEN] = unseen_us,
        [DM_EVIDENCE_WRITING] = MAX(table[DM_EVIDENCE_WRITING].quiet_us, unseen_us),
        [DM_EVIDENCE_CLOSED] = closed_us,
    };
    for (int i = 0; i < DM_EVIDENCE_COUNT; i++) {
        ret->by_evidence[i] = (struct dm_settle_rule){
            .name = table[i].name, .quiet_us = quiet_us[i], .samples = table[i].samples};
    }
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

void dm_settle_sample(struct dm_settle *settle, const struct dm_settle_rules *rules,
                      const struct dm_fingerprint *fingerprint, int64_t asked_us, int64_t now_us) {
    settle->sampled_us = asked_us;
    if (settle->equal > 0 && !dm_fingerprint_equal(&settle->fingerprint, fingerprint)) {
        bool open = settle->evidence == DM_EVIDENCE_WRITING;
        restart(settle, open ? DM_EVIDENCE_WRITING : DM_EVIDENCE_UNSEEN, now_us);
    } else if (asked_us < sample_due(settle, &rules->by_evidence[settle->evidence])) {
        return;
    }
    settle->fingerprint = *fingerprint;
    settle->equal++;
}

bool dm_settle_check(const struct dm_settle *settle, const struct dm_settle_rules *rules,
                     int64_t *ret_next_us) {
    const struct dm_settle_rule *rule = &rules->by_evidence[settle->evidence];
    if (settle->equal == 0) {
        *ret_next_us = MAX(settle->quiet_since_us, settle->sampled_us + SAMPLE_INTERVAL_US);
        return false;
    }
    if (settle->equal < rule->samples) {
        *ret_next_us = sample_due(settle, rule);
        return false;
    }
    if (settle->fingerprint.size_bytes > 0) {
        return true;
    }
    *ret_next_us = INT64_MAX;
    return false;
}
