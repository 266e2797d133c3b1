// SPDX-License-Identifier: MIT
//
// What a person is told whose step cannot be done: "rotate-500: turns by 0 to 360 degrees". Walks
// over the catalogue's rows; no operation is named here. Who says it: step.c. What manuals say of
// the same rows: dm_param_expected() in value.h.
#ifndef DM_COMMON_REFUSAL_H
#define DM_COMMON_REFUSAL_H

#include "common/catalogue.h"

/**
 * What a parameter takes, as a clause behind the name of its operation: "turns by 0 to 360
 * degrees", "takes left, right or around"; (transfer full).
 */
char *dm_refusal_takes(const struct dm_param *param);

#endif
