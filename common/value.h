// SPDX-License-Identifier: MIT
//
// One argument of a step against one parameter's row of the catalogue. Pure. Next: chain.h.
#ifndef DM_COMMON_VALUE_H
#define DM_COMMON_VALUE_H

#include "common/catalogue.h"

#include <stdbool.h>

/** The value of one parameter in one step: as given, else the default, else unset. */
struct dm_value {
    // Written in the folder name.
    bool given;
    // Given, or has a default.
    bool set;
    double number; // INT, NUMBER
    // WORD: index in the parameter's forms.
    int word;
    struct dm_size size;
    struct dm_colour colour;
};

enum dm_match {
    DM_MATCH_NONE, // another form: perhaps the argument is for the next parameter
    DM_MATCH_FITS,
    DM_MATCH_WRONG, // the form fits, the value does not
};

/** Read @argument (tidied) for @param; @ret is set when it fits. */
enum dm_match dm_value_parse(const struct dm_param *param, const char *argument,
                             struct dm_value *ret);

/** Write a value in its canonical form; (transfer full). */
char *dm_value_print(const struct dm_param *param, const struct dm_value *value);

/** What a parameter accepts, for manuals: "a number from 0.3 to 100". For a refusal: refusal.h. */
char *dm_param_expected(const struct dm_param *param);

#endif
