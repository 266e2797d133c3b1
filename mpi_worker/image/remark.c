// SPDX-License-Identifier: MIT
//
// See remark.h.
#include "mpi_worker/image/remark.h"

#include <string.h>

#define FIELD "dropmill-remark"

void dm_remark(GString *remarks, const char *text) {
    if (strstr(remarks->str, text) == NULL) {
        g_string_append_printf(remarks, "%s%s", remarks->len > 0 ? "; " : "", text);
    }
}

void dm_remark_on(VipsImage *image, const char *text) {
    vips_image_set_string(image, FIELD, text);
}

void dm_remark_collect(VipsImage *image, GString *remarks) {
    const char *text = NULL;
    if (vips_image_get_typeof(image, FIELD) != 0 &&
        vips_image_get_string(image, FIELD, &text) == 0) {
        dm_remark(remarks, text);
    }
}
