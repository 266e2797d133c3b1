// SPDX-License-Identifier: MIT
//
// See xmp_extended.h.
#include "mpi_worker/meta/xmp_extended.h"

#include "mpi_worker/meta/xmp.h"

#include <string.h>

#define HAS_EXTENDED "http://ns.adobe.com/xmp/note/|HasExtendedXMP"

enum { NAME_BYTES = 32, ROOM_FOR_A_NOTE = 200 };

static int find(const struct dm_xmp *xmp, const char *name) {
    return dm_xmp_find(xmp, name, 0, dm_xmp_count(xmp));
}

char *dm_xmp_extended_name(GBytes *standard) {
    struct dm_xmp *xmp = dm_xmp_read(standard);
    int note = xmp != NULL ? find(xmp, HAS_EXTENDED) : -1;
    char *name = note >= 0 ? dm_xmp_value(xmp, note) : NULL;
    dm_xmp_free(xmp);
    return name;
}

// ---- two to one

/** Where the tag that begins at @start says its name to the end of. */
static size_t behind_tag_name(const char *data, size_t start, size_t end) {
    while (start < end && strchr(" \t\r\n/>", data[start]) == NULL) {
        start++;
    }
    return start;
}

/** Add the namespaces that the tag @from .. @to declares, but for those in @known. */
static void add_declarations(const char *data, size_t from, size_t to, GString *known) {
    for (size_t at = from; at + 7 < to; at++) {
        const char *quote = data[at] == 'x' ? memchr(data + at, '=', to - at) : NULL;
        if (quote == NULL || strncmp(data + at, "xmlns", 5) != 0 || data[at - 1] == '"') {
            continue;
        }
        size_t name_end = (size_t)(quote - data) + 1;
        const char *close = name_end + 1 < to
                                ? memchr(data + name_end + 1, data[name_end], to - name_end - 1)
                                : NULL;
        if (close == NULL) {
            return;
        }
        g_autofree char *name = g_strndup(data + at, name_end - at);
        if (strstr(known->str, name) == NULL) {
            g_string_append_c(known, ' ');
            g_string_append_len(known, data + at, close + 1 - (data + at));
        }
        at = (size_t)(close - data);
    }
}

/** The descriptions of @xmp, each with all namespaces that it needs. */
static void append_descriptions(const struct dm_xmp *xmp, const char *data, int rdf, GString *out) {
    for (int i = rdf + 1; i < dm_xmp_node(xmp, rdf)->behind; i = dm_xmp_node(xmp, i)->behind) {
        const struct dm_xmp_node *node = dm_xmp_node(xmp, i);
        if (node->attribute) {
            continue;
        }
        GString *known = g_string_new(NULL);
        size_t name_end = behind_tag_name(data, node->start, node->value_start);
        add_declarations(data, name_end, node->value_start, known);
        gsize own = known->len;
        for (int up = node->parent; up >= 0; up = dm_xmp_node(xmp, up)->parent) {
            const struct dm_xmp_node *above = dm_xmp_node(xmp, up);
            add_declarations(data, behind_tag_name(data, above->start, above->value_start),
                             above->value_start, known);
        }
        g_string_append_len(out, data + node->start, (gssize)(name_end - node->start));
        g_string_append(out, known->str + own);
        g_string_append_len(out, data + name_end, (gssize)(node->end - name_end));
        g_string_free(known, TRUE);
    }
}

GBytes *dm_xmp_join(GBytes *standard, GBytes *extended) {
    struct dm_xmp *first = dm_xmp_read(standard), *second = dm_xmp_read(extended);
    int rdf = first != NULL ? find(first, DM_XMP_RDF "RDF") : -1;
    int more = second != NULL ? find(second, DM_XMP_RDF "RDF") : -1;
    GBytes *joined = NULL;
    if (rdf >= 0 && more >= 0) {
        GString *added = g_string_new(NULL);
        append_descriptions(second, g_bytes_get_data(extended, NULL), more, added);
        dm_xmp_insert(first, dm_xmp_node(first, rdf)->value_end, added->str);
        int note = find(first, HAS_EXTENDED);
        if (note >= 0) {
            dm_xmp_cut(first, note);
        }
        joined = dm_xmp_edited(first);
        g_string_free(added, TRUE);
    }
    dm_xmp_free(first);
    dm_xmp_free(second);
    return joined;
}

// ---- one to two

/** A property, to be moved. */
struct move {
    int index;
    size_t bytes;
};

static int compare_moves(const void *a, const void *b) {
    const struct move *one = a, *other = b;
    return one->bytes > other->bytes ? -1 : one->bytes < other->bytes;
}

/** Whether a node is a property of a description: an element, or an attribute but for its subject.
 */
static bool is_property(const struct dm_xmp *xmp, int rdf, const struct dm_xmp_node *node) {
    bool within = node->parent >= 0 && dm_xmp_node(xmp, node->parent)->parent == rdf;
    return within && strcmp(node->name, DM_XMP_RDF "about") != 0 &&
           strcmp(node->name, "about") != 0;
}

/** The properties, the largest first. */
static GArray *list_moves(const struct dm_xmp *xmp, int rdf) {
    GArray *moves = g_array_new(FALSE, FALSE, sizeof(struct move));
    for (int i = rdf + 1; i < dm_xmp_node(xmp, rdf)->behind; i++) {
        const struct dm_xmp_node *node = dm_xmp_node(xmp, i);
        if (is_property(xmp, rdf, node)) {
            const struct move move = {i, node->end - node->start};
            g_array_append_val(moves, move);
        }
    }
    g_array_sort(moves, compare_moves);
    return moves;
}

/** Add property @index, in a description of its own like the one it stands in. */
static void move_out(struct dm_xmp *xmp, const char *data, int index, GString *out) {
    const struct dm_xmp_node *node = dm_xmp_node(xmp, index);
    gssize bytes = (gssize)(node->end - node->start);
    GString *known = g_string_new(NULL);
    for (int up = node->parent; up >= 0; up = dm_xmp_node(xmp, up)->parent) {
        const struct dm_xmp_node *above = dm_xmp_node(xmp, up);
        add_declarations(data, behind_tag_name(data, above->start, above->value_start),
                         above->value_start, known);
    }
    g_string_append_printf(out, "<rdf:Description rdf:about=\"\"%s", known->str);
    if (node->attribute) { // with the blank before it
        g_string_append_len(out, data + node->start, bytes);
        g_string_append(out, "/>");
    } else {
        g_string_append_c(out, '>');
        g_string_append_len(out, data + node->start, bytes);
        g_string_append(out, "</rdf:Description>");
    }
    g_string_free(known, TRUE);
    dm_xmp_cut(xmp, index);
}

GBytes *dm_xmp_split(GBytes *packet, size_t most, GBytes **ret_extended) {
    struct dm_xmp *xmp = dm_xmp_read(packet);
    int rdf = xmp != NULL ? find(xmp, DM_XMP_RDF "RDF") : -1;
    if (rdf < 0) {
        dm_xmp_free(xmp);
        return NULL;
    }
    size_t size = g_bytes_get_size(packet) + ROOM_FOR_A_NOTE;
    GArray *moves = list_moves(xmp, rdf);
    GString *extended = g_string_new("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
                                     "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">");
    for (guint i = 0; i < moves->len && size > most; i++) {
        const struct move *move = &g_array_index(moves, struct move, i);
        move_out(xmp, g_bytes_get_data(packet, NULL), move->index, extended);
        size -= move->bytes;
    }
    g_string_append(extended, "</rdf:RDF></x:xmpmeta>");
    g_autofree char *name =
        g_compute_checksum_for_data(G_CHECKSUM_MD5, (const guchar *)extended->str, extended->len);
    g_autofree char *upper = g_ascii_strup(name, NAME_BYTES);
    g_autofree char *note = g_strdup_printf(
        "<rdf:Description xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" rdf:about=\"\" "
        "xmlns:xmpNote=\"http://ns.adobe.com/xmp/note/\" xmpNote:HasExtendedXMP=\"%s\"/>",
        upper);
    dm_xmp_insert(xmp, dm_xmp_node(xmp, rdf)->value_end, note);
    GBytes *standard = size <= most ? dm_xmp_edited(xmp) : NULL;
    g_array_unref(moves);
    dm_xmp_free(xmp);
    if (standard == NULL) {
        g_string_free(extended, TRUE);
        return NULL;
    }
    *ret_extended = g_string_free_to_bytes(extended);
    return standard;
}
