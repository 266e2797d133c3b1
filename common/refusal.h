// SPDX-License-Identifier: MIT
//
// What a person is told whose step cannot be done: "rotate-500: turns by 0 to 360 degrees". Walks
// over the catalogue's rows; no operation is named here. Who says it: step.c. What manuals say of
// the same rows: dm_param_expected() in value.h.
#ifndef DM_COMMON_REFUSAL_H
#define DM_COMMON_REFUSAL_H

#include "common/catalogue.h"
#include "common/step.h"

#include <glib.h>
#include <stdbool.h>

/**
 * What a parameter takes, as a clause behind the name of its operation: "turns by 0 to 360
 * degrees", "takes left, right or around"; (transfer full).
 */
char *dm_refusal_takes(const struct dm_param *param);

/** @argument has the form of @param and another value than it takes. Returns false. */
bool dm_refuse_value(const struct dm_step *step, const struct dm_param *param, const char *argument,
                     GError **error);

/** No parameter of @step takes @argument. Returns false. */
bool dm_refuse_argument(const struct dm_step *step, const char *argument, GError **error);

/** @param must be said and was not. Returns false. */
bool dm_refuse_missing(const struct dm_step *step, const struct dm_param *param, GError **error);

#endif
