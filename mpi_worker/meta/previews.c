// SPDX-License-Identifier: MIT
//
// Previews: small and large copies of the picture as it was, which show what was cut away or
// hidden since. Most are JPEGs, wherever their camera put them: within maker notes, and in
// segments of their own (FlashPix; Samsung's, GE's and others', over several segments).
#include "mpi_worker/meta/jpeg_parts.h"
#include "mpi_worker/meta/patient.h"

#include <string.h>

enum { JPEG_LEAST = 100, MOST_TRIES = 100, MOST_PIECES = 300 };

/** The JPEG that begins first from @at on. False: there is none. */
static bool find_jpeg(const uint8_t *data, size_t size, size_t at, size_t *ret_at) {
    static const uint8_t second[] = {0xC0, 0xC4, 0xDB, 0xE0, 0xE1, 0xE2, 0xEE, 0xFE};
    while (at + 4 <= size) {
        const uint8_t *ff = memmem(data + at, size - at - 1, "\xFF\xD8\xFF", 3);
        if (ff == NULL) {
            return false;
        }
        at = (size_t)(ff - data);
        if (memchr(second, ff[3], sizeof(second)) != NULL) {
            *ret_at = at;
            return true;
        }
        at++;
    }
    return false;
}

// ---- within EXIF

/** Blank the JPEGs that maker notes have; what lies around them is not theirs to hide. */
static void blank_in_exif(struct dm_exif *exif) {
    size_t at = 0;
    for (int tries = 0; tries < MOST_TRIES && find_jpeg(exif->data, exif->size, at, &at);) {
        size_t end = dm_jpeg_end(exif->data, exif->size, at + 2);
        bool whole = end >= at + JPEG_LEAST;
        if (whole && dm_exif_may_blank(exif, at, end)) {
            memset(exif->data + at, 0, end - at);
            at = end;
        } else {
            at++;
            tries++;
        }
    }
}

// ---- in segments

/** Measurements of the whole scene, which are no preview, but fit the picture only where it was. */
static bool is_data(const struct dm_meta_other *other) {
    return strcmp(other->name, "FLIR") == 0;
}

static bool is_untrue(const struct dm_patient *patient, const struct dm_meta_other *other) {
    gsize size = 0;
    size_t at = 0;
    const uint8_t *data = g_bytes_get_data(other->bytes, &size);
    return is_data(other) ? patient->moved : find_jpeg(data, size, 0, &at);
}

static const struct dm_meta_other *other_at(const struct dm_meta *meta, guint index) {
    return index < meta->others->len ? meta->others->pdata[index] : NULL;
}

/** How many segments from @index on one nameless JPEG lies in: of the same number, or the next. */
static guint count_pieces(const struct dm_meta *meta, guint index) {
    g_autoptr(GByteArray) joined = g_byte_array_new();
    unsigned code = other_at(meta, index)->code;
    for (guint i = index; i < index + MOST_PIECES && other_at(meta, i) != NULL; i++) {
        const struct dm_meta_other *other = other_at(meta, i);
        gsize size = 0;
        const void *data = g_bytes_get_data(other->bytes, &size);
        if (other->code - code > 1) {
            break;
        }
        code = other->code;
        g_byte_array_append(joined, data, (guint)size);
        if (dm_jpeg_end(joined->data, joined->len, 2) > 0) {
            return i - index + 1;
        }
    }
    return 1;
}

/** The names of those that are untrue; those without a name get one, with all their pieces. */
static GHashTable *name_untrue(const struct dm_patient *patient) {
    struct dm_meta *meta = patient->meta;
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (guint i = 0; i < meta->others->len; i++) {
        struct dm_meta_other *other = meta->others->pdata[i];
        if (!is_untrue(patient, other)) {
            continue;
        }
        for (guint n = *other->name == '\0' ? count_pieces(meta, i) : 0; n > 0; n--) {
            other = meta->others->pdata[i + n - 1];
            g_strlcpy(other->name, "a preview", sizeof(other->name));
        }
        g_hash_table_add(names, g_strdup(other->name));
    }
    return names;
}

static void drop_others(struct dm_patient *patient) {
    struct dm_meta *meta = patient->meta;
    g_autoptr(GHashTable) names = name_untrue(patient);
    guint left = 0;
    for (guint i = 0; i < meta->others->len; i++) {
        struct dm_meta_other *other = meta->others->pdata[i];
        if (g_hash_table_contains(names, other->name)) {
            dm_meta_remark(meta, "'%s' left out, as it shows the picture as it was", other->name);
            continue; // it goes with the end of the list
        }
        meta->others->pdata[i] = meta->others->pdata[left];
        meta->others->pdata[left++] = other;
    }
    g_ptr_array_set_size(meta->others, (gint)left);
}

void dm_correct_previews(struct dm_patient *patient) {
    if (patient->exif != NULL) {
        blank_in_exif(patient->exif);
    }
    drop_others(patient);
}
