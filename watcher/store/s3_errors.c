// SPDX-License-Identifier: MIT
#include "watcher/store/s3_errors.h"

#include <string.h>

/** A code of S3: what it means, and (nullable) what to do. A row more is a code more. */
static const struct {
    const char *code;
    enum dm_store_class class;
    const char *advice;
} codes[] = {
    {"RequestTimeTooSkewed", DM_STORE_CLOCK, "check the clock of this machine"},
    {"ExpiredToken", DM_STORE_CREDENTIALS, NULL},
    {"ExpiredTokenException", DM_STORE_CREDENTIALS, NULL},
    {"InvalidToken", DM_STORE_CREDENTIALS, NULL},
    {"TokenRefreshRequired", DM_STORE_CREDENTIALS, NULL},
    {"InvalidAccessKeyId", DM_STORE_ENDPOINT, "check s3.access_key_id, and s3.endpoint"},
    {"SignatureDoesNotMatch", DM_STORE_ENDPOINT, "check s3.secret_access_key"},
    {"AuthorizationHeaderMalformed", DM_STORE_ENDPOINT, "check s3.region"},
    {"InvalidRegion", DM_STORE_ENDPOINT, "check s3.region"},
    {"IllegalLocationConstraintException", DM_STORE_ENDPOINT, "check s3.region"},
    {"PermanentRedirect", DM_STORE_ENDPOINT, "check s3.region and s3.endpoint"},
    {"NoSuchBucket", DM_STORE_ENDPOINT, "check s3.bucket, or create it"},
    {"InvalidBucketName", DM_STORE_ENDPOINT, "check s3.bucket"},
    {"AllAccessDisabled", DM_STORE_ENDPOINT, NULL},
    {"AccountProblem", DM_STORE_ENDPOINT, NULL},
    {"NotSignedUp", DM_STORE_ENDPOINT, NULL},
    {"QuotaExceeded", DM_STORE_ENDPOINT, "make room in the bucket"},
    {"SlowDown", DM_STORE_THROTTLE, NULL},
    {"SlowDownRead", DM_STORE_THROTTLE, NULL},
    {"SlowDownWrite", DM_STORE_THROTTLE, NULL},
    {"ServiceUnavailable", DM_STORE_THROTTLE, NULL},
    {"RequestLimitExceeded", DM_STORE_THROTTLE, NULL},
    {"BandwidthLimitExceeded", DM_STORE_THROTTLE, NULL},
    {"Throttling", DM_STORE_THROTTLE, NULL},
    {"ThrottlingException", DM_STORE_THROTTLE, NULL},
    {"TooManyRequests", DM_STORE_THROTTLE, NULL},
    {"InternalError", DM_STORE_SERVER, NULL},
    {"OperationAborted", DM_STORE_SERVER, NULL},
    {"RequestTimeout", DM_STORE_TRANSPORT, NULL},
    {"BadDigest", DM_STORE_DATA, NULL},
    {"InvalidDigest", DM_STORE_DATA, NULL},
    {"IncompleteBody", DM_STORE_DATA, NULL},
    {"XAmzContentSHA256Mismatch", DM_STORE_DATA, NULL},
    {"XAmzContentChecksumMismatch", DM_STORE_DATA, NULL},
    {"NoSuchKey", DM_STORE_MISSING, NULL},
    {"NoSuchUpload", DM_STORE_MULTIPART, NULL},
    {"InvalidPart", DM_STORE_MULTIPART, NULL},
    {"InvalidPartOrder", DM_STORE_MULTIPART, NULL},
    {"EntityTooSmall", DM_STORE_MULTIPART, NULL},
    {"PreconditionFailed", DM_STORE_PRECONDITION, NULL},
    {"ConditionalRequestConflict", DM_STORE_PRECONDITION, NULL},
};

bool dm_s3_is_change(enum dm_store_verb verb) {
    switch (verb) {
    case DM_STORE_GET:
    case DM_STORE_HEAD:
    case DM_STORE_LIST:
    case DM_STORE_PROBE:
    case DM_STORE_PARTS:
    case DM_STORE_UPLOADS:
        return false;
    default:
        return true;
    }
}

static bool is_about_object(enum dm_store_verb verb) {
    return verb != DM_STORE_LIST && verb != DM_STORE_PROBE && verb != DM_STORE_UPLOADS;
}

static enum dm_store_class class_of_missing(enum dm_store_verb verb) {
    switch (verb) {
    case DM_STORE_GET:
    case DM_STORE_HEAD:
    case DM_STORE_REMOVE:
    case DM_STORE_COPY:
        return DM_STORE_MISSING;
    case DM_STORE_PART:
    case DM_STORE_PARTS:
    case DM_STORE_COMPLETE:
    case DM_STORE_ABORT:
        return DM_STORE_MULTIPART;
    default:
        return DM_STORE_ENDPOINT;
    }
}

/** What a status means that comes with no code that we know. */
static enum dm_store_class class_of_status(const struct dm_s3_failure *failure) {
    int status = failure->reply->status;
    switch (status) {
    case 403:
        return is_about_object(failure->verb) && failure->others_work && !failure->has_token
                   ? DM_STORE_OBJECT
                   : DM_STORE_ENDPOINT;
    case 404:
        return class_of_missing(failure->verb);
    case 408:
        return DM_STORE_TRANSPORT;
    case 409:
        return DM_STORE_SERVER;
    case 412:
        return DM_STORE_PRECONDITION;
    case 429:
    case 503:
        return DM_STORE_THROTTLE;
    default:
        break;
    }
    if (status >= 500)
        return status == 501 ? DM_STORE_OBJECT : DM_STORE_SERVER;
    bool is_refused = status >= 400 && status != 401 && is_about_object(failure->verb);
    return is_refused ? DM_STORE_OBJECT : DM_STORE_ENDPOINT;
}

/** Somebody else's text as part of a sentence of ours: one line, and not endless. (transfer full)
 */
static char *tame(const char *text) {
    char *line = g_utf8_make_valid(text, MIN((gssize)strlen(text), 200));
    for (char *c = line; *c != '\0'; c++) {
        if (g_ascii_iscntrl(*c))
            *c = ' ';
    }
    return g_strstrip(line);
}

void dm_s3_explain(const struct dm_s3_failure *failure, struct dm_outcome *outcome) {
    enum dm_store_class class = class_of_status(failure);
    const char *advice = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
        if (strcmp(codes[i].code, failure->code) == 0) {
            class = codes[i].class;
            advice = codes[i].advice;
        }
    }
    int status = failure->reply->status;
    if (failure->verb == DM_STORE_PROBE && status == 404 && advice == NULL)
        advice = "check s3.bucket and s3.endpoint";
    if (status == 403 && failure->has_token && advice == NULL)
        advice = "the session token may be too old";
    g_autofree char *code = tame(failure->code);
    g_autofree char *message = tame(failure->message);
    bool is_object = is_about_object(failure->verb);
    dm_outcome_fail(outcome, class, "%s: '%s' is answered with %d%s%s%s%s%s%s%s",
                    is_object ? dm_store_verb_name(failure->verb) : "bucket",
                    is_object ? failure->key : failure->bucket, status, *code != '\0' ? " " : "",
                    code, *message != '\0' ? " (" : "", message, *message != '\0' ? ")" : "",
                    advice != NULL ? ", " : "", advice != NULL ? advice : "");
    outcome->result.code = dm_outcome_own(outcome, g_steal_pointer(&code));
    outcome->result.http_status = status;
    outcome->result.retry_after_us = failure->reply->retry_after_us;
    // A server in trouble may have done it all the same.
    outcome->result.is_unknown =
        dm_s3_is_change(failure->verb) && (class == DM_STORE_SERVER || class == DM_STORE_TRANSPORT);
}
