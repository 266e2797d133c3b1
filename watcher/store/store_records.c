// SPDX-License-Identifier: MIT
#include "watcher/store/store_records.h"

const char *dm_store_class_name(enum dm_store_class class) {
    static const char *const names[DM_STORE_CLASS_COUNT] = {
        [DM_STORE_OK] = "ok",
        [DM_STORE_TRANSPORT] = "transport",
        [DM_STORE_THROTTLE] = "throttle",
        [DM_STORE_SERVER] = "server",
        [DM_STORE_DATA] = "data",
        [DM_STORE_CLOCK] = "clock",
        [DM_STORE_CREDENTIALS] = "credentials",
        [DM_STORE_MULTIPART] = "multipart",
        [DM_STORE_PRECONDITION] = "precondition",
        [DM_STORE_MISSING] = "missing",
        [DM_STORE_SOURCE] = "source",
        [DM_STORE_OBJECT] = "object",
        [DM_STORE_ENDPOINT] = "endpoint",
        [DM_STORE_CANCELLED] = "cancelled",
    };
    return names[class];
}

const char *dm_store_verb_name(enum dm_store_verb verb) {
    static const char *const names[DM_STORE_VERB_COUNT] = {
        [DM_STORE_PUT] = "put",
        [DM_STORE_GET] = "get",
        [DM_STORE_HEAD] = "head",
        [DM_STORE_LIST] = "list",
        [DM_STORE_REMOVE] = "remove",
        [DM_STORE_COPY] = "copy",
        [DM_STORE_PROBE] = "probe",
        [DM_STORE_CREATE] = "begin upload",
        [DM_STORE_PART] = "put part",
        [DM_STORE_PARTS] = "list parts",
        [DM_STORE_COMPLETE] = "complete upload",
        [DM_STORE_ABORT] = "abort upload",
        [DM_STORE_UPLOADS] = "list uploads",
    };
    return names[verb];
}

const char *dm_store_verb_method(enum dm_store_verb verb) {
    static const char *const methods[DM_STORE_VERB_COUNT] = {
        [DM_STORE_PUT] = "PUT",     [DM_STORE_GET] = "GET",       [DM_STORE_HEAD] = "HEAD",
        [DM_STORE_LIST] = "GET",    [DM_STORE_REMOVE] = "DELETE", [DM_STORE_COPY] = "PUT",
        [DM_STORE_PROBE] = "GET",   [DM_STORE_CREATE] = "POST",   [DM_STORE_PART] = "PUT",
        [DM_STORE_PARTS] = "GET",   [DM_STORE_COMPLETE] = "POST", [DM_STORE_ABORT] = "DELETE",
        [DM_STORE_UPLOADS] = "GET",
    };
    return methods[verb];
}

void dm_store_entry_free(void *entry) {
    struct dm_store_entry *e = entry;
    if (e == NULL)
        return;
    g_free(e->key);
    g_free(e->etag);
    g_free(e->upload_id);
    g_free(e);
}

void dm_store_part_free(void *part) {
    struct dm_store_part *p = part;
    if (p == NULL)
        return;
    g_free(p->etag);
    g_free(p);
}
