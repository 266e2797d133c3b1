// SPDX-License-Identifier: MIT
#include "tests/unit/watcher/support/store_contract.h"

#include "tests/unit/watcher/support/store_answer.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PART_BYTES ((size_t)5 * 1024 * 1024)
#define MTIME_NS INT64_C(1369353600250000001)
#define SUM_HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static void there_and_back(struct dm_store *store, const struct store_traits *traits) {
    ANSWER a = {0};
    answer_put(store, "p/hello.png", "hello", 5, MTIME_NS, &a);
    g_assert_cmpstr(a.result.reason, ==, "");
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    g_assert_cmpstr(a.result.sha256, ==, SUM_HELLO);
    g_autofree char *etag = g_strdup(a.result.etag);
    g_assert_cmpstr(etag, !=, "");

    answer_head(store, "p/hello.png", &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    g_assert_cmpint(a.result.size, ==, 5);
    g_assert_cmpstr(a.result.etag, ==, etag);
    g_assert_cmpint(a.result.mtime_ns, ==, MTIME_NS);
    g_assert_cmpint(a.result.time_utc_us, >, MTIME_NS / 1000);
    if (traits->keeps_sums)
        g_assert_cmpstr(a.result.sha256, ==, SUM_HELLO);

    answer_get(store, "p/hello.png", &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    g_assert_cmpstr(a.result.bytes, ==, "hello");
    g_assert_cmpstr(a.result.sha256, ==, SUM_HELLO);
    g_assert_cmpstr(a.result.etag, ==, etag);

    answer_put(store, "p/hello.png", "HELLO!", 6, 0, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    g_assert_cmpstr(a.result.etag, !=, etag);
    answer_get(store, "p/hello.png", &a);
    g_assert_cmpstr(a.result.bytes, ==, "HELLO!");

    answer_put(store, "p/empty", "", 0, 0, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    answer_get(store, "p/empty", &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    g_assert_cmpuint(a.result.length, ==, 0);
}

static void get_with(struct dm_store *store, const struct dm_store_get_options *options,
                     struct answer *ret) {
    answer_clear(ret);
    dm_store_get(store, "p/hello.png", options, answer_done, ret);
    answer_wait(store, ret);
}

static void gets(struct dm_store *store) {
    ANSWER a = {0};
    get_with(store, &(struct dm_store_get_options){.offset = 1, .length = 3, .fd = -1}, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    g_assert_cmpstr(a.result.bytes, ==, "ELL");
    g_assert_cmpint(a.result.size, ==, 6);
    g_autofree char *etag = g_strdup(a.result.etag);
    get_with(store, &(struct dm_store_get_options){.length = -1, .fd = -1, .if_match = etag}, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    get_with(store, &(struct dm_store_get_options){.length = -1, .fd = -1, .if_match = "0-0-0"},
             &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_PRECONDITION);
    get_with(store, &(struct dm_store_get_options){.length = -1, .fd = -1, .max_bytes = 5}, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OBJECT);

    g_autofree char *path = g_strdup("/tmp/dm-store-XXXXXX");
    int fd = mkostemp(path, O_CLOEXEC);
    unlink(path);
    get_with(store, &(struct dm_store_get_options){.length = -1, .fd = fd}, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    char bytes[16] = "";
    g_assert_cmpint(pread(fd, bytes, sizeof(bytes) - 1, 0), ==, 6);
    g_assert_cmpstr(bytes, ==, "HELLO!");
    close(fd);
    int read_only = open("/dev/null", O_RDONLY | O_CLOEXEC);
    get_with(store, &(struct dm_store_get_options){.length = -1, .fd = read_only}, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_SOURCE);
    g_assert_cmpint(a.result.errnum, !=, 0);
    close(read_only);
}

static void absent(struct dm_store *store) {
    ANSWER a = {0};
    answer_head(store, "p/nothing", &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_MISSING);
    answer_get(store, "p/nothing", &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_MISSING);
    g_assert_cmpstr(a.result.reason, !=, "");
    answer_remove(store, "p/nothing", &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    answer_list(store, "nothing/", NULL, 10, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    g_assert_cmpuint(a.keys->len, ==, 0);
    g_assert_null(a.result.next);
}

/** Bodies from files; one that is shorter than it was. */
static void files(struct dm_store *store) {
    g_autofree char *path = g_strdup("/tmp/dm-store-XXXXXX");
    int fd = mkostemp(path, O_CLOEXEC);
    unlink(path);
    g_assert_cmpint(write(fd, "0123456789", 10), ==, 10);
    struct dm_store_body body = {.fd = fd, .offset = 2, .length = 5};
    struct dm_store_attributes attributes = {0};
    ANSWER a = {0};
    dm_store_put(store, "p/file", &body, &attributes, answer_done, &a);
    answer_wait(store, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    answer_get(store, "p/file", &a);
    g_assert_cmpstr(a.result.bytes, ==, "23456");

    body.length = 100;
    answer_clear(&a);
    dm_store_put(store, "p/shorter", &body, &attributes, answer_done, &a);
    g_assert_false(a.is_there); // never from within the call
    answer_wait(store, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_SOURCE);
    g_assert_cmpint(a.result.errnum, !=, 0);
    answer_head(store, "p/shorter", &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_MISSING);
    close(fd);
}

static void pages(struct dm_store *store) {
    ANSWER a = {0};
    for (int i = 0; i < 7; i++) {
        g_autofree char *key = g_strdup_printf("l/%d", i);
        answer_put(store, key, "x", 1, 0, &a);
        g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    }
    g_autoptr(GString) all = g_string_new(NULL);
    g_autofree char *from = NULL;
    int count = 0;
    do {
        answer_list(store, "l/", from, 3, &a);
        g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
        g_assert_cmpuint(a.keys->len, <=, 3);
        for (guint i = 0; i < a.keys->len; i++) {
            g_string_append_printf(all, "%s ", (char *)a.keys->pdata[i]);
            g_assert_cmpint(g_array_index(a.sizes, int64_t, i), ==, 1);
            g_assert_cmpstr(a.etags->pdata[i], !=, "");
        }
        g_free(from);
        from = g_strdup(a.result.next);
    } while (from != NULL && ++count < 10);
    g_assert_cmpstr(all->str, ==, "l/0 l/1 l/2 l/3 l/4 l/5 l/6 ");
    answer_list(store, "l/3", NULL, 1000, &a);
    g_assert_cmpuint(a.keys->len, ==, 1);
    answer_clear(&a);
    dm_store_list_after(store, "l/", "l/4", 1000, answer_done, &a);
    answer_wait(store, &a);
    g_assert_cmpuint(a.keys->len, ==, 2);
    g_assert_cmpstr(a.keys->pdata[0], ==, "l/5");
}

static void copies(struct dm_store *store, const struct store_traits *traits) {
    ANSWER a = {0};
    answer_put(store, "c/from +ä", "copy me", 7, MTIME_NS, &a);
    g_autofree char *etag = g_strdup(a.result.etag);
    answer_clear(&a);
    dm_store_copy(store, "c/from +ä", etag, "c/to", answer_done, &a);
    answer_wait(store, &a);
    g_assert_cmpstr(a.result.reason, ==, "");
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    answer_head(store, "c/to", &a);
    g_assert_cmpint(a.result.size, ==, 7);
    g_assert_cmpint(a.result.mtime_ns, ==, MTIME_NS);
    if (traits->ignores_copy_conditions)
        return;
    answer_clear(&a);
    dm_store_copy(store, "c/from +ä", "0-0-0", "c/to2", answer_done, &a);
    answer_wait(store, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_PRECONDITION);
}

static void put_part(struct dm_store *store, const char *id, int number, const char *bytes,
                     size_t length, struct answer *ret) {
    answer_clear(ret);
    struct dm_store_body body = {.bytes = bytes, .length = (int64_t)length};
    dm_store_put_part(store, "m/big", id, number, &body, answer_done, ret);
    answer_wait(store, ret);
}

static char *begin(struct dm_store *store) {
    ANSWER a = {0};
    struct dm_store_attributes attributes = {.mtime_ns = MTIME_NS, .sha256 = SUM_HELLO};
    dm_store_create_upload(store, "m/big", &attributes, answer_done, &a);
    answer_wait(store, &a);
    g_assert_cmpstr(a.result.reason, ==, "");
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    g_assert_cmpstr(a.result.upload_id, !=, "");
    return g_strdup(a.result.upload_id);
}

static void complete(struct dm_store *store, const char *id, const struct dm_store_part *parts,
                     size_t count, struct answer *ret) {
    answer_clear(ret);
    dm_store_complete_upload(store, "m/big", id, parts, count, answer_done, ret);
    answer_wait(store, ret);
}

static void uploads(struct dm_store *store, const struct store_traits *traits) {
    g_autofree char *bytes = g_malloc(PART_BYTES + 10);
    memset(bytes, 'a', PART_BYTES);
    memset(bytes + PART_BYTES, 'b', 10);
    g_autofree char *id = begin(store);
    ANSWER a = {0};
    answer_head(store, "m/big", &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_MISSING);
    struct dm_store_part parts[2] = {{1, (int64_t)PART_BYTES, NULL}, {2, 10, NULL}};
    put_part(store, id, 2, bytes + PART_BYTES, 10, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    parts[1].etag = g_strdup(a.result.etag);
    put_part(store, id, 1, "something else", 14, &a);
    put_part(store, id, 1, bytes, PART_BYTES, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    parts[0].etag = g_strdup(a.result.etag);

    answer_clear(&a);
    a.wants_parts = true;
    dm_store_list_parts(store, "m/big", id, NULL, answer_done, &a);
    answer_wait(store, &a);
    a.wants_parts = false;
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    g_assert_cmpuint(a.etags->len, ==, 2);
    g_assert_cmpstr(a.etags->pdata[0], ==, parts[0].etag);
    g_assert_cmpstr(a.etags->pdata[1], ==, parts[1].etag);
    g_assert_cmpint(g_array_index(a.sizes, int64_t, 0), ==, PART_BYTES);

    answer_clear(&a);
    dm_store_list_uploads(store, "m/", NULL, answer_done, &a);
    answer_wait(store, &a);
    g_assert_cmpuint(a.keys->len, ==, 1);
    g_assert_cmpstr(a.keys->pdata[0], ==, "m/big");
    g_assert_cmpstr(a.ids->pdata[0], ==, id);

    struct dm_store_part wrong = {1, 0, parts[1].etag};
    complete(store, id, &wrong, 1, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_MULTIPART);
    complete(store, id, parts, 2, &a);
    g_assert_cmpstr(a.result.reason, ==, "");
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    answer_head(store, "m/big", &a);
    g_assert_cmpint(a.result.size, ==, PART_BYTES + 10);
    g_assert_cmpint(a.result.mtime_ns, ==, MTIME_NS);
    if (traits->keeps_sums)
        g_assert_cmpstr(a.result.sha256, ==, SUM_HELLO);
    g_free(parts[0].etag);
    g_free(parts[1].etag);
}

static void aborted(struct dm_store *store) {
    g_autofree char *id = begin(store);
    ANSWER a = {0};
    put_part(store, id, 1, "abc", 3, &a);
    for (int i = 0; i < 2; i++) { // the second finds nothing
        answer_clear(&a);
        dm_store_abort_upload(store, "m/big", id, answer_done, &a);
        answer_wait(store, &a);
        g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    }
    put_part(store, id, 1, "abc", 3, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_MULTIPART);
    answer_clear(&a);
    dm_store_list_uploads(store, "", NULL, answer_done, &a);
    answer_wait(store, &a);
    g_assert_cmpuint(a.ids->len, ==, 0);
}

static void cancelled(struct dm_store *store) {
    ANSWER a = {0};
    ANSWER b = {0};
    dm_store_head(store, "p/hello.png", answer_done, &a);
    dm_store_head(store, "p/empty", answer_done, &b);
    g_assert_cmpuint(dm_store_load(store), ==, 2);
    dm_store_cancel_all(store);
    g_assert_true(a.is_there && b.is_there);
    g_assert_cmpint(a.result.class, ==, DM_STORE_CANCELLED);
    g_assert_cmpuint(dm_store_load(store), ==, 0);
    dm_store_wake(store);
    dm_store_turn(store, 60 * 1000); // does not wait
}

static void remove_all(struct dm_store *store) {
    ANSWER list = {0};
    ANSWER a = {0};
    do {
        answer_list(store, "", NULL, 1000, &list);
        g_assert_cmpint(list.result.class, ==, DM_STORE_OK);
        for (guint i = 0; i < list.keys->len; i++)
            answer_remove(store, list.keys->pdata[i], &a);
    } while (list.keys->len > 0);
}

void store_contract(struct dm_store *store, const struct store_traits *traits) {
    ANSWER a = {0};
    dm_store_probe(store, answer_done, &a);
    answer_wait(store, &a);
    g_assert_cmpstr(a.result.reason, ==, "");
    g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    there_and_back(store, traits);
    gets(store);
    absent(store);
    files(store);
    pages(store);
    copies(store, traits);
    uploads(store, traits);
    aborted(store);
    cancelled(store);
    if (traits->has_flat_keys) {
        answer_put(store, "p/empty/below", "x", 1, 0, &a);
        g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    } else {
        answer_put(store, "p/empty/below", "x", 1, 0, &a);
        g_assert_cmpint(a.result.class, ==, DM_STORE_OBJECT);
    }
    g_autofree char *long_key = g_strnfill(DM_STORE_MAX_KEY + 1, 'k');
    answer_put(store, long_key, "x", 1, 0, &a);
    g_assert_cmpint(a.result.class, ==, DM_STORE_OBJECT);
    remove_all(store);
}

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void store_contract_keys(struct dm_store *store) {
    static const char *const awkward[] = {
        "a b  c",   " leading",   "日本é",     "e\xcc\x81", "a+b",      "~tilde", "*'()!",
        "a//b",     "#?=&",       "%41",       "%",         "%2F",      "./../x", "../up",
        "dir/../y", "@:$,;[]",    "tab\there", "\"q\\<>&",  "a/./b",    "|^`{}",  "trailing/",
        "/leading", ".hidden/.x", "a.b-c_d",   "€.png",     "100%25/a", "?",
    };
    ANSWER a = {0};
    g_autoptr(GPtrArray) sorted = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < G_N_ELEMENTS(awkward); i++) {
        char *key = g_strconcat("k/", awkward[i], NULL);
        g_ptr_array_add(sorted, key);
        answer_put(store, key, key, strlen(key), 0, &a);
        g_test_message("%s: %s", key, a.result.reason);
        g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    }
    qsort(sorted->pdata, sorted->len, sizeof(char *), compare);
    ANSWER list = {0};
    answer_list(store, "k/", NULL, 1000, &list);
    g_assert_cmpuint(list.keys->len, ==, sorted->len);
    for (guint i = 0; i < sorted->len; i++) {
        const char *key = sorted->pdata[i];
        g_assert_cmpstr(list.keys->pdata[i], ==, key);
        answer_get(store, key, &a);
        g_assert_cmpstr(a.result.bytes, ==, key);
        answer_remove(store, key, &a);
        g_assert_cmpint(a.result.class, ==, DM_STORE_OK);
    }
    answer_list(store, "k/", NULL, 1000, &list);
    g_assert_cmpuint(list.keys->len, ==, 0);
}
