// SPDX-License-Identifier: MIT
//
// HEIF and AVIF: libvips reads them, but does not ask whether colours are multiplied by their alpha
// (ISO/IEC 23008-12, a reference `prem`).
#include "mpi_worker/codec/decode.h"
#include "mpi_worker/image/node.h"

#include <libheif/heif.h>
#include <string.h>

enum { HEAD_BYTES = 1 << 16 }; // in which the reference stands, if there is one

static bool is_premultiplied(const struct dm_bytes *bytes) {
    struct heif_context *context = heif_context_alloc();
    struct heif_image_handle *handle = NULL;
    bool premultiplied = false;
    if (heif_context_read_from_memory_without_copy(context, bytes->data, bytes->size, NULL).code ==
            heif_error_Ok &&
        heif_context_get_primary_image_handle(context, &handle).code == heif_error_Ok) {
        premultiplied = heif_image_handle_is_premultiplied_alpha(handle);
    }
    heif_image_handle_release(handle);
    heif_context_free(context);
    return premultiplied;
}

static unsigned divide(unsigned sample, unsigned alpha, unsigned max) {
    return alpha == 0 ? 0 : (unsigned)MIN((sample * (uint64_t)max + alpha / 2) / alpha, max);
}

static void divide_row(const struct dm_span *span, const void *params) {
    (void)params;
    int bands = span->in->Bands;
    size_t count = (size_t)span->width * (size_t)bands;
    for (size_t i = 0; i < count; i++) {
        size_t alpha = i - i % (size_t)bands + (size_t)bands - 1;
        if (dm_image_wide(span->in)) {
            const uint16_t *from = span->from;
            uint16_t *to = span->to;
            to[i] = i == alpha ? from[i] : (uint16_t)divide(from[i], from[alpha], 65535);
        } else {
            const uint8_t *from = span->from;
            uint8_t *to = span->to;
            to[i] = i == alpha ? from[i] : (uint8_t)divide(from[i], from[alpha], 255);
        }
    }
}

VipsImage *dm_decode_heif(VipsImage *header, const struct dm_bytes *bytes,
                          const struct dm_decode *how) {
    (void)how;
    const struct dm_rows_node node = {.run = divide_row};
    VipsImage *out = NULL;
    if (!vips_image_hasalpha(header) ||
        memmem(bytes->data, MIN(bytes->size, HEAD_BYTES), "prem", 4) == NULL ||
        !is_premultiplied(bytes)) {
        return header;
    }
    bool good = dm_node_rows(header, &node, &out, NULL);
    g_object_unref(header);
    return good ? out : NULL;
}
