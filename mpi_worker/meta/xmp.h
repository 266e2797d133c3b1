// SPDX-License-Identifier: MIT
//
// XMP edited in place: a parser that knows where everything stands, and a list of edits. What is
// not edited keeps its bytes. No model of RDF: a property is an attribute or an element, whichever
// its writer chose.
#ifndef DM_MPI_WORKER_META_XMP_H
#define DM_MPI_WORKER_META_XMP_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define DM_XMP_RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#|"

/** An element or an attribute. */
struct dm_xmp_node {
    // "namespace|name".
    const char *name;
    // Index; -1: the root.
    int parent;
    // Index behind all that is within it.
    int behind;
    bool attribute;
    // All of it: an element with its tags, an attribute with the blank before it.
    size_t start, end;
    // What is between the tags or the quotes.
    size_t value_start, value_end;
};

/** A packet that was read. */
struct dm_xmp;

/** Read @packet (kept). NULL: it is no XML, it declares entities, or it is not in UTF-8. */
struct dm_xmp *dm_xmp_read(GBytes *packet);
void dm_xmp_free(struct dm_xmp *xmp);

int dm_xmp_count(const struct dm_xmp *xmp);
const struct dm_xmp_node *dm_xmp_node(const struct dm_xmp *xmp, int index);

/** The first node of @name from @from up to @behind; -1: none. */
int dm_xmp_find(const struct dm_xmp *xmp, const char *name, int from, int behind);

/** A node's value as it stands, entities and all; (transfer full). */
char *dm_xmp_value(const struct dm_xmp *xmp, int index);
/** The same as a number, of the forms 1.5 and 3/2; @otherwise when it is none. */
double dm_xmp_number(const struct dm_xmp *xmp, int index, double otherwise);

/** Put @text, in which nothing is special to XML, in place of a value. */
void dm_xmp_set(struct dm_xmp *xmp, int index, const char *text);
void dm_xmp_set_number(struct dm_xmp *xmp, int index, double number);
/** Take a node out. */
void dm_xmp_cut(struct dm_xmp *xmp, int index);
/** Put @text in at @at, which is no place within a node that is set or cut. */
void dm_xmp_insert(struct dm_xmp *xmp, size_t at, const char *text);

/** The packet with all edits done; NULL: there are none. (transfer full) */
GBytes *dm_xmp_edited(struct dm_xmp *xmp);

#endif
