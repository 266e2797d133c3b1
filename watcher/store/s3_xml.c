// SPDX-License-Identifier: MIT
#include "watcher/store/s3_xml.h"

#include "common/error.h"

#include <expat.h>
#include <stdbool.h>
#include <string.h>

#define MAX_DEPTH 16

struct dm_s3_xml {
    char *root;
    GHashTable *fields;
    GPtrArray *rows; // GHashTable
};

/** Where the parser is. */
struct reader {
    XML_Parser parser;
    struct dm_s3_xml *xml;
    int depth;
    // The depth of the row we are in; 0: in none.
    int row_depth;
    // Of the innermost element.
    GString *text;
    const char *refusal;
};

static const char *without_namespace(const char *name) {
    const char *colon = strrchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

static bool is_row(const char *name) {
    return strcmp(name, "Contents") == 0 || strcmp(name, "Part") == 0 ||
           strcmp(name, "Upload") == 0;
}

static GHashTable *new_fields(void) {
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void refuse(struct reader *reader, const char *why) {
    reader->refusal = why;
    XML_StopParser(reader->parser, XML_FALSE);
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attributes) {
    struct reader *reader = user;
    (void)attributes;
    if (++reader->depth > MAX_DEPTH) {
        refuse(reader, "it is nested too deeply");
        return;
    }
    name = without_namespace(name);
    g_string_truncate(reader->text, 0);
    if (reader->depth == 1)
        reader->xml->root = g_strdup(name);
    if (reader->depth == 2 && is_row(name)) {
        reader->row_depth = reader->depth;
        g_ptr_array_add(reader->xml->rows, new_fields());
    }
}

static void keep_text(GHashTable *fields, const char *name, const char *text) {
    if (!g_hash_table_contains(fields, name))
        g_hash_table_insert(fields, g_strdup(name), g_strdup(text));
}

static void on_end(void *user, const XML_Char *name) {
    struct reader *reader = user;
    name = without_namespace(name);
    GPtrArray *rows = reader->xml->rows;
    if (reader->row_depth == 0)
        keep_text(reader->xml->fields, name, reader->text->str);
    else if (reader->depth == reader->row_depth + 1)
        keep_text(rows->pdata[rows->len - 1], name, reader->text->str);
    else if (reader->depth == reader->row_depth)
        reader->row_depth = 0;
    reader->depth--;
    g_string_truncate(reader->text, 0);
}

static void on_text(void *user, const XML_Char *text, int length) {
    struct reader *reader = user;
    g_string_append_len(reader->text, text, length);
}

static void on_doctype(void *user, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int has_subset) {
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    refuse(user, "it declares a type");
}

/** Say in @error what was wrong. */
static void explain(const struct reader *reader, GError **error) {
    const char *why = reader->refusal != NULL ? reader->refusal
                                              : XML_ErrorString(XML_GetErrorCode(reader->parser));
    dm_fail(error, DM_ERROR_REMOTE, "answer of the store is not understood: %s (byte %ld)", why,
            (long)XML_GetCurrentByteIndex(reader->parser));
}

struct dm_s3_xml *dm_s3_xml_parse(const void *bytes, size_t length, GError **error) {
    struct dm_s3_xml *xml = g_new0(struct dm_s3_xml, 1);
    xml->fields = new_fields();
    xml->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_hash_table_unref);
    struct reader reader = {.parser = XML_ParserCreate("UTF-8"), .xml = xml};
    reader.text = g_string_new(NULL);
    XML_SetUserData(reader.parser, &reader);
    XML_SetElementHandler(reader.parser, on_start, on_end);
    XML_SetCharacterDataHandler(reader.parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader.parser, on_doctype);
    bool good = length <= G_MAXINT &&
                XML_Parse(reader.parser, bytes, (int)length, XML_TRUE) == XML_STATUS_OK;
    if (!good) {
        explain(&reader, error);
        dm_s3_xml_free(xml);
        xml = NULL;
    }
    XML_ParserFree(reader.parser);
    g_string_free(reader.text, TRUE);
    return xml;
}

void dm_s3_xml_free(struct dm_s3_xml *xml) {
    if (xml == NULL)
        return;
    g_free(xml->root);
    g_hash_table_unref(xml->fields);
    g_ptr_array_unref(xml->rows);
    g_free(xml);
}

const char *dm_s3_xml_root(const struct dm_s3_xml *xml) {
    return xml->root;
}

static const char *text_of(GHashTable *fields, const char *name) {
    const char *text = g_hash_table_lookup(fields, name);
    return text != NULL ? text : "";
}

const char *dm_s3_xml_field(const struct dm_s3_xml *xml, const char *name) {
    return text_of(xml->fields, name);
}

size_t dm_s3_xml_row_count(const struct dm_s3_xml *xml) {
    return xml->rows->len;
}

const char *dm_s3_xml_cell(const struct dm_s3_xml *xml, size_t row, const char *name) {
    return text_of(xml->rows->pdata[row], name);
}

char *dm_s3_url_decode(const char *text) {
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '+') {
            g_string_append_c(out, ' ');
        } else if (*c != '%') {
            g_string_append_c(out, *c);
        } else {
            int high = g_ascii_xdigit_value(c[1]);
            int low = high >= 0 ? g_ascii_xdigit_value(c[2]) : -1;
            if (low < 0 || high + low == 0)
                return NULL;
            g_string_append_c(out, (char)(high * 16 + low));
            c += 2;
        }
    }
    return g_strdup(out->str);
}

int64_t dm_s3_parse_time(const char *text) {
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, utc);
    if (time == NULL)
        return 0;
    return g_date_time_to_unix(time) * G_USEC_PER_SEC + g_date_time_get_microsecond(time);
}

char *dm_s3_bare_etag(const char *text) {
    size_t length = strlen(text);
    if (length >= 2 && text[0] == '"' && text[length - 1] == '"')
        return g_strndup(text + 1, length - 2);
    return g_strdup(text);
}
