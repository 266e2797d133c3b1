// SPDX-License-Identifier: MIT
//
// The folder name is the program: this reads one. The grammar, with its sloppy spellings, is the
// essay at the top of chain.c; what a parameter accepts is in its row of the catalogue.
#ifndef DM_COMMON_CHAIN_H
#define DM_COMMON_CHAIN_H

#include "common/catalogue.h"
#include "common/step.h"

#include <glib.h>
#include <stdbool.h>

#define DM_CHAIN_MAX_STEPS 8     // as written
#define DM_CHAIN_MAX_EXPANDED 32 // after recipes

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
 * @ret_suggestion (nullable) on failure: the name that was meant, (transfer full), or NULL when
 * that is not sure. Errors: DM_ERROR_INPUT; the message is half a sentence for people, and names
 * value and allowed range. Threads: any.
 */
bool dm_chain_parse(const struct dm_catalogue *catalogue, GHashTable *recipes, const char *name,
                    struct dm_chain **ret_chain, char **ret_suggestion, GError **error);

/**
 * Read what was called `expanded` before: canonical, without recipes, and so longer than a folder's
 * name may be. Errors: DM_ERROR_INPUT. Threads: any.
 */
bool dm_chain_parse_expanded(const struct dm_catalogue *catalogue, const char *expanded,
                             struct dm_chain **ret_chain, GError **error);

void dm_chain_free(struct dm_chain *chain);

/** What can be said to a person whose folder's name is not understood. */
struct dm_advice {
    // (nullable) The name that was meant: every word of the folder's name is in it.
    char *suggestion;
    // (nullable) What was understood of it, canonical.
    char *understood;
    // (nullable) The words that were not: "'anna', 'mia'".
    char *unknown;
    // Half a sentence; NULL: the name is understood.
    char *why;
    // Nothing in the name was understood: it is probably somebody's own folder.
    bool is_job;
};

/** Say what is wrong with @name; the arguments are those of dm_chain_parse(). Threads: any. */
void dm_chain_advise(const struct dm_catalogue *catalogue, GHashTable *recipes, const char *name,
                     struct dm_advice *ret);
void dm_advice_clear(struct dm_advice *advice);

#endif
