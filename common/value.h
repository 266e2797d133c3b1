// SPDX-License-Identifier: MIT
//
// One argument of a step against one parameter's row of the catalogue. Pure. Used by chain.c.
#ifndef DM_COMMON_VALUE_H
#define DM_COMMON_VALUE_H

#include "common/chain.h"

enum dm_match {
    DM_MATCH_NONE, // another form: perhaps the argument is for the next parameter
    DM_MATCH_FITS,
    DM_MATCH_WRONG, // the form fits, the value does not
};

/**
 * Read @argument (tidied) for @param. @ret is set when it fits; @ret_why, a clause such as
 * "is out of range", when it is wrong; (a literal).
 */
enum dm_match dm_value_parse(const struct dm_param *param, const char *argument,
                             struct dm_value *ret, const char **ret_why);

/** Write a value in its canonical form; (transfer full). */
char *dm_value_print(const struct dm_param *param, const struct dm_value *value);

#endif
