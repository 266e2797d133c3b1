// SPDX-License-Identifier: MIT
//
// See tiff_exif.h. All is appended to the TIFF: values and sub-directories of the EXIF, then a new
// first directory, to which the header then points.
#include "mpi_worker/codec/tiff_exif.h"

#include "mpi_worker/codec/tiff_directory.h"
#include "mpi_worker/meta/bytes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { IPTC = 33723 };

/** Of the first directory: what an EXIF block may say of a picture. Strips and sizes are TIFF's. */
static const uint16_t descriptions[] = {
    270 /* ImageDescription */, 271 /* Make */,      272 /* Model */,     305 /* Software */,
    306 /* DateTime */,         315 /* Artist */,    316 /* Host */,      18246 /* Rating */,
    33432 /* Copyright */,      40091 /* XPTitle */, 40092 /* Comment */, 40093 /* Author */,
    40094 /* Keywords */,       40095 /* Subject */, DM_TIFF_EXIF,        DM_TIFF_GPS,
};

static bool has_tag(const GArray *entries, uint32_t tag) {
    for (guint i = 0; i < entries->len; i++) {
        if (dm_tiff_tag(&g_array_index(entries, struct dm_tiff_entry, i)) == tag) {
            return true;
        }
    }
    return false;
}

static bool describes(uint32_t tag) {
    for (size_t i = 0; i < G_N_ELEMENTS(descriptions); i++) {
        if (descriptions[i] == tag) {
            return true;
        }
    }
    return false;
}

static int compare_tags(const void *a, const void *b) {
    return (int)dm_tiff_tag(a) - (int)dm_tiff_tag(b);
}

/** Add what an EXIF block says and @entries do not. False: it is not understood. */
static bool add_exif(GByteArray *out, GArray *entries, const struct dm_tiff_block *exif) {
    g_autoptr(GArray) added = dm_tiff_read(exif, dm_le32(exif->data + 4));
    if (added == NULL) {
        return false;
    }
    for (guint i = 0; i < added->len;) {
        uint32_t tag = dm_tiff_tag(&g_array_index(added, struct dm_tiff_entry, i));
        if (describes(tag) && !has_tag(entries, tag)) {
            i++;
        } else {
            g_array_remove_index(added, i);
        }
    }
    dm_tiff_move(out, exif, added, DM_TIFF_MAX_DEPTH);
    g_array_append_vals(entries, added->data, added->len);
    return true;
}

static void add_iptc(GByteArray *out, GArray *entries, const uint8_t *iptc, size_t size) {
    struct dm_tiff_entry entry = {{0}};
    dm_put_le16(entry.bytes, IPTC);
    dm_put_le16(entry.bytes + 2, DM_TIFF_UNDEFINED);
    dm_put_le32(entry.bytes + 4, (uint32_t)size);
    if (size <= 4) {
        memcpy(entry.bytes + 8, iptc, size);
    } else {
        dm_put_le32(entry.bytes + 8, dm_tiff_append(out, iptc, size));
    }
    g_array_append_val(entries, entry);
}

GByteArray *dm_tiff_add_metadata(const uint8_t *tiff, size_t tiff_size, const uint8_t *exif,
                                 size_t exif_size, const uint8_t *iptc, size_t iptc_size) {
    const size_t prefix = 6;
    const struct dm_tiff_block own = {tiff, tiff_size};
    if (!dm_tiff_is_little_endian(tiff, tiff_size) || iptc_size > G_MAXUINT32 / 4 ||
        (exif != NULL &&
         (exif_size < prefix || !dm_tiff_is_little_endian(exif + prefix, exif_size - prefix)))) {
        return NULL;
    }
    g_autoptr(GArray) entries = dm_tiff_read(&own, dm_le32(tiff + 4));
    if (entries == NULL) {
        return NULL;
    }
    uint32_t next =
        dm_le32(tiff + dm_le32(tiff + 4) + 2 + (size_t)entries->len * DM_TIFF_ENTRY_BYTES);
    GByteArray *out = g_byte_array_sized_new((guint)(tiff_size + exif_size + iptc_size + 4096));
    g_byte_array_append(out, tiff, (guint)tiff_size);
    if (iptc != NULL) {
        add_iptc(out, entries, iptc, iptc_size);
    }
    if (exif != NULL &&
        !add_exif(out, entries, &(struct dm_tiff_block){exif + prefix, exif_size - prefix})) {
        g_byte_array_unref(out);
        return NULL;
    }
    qsort(entries->data, entries->len, sizeof(struct dm_tiff_entry), compare_tags);
    uint32_t first = dm_tiff_append_directory(out, entries, next);
    dm_put_le32(out->data + 4, first);
    return out;
}
