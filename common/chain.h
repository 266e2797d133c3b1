// SPDX-License-Identifier: MIT
//
// The folder name is the program: this reads one. The grammar, with its sloppy spellings, is the
// essay at the top of chain.c; what a parameter accepts is in its row of the catalogue.
#ifndef DM_COMMON_CHAIN_H
#define DM_COMMON_CHAIN_H

#include "common/catalogue.h"
#include "common/value.h"

#include <glib.h>
#include <stdbool.h>

#define DM_CHAIN_MAX_STEPS 8     // as written
#define DM_CHAIN_MAX_EXPANDED 32 // after recipes

/** One step: an operation and a value for each of its parameters, in their order. */
struct dm_step {
    const struct dm_operation *operation;
    struct dm_value *values;
    // Canonical: "rotate-90".
    char *text;
};

/** A parsed folder name. */
struct dm_chain {
    struct dm_step *steps;
    size_t step_count;
    // Canonical as written, recipes by name: "web-large_gray".
    char *written;
    // Canonical, recipes expanded: what travels to the worker and into the ledger.
    char *expanded;
};

/**
 * Read a folder name.
 *
 * @catalogue      the operations; borrowed, must outlive the chain.
 * @recipes        (nullable) name -> folder-name text, as configured.
 * @name           the folder's name: any bytes.
 * @ret_chain      (transfer full).
 * @ret_suggestion (nullable) on failure: the nearest name that would be understood, (transfer
 * full), or NULL when there is none. Errors: DM_ERROR_INPUT; the message names step, value and
 * allowed range. Threads: any.
 */
bool dm_chain_parse(const struct dm_catalogue *catalogue, GHashTable *recipes, const char *name,
                    struct dm_chain **ret_chain, char **ret_suggestion, GError **error);

void dm_chain_free(struct dm_chain *chain);

#endif
