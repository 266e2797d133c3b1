// SPDX-License-Identifier: MIT
//
// See xmp.h. expat tells where a tag begins and how long it is, but not where its attributes are:
// those are looked for in the tag's bytes, which expat has found to be well formed.
#include "mpi_worker/meta/xmp.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NODES = 200000, DEEPEST = 100, SALT = 0x5EED };

struct edit {
    size_t start, end;
    char *text; // NULL: nothing instead
};

struct dm_xmp {
    GBytes *packet;
    const char *data;
    size_t size;
    GArray *nodes;
    GArray *edits;
    GStringChunk *names;
    // While reading:
    XML_Parser parser;
    int open[DEEPEST]; // elements
    int depth;
    bool whole, bad;
};

static void clear_edit(void *data) {
    struct edit *edit = data;
    g_free(edit->text);
}

// ---- reading

static void give_up(struct dm_xmp *xmp) {
    xmp->bad = true;
    XML_StopParser(xmp->parser, XML_FALSE);
}

static int add_node(struct dm_xmp *xmp, const struct dm_xmp_node *node) {
    g_array_append_val(xmp->nodes, *node);
    if (xmp->nodes->len > MOST_NODES) {
        give_up(xmp);
    }
    return (int)xmp->nodes->len - 1;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/** The attribute behind @at in a tag that ends at @end. False: there is none. */
static bool next_attribute(const struct dm_xmp *xmp, size_t at, size_t end, struct dm_xmp_node *ret,
                           size_t *ret_name) {
    const char *data = xmp->data;
    ret->start = at;
    while (at < end && is_blank(data[at])) {
        at++;
    }
    *ret_name = at;
    const char *equals = at < end ? memchr(data + at, '=', end - at) : NULL;
    if (equals == NULL) {
        return false;
    }
    at = (size_t)(equals - data) + 1;
    while (at < end && is_blank(data[at])) {
        at++;
    }
    const char *quote = at + 1 < end ? memchr(data + at + 1, data[at], end - at - 1) : NULL;
    if (quote == NULL) {
        return false;
    }
    ret->value_start = at + 1;
    ret->value_end = (size_t)(quote - data);
    ret->end = ret->value_end + 1;
    return true;
}

static bool declares_namespace(const struct dm_xmp *xmp, size_t at) {
    return strncmp(xmp->data + at, "xmlns:", 6) == 0 || strncmp(xmp->data + at, "xmlns=", 6) == 0;
}

/** Match expat's attributes, in the order of the tag, with their places in it. */
static void add_attributes(struct dm_xmp *xmp, int parent, const XML_Char **attributes) {
    const struct dm_xmp_node *tag = &g_array_index(xmp->nodes, struct dm_xmp_node, parent);
    size_t at = tag->start, end = tag->value_start, name = 0;
    while (at < end && !is_blank(xmp->data[at]) && xmp->data[at] != '/') {
        at++;
    }
    struct dm_xmp_node node = {.parent = parent, .attribute = true};
    while (*attributes != NULL && next_attribute(xmp, at, end, &node, &name)) {
        at = node.end;
        if (!declares_namespace(xmp, name)) {
            node.name = g_string_chunk_insert_const(xmp->names, *attributes);
            node.behind = (int)xmp->nodes->len + 1;
            add_node(xmp, &node);
            attributes += 2;
        }
    }
}

static void XMLCALL begin_element(void *data, const XML_Char *name, const XML_Char **attributes) {
    struct dm_xmp *xmp = data;
    size_t start = (size_t)XML_GetCurrentByteIndex(xmp->parser);
    size_t length = (size_t)XML_GetCurrentByteCount(xmp->parser);
    if (xmp->depth == DEEPEST || start > xmp->size || length > xmp->size - start) {
        give_up(xmp);
        return;
    }
    const struct dm_xmp_node node = {
        .name = g_string_chunk_insert_const(xmp->names, name),
        .parent = xmp->depth > 0 ? xmp->open[xmp->depth - 1] : -1,
        .start = start,
        .value_start = start + length,
    };
    xmp->open[xmp->depth++] = add_node(xmp, &node);
    add_attributes(xmp, (int)xmp->nodes->len - 1, attributes);
}

static void XMLCALL end_element(void *data, const XML_Char *name) {
    (void)name;
    struct dm_xmp *xmp = data;
    int index = xmp->open[--xmp->depth];
    struct dm_xmp_node *node = &g_array_index(xmp->nodes, struct dm_xmp_node, index);
    size_t start = (size_t)XML_GetCurrentByteIndex(xmp->parser);
    node->value_end = MAX(start, node->value_start);
    node->end = start + (size_t)XML_GetCurrentByteCount(xmp->parser);
    node->behind = (int)xmp->nodes->len;
    if (xmp->depth == 0) { // behind it there may be anything
        xmp->whole = true;
        XML_StopParser(xmp->parser, XML_FALSE);
    }
}

static void XMLCALL begin_doctype(void *data, const XML_Char *name, const XML_Char *system_id,
                                  const XML_Char *public_id, int internal) {
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)internal;
    give_up(data); // entities, which can be bombs
}

static bool parse(struct dm_xmp *xmp) {
    xmp->parser = XML_ParserCreateNS("UTF-8", '|');
    XML_SetHashSalt(xmp->parser, SALT);
    XML_SetUserData(xmp->parser, xmp);
    XML_SetElementHandler(xmp->parser, begin_element, end_element);
    XML_SetStartDoctypeDeclHandler(xmp->parser, begin_doctype);
    XML_Parse(xmp->parser, xmp->data, (int)xmp->size, XML_TRUE);
    XML_ParserFree(xmp->parser);
    xmp->parser = NULL;
    return xmp->whole && !xmp->bad;
}

struct dm_xmp *dm_xmp_read(GBytes *packet) {
    struct dm_xmp *xmp = g_new0(struct dm_xmp, 1);
    xmp->packet = g_bytes_ref(packet);
    xmp->data = g_bytes_get_data(packet, &xmp->size);
    xmp->nodes = g_array_new(FALSE, FALSE, sizeof(struct dm_xmp_node));
    xmp->edits = g_array_new(FALSE, FALSE, sizeof(struct edit));
    g_array_set_clear_func(xmp->edits, clear_edit);
    xmp->names = g_string_chunk_new(1024);
    if (xmp->size == 0 || xmp->size > G_MAXINT / 2 || !parse(xmp)) {
        g_clear_pointer(&xmp, dm_xmp_free);
    }
    return xmp;
}

void dm_xmp_free(struct dm_xmp *xmp) {
    if (xmp == NULL) {
        return;
    }
    g_array_unref(xmp->nodes);
    g_array_unref(xmp->edits);
    g_string_chunk_free(xmp->names);
    g_bytes_unref(xmp->packet);
    g_free(xmp);
}

// ---- asking

int dm_xmp_count(const struct dm_xmp *xmp) {
    return (int)xmp->nodes->len;
}

const struct dm_xmp_node *dm_xmp_node(const struct dm_xmp *xmp, int index) {
    return &g_array_index(xmp->nodes, struct dm_xmp_node, index);
}

int dm_xmp_find(const struct dm_xmp *xmp, const char *name, int from, int behind) {
    for (int i = from; i < behind; i++) {
        if (strcmp(dm_xmp_node(xmp, i)->name, name) == 0) {
            return i;
        }
    }
    return -1;
}

char *dm_xmp_value(const struct dm_xmp *xmp, int index) {
    const struct dm_xmp_node *node = dm_xmp_node(xmp, index);
    return g_strndup(xmp->data + node->value_start, node->value_end - node->value_start);
}

double dm_xmp_number(const struct dm_xmp *xmp, int index, double otherwise) {
    if (index < 0) {
        return otherwise;
    }
    g_autofree char *text = dm_xmp_value(xmp, index);
    char *behind = NULL;
    double number = g_ascii_strtod(text, &behind);
    if (behind == text) {
        return otherwise;
    }
    if (*behind == '/') {
        double below = g_ascii_strtod(behind + 1, NULL);
        return below != 0 ? number / below : otherwise;
    }
    return number;
}

// ---- editing

static void add_edit(struct dm_xmp *xmp, size_t start, size_t end, const char *text) {
    const struct edit edit = {start, end, g_strdup(text)};
    g_array_append_val(xmp->edits, edit);
}

void dm_xmp_set(struct dm_xmp *xmp, int index, const char *text) {
    const struct dm_xmp_node *node = dm_xmp_node(xmp, index);
    size_t length = node->value_end - node->value_start;
    bool no_room = node->value_start == node->end; // <empty/>
    if (no_room) {
        return;
    }
    if (length != strlen(text) || memcmp(xmp->data + node->value_start, text, length) != 0) {
        add_edit(xmp, node->value_start, node->value_end, text);
    }
}

void dm_xmp_set_number(struct dm_xmp *xmp, int index, double number) {
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    dm_xmp_set(xmp, index, g_ascii_formatd(text, sizeof(text), "%.9g", number));
}

void dm_xmp_cut(struct dm_xmp *xmp, int index) {
    const struct dm_xmp_node *node = dm_xmp_node(xmp, index);
    add_edit(xmp, node->start, node->end, NULL);
}

void dm_xmp_insert(struct dm_xmp *xmp, size_t at, const char *text) {
    add_edit(xmp, at, at, text);
}

/** By their beginning; of those that begin together the longest first. */
static int compare_edits(const void *a, const void *b) {
    const struct edit *one = a, *other = b;
    if (one->start != other->start) {
        return one->start < other->start ? -1 : 1;
    }
    return one->end > other->end ? -1 : one->end < other->end;
}

GBytes *dm_xmp_edited(struct dm_xmp *xmp) {
    if (xmp->edits->len == 0) {
        return NULL;
    }
    g_array_sort(xmp->edits, compare_edits);
    GByteArray *out = g_byte_array_sized_new((guint)xmp->size);
    size_t at = 0;
    for (guint i = 0; i < xmp->edits->len; i++) {
        const struct edit *edit = &g_array_index(xmp->edits, struct edit, i);
        if (edit->start < at) { // within what is cut already
            continue;
        }
        g_byte_array_append(out, (const guint8 *)xmp->data + at, (guint)(edit->start - at));
        if (edit->text != NULL) {
            g_byte_array_append(out, (const guint8 *)edit->text, (guint)strlen(edit->text));
        }
        at = edit->end;
    }
    g_byte_array_append(out, (const guint8 *)xmp->data + at, (guint)(xmp->size - at));
    return g_byte_array_free_to_bytes(out);
}
