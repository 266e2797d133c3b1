// SPDX-License-Identifier: MIT
//
// What the rows of the table of corrections work on. See corrections.c.
#ifndef DM_MPI_WORKER_META_PATIENT_H
#define DM_MPI_WORKER_META_PATIENT_H

#include "mpi_worker/meta/exif.h"
#include "mpi_worker/meta/facts.h"
#include "mpi_worker/meta/meta.h"
#include "mpi_worker/meta/xmp.h"

#include <glib.h>
#include <stdbool.h>

#define DM_NS_TIFF "http://ns.adobe.com/tiff/1.0/|"
#define DM_NS_EXIF "http://ns.adobe.com/exif/1.0/|"
#define DM_NS_XAP "http://ns.adobe.com/xap/1.0/|"

/** The blocks of a picture, opened. */
struct dm_patient {
    struct dm_meta *meta;
    const struct dm_meta_facts *facts;
    // Something of the picture is elsewhere, or gone; and where is known.
    bool moved, placed;
    // (nullable)
    struct dm_exif *exif;
    struct dm_xmp *xmp;
};

/** Call @visit for each node of @name in the packet. */
void dm_patient_each(struct dm_patient *patient, const char *name,
                     void (*visit)(struct dm_patient *patient, int index));

/** faces.c: regions of people and subjects move along, and go when they were cut away. */
void dm_correct_regions(struct dm_patient *patient);

/** previews.c: JPEGs in maker notes and segments, which show the picture as it was. */
void dm_correct_previews(struct dm_patient *patient);

/** promises.c: XMP's words on gain maps, films and further pictures that are not there now. */
void dm_correct_promises(struct dm_patient *patient);

/** geo.c: where on Earth a pixel lies. */
void dm_correct_georeference(struct dm_patient *patient);

#endif
