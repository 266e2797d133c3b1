// SPDX-License-Identifier: MIT
//
// See patient.h.
#include "mpi_worker/meta/patient.h"

void dm_patient_each(struct dm_patient *patient, const char *name,
                     void (*visit)(struct dm_patient *patient, int index)) {
    int count = patient->xmp != NULL ? dm_xmp_count(patient->xmp) : 0;
    for (int at = 0; at < count && (at = dm_xmp_find(patient->xmp, name, at, count)) >= 0; at++) {
        visit(patient, at);
    }
}
