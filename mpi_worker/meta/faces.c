// SPDX-License-Identifier: MIT
//
// Where people and subjects are in the picture: regions of the Metadata Working Group (mwg-rs),
// Microsoft's people tags, EXIF's subject area and location. They move with the pixels, are cut at
// the picture's edges, and go when nothing of them is left.
#include "mpi_worker/meta/patient.h"

#include <math.h>
#include <string.h>

#define NS_MWG "http://www.metadataworkinggroup.com/schemas/regions/|"
#define NS_AREA "http://ns.adobe.com/xmp/sType/Area#|"
#define NS_DIMENSIONS "http://ns.adobe.com/xap/1.0/sType/Dimensions#|"
#define MS_RECTANGLE "http://ns.microsoft.com/photo/1.2/t/Region#|Rectangle"

enum { TAG_SUBJECT_AREA = 0x9214, TAG_SUBJECT_LOCATION = 0xA214, SWAPPED_FROM = 5 };

/** Where @box has got to, cut at the edges. False: nothing of it is left. */
static bool move_box(const double m[6], struct dm_box *box) {
    struct dm_box moved = dm_place_box(m, *box);
    moved = (struct dm_box){MAX(moved.left, 0), MAX(moved.top, 0), MIN(moved.right, 1),
                            MIN(moved.bottom, 1)};
    *box = moved;
    return moved.right > moved.left && moved.bottom > moved.top;
}

static struct dm_box around(double x, double y, double width, double height) {
    return (struct dm_box){x - width / 2, y - height / 2, x + width / 2, y + height / 2};
}

// ---- the Metadata Working Group's

/** The nodes of one area, which has width and height, or a diameter; -1: it does not say. */
struct area {
    int x, y, width, height, diameter, unit;
};

static struct area find_area(const struct dm_xmp *xmp, int from, int behind) {
    return (struct area){
        .x = dm_xmp_find(xmp, NS_AREA "x", from, behind),
        .y = dm_xmp_find(xmp, NS_AREA "y", from, behind),
        .width = dm_xmp_find(xmp, NS_AREA "w", from, behind),
        .height = dm_xmp_find(xmp, NS_AREA "h", from, behind),
        .diameter = dm_xmp_find(xmp, NS_AREA "d", from, behind),
        .unit = dm_xmp_find(xmp, NS_AREA "unit", from, behind),
    };
}

/** The size that a list of regions is for, as the list says. */
struct applied {
    int width, height, unit; // nodes
    // In that unit; of the source as stored, where nothing is said.
    double wide, high;
};

static struct applied find_applied(const struct dm_patient *patient, int from, int behind) {
    const struct dm_xmp *xmp = patient->xmp;
    struct applied applied = {.width = dm_xmp_find(xmp, NS_DIMENSIONS "w", from, behind),
                              .height = dm_xmp_find(xmp, NS_DIMENSIONS "h", from, behind),
                              .unit = dm_xmp_find(xmp, NS_DIMENSIONS "unit", from, behind)};
    applied.wide = dm_xmp_number(xmp, applied.width, 0);
    applied.high = dm_xmp_number(xmp, applied.height, 0);
    if (!(applied.wide > 0) || !(applied.high > 0)) {
        applied.wide = (double)patient->facts->source_width_px;
        applied.high = (double)patient->facts->source_height_px;
    }
    return applied;
}

/** The size of the result, whatever the source's was counted in. */
static void set_applied(struct dm_patient *patient, const struct applied *applied) {
    if (applied->width >= 0 && applied->height >= 0) {
        dm_xmp_set_number(patient->xmp, applied->width, (double)patient->facts->width_px);
        dm_xmp_set_number(patient->xmp, applied->height, (double)patient->facts->height_px);
        if (applied->unit >= 0) {
            dm_xmp_set(patient->xmp, applied->unit, "pixel");
        }
    }
}

/**
 * From where the regions count to the result. Most programs mean the picture as it is stored; one
 * whose size is the upright picture's means that.
 */
static void find_matrix(const struct dm_patient *patient, const struct applied *applied,
                        double ret[6]) {
    const struct dm_meta_facts *facts = patient->facts;
    int orientation = patient->meta->orientation;
    bool wide = applied->wide > applied->high;
    bool stored_wide = facts->source_width_px > facts->source_height_px;
    double upright[6], back[6];
    memcpy(ret, facts->place, sizeof(double[6]));
    if (orientation >= SWAPPED_FROM && wide != stored_wide && applied->wide != applied->high) {
        dm_place_of_orientation(orientation, upright);
        if (dm_place_invert(upright, back)) {
            dm_place_join(back, facts->place, ret);
        }
    }
}

/** What a region's numbers are fractions of: pictures of 1, where they are so already. */
struct scale {
    double from_x, from_y, to_x, to_y;
};

static struct scale find_scale(const struct dm_patient *patient, const struct area *area,
                               const struct applied *applied) {
    g_autofree char *unit = area->unit >= 0 ? dm_xmp_value(patient->xmp, area->unit) : NULL;
    if (g_strcmp0(unit, "pixel") != 0) {
        return (struct scale){1, 1, 1, 1};
    }
    return (struct scale){applied->wide, applied->high, (double)patient->facts->width_px,
                          (double)patient->facts->height_px};
}

/** Move a circle, whose normalized diameter counts the shorter side. False: its middle is gone. */
static bool move_circle(struct dm_patient *patient, const struct area *area,
                        const struct applied *applied, const double m[6]) {
    struct dm_xmp *xmp = patient->xmp;
    const struct scale scale = find_scale(patient, area, applied);
    double wide = (double)patient->facts->width_px, high = (double)patient->facts->height_px;
    double x = dm_xmp_number(xmp, area->x, NAN) / scale.from_x;
    double y = dm_xmp_number(xmp, area->y, NAN) / scale.from_y;
    double unit = scale.from_x == 1 ? MIN(applied->wide, applied->high) : 1;
    double new_unit = scale.to_x == 1 ? MIN(wide, high) : 1;
    double diameter = dm_xmp_number(xmp, area->diameter, 0) * unit;
    struct dm_box box =
        dm_place_box(m, around(x, y, diameter / applied->wide, diameter / applied->high));
    double to_x = (box.left + box.right) / 2, to_y = (box.top + box.bottom) / 2;
    if (!(to_x >= 0 && to_x <= 1 && to_y >= 0 && to_y <= 1)) {
        return false;
    }
    double moved = sqrt((box.right - box.left) * wide * (box.bottom - box.top) * high);
    dm_xmp_set_number(xmp, area->x, to_x * scale.to_x);
    dm_xmp_set_number(xmp, area->y, to_y * scale.to_y);
    dm_xmp_set_number(xmp, area->diameter, moved / new_unit);
    return true;
}

/** Move one rectangle, or one point. False: nothing of it is left. */
static bool move_area(struct dm_patient *patient, const struct area *area,
                      const struct applied *applied, const double m[6]) {
    struct dm_xmp *xmp = patient->xmp;
    const struct scale scale = find_scale(patient, area, applied);
    double x = dm_xmp_number(xmp, area->x, NAN) / scale.from_x;
    double y = dm_xmp_number(xmp, area->y, NAN) / scale.from_y;
    double width = dm_xmp_number(xmp, area->width, 0) / scale.from_x;
    double height = dm_xmp_number(xmp, area->height, 0) / scale.from_y;
    struct dm_box box = around(x, y, MAX(width, 1e-6), MAX(height, 1e-6));
    if (!move_box(m, &box)) {
        return false;
    }
    dm_xmp_set_number(xmp, area->x, (box.left + box.right) / 2 * scale.to_x);
    dm_xmp_set_number(xmp, area->y, (box.top + box.bottom) / 2 * scale.to_y);
    if (area->width >= 0 && area->height >= 0) {
        dm_xmp_set_number(xmp, area->width, (box.right - box.left) * scale.to_x);
        dm_xmp_set_number(xmp, area->height, (box.bottom - box.top) * scale.to_y);
    }
    return true;
}

/** False: nothing of it is left. What says no place is left alone. */
static bool move_region(struct dm_patient *patient, int from, int behind,
                        const struct applied *applied, const double m[6]) {
    struct area area = find_area(patient->xmp, from, behind);
    if (isnan(dm_xmp_number(patient->xmp, area.x, NAN)) ||
        isnan(dm_xmp_number(patient->xmp, area.y, NAN))) {
        return true;
    }
    return area.diameter >= 0 && area.width < 0 ? move_circle(patient, &area, applied, m)
                                                : move_area(patient, &area, applied, m);
}

/** Move the regions of one list; it goes when none is left. */
static void move_regions(struct dm_patient *patient, int index) {
    struct dm_xmp *xmp = patient->xmp;
    int behind = dm_xmp_node(xmp, index)->behind, left = 0;
    struct applied applied = find_applied(patient, index, behind);
    int list = dm_xmp_find(xmp, NS_MWG "RegionList", index, behind);
    double m[6];
    find_matrix(patient, &applied, m);
    int end = list >= 0 ? dm_xmp_node(xmp, list)->behind : 0;
    for (int li = list + 1; list >= 0 && li < end; li++) {
        li = dm_xmp_find(xmp, DM_XMP_RDF "li", li, end);
        if (li < 0) {
            break;
        }
        int li_end = dm_xmp_node(xmp, li)->behind;
        if (move_region(patient, li, li_end, &applied, m)) {
            left++;
        } else {
            dm_xmp_cut(xmp, li);
        }
        li = li_end - 1;
    }
    if (left == 0) {
        dm_xmp_cut(xmp, index);
        return;
    }
    set_applied(patient, &applied);
}

// ---- Microsoft's

/** "left, top, width, height" in fractions. */
static void move_rectangle(struct dm_patient *patient, int index) {
    struct dm_xmp *xmp = patient->xmp;
    g_autofree char *text = dm_xmp_value(xmp, index);
    g_auto(GStrv) words = g_strsplit(text, ",", 5);
    if (g_strv_length(words) != 4) {
        return;
    }
    double n[4];
    for (int i = 0; i < 4; i++) {
        n[i] = g_ascii_strtod(words[i], NULL);
    }
    struct dm_box box = {n[0], n[1], n[0] + n[2], n[1] + n[3]};
    if (move_box(patient->facts->place, &box)) {
        char s[4][G_ASCII_DTOSTR_BUF_SIZE];
        g_ascii_formatd(s[0], sizeof(s[0]), "%.6f", box.left);
        g_ascii_formatd(s[1], sizeof(s[1]), "%.6f", box.top);
        g_ascii_formatd(s[2], sizeof(s[2]), "%.6f", box.right - box.left);
        g_ascii_formatd(s[3], sizeof(s[3]), "%.6f", box.bottom - box.top);
        g_autofree char *moved = g_strdup_printf("%s, %s, %s, %s", s[0], s[1], s[2], s[3]);
        dm_xmp_set(xmp, index, moved);
        return;
    }
    int li = index;
    while (li >= 0 && strcmp(dm_xmp_node(xmp, li)->name, DM_XMP_RDF "li") != 0) {
        li = dm_xmp_node(xmp, li)->parent;
    }
    if (li >= 0) {
        dm_xmp_cut(xmp, li);
    }
}

// ---- EXIF's

/** Middle, and perhaps a diameter, or width and height, in pixels of the picture as stored. */
static void move_subject(struct dm_patient *patient, unsigned tag) {
    const struct dm_meta_facts *facts = patient->facts;
    struct dm_exif_entry entry;
    if (patient->exif == NULL || !dm_exif_find(patient->exif, DM_EXIF_EXIF, tag, &entry) ||
        entry.type != DM_EXIF_SHORT || entry.count < 2 || entry.count > 4) {
        return;
    }
    double n[4] = {0};
    for (uint32_t i = 0; i < entry.count; i++) {
        n[i] = (double)dm_exif_number(patient->exif, &entry, i, 0);
    }
    double wide = (double)facts->source_width_px, high = (double)facts->source_height_px;
    double height = entry.count == 4 ? n[3] : n[2]; // a circle's diameter is both
    struct dm_box box =
        around(n[0] / wide, n[1] / high, MAX(n[2], 0.01) / wide, MAX(height, 0.01) / high);
    if (!patient->placed || !move_box(facts->place, &box)) {
        dm_exif_remove(patient->exif, &entry);
        return;
    }
    double to_x = (double)facts->width_px, to_y = (double)facts->height_px;
    const double moved[4] = {(box.left + box.right) / 2 * to_x, (box.top + box.bottom) / 2 * to_y,
                             (box.right - box.left) * to_x, (box.bottom - box.top) * to_y};
    for (uint32_t i = 0; i < entry.count; i++) {
        dm_exif_set_number(patient->exif, &entry, i, (uint32_t)CLAMP(moved[i] + 0.5, 0, 65535));
    }
}

// ---- all of them

static void cut_node(struct dm_patient *patient, int index) {
    dm_xmp_cut(patient->xmp, index);
}

void dm_correct_regions(struct dm_patient *patient) {
    bool resized = patient->facts->width_px != patient->facts->source_width_px ||
                   patient->facts->height_px != patient->facts->source_height_px;
    if (!patient->moved && !resized) {
        return;
    }
    dm_patient_each(patient, NS_MWG "Regions", patient->placed ? move_regions : cut_node);
    if (patient->placed) {
        dm_patient_each(patient, MS_RECTANGLE, move_rectangle);
    } else {
        dm_patient_each(patient, "http://ns.microsoft.com/photo/1.2/|RegionInfo", cut_node);
    }
    // XMP's copies of what follows.
    dm_patient_each(patient, DM_NS_EXIF "SubjectArea", cut_node);
    dm_patient_each(patient, DM_NS_EXIF "SubjectLocation", cut_node);
    move_subject(patient, TAG_SUBJECT_AREA);
    move_subject(patient, TAG_SUBJECT_LOCATION);
}
