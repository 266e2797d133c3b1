// SPDX-License-Identifier: MIT
//
// See answer.h.
#include "watcher/s3_inbox/answer.h"

#include "common/log.h"
#include "common/path.h"
#include "watcher/s3_inbox/names.h"
#include "watcher/s3_inbox/texts.h"

#include <string.h>

struct answer {
    struct dm_s3_inbox *inbox;
    struct dm_arrival *arrival;
    char *text;
};

static void answer_free(struct answer *answer) {
    dm_s3_end(answer->inbox, answer->arrival->key);
    dm_arrival_free(answer->arrival);
    g_free(answer->text);
    g_free(answer);
}

/** What is next for one that was answered. */
static enum dm_arrival_state next_state(const struct dm_s3_inbox *inbox,
                                        const struct dm_arrival *arrival) {
    if (*arrival->path == '\0') {
        return DM_ARRIVAL_LEFT;
    }
    return strcmp(inbox->settings->after, "keep") == 0 ? DM_ARRIVAL_KEPT : DM_ARRIVAL_ANSWERED;
}

static void go_on(struct dm_s3_inbox *inbox, struct dm_arrival *arrival) {
    arrival->state = next_state(inbox, arrival);
    dm_ledger_save_arrival(inbox->ledger, arrival);
}

static void was_put(struct dm_transfer_op *op, void *user) {
    struct answer *answer = user;
    struct dm_s3_inbox *inbox = answer->inbox;
    dm_s3_report(inbox, &op->result);
    if (op->result.class == DM_STORE_OK) {
        inbox->answered++;
        go_on(inbox, answer->arrival);
    } else if (!inbox->is_freed) {
        if (op->result.class == DM_STORE_OBJECT && answer->arrival->attempts == 0) {
            g_autofree char *shown = dm_path_display(op->key);
            dm_log_of_file(op->key, NULL, DM_LOG_WARNING,
                           "cannot put the answer '%s': %s, will retry", shown, op->result.reason);
        }
        dm_s3_put_off(inbox, answer->arrival, op->result.retry_after_us);
    }
    answer_free(answer);
}

/** The key of its result, (transfer full); NULL: it has none. */
static char *result_key(const struct dm_s3_inbox *inbox, const struct dm_arrival *arrival) {
    return *arrival->output != '\0' ? inbox->config.result_key(arrival->output, inbox->config.data)
                                    : NULL;
}

void dm_s3_answer_put(struct dm_s3_inbox *inbox, struct dm_arrival *arrival) {
    struct answer *answer = g_new0(struct answer, 1);
    answer->inbox = inbox;
    answer->arrival = arrival;
    const char *prefix = inbox->settings->prefix;
    if (dm_s3_name_path(prefix, arrival->key) == NULL) { // of an earlier prefix: nobody asks
        go_on(inbox, arrival);
        answer_free(answer);
        return;
    }
    g_autofree char *result = result_key(inbox, arrival);
    g_autofree char *key = dm_s3_name_answer(prefix, arrival->key);
    answer->text = dm_s3_answer_write(arrival, result);
    struct dm_transfer_op *op = dm_transfer_op_new(DM_STORE_PUT, key, was_put, answer);
    op->body =
        (struct dm_store_body){.bytes = answer->text, .length = (int64_t)strlen(answer->text)};
    op->attributes.content_type = "application/json";
    dm_transfer_push(inbox->transfer, op);
}
