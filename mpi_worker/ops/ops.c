// SPDX-License-Identifier: MIT
//
// The list of operations: to add one, write op_<name>.c and a line here. An explicit list, because
// the linker drops what nothing refers to from an archive. The rest is what the list makes
// possible.
#include "mpi_worker/codec/format.h"
#include "mpi_worker/ops/op.h"
#include "mpi_worker/ops/watermarks.h"

#include <string.h>

#define OPERATIONS(_)                                                                              \
    _(gray)                                                                                        \
    _(invert)                                                                                      \
    _(threshold)                                                                                   \
    _(brighten)                                                                                    \
    _(darken)                                                                                      \
    _(contrast)                                                                                    \
    _(gamma)                                                                                       \
    _(enhance)                                                                                     \
    _(levels)                                                                                      \
    _(equalize)                                                                                    \
    _(clahe)                                                                                       \
    _(posterize)                                                                                   \
    _(solarize)                                                                                    \
    _(saturate)                                                                                    \
    _(desaturate)                                                                                  \
    _(warm)                                                                                        \
    _(cool)                                                                                        \
    _(sepia)                                                                                       \
    _(tint)                                                                                        \
    _(duotone)                                                                                     \
    _(vignette)                                                                                    \
    _(blur)                                                                                        \
    _(box)                                                                                         \
    _(median)                                                                                      \
    _(bilateral)                                                                                   \
    _(sharpen)                                                                                     \
    _(unsharp)                                                                                     \
    _(edges)                                                                                       \
    _(sobel)                                                                                       \
    _(laplacian)                                                                                   \
    _(emboss)                                                                                      \
    _(erode)                                                                                       \
    _(dilate)                                                                                      \
    _(open)                                                                                        \
    _(close)                                                                                       \
    _(gradient)                                                                                    \
    _(tophat)                                                                                      \
    _(blackhat)                                                                                    \
    _(pixelate)                                                                                    \
    _(resize)                                                                                      \
    _(enlarge)                                                                                     \
    _(rotate)                                                                                      \
    _(mirror)                                                                                      \
    _(flip)                                                                                        \
    _(orient)                                                                                      \
    _(fill)                                                                                        \
    _(stretch)                                                                                     \
    _(square)                                                                                      \
    _(crop)                                                                                        \
    _(trim)                                                                                        \
    _(pad)                                                                                         \
    _(watermark)                                                                                   \
    _(copy)                                                                                        \
    _(strip)                                                                                       \
    _(srgb)                                                                                        \
    _(jpeg)                                                                                        \
    _(png)                                                                                         \
    _(webp)                                                                                        \
    _(avif)                                                                                        \
    _(tiff)                                                                                        \
    _(gif)

#define DECLARE(name) extern const struct dm_op dm_op_##name;
#define LIST(name) &dm_op_##name,

OPERATIONS(DECLARE)

static const struct dm_op *const operations[] = {OPERATIONS(LIST)};

const struct dm_op *const *dm_ops(size_t *ret_count) {
    *ret_count = G_N_ELEMENTS(operations);
    return operations;
}

const struct dm_op *dm_op_find(const char *name) {
    for (size_t i = 0; i < G_N_ELEMENTS(operations); i++) {
        if (strcmp(operations[i]->info.name, name) == 0) {
            return operations[i];
        }
    }
    return NULL;
}

struct dm_catalogue *dm_ops_catalogue(void) {
    struct dm_catalogue *catalogue = dm_catalogue_new();
    for (size_t i = 0; i < G_N_ELEMENTS(operations); i++) {
        dm_catalogue_add_operation(catalogue, &operations[i]->info);
    }
    size_t count;
    const struct dm_format *formats = dm_formats(&count);
    for (size_t i = 0; i < count; i++) {
        dm_catalogue_add_format(catalogue, &formats[i]);
    }
    for (guint i = 0; dm_watermarks_trouble(i) != NULL; i++) {
        dm_catalogue_add_trouble(catalogue, dm_watermarks_trouble(i));
    }
    return catalogue;
}

/** Store one value where the parameter's row says. */
static void store(const struct dm_param *param, const struct dm_value *value, void *params) {
    void *at = (char *)params + param->offset;
    switch (param->type) {
    case DM_PARAM_INT:
        *(int *)at = value->set ? (int)value->number : DM_UNSET_INT;
        break;
    case DM_PARAM_NUMBER:
        *(double *)at = value->set ? value->number : NAN;
        break;
    case DM_PARAM_WORD:
        *(int *)at = value->set ? value->word : DM_UNSET_INT;
        break;
    case DM_PARAM_SIZE:
        *(struct dm_size *)at = value->set ? value->size : (struct dm_size){0};
        break;
    case DM_PARAM_COLOUR:
        *(struct dm_colour *)at = value->set ? value->colour : (struct dm_colour){0};
        break;
    }
}

bool dm_op_fill_params(const struct dm_op *op, const struct dm_step *step, void *params,
                       GError **error) {
    // The step may refer to the same operation read from a catalogue's text, which has no offsets.
    for (size_t i = 0; i < op->info.param_count; i++) {
        store(&op->info.params[i], &step->values[i], params);
    }
    return op->check == NULL || op->check(params, error);
}
