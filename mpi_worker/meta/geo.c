// SPDX-License-Identifier: MIT
//
// GeoTIFF (OGC 19-008): tie points say which place on Earth a point of the raster is, the pixel
// scale how far it is to the next. Both follow a cut and a change of size; a turned raster would
// need another tag, and loses them with a remark.
#include "mpi_worker/meta/patient.h"

#include "mpi_worker/meta/tiff_tags.h"

#include <math.h>
#include <string.h>

enum { TIE_NUMBERS = 6, NUMBER_BYTES = 8 };

static double get_double(const struct dm_exif *exif, size_t at) {
    uint32_t first = dm_exif_get32(exif, at), second = dm_exif_get32(exif, at + 4);
    uint64_t bits =
        exif->big_endian ? (uint64_t)first << 32 | second : (uint64_t)second << 32 | first;
    double value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static void put_double(struct dm_exif *exif, size_t at, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    uint32_t high = (uint32_t)(bits >> 32), low = (uint32_t)bits;
    dm_exif_put32(exif, at, exif->big_endian ? high : low);
    dm_exif_put32(exif, at + 4, exif->big_endian ? low : high);
}

static bool find(const struct dm_patient *patient, unsigned tag, struct dm_exif_entry *ret) {
    return dm_exif_find(patient->exif, DM_EXIF_IFD0, tag, ret) && ret->type == DM_EXIF_DOUBLE;
}

/** From a coordinate of the source's raster to one of the result's. */
struct axis {
    double scale, offset;
};

static void find_axes(const struct dm_meta_facts *facts, struct axis *ret_x, struct axis *ret_y) {
    const double *m = facts->place;
    double width = (double)facts->width_px, height = (double)facts->height_px;
    *ret_x = (struct axis){m[0] * width / (double)facts->source_width_px, m[2] * width};
    *ret_y = (struct axis){m[4] * height / (double)facts->source_height_px, m[5] * height};
}

static void move_ties(struct dm_exif *exif, const struct dm_exif_entry *ties, struct axis x,
                      struct axis y) {
    for (uint32_t i = 0; i + TIE_NUMBERS <= ties->count; i += TIE_NUMBERS) {
        size_t at = ties->value_at + (size_t)i * NUMBER_BYTES;
        put_double(exif, at, get_double(exif, at) * x.scale + x.offset);
        put_double(exif, at + NUMBER_BYTES,
                   get_double(exif, at + NUMBER_BYTES) * y.scale + y.offset);
    }
}

static void remove_tag(struct dm_patient *patient, unsigned tag) {
    struct dm_exif_entry entry;
    if (dm_exif_find(patient->exif, DM_EXIF_IFD0, tag, &entry)) {
        dm_exif_remove(patient->exif, &entry);
    }
}

static void remove_all(struct dm_patient *patient) {
    remove_tag(patient, DM_TAG_PIXEL_SCALE);
    remove_tag(patient, DM_TAG_TIE_POINTS);
    remove_tag(patient, DM_TAG_TRANSFORMATION);
    dm_meta_remark(patient->meta, "the georeference is left out, as it would be wrong now");
}

void dm_correct_georeference(struct dm_patient *patient) {
    struct dm_exif_entry scale, ties, matrix;
    if (!patient->moved || patient->exif == NULL) {
        return;
    }
    bool has_matrix = find(patient, DM_TAG_TRANSFORMATION, &matrix);
    bool has_ties = find(patient, DM_TAG_TIE_POINTS, &ties);
    bool has_scale = find(patient, DM_TAG_PIXEL_SCALE, &scale) && scale.count >= 2;
    if (!has_matrix && !has_ties && !has_scale) {
        return;
    }
    const double *m = patient->facts->place;
    bool follows = patient->placed && dm_place_is_upright(m) && m[0] > 0 && m[4] > 0;
    if (has_matrix || !follows) {
        remove_all(patient);
        return;
    }
    struct axis x, y;
    find_axes(patient->facts, &x, &y);
    if (has_ties) {
        move_ties(patient->exif, &ties, x, y);
    }
    if (has_scale) {
        put_double(patient->exif, scale.value_at,
                   get_double(patient->exif, scale.value_at) / x.scale);
        size_t second = scale.value_at + NUMBER_BYTES;
        put_double(patient->exif, second, get_double(patient->exif, second) / y.scale);
    }
}
