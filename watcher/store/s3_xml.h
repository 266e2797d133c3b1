// SPDX-License-Identifier: MIT
//
// What S3 answers, as fields and rows: every document of S3 (and of its token service) is flat
// fields, and at most one kind of repeated element:
//
//   <Error><Code>NoSuchKey</Code>...                         root "Error", field "Code"
//   <ListBucketResult>...<Contents><Key>a</Key>...           rows, each with a "Key"
//
// Names are taken without their namespace. Declarations of types and entities are refused.
#ifndef DM_WATCHER_STORE_S3_XML_H
#define DM_WATCHER_STORE_S3_XML_H

#include <glib.h>
#include <stdint.h>

struct dm_s3_xml;

/**
 * Read a whole document of @length bytes.
 *
 * Errors: DM_ERROR_REMOTE when it is no XML, or ends early.
 */
struct dm_s3_xml *dm_s3_xml_parse(const void *bytes, size_t length, GError **error);

/** Accepts NULL. */
void dm_s3_xml_free(struct dm_s3_xml *xml);

/** The name of the outermost element. */
const char *dm_s3_xml_root(const struct dm_s3_xml *xml);

/** The text of the first element @name that is outside rows; "" if there is none. */
const char *dm_s3_xml_field(const struct dm_s3_xml *xml, const char *name);

/** How many <Contents>, <Part> or <Upload> there are. */
size_t dm_s3_xml_row_count(const struct dm_s3_xml *xml);

/** The text of the element @name directly in row @row; "" if there is none. */
const char *dm_s3_xml_cell(const struct dm_s3_xml *xml, size_t row, const char *name);

/** Undo encoding-type=url: "%41", and '+' for a blank; (transfer full). NULL for a malformed
 * escape or a NUL. Pure. */
char *dm_s3_url_decode(const char *text);

/** Read "2026-01-31T12:00:00.000Z"; 0 if it is none. Pure. */
int64_t dm_s3_parse_time(const char *text);

/** An ETag without its quotes; (transfer full). Pure. */
char *dm_s3_bare_etag(const char *text);

#endif
