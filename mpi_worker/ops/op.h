// SPDX-License-Identifier: MIT
//
// The shape of an operation. One op_<name>.c holds one: the parameter struct, the table of
// parameters, apply (or point, or output), the descriptor; plus one line in ops.c. Everything else
// that a user or an administrator sees of it is a walk over the descriptor.
//
// What an operation may rely on: the image has 1 or 3 colour bands of 8 or 16 bits (b-w, sRGB,
// grey16, rgb16), with or without one alpha band at the end; CMYK and exotic formats were converted
// before; it can be read once from top to bottom (unless RANDOM_ACCESS is set: then it lies in
// memory); it is upright if GEOMETRY is set. Parameters have been checked against their rows.
#ifndef DM_MPI_WORKER_OPS_OP_H
#define DM_MPI_WORKER_OPS_OP_H

#include "common/catalogue.h"
#include "common/chain.h"
#include "common/extent.h"
#include "mpi_worker/codec/encode.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <vips/vips.h>

/**
 * Whole-number fields on a picture that the decoder shrank: the size that it has in the file,
 * upright. `resize`, `enlarge` and `fill` reckon from it, and remove it.
 */
#define DM_FULL_WIDTH_FIELD "dropmill-full-width"
#define DM_FULL_HEIGHT_FIELD "dropmill-full-height"

/** Whole-number field: what the file says of itself is to be taken away, in silence. */
#define DM_STRIPPED_FIELD "dropmill-stripped"

/**
 * What is true of an operation whatever its parameters: the generic tests hold each one to what it
 * promises, on every kind of picture.
 */
enum dm_op_promise {
    DM_PROMISE_KEEPS_ALPHA = 1 << 0, // the alpha band is copied
    DM_PROMISE_KEEPS_FLAT = 1 << 1,  // a picture of one colour stays as it is
    DM_PROMISE_MAKES_GRAY = 1 << 2, // the result has one colour band; without it, as many as before
    DM_PROMISE_TWICE_IS_ONCE = 1 << 3,
    DM_PROMISE_TWICE_IS_NOTHING = 1 << 4,
    DM_PROMISE_MIRRORS = 1 << 5,    // of a mirrored picture it makes the mirrored result
    DM_PROMISE_ONLY_MOVES = 1 << 7, // every pixel is one of the picture's, or lies between some

    // No promise, but leave to break one: colour bands or alpha may come that were not there.
    DM_PROMISE_MAY_ADD_BANDS = 1 << 6,
};

/** An operation: what both programs know of it, and what only the worker does. */
struct dm_op {
    struct dm_operation info;
    // Of the parameter struct; 0 without parameters.
    size_t params_size;
    // Of enum dm_op_promise.
    unsigned promises;
    // (nullable) Blank-separated steps that tests try: one for each way through the code, small
    // enough for small pictures; NULL: the bare name alone.
    const char *samples;

    /** (nullable) Check parameters against each other. Errors: DM_ERROR_INPUT. */
    bool (*check)(const void *params, GError **error);

    /**
     * Build the operation onto @in; *@ret_out is a new reference. Pixels are computed later, when
     * the encoder pulls. Errors: DM_ERROR_INPUT when the operation cannot be applied to this
     * picture. Threads: any pool thread, one image on one thread at a time.
     */
    bool (*apply)(VipsImage *in, const void *params, VipsImage **ret_out, GError **error);

    /**
     * (nullable: it decides nothing) Look at @in, which lies in memory, and add what is seen to
     * @decision (NULL: nothing yet). Returns the decision, to be g_free()d. Of an animation every
     * frame is looked at before one is changed, so that what is decided holds for all.
     */
    void *(*look)(VipsImage *in, const void *params, void *decision);

    /** As apply, by what was decided. */
    bool (*apply_decided)(VipsImage *in, const void *params, const void *decision,
                          VipsImage **ret_out, GError **error);

    /** (nullable: always) Whether it looks, with such parameters. */
    bool (*looks)(const void *params);

    /** POINT only, instead of apply: fill @table[0..max], max being 255 or 65535. */
    void (*point)(const void *params, int max, uint16_t *table);

    /** OUTPUT only, instead of apply: say what the encoder shall do. */
    void (*output)(const void *params, struct dm_output *ret);

    /** (nullable: as large as the picture) How large the result of a picture of @from is. */
    struct dm_extent (*extent)(const void *params, struct dm_extent from);
};

/** Every operation, in the order of the catalogue. */
const struct dm_op *const *dm_ops(size_t *ret_count);

/** Find by canonical name; NULL when there is none. */
const struct dm_op *dm_op_find(const char *name);

/** Make the catalogue of this build: all operations and all formats; (transfer full). */
struct dm_catalogue *dm_ops_catalogue(void);

/**
 * Fill @op's parameter struct (op->params_size bytes) from a parsed step, then run op->check.
 * Errors: DM_ERROR_INPUT.
 */
bool dm_op_fill_params(const struct dm_op *op, const struct dm_step *step, void *params,
                       GError **error);

#endif
