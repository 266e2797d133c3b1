// SPDX-License-Identifier: MIT
//
// The gate: see gate.h. The decision is a walk over a table; around it stands what finds the facts
// out: the pause in the ledger, the minutes of the wall clock, how much is free, which a job of the
// share asks.
#include "watcher/gate.h"

#include "common/log.h"
#include "watcher/quiet_hours.h"
#include "watcher/units.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <sys/statvfs.h>

#define MINUTE_US (INT64_C(60) * G_USEC_PER_SEC)
// How often it is asked how much is free: while files wait, with a limit, without one.
#define ROOM_SOON_US (2 * (int64_t)G_USEC_PER_SEC)
#define ROOM_LIMITED_US (10 * (int64_t)G_USEC_PER_SEC)
#define ROOM_SELDOM_US MINUTE_US

// In the ledger.
#define PAUSED_UNTIL "paused until"
#define PAUSED_BY "paused by" // uid + 1

struct dm_gate {
    struct dm_gate_config config;
    struct dm_quiet_hours *quiet_hours;
    struct dm_gate_facts facts;
    enum dm_gate_reason reason;
    int64_t until_utc_us;
    // "uid 1001 (anna)"; "".
    char *by;
    // The minute (since 1970) for which the quiet hours were asked.
    int64_t minute;
    // A job asks how much is free; what it found, -1: nothing; when the next one does.
    bool asking;
    int64_t found_bytes;
    int64_t ask_us;
};

// ---- the decision

static bool is_offline(const struct dm_gate_facts *facts, int64_t *ret_until_utc_us) {
    (void)ret_until_utc_us;
    return !facts->online;
}

static bool is_paused(const struct dm_gate_facts *facts, int64_t *ret_until_utc_us) {
    bool endless = facts->paused_until_utc_us == INT64_MAX;
    *ret_until_utc_us = endless ? 0 : facts->paused_until_utc_us;
    return facts->paused_until_utc_us > facts->now_utc_us;
}

static bool is_quiet(const struct dm_gate_facts *facts, int64_t *ret_until_utc_us) {
    bool endless = facts->quiet_until_utc_us == INT64_MAX;
    *ret_until_utc_us = endless ? 0 : facts->quiet_until_utc_us;
    return facts->quiet_until_utc_us > facts->now_utc_us;
}

static bool has_no_room(const struct dm_gate_facts *facts, int64_t *ret_until_utc_us) {
    (void)ret_until_utc_us;
    return facts->free_bytes >= 0 && facts->free_bytes < facts->min_free_bytes;
}

// Adding a reason: a row here and in gate.h, its facts, and how they are found out in
// look_around().
static const struct {
    const char *name;
    // (nullable) @ret_until_utc_us is 0 before, and may be left so.
    bool (*holds)(const struct dm_gate_facts *facts, int64_t *ret_until_utc_us);
} reasons[DM_GATE_REASON_COUNT] = {
    [DM_GATE_OPEN] = {"off", NULL},
    [DM_GATE_OFFLINE] = {"offline", is_offline},
    [DM_GATE_PAUSED] = {"paused", is_paused},
    [DM_GATE_QUIET] = {"quiet hours", is_quiet},
    [DM_GATE_NO_ROOM] = {"no room", has_no_room},
};

enum dm_gate_reason dm_gate_decide(const struct dm_gate_facts *facts, int64_t *ret_until_utc_us) {
    for (int i = DM_GATE_OPEN + 1; i < DM_GATE_REASON_COUNT; i++) {
        int64_t until_utc_us = 0;
        if (reasons[i].holds(facts, &until_utc_us)) {
            *ret_until_utc_us = until_utc_us;
            return (enum dm_gate_reason)i;
        }
    }
    *ret_until_utc_us = 0;
    return DM_GATE_OPEN;
}

const char *dm_gate_reason_name(enum dm_gate_reason reason) {
    return reasons[reason].name;
}

// ---- words

char *dm_gate_user(uid_t uid) {
    struct passwd user, *found = NULL;
    char buffer[4096];
    if (uid == (uid_t)-1) {
        return g_strdup("somebody");
    }
    bool named = getpwuid_r(uid, &user, buffer, sizeof(buffer), &found) == 0 && found != NULL;
    return named ? g_strdup_printf("uid %u (%s)", (unsigned)uid, user.pw_name)
                 : g_strdup_printf("uid %u", (unsigned)uid);
}

/** " until 2026-11-28 18:00", on the clock of this machine, or ""; (transfer full). */
static char *until_words(int64_t utc_us) {
    g_autoptr(GDateTime) time =
        utc_us > 0 ? g_date_time_new_from_unix_local(utc_us / G_USEC_PER_SEC) : NULL;
    return time != NULL ? g_date_time_format(time, " until %Y-%m-%d %H:%M") : g_strdup("");
}

/** "1234MB": as much as anybody wants to know; (transfer full). */
static char *megabytes(int64_t bytes) {
    return dm_format_bytes(bytes - bytes % 1000000);
}

static char *room_words(const struct dm_gate *gate) {
    g_autofree char *free_text = megabytes(gate->facts.free_bytes);
    g_autofree char *min_text = dm_format_bytes(gate->facts.min_free_bytes);
    return g_strdup_printf("%s are free where results go, expected at least %s (min_free): files "
                           "wait until there is room",
                           free_text, min_text);
}

static void tell(const struct dm_gate *gate, enum dm_gate_reason before) {
    g_autofree char *until = until_words(gate->until_utc_us);
    g_autofree char *room = gate->reason == DM_GATE_NO_ROOM ? room_words(gate) : NULL;
    switch (gate->reason) {
    case DM_GATE_OPEN:
        if (before == DM_GATE_QUIET || before == DM_GATE_NO_ROOM) {
            dm_log_message("work is handed out again (before: %s)", dm_gate_reason_name(before));
        }
        break;
    case DM_GATE_PAUSED:
        dm_log_message("paused by %s%s: files wait", gate->by, until);
        break;
    case DM_GATE_QUIET:
        dm_log_message("quiet hours%s: files wait", until);
        break;
    case DM_GATE_NO_ROOM:
        dm_log_warning("%s", room);
        break;
    case DM_GATE_OFFLINE: // the share tells
    case DM_GATE_REASON_COUNT:
        break;
    }
}

// ---- the facts

static int ask_room(const struct dm_share_dirs *dirs, void *job) {
    struct dm_gate *gate = job;
    struct statvfs found;
    bool known = fstatvfs(dirs->rooms[DM_SHARE_OUTBOX], &found) == 0;
    gate->found_bytes = known ? (int64_t)(found.f_bavail * found.f_frsize) : -1;
    return 0; // one that cannot say so may well be there
}

static void room_known(void *job, bool done) {
    struct dm_gate *gate = job;
    gate->asking = false;
    gate->facts.free_bytes = done ? gate->found_bytes : -1;
}

/** Ask how much is free when that is due: more often while that is what matters. */
static int64_t look_for_room(struct dm_gate *gate, int64_t now_us) {
    bool waits =
        gate->reason == DM_GATE_NO_ROOM || dm_ledger_has(gate->config.ledger, 1u << DM_STATE_READY);
    bool limited = gate->config.min_free_bytes > 0;
    int64_t pause_us = !limited ? ROOM_SELDOM_US : waits ? ROOM_SOON_US : ROOM_LIMITED_US;
    int64_t due_us = gate->ask_us != INT64_MIN ? gate->ask_us + pause_us : INT64_MIN;
    if (gate->asking || !gate->facts.online) {
        return INT64_MAX; // whatever ends that wakes us
    }
    if (now_us < due_us) {
        return due_us;
    }
    gate->ask_us = now_us;
    gate->asking = true;
    dm_share_push(gate->config.share, ask_room, room_known, gate);
    return now_us + pause_us;
}

static void look_at_clock(struct dm_gate *gate, int64_t utc_us) {
    if (utc_us / MINUTE_US != gate->minute) {
        gate->minute = utc_us / MINUTE_US;
        bool quiet = dm_quiet_hours_has(gate->quiet_hours, utc_us);
        gate->facts.quiet_until_utc_us = quiet ? dm_quiet_hours_end(gate->quiet_hours, utc_us) : 0;
    }
}

/** A pause is over when its time has come. */
static void look_at_pause(struct dm_gate *gate, int64_t utc_us) {
    if (gate->facts.paused_until_utc_us != 0 && gate->facts.paused_until_utc_us <= utc_us) {
        dm_gate_resume(gate, (uid_t)-1);
    }
}

/** When (monotonic) the clock on the wall may change something. */
static int64_t next_minute(const struct dm_gate *gate, int64_t now_us, int64_t utc_us) {
    if (gate->facts.paused_until_utc_us == 0 && *gate->config.quiet_hours == '\0') {
        return INT64_MAX;
    }
    int64_t left_us = gate->facts.paused_until_utc_us - utc_us;
    bool soon = gate->facts.paused_until_utc_us != 0 && left_us < MINUTE_US;
    return now_us + MIN(MINUTE_US - utc_us % MINUTE_US, soon ? left_us : MINUTE_US);
}

int64_t dm_gate_turn(struct dm_gate *gate, int64_t now_us) {
    enum dm_gate_reason before = gate->reason;
    int64_t utc_us = dm_ledger_utc_us(gate->config.ledger);
    gate->facts.now_utc_us = utc_us;
    gate->facts.online = dm_share_is_online(gate->config.share);
    look_at_pause(gate, utc_us);
    look_at_clock(gate, utc_us);
    gate->reason = dm_gate_decide(&gate->facts, &gate->until_utc_us);
    if (gate->reason != before) {
        tell(gate, before);
    }
    int64_t room_us = look_for_room(gate, now_us);
    return MIN(room_us, next_minute(gate, now_us, utc_us));
}

// ---- asked

enum dm_gate_reason dm_gate_reason(const struct dm_gate *gate) {
    return gate->reason;
}

static void set_pause(struct dm_gate *gate, int64_t until_utc_us, int64_t by) {
    gate->facts.paused_until_utc_us = until_utc_us;
    dm_ledger_set_number(gate->config.ledger, PAUSED_UNTIL, until_utc_us);
    dm_ledger_set_number(gate->config.ledger, PAUSED_BY, by);
    dm_wake(&gate->config.wake);
}

void dm_gate_pause(struct dm_gate *gate, int64_t until_utc_us, uid_t uid) {
    g_free(gate->by);
    gate->by = dm_gate_user(uid);
    set_pause(gate, until_utc_us, uid != (uid_t)-1 ? (int64_t)uid + 1 : 0);
    if (gate->reason == DM_GATE_PAUSED) { // another end, perhaps: said anew
        gate->reason = DM_GATE_OPEN;
    }
}

bool dm_gate_resume(struct dm_gate *gate, uid_t uid) {
    bool paused = gate->facts.paused_until_utc_us != 0;
    if (paused) {
        g_autofree char *user = uid != (uid_t)-1 ? dm_gate_user(uid) : g_strdup("the clock");
        dm_log_message("resumed by %s", user);
        set_pause(gate, 0, 0);
        g_free(gate->by);
        gate->by = g_strdup("");
    }
    return paused;
}

void dm_gate_status(const struct dm_gate *gate, struct dm_gate_status *ret) {
    *ret = (struct dm_gate_status){
        .held = dm_gate_reason_name(gate->reason),
        .until_utc_us = gate->until_utc_us,
        .by = gate->reason == DM_GATE_PAUSED ? gate->by : "",
        .free_bytes = gate->facts.free_bytes,
    };
    g_autofree char *room = gate->reason == DM_GATE_NO_ROOM ? room_words(gate) : g_strdup("");
    g_strlcpy(ret->problem, room, sizeof(ret->problem));
}

// ---- made and freed

struct dm_gate *dm_gate_new(const struct dm_gate_config *config, GError **error) {
    struct dm_quiet_hours *hours = dm_quiet_hours_parse(config->quiet_hours, error);
    if (hours == NULL) {
        return NULL;
    }
    struct dm_gate *gate = g_new(struct dm_gate, 1);
    *gate = (struct dm_gate){
        .config = *config,
        .quiet_hours = hours,
        .facts =
            {
                .online = true,
                .paused_until_utc_us = dm_ledger_number(config->ledger, PAUSED_UNTIL),
                .free_bytes = -1,
                .min_free_bytes = config->min_free_bytes,
            },
        .minute = -1,
        .ask_us = INT64_MIN,
    };
    int64_t by = dm_ledger_number(config->ledger, PAUSED_BY);
    bool paused = gate->facts.paused_until_utc_us != 0;
    gate->by = paused ? dm_gate_user(by > 0 ? (uid_t)(by - 1) : (uid_t)-1) : g_strdup("");
    return gate;
}

void dm_gate_free(struct dm_gate *gate) {
    if (gate != NULL) {
        dm_quiet_hours_free(gate->quiet_hours);
        g_free(gate->by);
        g_free(gate);
    }
}
