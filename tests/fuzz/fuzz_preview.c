// SPDX-License-Identifier: MIT
//
// Fuzzes what the page itself makes of a preview: the size in a stranger's head of a picture, and a
// chain by all operations for a picture of that size. What it asks of the worker must be
// understood.
#include "mpi_worker/ops/op.h"
#include "watcher/page/picture_size.h"
#include "watcher/page/preview_chain.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct dm_catalogue *catalogue, const char *text) {
    struct dm_chain *chain = NULL;
    if (!dm_chain_parse_expanded(catalogue, text, &chain, NULL)) {
        abort();
    }
    dm_chain_free(chain);
}

static void preview(const struct dm_catalogue *catalogue, const char *name,
                    const struct dm_preview_view *view) {
    struct dm_chain *chain = NULL;
    struct dm_preview_chain own = {0};
    if (dm_chain_parse(catalogue, NULL, name, &chain, NULL, NULL) &&
        dm_preview_chain_make(catalogue, chain, view, &own, NULL)) {
        check(catalogue, own.text);
    }
    dm_preview_chain_clear(&own);
    dm_chain_free(chain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct dm_catalogue *catalogue;
    if (catalogue == NULL) {
        catalogue = dm_ops_catalogue();
    }
    struct dm_extent extent;
    dm_picture_size(data, size, &extent);
    if (size < 9) {
        return 0;
    }
    struct dm_preview_view view = {
        .mode = (enum dm_preview_mode)(data[0] % 3),
        .original = {1 + (data[1] << 8 | data[2]), 1 + (data[3] << 8 | data[4])},
        .given = {1 + (data[5] << 8 | data[6]), 1 + (data[7] << 8 | data[8])},
        .of_jpeg = true,
    };
    g_autofree char *name = g_strndup((const char *)data + 9, size - 9);
    preview(catalogue, name, &view);
    const struct dm_operation *any =
        dm_catalogue_operation(catalogue, data[0] % dm_catalogue_operation_count(catalogue));
    preview(catalogue, any->example, &view);
    return 0;
}
