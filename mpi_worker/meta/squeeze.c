// SPDX-License-Identifier: MIT
//
// See squeeze.h.
#include "mpi_worker/meta/squeeze.h"

#include <string.h>
#include <zlib.h>

enum { MOST_BYTES = 32 << 20, STEP_BYTES = 65536, DIGITS_A_LINE = 72 };

GByteArray *dm_inflate(const uint8_t *data, size_t size) {
    z_stream stream = {.next_in = (Bytef *)data, .avail_in = (uInt)size};
    if (size > G_MAXINT32 || inflateInit(&stream) != Z_OK) {
        return NULL;
    }
    GByteArray *out = g_byte_array_new();
    int status = Z_OK;
    while (status == Z_OK && out->len < MOST_BYTES) {
        guint before = out->len;
        g_byte_array_set_size(out, before + STEP_BYTES);
        stream.next_out = out->data + before;
        stream.avail_out = STEP_BYTES;
        status = inflate(&stream, Z_NO_FLUSH);
        g_byte_array_set_size(out, before + STEP_BYTES - stream.avail_out);
    }
    inflateEnd(&stream);
    if (status != Z_STREAM_END) {
        g_byte_array_unref(out);
        return NULL;
    }
    return out;
}

GByteArray *dm_deflate(const uint8_t *data, size_t size) {
    uLongf room = compressBound((uLong)size);
    GByteArray *out = g_byte_array_new();
    g_byte_array_set_size(out, (guint)room);
    compress2(out->data, &room, data, (uLong)size, Z_DEFAULT_COMPRESSION);
    g_byte_array_set_size(out, (guint)room);
    return out;
}

/** Skip one line. Returns where the next begins. */
static size_t skip_line(const char *text, size_t size, size_t at) {
    const char *newline = at < size ? memchr(text + at, '\n', size - at) : NULL;
    return newline != NULL ? (size_t)(newline - text) + 1 : size;
}

GByteArray *dm_raw_profile_read(const char *text, size_t size) {
    size_t at = skip_line(text, size, 0); // empty
    at = skip_line(text, size, at);       // the name
    if (at >= size) {
        return NULL;
    }
    size_t wanted = strtoul(text + at, NULL, 10);
    GByteArray *out = g_byte_array_new();
    int high = -1;
    for (at = skip_line(text, size, at); at < size && out->len < wanted; at++) {
        int digit = g_ascii_xdigit_value(text[at]);
        if (digit < 0) {
            continue;
        }
        if (high < 0) {
            high = digit;
            continue;
        }
        uint8_t byte = (uint8_t)(high << 4 | digit);
        g_byte_array_append(out, &byte, 1);
        high = -1;
    }
    if (out->len == 0 || out->len != wanted) {
        g_byte_array_unref(out);
        return NULL;
    }
    return out;
}

char *dm_raw_profile_write(const char *name, const uint8_t *data, size_t size) {
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "\n%s\n%8zu", name, size);
    for (size_t i = 0; i < size; i++) {
        g_string_append_printf(text, i * 2 % DIGITS_A_LINE == 0 ? "\n%02x" : "%02x", data[i]);
    }
    g_string_append_c(text, '\n');
    return g_string_free(text, FALSE);
}
