// SPDX-License-Identifier: MIT
//
// What XMP says of further parts of the file. Google's container directory lists the picture, its
// gain map and its film; other properties say that the picture moves. A part that is not there any
// more goes from all of them, one that is gets its new length.
#include "mpi_worker/meta/jpeg_parts.h"
#include "mpi_worker/meta/patient.h"

#include <string.h>

#define NS_CONTAINER "http://ns.google.com/photos/1.0/container/|"
#define NS_IMAGE "http://ns.google.com/photos/1.0/image/|"
#define NS_DEPTH "http://ns.google.com/photos/1.0/depthmap/|"
#define NS_ITEM "http://ns.google.com/photos/1.0/container/item/|"
#define NS_CAMERA "http://ns.google.com/photos/1.0/camera/|"
#define NS_GAIN "http://ns.adobe.com/hdr-gain-map/1.0/|"

// Of a moving photo.
static const char *const film_properties[] = {
    NS_CAMERA "MotionPhoto",
    NS_CAMERA "MotionPhotoVersion",
    NS_CAMERA "MotionPhotoPresentationTimestampUs",
    NS_CAMERA "MicroVideo",
    NS_CAMERA "MicroVideoVersion",
    NS_CAMERA "MicroVideoOffset",
    NS_CAMERA "MicroVideoPresentationTimestampUs",
};

// Pictures that lie in the XMP itself: the photo before something was done to it, or its other
// half.
static const char *const picture_properties[] = {NS_IMAGE "Data", NS_IMAGE "Mime"};

// A depth map, which is as large as the photo.
static const char *const depth_properties[] = {
    NS_DEPTH "Data",
    NS_DEPTH "Mime",
    NS_DEPTH "Confidence",
    NS_DEPTH "ConfidenceMime",
};

static void cut_node(struct dm_patient *patient, int index) {
    dm_xmp_cut(patient->xmp, index);
}

/** The list entry around @index. */
static int find_entry(const struct dm_xmp *xmp, int index) {
    while (index >= 0 && strcmp(dm_xmp_node(xmp, index)->name, DM_XMP_RDF "li") != 0) {
        index = dm_xmp_node(xmp, index)->parent;
    }
    return index;
}

/** Correct the entry of one part. Returns whether it stays. */
static bool correct_entry(struct dm_patient *patient, int entry, int semantic) {
    struct dm_xmp *xmp = patient->xmp;
    int behind = dm_xmp_node(xmp, entry)->behind;
    g_autofree char *what = dm_xmp_value(xmp, semantic);
    if (strcmp(what, "Primary") == 0) {
        int padding = dm_xmp_find(xmp, NS_ITEM "Padding", entry, behind);
        if (padding >= 0) {
            dm_xmp_set(xmp, padding, "0");
        }
        return true;
    }
    if (strcmp(what, "GainMap") == 0 && patient->facts->gain_map_bytes > 0) {
        int length = dm_xmp_find(xmp, NS_ITEM "Length", entry, behind);
        if (length >= 0) {
            dm_xmp_set_number(xmp, length, (double)patient->facts->gain_map_bytes);
        }
        return true;
    }
    dm_xmp_cut(xmp, entry);
    return false;
}

static void correct_directory(struct dm_patient *patient, int index) {
    struct dm_xmp *xmp = patient->xmp;
    int behind = dm_xmp_node(xmp, index)->behind, left = 0;
    for (int at = index; at < behind; at++) {
        at = dm_xmp_find(xmp, NS_ITEM "Semantic", at, behind);
        if (at < 0) {
            break;
        }
        int entry = find_entry(xmp, at);
        left += entry >= 0 && correct_entry(patient, entry, at);
    }
    if (left < 2) { // the picture alone
        dm_xmp_cut(xmp, index);
    }
}

/** Segments that say that there is a gain map, where there is none. */
static void drop_gain_segments(GPtrArray *others) {
    for (guint i = others->len; i > 0; i--) {
        if (dm_meta_jpeg_is_gain(others->pdata[i - 1])) {
            g_ptr_array_remove_index(others, i - 1);
        }
    }
}

/** Cut the @count @properties; with a remark, if there are any. */
static void cut_all(struct dm_patient *patient, const char *const *properties, size_t count,
                    const char *remark) {
    int nodes = patient->xmp != NULL ? dm_xmp_count(patient->xmp) : 0;
    for (size_t i = 0; i < count; i++) {
        if (remark != NULL && nodes > 0 &&
            dm_xmp_find(patient->xmp, properties[i], 0, nodes) >= 0) {
            dm_meta_remark(patient->meta, "%s", remark);
        }
        dm_patient_each(patient, properties[i], cut_node);
    }
}

void dm_correct_promises(struct dm_patient *patient) {
    dm_patient_each(patient, NS_CONTAINER "Directory", correct_directory);
    cut_all(patient, film_properties, G_N_ELEMENTS(film_properties), NULL);
    cut_all(patient, picture_properties, G_N_ELEMENTS(picture_properties),
            "the picture within the XMP is left out");
    if (patient->moved) {
        cut_all(patient, depth_properties, G_N_ELEMENTS(depth_properties),
                "the depth map is left out, as it would not fit");
    }
    if (patient->facts->gain_map_bytes == 0 && !patient->facts->is_gain_map) {
        dm_patient_each(patient, NS_GAIN "Version", cut_node);
        drop_gain_segments(patient->meta->others);
    }
}
