// SPDX-License-Identifier: MIT
//
// What came of an attempt: a success taken apart, an error explained (s3_errors.c), or the place
// where it must be made again.
#include "watcher/store/s3_errors.h"
#include "watcher/store/s3_xml.h"
#include "watcher/store/store_s3_private.h"

#include <inttypes.h>
#include <string.h>

#define MAX_HOPS 3
// A signature is good for 15 min; below this our clock is not what is wrong.
#define CLOCK_MATTERS_US (60 * INT64_C(1000000))

static const char *own(struct dm_s3_transfer *t, const char *text) {
    return dm_outcome_own(&t->outcome, g_strdup(text));
}

/** It makes no sense. */
static void fail_garbled(struct dm_s3_transfer *t, const char *what) {
    dm_outcome_fail(&t->outcome, DM_STORE_SERVER, "%s: '%s' is answered with %s",
                    dm_store_verb_name(t->request->verb), t->request->key, what);
    t->outcome.result.is_unknown = dm_s3_is_change(t->request->verb);
    t->outcome.result.entries = NULL;
}

/** The key in @text, as the listing spells it; NULL if it cannot be one. (transfer full) */
static char *key_of(const struct dm_s3_xml *xml, const char *text) {
    bool is_encoded = strcmp(dm_s3_xml_field(xml, "EncodingType"), "url") == 0;
    return is_encoded ? dm_s3_url_decode(text) : g_strdup(text);
}

static bool is_truncated(const struct dm_s3_xml *xml) {
    return strcmp(dm_s3_xml_field(xml, "IsTruncated"), "true") == 0;
}

static bool take_entries(struct dm_s3_transfer *t, const struct dm_s3_xml *xml) {
    GPtrArray *entries = dm_outcome_new_entries(&t->outcome, dm_store_entry_free);
    for (size_t i = 0; i < dm_s3_xml_row_count(xml); i++) {
        const char *id = dm_s3_xml_cell(xml, i, "UploadId");
        const char *time = dm_s3_xml_cell(xml, i, *id != '\0' ? "Initiated" : "LastModified");
        struct dm_store_entry *entry = g_new0(struct dm_store_entry, 1);
        g_ptr_array_add(entries, entry);
        entry->key = key_of(xml, dm_s3_xml_cell(xml, i, "Key"));
        entry->etag = dm_s3_bare_etag(dm_s3_xml_cell(xml, i, "ETag"));
        entry->upload_id = *id != '\0' ? g_strdup(id) : NULL;
        entry->size = g_ascii_strtoll(dm_s3_xml_cell(xml, i, "Size"), NULL, 10);
        entry->time_utc_us = dm_s3_parse_time(time);
        if (entry->key == NULL || *entry->key == '\0')
            return false;
    }
    return true;
}

static void take_listing(struct dm_s3_transfer *t, const struct dm_s3_xml *xml) {
    const char *token = dm_s3_xml_field(xml, "NextContinuationToken");
    if (strcmp(dm_s3_xml_root(xml), "ListBucketResult") != 0 || !take_entries(t, xml))
        fail_garbled(t, "something else than a listing");
    else if (is_truncated(xml) && *token == '\0')
        fail_garbled(t, "a listing that goes on and does not say where");
    else if (is_truncated(xml))
        t->outcome.result.next = own(t, token);
}

static void take_uploads(struct dm_s3_transfer *t, const struct dm_s3_xml *xml) {
    if (strcmp(dm_s3_xml_root(xml), "ListMultipartUploadsResult") != 0 || !take_entries(t, xml)) {
        fail_garbled(t, "something else than a listing of uploads");
        return;
    }
    g_autofree char *key = key_of(xml, dm_s3_xml_field(xml, "NextKeyMarker"));
    if (!is_truncated(xml))
        return;
    if (key == NULL || *key == '\0')
        fail_garbled(t, "a listing that goes on and does not say where");
    else
        t->outcome.result.next = dm_outcome_own(
            &t->outcome, g_strconcat(dm_s3_xml_field(xml, "NextUploadIdMarker"), "\n", key, NULL));
}

static void take_parts(struct dm_s3_transfer *t, const struct dm_s3_xml *xml) {
    if (strcmp(dm_s3_xml_root(xml), "ListPartsResult") != 0) {
        fail_garbled(t, "something else than a listing of parts");
        return;
    }
    GPtrArray *entries = dm_outcome_new_entries(&t->outcome, dm_store_part_free);
    for (size_t i = 0; i < dm_s3_xml_row_count(xml); i++) {
        struct dm_store_part part = {
            .number = (int)g_ascii_strtoll(dm_s3_xml_cell(xml, i, "PartNumber"), NULL, 10),
            .size = g_ascii_strtoll(dm_s3_xml_cell(xml, i, "Size"), NULL, 10),
            .etag = dm_s3_bare_etag(dm_s3_xml_cell(xml, i, "ETag")),
        };
        g_ptr_array_add(entries, g_memdup2(&part, sizeof(part)));
    }
    const char *marker = dm_s3_xml_field(xml, "NextPartNumberMarker");
    if (is_truncated(xml) && *marker == '\0')
        fail_garbled(t, "a listing that goes on and does not say where");
    else if (is_truncated(xml))
        t->outcome.result.next = own(t, marker);
}

static void take_upload_id(struct dm_s3_transfer *t, const struct dm_s3_xml *xml) {
    const char *id = dm_s3_xml_field(xml, "UploadId");
    if (*id == '\0')
        fail_garbled(t, "no upload");
    else
        t->outcome.result.upload_id = own(t, id);
}

/** The ETag of what was made out of other objects or parts; it may be empty. */
static void take_made(struct dm_s3_transfer *t, const struct dm_s3_xml *xml) {
    char *etag = dm_s3_bare_etag(dm_s3_xml_field(xml, "ETag"));
    t->outcome.result.etag = dm_outcome_own(&t->outcome, etag);
}

static void explain(struct dm_s3_transfer *t, const struct dm_s3_xml *xml) {
    struct dm_s3_failure failure = {
        .verb = t->request->verb,
        .key = t->request->key,
        .bucket = t->s3->place.bucket,
        .reply = &t->reply,
        .code = xml != NULL ? dm_s3_xml_field(xml, "Code") : "",
        .message = xml != NULL ? dm_s3_xml_field(xml, "Message") : "",
        .others_work = t->s3->has_worked[t->request->verb],
        .has_token = t->has_token,
    };
    dm_s3_explain(&failure, &t->outcome);
}

/** A success that has a document. */
static void take_document(struct dm_s3_transfer *t) {
    static void (*const takers[DM_STORE_VERB_COUNT])(struct dm_s3_transfer *,
                                                     const struct dm_s3_xml *) = {
        [DM_STORE_LIST] = take_listing,     [DM_STORE_PROBE] = take_listing,
        [DM_STORE_UPLOADS] = take_uploads,  [DM_STORE_PARTS] = take_parts,
        [DM_STORE_CREATE] = take_upload_id, [DM_STORE_COMPLETE] = take_made,
        [DM_STORE_COPY] = take_made,
    };
    if (takers[t->request->verb] == NULL)
        return;
    struct dm_s3_xml *xml = dm_s3_xml_parse(t->reply.body->str, t->reply.body->len, NULL);
    if (xml == NULL)
        fail_garbled(t, "no XML, or half of it");
    else if (strcmp(dm_s3_xml_root(xml), "Error") == 0)
        explain(t, xml); // its status was 200, and sent before it failed
    else
        takers[t->request->verb](t, xml);
    dm_s3_xml_free(xml);
}

static void take_success(struct dm_s3_transfer *t) {
    struct dm_store_result *result = &t->outcome.result;
    const struct dm_s3_reply *reply = &t->reply;
    enum dm_store_verb verb = t->request->verb;
    result->http_status = reply->status;
    result->etag = own(t, reply->etag);
    if (verb == DM_STORE_PUT || verb == DM_STORE_PART)
        result->sha256 = own(t, t->sha256);
    if (verb == DM_STORE_HEAD || verb == DM_STORE_GET) {
        result->size = reply->size;
        result->mtime_ns = reply->mtime_ns;
        result->time_utc_us = reply->modified_utc_us;
        result->content_type = own(t, reply->content_type);
        result->sha256 = own(t, reply->sha256);
    }
    if (verb == DM_STORE_GET) {
        char sum[DM_SHA256_HEX_BYTES];
        dm_sha256_end(t->sum, sum);
        result->claimed_sha256 = result->sha256;
        result->sha256 = own(t, sum);
        result->bytes = reply->body->str;
        result->length = reply->body->len;
    }
    take_document(t);
}

/** Something of the connection, of ours, or of trust. */
static void explain_transport(struct dm_s3_transfer *t, CURLcode code) {
    const char *why = *t->error_text != '\0' ? t->error_text : curl_easy_strerror(code);
    g_autofree char *line = g_strdelimit(g_strdup(why), "\r\n", ' ');
    // "100 Continue" is no answer.
    t->outcome.result.http_status = t->reply.status >= 200 ? t->reply.status : 0;
    if (t->sink_errnum != 0) {
        dm_outcome_fail_source(&t->outcome, t->sink_errnum, "object cannot be kept");
    } else if (t->is_too_big) {
        dm_outcome_fail(&t->outcome, DM_STORE_OBJECT, "object: '%s' is larger than may be",
                        t->request->key);
    } else if (code == CURLE_WRITE_ERROR) {
        fail_garbled(t, "more than can be meant");
    } else if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR ||
               code == CURLE_SSL_CACERT_BADFILE) {
        dm_outcome_fail(&t->outcome, DM_STORE_ENDPOINT,
                        "%s is not trusted: %s; if its certificate is its own, name that of "
                        "who signed it in s3.ca_file",
                        t->s3->store.name, line);
    } else if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
        dm_outcome_fail(&t->outcome, DM_STORE_ENDPOINT, "%s: %s", t->s3->store.name, line);
    } else {
        long sent = 0;
        curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &sent);
        dm_outcome_fail(&t->outcome, DM_STORE_TRANSPORT, "%s: '%s': %s",
                        dm_store_verb_name(t->request->verb), t->request->key, line);
        t->outcome.result.is_unknown = sent > 0 && dm_s3_is_change(t->request->verb);
    }
}

/** Say whether the answer sends us somewhere else that we may go to, and make ready to. */
static bool is_sent_elsewhere(struct dm_s3_transfer *t, const struct dm_s3_xml *xml) {
    int status = t->reply.status;
    bool is_redirect = status == 301 || status == 302 || status == 307 || status == 308;
    if ((!is_redirect && status != 400 && status != 403) || t->hops >= MAX_HOPS)
        return false;
    const char *region = t->reply.region;
    if (*region == '\0' && xml != NULL)
        region = dm_s3_xml_field(xml, "Region");
    if (*region != '\0' && strcmp(region, t->region) != 0) {
        g_free(t->s3->region);
        t->s3->region = g_strdup(region);
        dm_s3_place_move(&t->s3->place, region);
        g_clear_pointer(&t->host, g_free);
        return true;
    }
    char *host = is_redirect ? dm_s3_place_follow(&t->s3->place, t->reply.location) : NULL;
    if (host == NULL)
        return false;
    g_free(t->host);
    t->host = host;
    return true;
}

/** Learn what their clock says; an answer without a word about why may mean just that. */
static void look_at_clock(struct dm_s3_transfer *t) {
    struct dm_s3_store *s3 = t->s3;
    bool is_said = t->outcome.result.class == DM_STORE_CLOCK;
    if ((!is_said && (t->reply.status != 403 || t->reply.body->len > 0)) ||
        t->reply.date_utc_us == 0)
        return;
    int64_t skew_us = t->reply.date_utc_us - (s3->now_utc_us() + s3->clock_offset_us);
    if (ABS(skew_us) > CLOCK_MATTERS_US) {
        s3->clock_offset_us += skew_us;
        t->outcome.result.class = DM_STORE_CLOCK;
    } else if (is_said) {
        t->outcome.result.class = DM_STORE_ENDPOINT;
    }
}

/** A token that is too old is told from a right that we lack by trying another one, once. */
static void renew_token(struct dm_s3_transfer *t) {
    struct dm_s3_store *s3 = t->s3;
    bool may_be_old =
        t->reply.status == 403 && t->has_token && t->outcome.result.class == DM_STORE_ENDPOINT &&
        s3->has_worked[t->request->verb] && t->credentials_generation != s3->renewed_generation;
    if (!may_be_old || !dm_credentials_refuse(s3->credentials, t->credentials_generation))
        return;
    s3->renewed_generation = t->credentials_generation + 1;
    t->outcome.result.class = DM_STORE_CREDENTIALS;
}

static void look_at_credentials(struct dm_s3_transfer *t) {
    if (t->outcome.result.class != DM_STORE_CREDENTIALS ||
        dm_credentials_refuse(t->s3->credentials, t->credentials_generation))
        return;
    dm_outcome_fail(&t->outcome, DM_STORE_ENDPOINT,
                    "credentials: the bucket refuses them (%s), and they are fixed, put new ones "
                    "in their place",
                    t->outcome.result.code);
}

/** What is to be gone, and is. */
static void forgive_absence(struct dm_s3_transfer *t) {
    struct dm_store_result *result = &t->outcome.result;
    bool is_gone = (t->request->verb == DM_STORE_REMOVE && result->class == DM_STORE_MISSING) ||
                   (t->request->verb == DM_STORE_ABORT && result->class == DM_STORE_MULTIPART);
    if (!is_gone)
        return;
    result->class = DM_STORE_OK;
    result->reason = result->code = "";
}

bool dm_s3_answer(struct dm_s3_transfer *transfer, CURLcode code) {
    struct dm_s3_transfer *t = transfer;
    if (code != CURLE_OK) {
        explain_transport(t, code);
        return false;
    }
    if (t->reply.status >= 200 && t->reply.status < 300) {
        // It took a second to find out that nobody asks for large bodies.
        if (t->length >= DM_S3_EXPECT_FROM_BYTES && !t->reply.has_continued)
            t->s3->never_continues = true;
        take_success(t);
        return false;
    }
    struct dm_s3_xml *xml = t->reply.body->len > 0
                                ? dm_s3_xml_parse(t->reply.body->str, t->reply.body->len, NULL)
                                : NULL;
    bool again = is_sent_elsewhere(t, xml);
    if (!again) {
        explain(t, xml);
        forgive_absence(t);
        look_at_clock(t);
        look_at_credentials(t);
        renew_token(t);
    }
    dm_s3_xml_free(xml);
    return again;
}
