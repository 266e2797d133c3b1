// SPDX-License-Identifier: MIT
#include "watcher/store/s3_reply.h"

#include "watcher/store/s3_xml.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NSEC_PER_SEC INT64_C(1000000000)
#define MAX_RETRY_AFTER_US (INT64_C(3600) * G_USEC_PER_SEC)

static void clear_texts(struct dm_s3_reply *reply) {
    char **const texts[] = {&reply->etag, &reply->region, &reply->location, &reply->content_type,
                            &reply->sha256};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_free(*texts[i]);
        *texts[i] = g_strdup("");
    }
    reply->size = reply->content_length = -1;
    reply->mtime_ns = reply->modified_utc_us = reply->date_utc_us = reply->retry_after_us = 0;
}

void dm_s3_reply_init(struct dm_s3_reply *reply) {
    *reply = (struct dm_s3_reply){.body = g_string_new(NULL)};
    clear_texts(reply);
}

void dm_s3_reply_clear(struct dm_s3_reply *reply) {
    g_free(reply->etag);
    g_free(reply->region);
    g_free(reply->location);
    g_free(reply->content_type);
    g_free(reply->sha256);
    if (reply->body != NULL)
        g_string_free(reply->body, TRUE);
    *reply = (struct dm_s3_reply){0};
}

/** "Fri, 24 May 2013 00:00:00 GMT"; 0 if it is none. */
static int64_t parse_date(const char *text) {
    struct tm tm = {0};
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &tm);
    return end != NULL ? (int64_t)timegm(&tm) * G_USEC_PER_SEC : 0;
}

static int64_t parse_retry_after(const struct dm_s3_reply *reply, const char *text) {
    int64_t us = 0;
    if (g_ascii_isdigit(*text))
        us = (int64_t)MIN(g_ascii_strtoull(text, NULL, 10), 86400) * G_USEC_PER_SEC;
    else if (reply->date_utc_us != 0)
        us = parse_date(text) - reply->date_utc_us;
    return CLAMP(us, 0, MAX_RETRY_AFTER_US);
}

/** "1369353600.25" */
static int64_t parse_mtime(const char *text) {
    char *end;
    int64_t ns = g_ascii_strtoll(text, &end, 10);
    if (end == text || ns <= 0 || ns > G_MAXINT64 / NSEC_PER_SEC - 1)
        return 0;
    ns *= NSEC_PER_SEC;
    if (*end != '.')
        return ns;
    int64_t unit = NSEC_PER_SEC / 10;
    for (end++; g_ascii_isdigit(*end) && unit > 0; end++, unit /= 10)
        ns += (*end - '0') * unit;
    return ns;
}

char *dm_s3_spell_mtime(int64_t mtime_ns) {
    char *text =
        g_strdup_printf("%" PRId64 ".%09" PRId64, mtime_ns / NSEC_PER_SEC, mtime_ns % NSEC_PER_SEC);
    size_t length = strlen(text);
    while (text[length - 1] == '0')
        length--;
    text[text[length - 1] == '.' ? length - 1 : length] = '\0';
    return text;
}

static void replace(char **text, const char *value) {
    g_free(*text);
    *text = g_strdup(value);
}

static int64_t parse_size(const char *text) {
    char *end;
    int64_t size = g_ascii_strtoll(text, &end, 10);
    return end != text && *end == '\0' && size >= 0 ? size : -1;
}

static void take_header(struct dm_s3_reply *reply, const char *name, const char *value) {
    if (strcmp(name, "etag") == 0) {
        g_free(reply->etag);
        reply->etag = dm_s3_bare_etag(value);
    } else if (strcmp(name, "content-length") == 0) {
        reply->content_length = parse_size(value);
        if (reply->size < 0)
            reply->size = reply->content_length;
    } else if (strcmp(name, "content-range") == 0) {
        const char *slash = strrchr(value, '/');
        reply->size = slash != NULL ? parse_size(slash + 1) : -1;
    } else if (strcmp(name, "content-type") == 0) {
        replace(&reply->content_type, value);
    } else if (strcmp(name, "x-amz-bucket-region") == 0) {
        replace(&reply->region, value);
    } else if (strcmp(name, "location") == 0) {
        replace(&reply->location, value);
    } else if (strcmp(name, "x-amz-meta-sha256") == 0) {
        replace(&reply->sha256, value);
    } else if (strcmp(name, "x-amz-meta-mtime") == 0) {
        reply->mtime_ns = parse_mtime(value);
    } else if (strcmp(name, "last-modified") == 0) {
        reply->modified_utc_us = parse_date(value);
    } else if (strcmp(name, "date") == 0) {
        reply->date_utc_us = parse_date(value);
    } else if (strcmp(name, "retry-after") == 0) {
        reply->retry_after_us = parse_retry_after(reply, value);
    }
}

void dm_s3_reply_line(struct dm_s3_reply *reply, const char *line, size_t length) {
    g_autofree char *text = g_strndup(line, length);
    int status;
    if (g_str_has_prefix(text, "HTTP/") && sscanf(text, "HTTP/%*s %d", &status) == 1) { // NOLINT
        reply->has_continued = reply->has_continued || status == 100;
        reply->status = status;
        clear_texts(reply);
        return;
    }
    char *colon = strchr(text, ':');
    if (colon == NULL)
        return;
    *colon = '\0';
    g_autofree char *name = g_ascii_strdown(text, -1);
    take_header(reply, name, g_strstrip(colon + 1));
}
