// SPDX-License-Identifier: MIT
//
// See delivery.h.
#include "watcher/notices/delivery.h"

#include "common/error.h"
#include "common/log.h"
#include "common/log_event.h"
#include "common/path.h"
#include "watcher/notices/program.h"
#include "watcher/notices/verdict.h"
#include "watcher/notices/webhook.h"
#include "watcher/share/io_thread.h"
#include "watcher/units.h"

#include <glib-unix.h>
#include <inttypes.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

// Who is told to stop does so at once, but for a name that is being looked up.
#define PATIENCE_US (2 * (int64_t)G_USEC_PER_SEC)

struct dm_delivery {
    enum dm_notice_way way;
    const struct dm_notices_settings *settings;
    struct dm_ledger *ledger;
    struct dm_wake wake;
    const struct dm_http_calls *calls;
    struct dm_io_thread *thread;
    guint source;
    int stop_fd;
    // What goes, (nullable); it is on the thread.
    struct dm_notice *notice;
    bool is_pushed;
    // What the thread found.
    enum dm_verdict verdict;
    char *why;
    int64_t pending, delivered, retried, lost;
    // Notices are being dropped, and it was said.
    bool is_overfull;
    char *problem;
    // The last attempt failed: none is made before (us since 1970), whatever waits.
    int64_t rests_utc_us;
};

static const char *const way_names[DM_NOTICE_WAY_COUNT] = {
    [DM_NOTICE_EXEC] = "hooks.exec",
    [DM_NOTICE_WEBHOOK] = "hooks.webhook",
};

// ---- on the thread

static void deliver(void *job) {
    struct dm_delivery *delivery = job;
    if (delivery->way == DM_NOTICE_EXEC) {
        const struct dm_program program = {.path = delivery->settings->exec,
                                           .timeout_us = delivery->settings->timeout_us,
                                           .stop_fd = delivery->stop_fd};
        delivery->verdict = dm_program_run(&program, delivery->notice->kind, delivery->notice->text,
                                           &delivery->why);
    } else {
        const struct dm_webhook webhook = {.calls = delivery->calls,
                                           .url = delivery->settings->webhook,
                                           .ca_file = delivery->settings->ca_file,
                                           .timeout_us = delivery->settings->timeout_us,
                                           .stop_fd = delivery->stop_fd};
        delivery->verdict = dm_webhook_post(&webhook, delivery->notice->text, &delivery->why);
    }
}

// ---- what has come of it

static void set_problem(struct dm_delivery *delivery, const char *problem) {
    if (delivery->problem != problem) {
        g_free(delivery->problem);
        delivery->problem = g_strdup(problem);
    }
}

static void forget(struct dm_delivery *delivery, int64_t row) {
    dm_ledger_forget_notice(delivery->ledger, row);
    delivery->pending--;
    delivery->is_overfull &= delivery->pending >= DM_DELIVERY_MAX;
}

static void take_delivered(struct dm_delivery *delivery) {
    delivery->delivered++;
    if (*delivery->problem != '\0') {
        dm_log_message("%s: notices are delivered again", way_names[delivery->way]);
        set_problem(delivery, "");
    }
    delivery->rests_utc_us = 0;
    forget(delivery, delivery->notice->row);
}

/** "a notice (failed, gray/Holiday) was not delivered: the answer was 500"; (transfer full). */
static char *describe(const struct dm_delivery *delivery) {
    g_autofree char *about = dm_path_display(delivery->notice->about);
    return g_strdup_printf("%s: a notice (%s, %s) was not delivered: %s", way_names[delivery->way],
                           delivery->notice->kind, about, delivery->why);
}

static void take_lost(struct dm_delivery *delivery, const char *words) {
    delivery->lost++;
    dm_log_event(DM_EVENT_NOTICE_LOST, DM_LOG_WARNING, "%s; it is given up", words);
    forget(delivery, delivery->notice->row);
}

/** The first failure is a warning, those that follow are expected. */
static void take_failed(struct dm_delivery *delivery, int64_t wait_us, const char *words) {
    bool is_new = *delivery->problem == '\0';
    g_autofree char *wait = dm_format_duration(MAX(wait_us / 1000 * 1000, 1000));
    delivery->retried++;
    dm_log(is_new ? DM_LOG_WARNING : DM_LOG_INFO, "%s, will retry in %s", words, wait);
    dm_ledger_save_notice(delivery->ledger, delivery->notice);
}

static void take_trouble(struct dm_delivery *delivery) {
    struct dm_notice *notice = delivery->notice;
    int64_t now_utc_us = dm_ledger_utc_us(delivery->ledger);
    notice->attempts++;
    notice->tried_utc_us = notice->tried_utc_us == 0 ? now_utc_us : notice->tried_utc_us;
    const struct dm_verdict_facts facts = {
        .now_utc_us = now_utc_us,
        .tried_utc_us = notice->tried_utc_us,
        .attempts = notice->attempts,
        .timeout_us = delivery->settings->timeout_us,
        .retry_us = delivery->settings->retry_us,
    };
    int64_t wait_us = delivery->verdict == DM_VERDICT_NEVER ? -1 : dm_verdict_wait_us(&facts);
    g_autofree char *words = describe(delivery);
    if (wait_us < 0) {
        take_lost(delivery, words);
    } else {
        notice->not_before_utc_us = now_utc_us + wait_us;
        delivery->rests_utc_us = now_utc_us + MIN(wait_us, delivery->settings->timeout_us);
        take_failed(delivery, wait_us, words);
    }
    set_problem(delivery, words);
}

static void take_in(void *job) {
    struct dm_delivery *delivery = job;
    if (delivery->verdict == DM_VERDICT_DELIVERED) {
        take_delivered(delivery);
    } else if (delivery->verdict != DM_VERDICT_STOPPED) {
        take_trouble(delivery);
    }
    g_clear_pointer(&delivery->why, g_free);
    dm_notice_free(delivery->notice);
    delivery->notice = NULL;
    delivery->is_pushed = false;
    dm_wake(&delivery->wake);
}

static int on_finished(int fd, GIOCondition condition, void *data) {
    (void)fd;
    (void)condition;
    dm_io_thread_dispatch(((const struct dm_delivery *)data)->thread);
    return G_SOURCE_CONTINUE;
}

// ---- what is to go

/** Make room by the oldest, unless that is on its way. */
static void drop_oldest(struct dm_delivery *delivery) {
    struct dm_notice *oldest = dm_ledger_oldest_notice(delivery->ledger, delivery->way);
    bool goes = oldest != NULL && delivery->notice != NULL && oldest->row == delivery->notice->row;
    if (oldest != NULL && !goes) {
        if (!delivery->is_overfull) {
            dm_log_event(DM_EVENT_NOTICE_LOST, DM_LOG_WARNING,
                         "%s: more than %d notices wait: the oldest are dropped",
                         way_names[delivery->way], DM_DELIVERY_MAX);
        }
        forget(delivery, oldest->row);
        delivery->lost++;
        delivery->is_overfull = true;
    }
    dm_notice_free(oldest);
}

void dm_delivery_add(struct dm_delivery *delivery, struct dm_notice *notice) {
    if (delivery->pending >= DM_DELIVERY_MAX) {
        drop_oldest(delivery);
    }
    notice->way = delivery->way;
    dm_ledger_add_notice(delivery->ledger, notice);
    delivery->pending++;
}

int64_t dm_delivery_turn(struct dm_delivery *delivery, int64_t now_utc_us) {
    if (delivery->notice != NULL || delivery->pending == 0) {
        return INT64_MAX;
    }
    struct dm_notice *next = dm_ledger_next_notice(delivery->ledger, delivery->way);
    if (next == NULL) {
        return INT64_MAX;
    }
    int64_t due_utc_us = MAX(next->not_before_utc_us, delivery->rests_utc_us);
    bool is_far = due_utc_us - now_utc_us > DM_VERDICT_LONGEST_US; // the clock was set back
    if (due_utc_us <= now_utc_us || is_far) {
        delivery->notice = next;
        return INT64_MAX;
    }
    dm_notice_free(next);
    return due_utc_us;
}

void dm_delivery_committed(struct dm_delivery *delivery) {
    if (delivery->notice != NULL && !delivery->is_pushed) {
        delivery->is_pushed = true;
        dm_io_thread_push(delivery->thread, deliver, take_in, delivery);
    }
}

void dm_delivery_status(const struct dm_delivery *delivery, struct dm_delivery_status *ret) {
    *ret = (struct dm_delivery_status){
        .pending = delivery->pending,
        .delivered = delivery->delivered,
        .retried = delivery->retried,
        .lost = delivery->lost,
        .problem = delivery->problem,
    };
}

// ---- made and freed

struct dm_delivery *dm_delivery_new(enum dm_notice_way way,
                                    const struct dm_notices_settings *settings,
                                    struct dm_ledger *ledger, const struct dm_wake *wake,
                                    GError **error) {
    struct dm_delivery *delivery = g_new0(struct dm_delivery, 1);
    delivery->way = way;
    delivery->settings = settings;
    delivery->ledger = ledger;
    delivery->wake = *wake;
    delivery->problem = g_strdup("");
    delivery->stop_fd = eventfd(0, EFD_CLOEXEC);
    delivery->calls = way == DM_NOTICE_WEBHOOK ? dm_webhook_load(error) : NULL;
    bool is_ready = way != DM_NOTICE_WEBHOOK || delivery->calls != NULL;
    delivery->thread = is_ready ? dm_io_thread_new("dm-notices", error) : NULL;
    if (delivery->thread == NULL) {
        dm_delivery_free(delivery);
        return NULL;
    }
    delivery->source =
        g_unix_fd_add(dm_io_thread_fd(delivery->thread), G_IO_IN, on_finished, delivery);
    delivery->pending = dm_ledger_count_notices(ledger, way);
    return delivery;
}

void dm_delivery_stop(struct dm_delivery *delivery) {
    if (delivery == NULL || delivery->thread == NULL) {
        return;
    }
    const uint64_t one = 1;
    (void)!write(delivery->stop_fd, &one, sizeof(one));
    g_source_remove(delivery->source);
    if (dm_io_thread_finish(delivery->thread, PATIENCE_US)) {
        dm_io_thread_free(delivery->thread);
    } // else it is left to the end of this process
    delivery->thread = NULL;
}

void dm_delivery_free(struct dm_delivery *delivery) {
    if (delivery == NULL || delivery->is_pushed) {
        return; // what is on its way still needs all of it
    }
    dm_notice_free(delivery->notice);
    g_free(delivery->why);
    g_free(delivery->problem);
    if (delivery->stop_fd >= 0) {
        close(delivery->stop_fd);
    }
    g_free(delivery);
}
