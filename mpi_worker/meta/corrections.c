// SPDX-License-Identifier: MIT
//
// The table of corrections. To add one: a row, and its function here or, where it is longer, in a
// file of its own. A function finds what it is about in any of the blocks, and leaves it when it is
// true already.
#include "mpi_worker/meta/corrections.h"

#include "common/bytes.h"
#include "mpi_worker/meta/patient.h"
#include "mpi_worker/meta/photoshop.h"
#include "mpi_worker/meta/tiff_tags.h"

#include <math.h>
#include <string.h>

enum { TAG_PIXEL_X = 0xA002, TAG_PIXEL_Y = 0xA003, TAG_COLOUR_SPACE = 0xA001 };
enum { TAG_RELATED_X = 0x1001, TAG_RELATED_Y = 0x1002, TAG_INTEROP_INDEX = 1 };
enum { SPACE_SRGB = 1, SPACE_OTHER = 65535 };

/** Set a number wherever XMP says it. */
static void set_all(struct dm_patient *patient, const char *name, int64_t number) {
    int count = patient->xmp != NULL ? dm_xmp_count(patient->xmp) : 0;
    for (int at = 0; at < count && (at = dm_xmp_find(patient->xmp, name, at, count)) >= 0; at++) {
        dm_xmp_set_number(patient->xmp, at, (double)number);
    }
}

static void set_tag(struct dm_patient *patient, enum dm_exif_directory directory, unsigned tag,
                    int64_t number) {
    struct dm_exif_entry entry;
    if (patient->exif != NULL && dm_exif_find(patient->exif, directory, tag, &entry)) {
        dm_exif_set_number(patient->exif, &entry, 0, (uint32_t)number);
    }
}

// ---- orientation, dimensions

static void correct_orientation(struct dm_patient *patient) {
    int orientation = patient->facts->orientation;
    set_tag(patient, DM_EXIF_IFD0, DM_TAG_ORIENTATION, orientation);
    set_all(patient, DM_NS_TIFF "Orientation", orientation);
}

static void correct_dimensions(struct dm_patient *patient) {
    int64_t width = patient->facts->width_px, height = patient->facts->height_px;
    set_tag(patient, DM_EXIF_EXIF, TAG_PIXEL_X, width);
    set_tag(patient, DM_EXIF_EXIF, TAG_PIXEL_Y, height);
    set_tag(patient, DM_EXIF_IFD0, DM_TAG_WIDTH, width);
    set_tag(patient, DM_EXIF_IFD0, DM_TAG_HEIGHT, height);
    set_tag(patient, DM_EXIF_INTEROP, TAG_RELATED_X, width);
    set_tag(patient, DM_EXIF_INTEROP, TAG_RELATED_Y, height);
    set_all(patient, DM_NS_TIFF "ImageWidth", width);
    set_all(patient, DM_NS_TIFF "ImageLength", height);
    set_all(patient, DM_NS_EXIF "PixelXDimension", width);
    set_all(patient, DM_NS_EXIF "PixelYDimension", height);
}

// ---- thumbnails

static void cut_node(struct dm_patient *patient, int index) {
    dm_xmp_cut(patient->xmp, index);
}

/** Leave out the resources for which @unwanted holds. */
static void filter_resources(struct dm_patient *patient, bool (*unwanted)(unsigned id)) {
    gsize size = 0;
    if (patient->meta->photoshop == NULL) {
        return;
    }
    const uint8_t *data = g_bytes_get_data(patient->meta->photoshop, &size);
    GByteArray *out = g_byte_array_new();
    struct dm_resource resource;
    size_t at = 0;
    for (; dm_resource_at(data, size, at, &resource); at = resource.end) {
        if (!unwanted(resource.id)) {
            g_byte_array_append(out, data + at, (guint)(resource.end - at));
        }
    }
    g_byte_array_append(out, data + at, (guint)(size - at));
    if (out->len == size) {
        g_byte_array_unref(out);
    } else {
        GBytes *left = g_byte_array_free_to_bytes(out);
        dm_meta_take(&patient->meta->photoshop, g_bytes_get_size(left) > 0 ? left : NULL);
    }
}

static bool is_thumbnail(unsigned id) {
    return id == DM_RESOURCE_THUMBNAIL || id == DM_RESOURCE_THUMBNAIL_OLD;
}

static void correct_thumbnails(struct dm_patient *patient) {
    if (patient->exif != NULL) {
        patient->exif->size = dm_exif_drop_thumbnail(patient->exif);
    }
    dm_patient_each(patient, DM_NS_XAP "Thumbnails", cut_node);
    filter_resources(patient, is_thumbnail);
}

/** Copies of EXIF and XMP within Photoshop's block: nobody keeps them true. */
static bool is_copy(unsigned id) {
    return id == DM_RESOURCE_EXIF || id == DM_RESOURCE_EXIF_3 || id == DM_RESOURCE_XMP;
}

static void correct_copies(struct dm_patient *patient) {
    filter_resources(patient, is_copy);
}

// ---- resolution

/** By what X and Y resolution are to be multiplied, and whether they change places first. */
struct stretch {
    bool swap;
    double x, y;
};

static bool is_rounding(const struct dm_meta_facts *facts, double x, double y) {
    double sides = (double)MIN(facts->width_px, facts->height_px);
    return fabs(x / y - 1) * sides <= 2;
}

/** Only what is stretched more one way than the other has another resolution. */
static struct stretch find_stretch(const struct dm_patient *patient) {
    const struct dm_meta_facts *facts = patient->facts;
    const double *m = facts->place;
    struct stretch stretch = {.swap = dm_place_swaps(m), .x = 1, .y = 1};
    double from_x = (double)(stretch.swap ? facts->source_height_px : facts->source_width_px);
    double from_y = (double)(stretch.swap ? facts->source_width_px : facts->source_height_px);
    double x = fabs(stretch.swap ? m[1] : m[0]) * (double)facts->width_px / from_x;
    double y = fabs(stretch.swap ? m[3] : m[4]) * (double)facts->height_px / from_y;
    if (x > 0 && y > 0 && !is_rounding(facts, x, y)) {
        stretch.x = x;
        stretch.y = y;
    }
    return stretch;
}

static void stretch_exif(struct dm_exif *exif, const struct stretch *stretch) {
    struct dm_exif_entry x, y;
    if (!dm_exif_find(exif, DM_EXIF_IFD0, DM_TAG_X_RESOLUTION, &x) ||
        !dm_exif_find(exif, DM_EXIF_IFD0, DM_TAG_Y_RESOLUTION, &y)) {
        return;
    }
    double old_x = dm_exif_rational(exif, &x), old_y = dm_exif_rational(exif, &y);
    double new_x = (stretch->swap ? old_y : old_x) * stretch->x;
    double new_y = (stretch->swap ? old_x : old_y) * stretch->y;
    if (new_x > 0 && new_y > 0 && (new_x != old_x || new_y != old_y)) {
        dm_exif_set_rational(exif, &x, new_x);
        dm_exif_set_rational(exif, &y, new_y);
    }
}

static void set_ratio(struct dm_xmp *xmp, int index, double value) {
    int below = value == floor(value) ? 1 : 1000;
    g_autofree char *text = g_strdup_printf("%.0f/%d", value * below, below);
    dm_xmp_set(xmp, index, text);
}

static void stretch_xmp(struct dm_xmp *xmp, const struct stretch *stretch) {
    int count = dm_xmp_count(xmp);
    int x = dm_xmp_find(xmp, DM_NS_TIFF "XResolution", 0, count);
    int y = dm_xmp_find(xmp, DM_NS_TIFF "YResolution", 0, count);
    double old_x = dm_xmp_number(xmp, x, 0), old_y = dm_xmp_number(xmp, y, 0);
    double new_x = (stretch->swap ? old_y : old_x) * stretch->x;
    double new_y = (stretch->swap ? old_x : old_y) * stretch->y;
    if (old_x > 0 && old_y > 0 && (new_x != old_x || new_y != old_y)) {
        set_ratio(xmp, x, new_x);
        set_ratio(xmp, y, new_y);
    }
}

/** Photoshop's own: 16.16 fixed point, X at 0 and Y at 8 of its 16 bytes. */
static void stretch_resource(struct dm_meta *meta, const struct stretch *stretch) {
    struct dm_resource resource;
    if (!dm_resource_find(meta->photoshop, DM_RESOURCE_RESOLUTION, &resource) ||
        resource.size < 16) {
        return;
    }
    GByteArray *block = g_bytes_unref_to_array(g_steal_pointer(&meta->photoshop));
    uint8_t *x = block->data + resource.data, *y = x + 8;
    double old_x = dm_be32(x), old_y = dm_be32(y);
    dm_put_be32(x, (uint32_t)((stretch->swap ? old_y : old_x) * stretch->x));
    dm_put_be32(y, (uint32_t)((stretch->swap ? old_x : old_y) * stretch->y));
    meta->photoshop = g_byte_array_free_to_bytes(block);
}

static void correct_resolution(struct dm_patient *patient) {
    if (!patient->placed || !dm_place_is_upright(patient->facts->place)) {
        return;
    }
    struct stretch stretch = find_stretch(patient);
    struct dm_meta_resolution *resolution = &patient->meta->resolution;
    const struct dm_meta_resolution old = *resolution;
    resolution->x = (stretch.swap ? old.y : old.x) * stretch.x;
    resolution->y = (stretch.swap ? old.x : old.y) * stretch.y;
    if (patient->exif != NULL) {
        stretch_exif(patient->exif, &stretch);
    }
    if (patient->xmp != NULL) {
        stretch_xmp(patient->xmp, &stretch);
    }
    if (stretch.swap || stretch.x != 1 || stretch.y != 1) {
        stretch_resource(patient->meta, &stretch);
    }
}

// ---- colour

static void correct_colour(struct dm_patient *patient) {
    struct dm_exif_entry index;
    int space = patient->facts->is_srgb ? SPACE_SRGB : SPACE_OTHER;
    if (!patient->facts->recoloured) {
        return;
    }
    set_tag(patient, DM_EXIF_EXIF, TAG_COLOUR_SPACE, space);
    set_all(patient, DM_NS_EXIF "ColorSpace", space);
    if (patient->exif != NULL &&
        dm_exif_find(patient->exif, DM_EXIF_INTEROP, TAG_INTEROP_INDEX, &index) &&
        index.value_bytes == 4 && memcmp(patient->exif->data + index.value_at, "R03", 3) == 0) {
        memcpy(patient->exif->data + index.value_at, "R98", 3);
    }
    int count = patient->xmp != NULL ? dm_xmp_count(patient->xmp) : 0;
    int profile =
        dm_xmp_find(patient->xmp, "http://ns.adobe.com/photoshop/1.0/|ICCProfile", 0, count);
    if (profile >= 0 && patient->facts->is_srgb) {
        dm_xmp_set(patient->xmp, profile, "sRGB IEC61966-2.1");
    }
}

// ---- clipping paths

static bool is_path(unsigned id) {
    return id >= DM_RESOURCE_FIRST_PATH && id <= DM_RESOURCE_LAST_PATH;
}

enum { PATH_RECORD = 26, KNOT_FIRST = 1, KNOT_LAST = 5, ONE = 1 << 24 };

/** Each record has a kind; knots have three points, down and across, in 8.24 fixed point. */
static void move_path(uint8_t *data, size_t size, const double m[6]) {
    for (size_t at = 0; at + PATH_RECORD <= size; at += PATH_RECORD) {
        unsigned kind = dm_be16(data + at);
        if (kind < KNOT_FIRST || kind > KNOT_LAST || kind == 3) {
            continue;
        }
        for (uint8_t *point = data + at + 2; point < data + at + PATH_RECORD; point += 8) {
            double y = (int32_t)dm_be32(point) / (double)ONE;
            double x = (int32_t)dm_be32(point + 4) / (double)ONE;
            double to_x = CLAMP(m[0] * x + m[1] * y + m[2], -127, 127);
            double to_y = CLAMP(m[3] * x + m[4] * y + m[5], -127, 127);
            dm_put_be32(point, (uint32_t)(int32_t)(to_y * ONE));
            dm_put_be32(point + 4, (uint32_t)(int32_t)(to_x * ONE));
        }
    }
}

static void correct_paths(struct dm_patient *patient) {
    struct dm_meta *meta = patient->meta;
    if (!patient->moved || meta->photoshop == NULL) {
        return;
    }
    if (!patient->placed) {
        filter_resources(patient, is_path);
        return;
    }
    GByteArray *block = g_bytes_unref_to_array(g_steal_pointer(&meta->photoshop));
    struct dm_resource resource;
    for (size_t at = 0; dm_resource_at(block->data, block->len, at, &resource); at = resource.end) {
        if (is_path(resource.id)) {
            move_path(block->data + resource.data, resource.size, patient->facts->place);
        }
    }
    meta->photoshop = g_byte_array_free_to_bytes(block);
}

// ---- the name of the format

static void set_format(struct dm_patient *patient, int index) {
    dm_xmp_set(patient->xmp, index, patient->facts->mime);
}

static void correct_format(struct dm_patient *patient) {
    if (patient->facts->mime != NULL) {
        dm_patient_each(patient, "http://purl.org/dc/elements/1.1/|format", set_format);
    }
}

// ---- the table

// `when` says when it becomes untrue, for people; the functions find out.
static const struct {
    const char *what, *when;
    void (*apply)(struct dm_patient *patient);
} rows[] = {
    {"orientation", "the pixels were turned", correct_orientation},
    {"pixel dimensions", "the size is another", correct_dimensions},
    {"embedded thumbnails", "always: they show what was", correct_thumbnails},
    {"previews in maker notes and segments", "always: they show what was", dm_correct_previews},
    {"copies within Photoshop's block", "always: nobody reads them", correct_copies},
    {"resolution", "turned by a quarter, or stretched", correct_resolution},
    {"faces and subjects", "moved", dm_correct_regions},
    {"clipping paths", "moved", correct_paths},
    {"georeference", "moved", dm_correct_georeference},
    {"colour space tags", "colours were converted", correct_colour},
    {"pointers to parts that are gone", "a part is left out", dm_correct_promises},
    {"name of the format", "the format is another", correct_format},
};

static void apply_rows(struct dm_patient *patient) {
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        rows[i].apply(patient);
    }
}

/** Open the EXIF block as a copy that may be changed; NULL: there is none that can be read. */
static uint8_t *open_exif(struct dm_meta *meta, struct dm_exif *ret) {
    gsize size = 0;
    if (meta->exif == NULL) {
        return NULL;
    }
    const void *data = g_bytes_get_data(meta->exif, &size);
    uint8_t *copy = g_memdup2(data, size);
    if (!dm_exif_open(ret, copy, size)) {
        dm_meta_remark(meta, "the EXIF cannot be read, and is passed on as it is");
        g_clear_pointer(&copy, g_free);
    }
    return copy;
}

/** A tag that must be said and stands nowhere. */
static void say_orientation(struct dm_meta *meta, const struct dm_meta_facts *facts) {
    if (meta->exif == NULL && facts->orientation > 1) {
        meta->exif = dm_exif_build(facts->orientation);
    }
}

void dm_meta_correct(struct dm_meta *meta, const struct dm_meta_facts *facts) {
    double back[6]; // nothing leads back from what is all zero
    struct dm_exif exif;
    struct dm_patient patient = {.meta = meta, .facts = facts};
    patient.placed = dm_place_invert(facts->place, back);
    patient.moved = !patient.placed || !dm_place_stays(facts->place);
    say_orientation(meta, facts);
    uint8_t *copy = open_exif(meta, &exif);
    patient.exif = copy != NULL ? &exif : NULL;
    patient.xmp = meta->xmp != NULL ? dm_xmp_read(meta->xmp) : NULL;
    if (meta->xmp != NULL && patient.xmp == NULL) {
        dm_meta_remark(meta, "the XMP cannot be read, and is passed on as it is");
    }
    apply_rows(&patient);
    if (copy != NULL && facts->little_endian) {
        dm_exif_make_little_endian(&exif);
    }
    if (copy != NULL) {
        dm_meta_take(&meta->exif, g_bytes_new_take(copy, exif.size));
    }
    GBytes *edited = patient.xmp != NULL ? dm_xmp_edited(patient.xmp) : NULL;
    if (edited != NULL) {
        dm_meta_take(&meta->xmp, edited);
    }
    dm_xmp_free(patient.xmp);
    meta->orientation = facts->orientation;
}
