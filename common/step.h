// SPDX-License-Identifier: MIT
//
// One step of a chain: an operation, and arguments that find their parameters. An argument goes to
// the first parameter, in the order of the catalogue, that has no value yet and accepts its form;
// so arguments may come in any order where their forms differ (rotate-left-30). Who puts steps
// together: chain.c from what was written exactly, reading.c from what people type.
#ifndef DM_COMMON_STEP_H
#define DM_COMMON_STEP_H

#include "common/catalogue.h"
#include "common/value.h"

#include <glib.h>
#include <stdbool.h>

/** One step: an operation and a value for each of its parameters, in their order. */
struct dm_step {
    const struct dm_operation *operation;
    // Its name, or the alias that is kept where it was written: "resize", "fit".
    const char *name;
    struct dm_value *values;
    // Canonical: "rotate-90".
    char *text;
};

/** Begin a step; @word: the name or alias by which it was called, (borrowed). */
void dm_step_init(struct dm_step *step, const struct dm_operation *operation, const char *word);

/** Free what is in @step. */
void dm_step_clear(struct dm_step *step);

/**
 * Give @argument to the parameter that takes it. Nothing changes unless it fits. @ret_param
 * (nullable) is set when the form is right and the value is not.
 */
enum dm_match dm_step_offer(const struct dm_step *step, const char *argument,
                            const struct dm_param **ret_param);

/** Give @argument to the step. Errors: DM_ERROR_INPUT, in words for the person who named a folder.
 */
bool dm_step_take(const struct dm_step *step, const char *argument, GError **error);

/** Fill in what was not given, and set @step->text. Errors: DM_ERROR_INPUT for what must be. */
bool dm_step_finish(struct dm_step *step, GError **error);

/** The parameter that must have a value and has none, or NULL. */
const struct dm_param *dm_step_missing(const struct dm_step *step);

/** The word that @step takes and that is nearest to @argument, interned; NULL: none is. */
const char *dm_step_nearest(const struct dm_step *step, const char *argument);

/** Write the step as given so far in its canonical form; (transfer full). */
char *dm_step_print(const struct dm_step *step);

#endif
