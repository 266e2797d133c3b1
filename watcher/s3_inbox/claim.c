// SPDX-License-Identifier: MIT
//
// See claim.h.
//
//   we know the ETag of ours  -> head -> the same:     ours
//                                     -> otherwise:    get
//   get -> not there:                  put ours -> ours, of this ETag
//       -> it names this share:        put ours, once a process -> ours
//       -> it names another, or is no claim: theirs
#include "watcher/s3_inbox/claim.h"

#include "common/log.h"
#include "common/path.h"
#include "watcher/s3_inbox/names.h"
#include "watcher/s3_inbox/texts.h"

#include <string.h>
#include <unistd.h>

struct dm_s3_claim {
    struct dm_s3_inbox *inbox;
    char *key;
    // Of ours, as it was put or seen; NULL: not known.
    char *etag;
    // This process has put it.
    bool is_put;
    // What is being put; NULL: nothing is.
    char *text;
    // (nullable) Whose it is.
    char *problem;

    dm_s3_claim_fn back;
    void *user;
};

struct dm_s3_claim *dm_s3_claim_new(struct dm_s3_inbox *inbox) {
    struct dm_s3_claim *claim = g_new0(struct dm_s3_claim, 1);
    claim->inbox = inbox;
    claim->key = dm_s3_name_claim(inbox->settings->prefix);
    return claim;
}

void dm_s3_claim_free(struct dm_s3_claim *claim) {
    g_free(claim->key);
    g_free(claim->etag);
    g_free(claim->text);
    g_free(claim->problem);
    g_free(claim);
}

const char *dm_s3_claim_problem(const struct dm_s3_claim *claim) {
    return claim->problem;
}

// ---- ends of a look

static void unknown(struct dm_s3_claim *claim) {
    claim->back(false, false, claim->user);
}

static void ours(struct dm_s3_claim *claim, const char *etag) {
    g_free(claim->etag);
    claim->etag = g_strdup(etag);
    if (claim->problem != NULL) {
        dm_log_message("the S3 inbox '%s' is taken from by this share again",
                       claim->inbox->settings->prefix);
        g_clear_pointer(&claim->problem, g_free);
    }
    claim->back(true, true, claim->user);
}

/** @problem (transfer full) */
static void theirs(struct dm_s3_claim *claim, char *problem) {
    g_clear_pointer(&claim->etag, g_free);
    claim->is_put = false;
    if (g_strcmp0(claim->problem, problem) != 0) {
        dm_log_warning("%s, will look again", problem);
    }
    g_free(claim->problem);
    claim->problem = problem;
    claim->back(false, true, claim->user);
}

// ---- steps

static void push(struct dm_s3_claim *claim, enum dm_store_verb verb, dm_transfer_done_fn done) {
    struct dm_transfer_op *op = dm_transfer_op_new(verb, claim->key, done, claim);
    if (verb == DM_STORE_PUT) {
        op->body =
            (struct dm_store_body){.bytes = claim->text, .length = (int64_t)strlen(claim->text)};
        op->attributes.content_type = "application/json";
    }
    if (verb == DM_STORE_GET) {
        op->get = (struct dm_store_get_options){.length = -1, .fd = -1};
    }
    dm_transfer_push(claim->inbox->transfer, op);
}

static void was_put(struct dm_transfer_op *op, void *user) {
    struct dm_s3_claim *claim = user;
    dm_s3_report(claim->inbox, &op->result);
    g_clear_pointer(&claim->text, g_free);
    claim->is_put = op->result.class == DM_STORE_OK;
    if (claim->is_put) {
        ours(claim, op->result.etag);
    } else {
        unknown(claim);
    }
}

static char *write_claim(const struct dm_s3_inbox *inbox) {
    char host[256] = "";
    gethostname(host, sizeof(host) - 1);
    int64_t seconds = dm_ledger_utc_us(inbox->ledger) / G_USEC_PER_SEC;
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(seconds);
    g_autofree char *since = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
    g_autofree char *answers = g_strconcat(inbox->settings->prefix, ".answers/", NULL);
    const struct dm_s3_claim_text text = {
        .version = DM_VERSION,
        .share = inbox->config.share_id,
        .host = host,
        .results = inbox->config.results_prefix,
        .answers = answers,
        .since = since,
    };
    return dm_s3_claim_write(&text);
}

static void put(struct dm_s3_claim *claim) {
    claim->text = write_claim(claim->inbox);
    push(claim, DM_STORE_PUT, was_put);
}

/** What is there is somebody's: whose? */
static void judge(struct dm_s3_claim *claim, const struct dm_store_result *result) {
    const struct dm_s3_inbox *inbox = claim->inbox;
    g_autofree char *share = NULL, *host = NULL, *since = NULL;
    if (result->bytes == NULL || !dm_s3_claim_read(result->bytes, &share, &host, &since)) {
        theirs(claim, g_strdup_printf("the object '%s' says nothing of who takes from there: "
                                      "nothing is taken; remove it if it is nobody's",
                                      claim->key));
    } else if (strcmp(share, inbox->config.share_id) != 0) {
        g_autofree char *shown_share = dm_path_display(share);
        g_autofree char *shown_host = dm_path_display(host);
        g_autofree char *shown_since = dm_path_display(since);
        theirs(claim, g_strdup_printf("the S3 inbox '%s' is taken from by the share %s on %s since "
                                      "%s: nothing is taken here; if that one is gone, remove the "
                                      "object '%s'",
                                      inbox->settings->prefix, shown_share, shown_host, shown_since,
                                      claim->key));
    } else if (claim->is_put) {
        ours(claim, result->etag);
    } else {
        put(claim);
    }
}

static void got(struct dm_transfer_op *op, void *user) {
    struct dm_s3_claim *claim = user;
    enum dm_store_class class = claim->inbox->is_freed ? DM_STORE_CANCELLED : op->result.class;
    dm_s3_report(claim->inbox, &op->result);
    switch (class) {
    case DM_STORE_OK:
    case DM_STORE_OBJECT: // it is larger than one can be
        judge(claim, &op->result);
        break;
    case DM_STORE_MISSING:
        put(claim);
        break;
    default:
        unknown(claim);
        break;
    }
}

static void looked(struct dm_transfer_op *op, void *user) {
    struct dm_s3_claim *claim = user;
    dm_s3_report(claim->inbox, &op->result);
    bool is_there = op->result.class == DM_STORE_OK;
    if (claim->inbox->is_freed || (!is_there && op->result.class != DM_STORE_MISSING)) {
        unknown(claim);
    } else if (is_there && strcmp(op->result.etag, claim->etag) == 0) {
        ours(claim, op->result.etag);
    } else {
        push(claim, DM_STORE_GET, got);
    }
}

void dm_s3_claim_look(struct dm_s3_claim *claim, dm_s3_claim_fn back, void *user) {
    claim->back = back;
    claim->user = user;
    if (claim->etag != NULL) {
        push(claim, DM_STORE_HEAD, looked);
    } else {
        push(claim, DM_STORE_GET, got);
    }
}
