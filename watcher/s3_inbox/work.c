// SPDX-License-Identifier: MIT
//
// See work.h.
#include "watcher/s3_inbox/work.h"

#include "common/log.h"
#include "common/log_event.h"
#include "common/path.h"

#include <string.h>

struct dm_s3_object *dm_s3_object_new(const struct dm_store_entry *entry) {
    struct dm_s3_object *object = g_new0(struct dm_s3_object, 1);
    object->key = g_strdup(entry->key);
    object->etag = g_strdup(entry->etag);
    object->size_bytes = entry->size;
    object->sum = g_strdup("");
    return object;
}

void dm_s3_object_free(struct dm_s3_object *object) {
    if (object != NULL) {
        g_free(object->key);
        g_free(object->etag);
        g_free(object->sum);
        g_free(object);
    }
}

double dm_s3_chance(struct dm_s3_inbox *inbox) {
    return g_rand_double(inbox->chance);
}

bool dm_s3_begin(struct dm_s3_inbox *inbox, const char *key) {
    return g_hash_table_add(inbox->in_work, g_strdup(key));
}

void dm_s3_end(struct dm_s3_inbox *inbox, const char *key) {
    g_hash_table_remove(inbox->in_work, key);
    inbox->look = true;
    dm_wake(&inbox->wake);
}

// ---- how it goes

/** Tell people when it stops, and when it goes on. */
static void tell_state(struct dm_s3_inbox *inbox, enum dm_pace_state before,
                       const struct dm_store_result *result) {
    if (inbox->pace.state == DM_PACE_OPEN) {
        if (before != DM_PACE_OPEN) {
            g_clear_pointer(&inbox->problem, g_free);
            dm_log_message("the S3 inbox in %s is back", dm_transfer_name(inbox->transfer));
        }
        return;
    }
    g_free(inbox->problem);
    inbox->problem = g_strdup_printf("cannot take objects from %s: %s",
                                     dm_transfer_name(inbox->transfer), result->reason);
    if (before != inbox->pace.state) {
        dm_log_warning("%s, objects wait there, %s", inbox->problem,
                       inbox->pace.state == DM_PACE_HELD ? "will try again every 5 min"
                                                         : "will retry");
    }
}

void dm_s3_report(struct dm_s3_inbox *inbox, const struct dm_store_result *result) {
    if (inbox->is_freed) {
        return;
    }
    enum dm_pace_state before = inbox->pace.state;
    dm_pace_report(&inbox->pace, result->class, result->retry_after_us, inbox->now_us,
                   dm_s3_chance(inbox));
    if (result->class != DM_STORE_OK || before != DM_PACE_OPEN) {
        tell_state(inbox, before, result);
    }
    dm_transfer_limit(inbox->transfer, dm_pace_limit(&inbox->pace, inbox->now_us));
}

void dm_s3_set_shortage(struct dm_s3_inbox *inbox, char *text) {
    if (inbox->shortage == NULL) {
        dm_log_warning("%s, objects wait in the bucket, will retry", text);
    }
    g_free(inbox->shortage);
    inbox->shortage = text;
    inbox->is_short = true;
}

void dm_s3_clear_shortage(struct dm_s3_inbox *inbox) {
    if (!inbox->is_short) {
        g_clear_pointer(&inbox->shortage, g_free);
    }
    inbox->is_short = false;
}

// ---- what is written down

void dm_s3_leave(struct dm_s3_inbox *inbox, const struct dm_s3_object *object, const char *reason,
                 const char *message, bool answers) {
    struct dm_arrival *arrival = dm_arrival_new(object->key, object->etag, object->size_bytes);
    arrival->state = answers ? DM_ARRIVAL_ENDED : DM_ARRIVAL_LEFT;
    dm_arrival_set(&arrival->reason, reason);
    dm_arrival_set(&arrival->message, message);
    dm_ledger_add_arrival(inbox->ledger, arrival);
    dm_arrival_free(arrival);
    g_autofree char *shown = dm_path_display(object->key);
    const struct dm_log_subject subject = {.file = object->key, .reason = reason};
    dm_log_about(&subject, DM_EVENT_NOT_TAKEN,
                 strcmp(reason, "folder") == 0 ? DM_LOG_INFO : DM_LOG_WARNING,
                 "the object '%s' is not taken: %s, will be left in the bucket", shown, message);
}

void dm_s3_put_off(struct dm_s3_inbox *inbox, struct dm_arrival *arrival, int64_t retry_after_us) {
    arrival->attempts++;
    arrival->not_before_utc_us =
        dm_ledger_utc_us(inbox->ledger) + dm_pace_delay_us(arrival->attempts,
                                                           MAX(retry_after_us, G_USEC_PER_SEC / 5),
                                                           dm_s3_chance(inbox));
    dm_ledger_save_arrival(inbox->ledger, arrival);
}
