// SPDX-License-Identifier: MIT
//
// See notices.h.
#include "watcher/notices/notices.h"

#include "common/error.h"
#include "common/log.h"
#include "watcher/ledger/notices.h"
#include "watcher/notices/accounts.h"
#include "watcher/notices/delivery.h"
#include "watcher/notices/program.h"
#include "watcher/notices/troubles.h"
#include "watcher/notices/verdict.h"
#include "watcher/notices/webhook.h"
#include "watcher/notices/words.h"

#include <inttypes.h>
#include <string.h>

// So many drops are told in one turn; the others in the next.
#define MAX_TOLD 100
// How often it is looked what is wrong: a part of the while after which it is told.
#define LOOKS 12
#define LOOK_MIN_US (50 * INT64_C(1000))

struct dm_notices {
    struct dm_notices_config config;
    struct dm_ledger *ledger;
    // NULL: nobody wants to know.
    struct dm_accounts *accounts;
    // NULL: nobody wants to know.
    struct dm_troubles *troubles;
    int64_t troubles_us;
    // NULL: it is not configured.
    struct dm_delivery *ways[DM_NOTICE_WAY_COUNT];
};

static bool is_way(const struct dm_notices_settings *settings, enum dm_notice_way way) {
    return *(way == DM_NOTICE_EXEC ? settings->exec : settings->webhook) != '\0';
}

bool dm_notices_are_wanted(const struct dm_notices_settings *settings) {
    return (settings->done || settings->failed || settings->trouble) &&
           (is_way(settings, DM_NOTICE_EXEC) || is_way(settings, DM_NOTICE_WEBHOOK));
}

bool dm_notices_check(const struct dm_notices_settings *settings, GError **error) {
    return !is_way(settings, DM_NOTICE_WEBHOOK) || dm_webhook_judge(settings->webhook, error);
}

bool dm_notices_check_program(const struct dm_notices_settings *settings, GError **error) {
    if (is_way(settings, DM_NOTICE_EXEC) && !dm_program_judge(settings->exec, error)) {
        g_prefix_error(error, "hooks.exec: ");
        return false;
    }
    return true;
}

// ---- telling

/** @text: (transfer full). It goes all ways that there are. */
static void queue(struct dm_notices *notices, const struct dm_words *words, const char *about,
                  char *text) {
    struct dm_notice notice = {
        .id = (char *)words->id,
        .kind = (char *)words->kind,
        .about = (char *)about,
        .text = text,
        .made_utc_us = words->now_utc_us,
        .not_before_utc_us = words->now_utc_us,
    };
    for (int way = 0; way < DM_NOTICE_WAY_COUNT; way++) {
        if (notices->ways[way] != NULL) {
            dm_delivery_add(notices->ways[way], &notice);
        }
    }
    g_free(text);
}

static struct dm_words words_of(const struct dm_notices *notices, const char *id,
                                const char *kind) {
    return (struct dm_words){
        .id = id,
        .kind = kind,
        .host = g_get_host_name(),
        .share = notices->config.share,
        .share_id = notices->config.share_id,
        .now_utc_us = dm_ledger_utc_us(notices->ledger),
    };
}

/** Of the first failures those that are still there; (transfer full). */
static GPtrArray *failures_of(const struct dm_notices *notices, const struct dm_ended *ended) {
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)dm_row_free);
    for (int64_t i = 0; i < ended->failures_known; i++) {
        struct dm_row *row = dm_ledger_get(notices->ledger, ended->failures[i]);
        if (row != NULL && row->state == DM_STATE_FAILED) {
            g_ptr_array_add(rows, g_steal_pointer(&row));
        }
        dm_row_free(row);
    }
    return rows;
}

static void tell_drop(const struct dm_ended *ended, void *data) {
    struct dm_notices *notices = data;
    const struct dm_notices_settings *settings = notices->config.settings;
    const char *kind = dm_words_kind(ended);
    if (!(strcmp(kind, "done") == 0 ? settings->done : settings->failed)) {
        return;
    }
    g_autofree char *id = g_uuid_string_random();
    struct dm_words words = words_of(notices, id, kind);
    g_autoptr(GPtrArray) failures = failures_of(notices, ended);
    queue(notices, &words, ended->drop, dm_words_drop(&words, ended, failures));
}

static void tell_trouble(const struct dm_trouble *trouble, void *data) {
    struct dm_notices *notices = data;
    g_autofree char *id = g_uuid_string_random();
    struct dm_words words = words_of(notices, id, "trouble");
    const struct dm_words_trouble what = {
        .name = trouble->name,
        .problem = trouble->problem,
        .since_utc_us = trouble->since_utc_us,
        .is_over = trouble->over_utc_us != 0,
    };
    queue(notices, &words, trouble->name, dm_words_trouble(&words, &what));
}

// ---- turns

/** That notices do not go out cannot be told by one. */
static void see_problem(const char *name, const char *problem, void *data) {
    const struct dm_notices *notices = data;
    if (!g_str_has_prefix(name, "hooks.")) {
        dm_troubles_see(notices->troubles, name, problem, dm_ledger_utc_us(notices->ledger));
    }
}

static int64_t look_for_trouble(struct dm_notices *notices, int64_t now_us) {
    if (notices->troubles == NULL) {
        return INT64_MAX;
    }
    if (now_us >= notices->troubles_us) {
        int64_t pause_us = notices->config.settings->trouble_after_us / LOOKS;
        notices->troubles_us = now_us + MAX(pause_us, LOOK_MIN_US);
        dm_troubles_begin_look(notices->troubles);
        notices->config.problems(see_problem, notices, notices->config.data);
        dm_troubles_end_look(notices->troubles, dm_ledger_utc_us(notices->ledger), tell_trouble,
                             notices);
    }
    return notices->troubles_us;
}

static int64_t look_for_ends(struct dm_notices *notices, int64_t utc_us) {
    if (notices->accounts == NULL) {
        return INT64_MAX;
    }
    dm_accounts_flush(notices->accounts);
    dm_accounts_settle(notices->accounts, utc_us, MAX_TOLD, tell_drop, notices);
    return dm_accounts_look_utc_us(notices->accounts);
}

int64_t dm_notices_turn(struct dm_notices *notices, int64_t now_us) {
    int64_t utc_us = dm_ledger_utc_us(notices->ledger);
    int64_t due_us = look_for_trouble(notices, now_us);
    int64_t due_utc_us = look_for_ends(notices, utc_us);
    for (int way = 0; way < DM_NOTICE_WAY_COUNT; way++) {
        if (notices->ways[way] != NULL) {
            int64_t its_utc_us = dm_delivery_turn(notices->ways[way], utc_us);
            due_utc_us = MIN(due_utc_us, its_utc_us);
        }
    }
    int64_t wait_us = CLAMP(due_utc_us - utc_us, 0, DM_VERDICT_LONGEST_US); // a clock may be set
    return due_utc_us == INT64_MAX ? due_us : MIN(due_us, now_us + wait_us);
}

void dm_notices_committed(struct dm_notices *notices) {
    for (int way = 0; way < DM_NOTICE_WAY_COUNT; way++) {
        if (notices->ways[way] != NULL) {
            dm_delivery_committed(notices->ways[way]);
        }
    }
}

void dm_notices_status(const struct dm_notices *notices, struct dm_notices_status *ret) {
    *ret = (struct dm_notices_status){0};
    for (int way = 0; notices != NULL && way < DM_NOTICE_WAY_COUNT; way++) {
        struct dm_delivery_status status = {.problem = ""};
        if (notices->ways[way] != NULL) {
            dm_delivery_status(notices->ways[way], &status);
        }
        ret->pending += status.pending;
        ret->delivered += status.delivered;
        ret->retried += status.retried;
        ret->lost += status.lost;
        if (*status.problem != '\0') {
            g_strlcat(ret->problem, *ret->problem != '\0' ? "; " : "", sizeof(ret->problem));
            g_strlcat(ret->problem, status.problem, sizeof(ret->problem));
        }
    }
}

// ---- made and freed

/** What waits for a way that there is no more. */
static void forget_way(struct dm_ledger *ledger, enum dm_notice_way way) {
    int64_t forgotten = dm_ledger_forget_notices(ledger, way);
    if (forgotten > 0) {
        dm_log_warning(
            "hooks.%s is off: notices that waited for it and are not delivered: %" PRId64,
            way == DM_NOTICE_EXEC ? "exec" : "webhook", forgotten);
    }
}

static void forget_trouble(const char *name, const char *problem, int64_t since_utc_us,
                           void *data) {
    (void)problem;
    (void)since_utc_us;
    g_ptr_array_add(data, g_strdup(name));
}

static void forget_troubles(struct dm_ledger *ledger) {
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    dm_ledger_each_trouble(ledger, forget_trouble, names);
    for (guint i = 0; i < names->len; i++) {
        dm_ledger_forget_trouble(ledger, names->pdata[i]);
    }
}

void dm_notices_forget(struct dm_ledger *ledger) {
    for (int way = 0; way < DM_NOTICE_WAY_COUNT; way++) {
        forget_way(ledger, (enum dm_notice_way)way);
    }
    dm_ledger_forget_ended(ledger);
    forget_troubles(ledger);
}

static bool build_ways(struct dm_notices *notices, const struct dm_wake *wake, GError **error) {
    const struct dm_notices_settings *settings = notices->config.settings;
    for (int i = 0; i < DM_NOTICE_WAY_COUNT; i++) {
        enum dm_notice_way way = (enum dm_notice_way)i;
        if (!is_way(settings, way)) {
            forget_way(notices->ledger, way);
            continue;
        }
        notices->ways[way] = dm_delivery_new(way, settings, notices->ledger, wake, error);
        if (notices->ways[way] == NULL) {
            return false;
        }
    }
    return true;
}

struct dm_notices *dm_notices_new(const struct dm_notices_config *config, struct dm_ledger *ledger,
                                  const struct dm_wake *wake, GError **error) {
    g_autoptr(GError) program = NULL;
    if (!dm_notices_check(config->settings, error)) {
        return NULL;
    }
    if (!dm_notices_check_program(config->settings, &program)) {
        dm_log_warning("%s; notices wait until it can be run", program->message);
    }
    struct dm_notices *notices = g_new0(struct dm_notices, 1);
    notices->config = *config;
    notices->ledger = ledger;
    if (!build_ways(notices, wake, error)) {
        dm_notices_stop(notices);
        dm_notices_free(notices);
        return NULL;
    }
    if (config->settings->done || config->settings->failed) {
        notices->accounts = dm_accounts_new(ledger, config->settings->idle_us);
    } else {
        dm_ledger_forget_ended(ledger);
    }
    if (config->settings->trouble) {
        notices->troubles = dm_troubles_new(ledger, config->settings->trouble_after_us);
    } else {
        forget_troubles(ledger);
    }
    return notices;
}

void dm_notices_stop(struct dm_notices *notices) {
    if (notices == NULL) {
        return;
    }
    for (int way = 0; way < DM_NOTICE_WAY_COUNT; way++) {
        dm_delivery_stop(notices->ways[way]);
    }
    if (notices->accounts != NULL) {
        dm_accounts_flush(notices->accounts);
    }
}

void dm_notices_free(struct dm_notices *notices) {
    if (notices == NULL) {
        return;
    }
    for (int way = 0; way < DM_NOTICE_WAY_COUNT; way++) {
        dm_delivery_free(notices->ways[way]);
    }
    dm_accounts_free(notices->accounts);
    dm_troubles_free(notices->troubles);
    g_free(notices);
}
