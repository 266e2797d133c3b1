// SPDX-License-Identifier: MIT
//
// Operations and folder names as JSON: what `dropmill ops --json`, `dropmill explain --json` and
// the page say alike. Members: dropmill-json(5).
#ifndef DM_WATCHER_CATALOGUE_JSON_H
#define DM_WATCHER_CATALOGUE_JSON_H

#include "common/chain.h"
#include "watcher/json.h"

/** Add the object of @operation to the open list. */
void dm_json_operation(struct dm_json *json, const struct dm_operation *operation);

/** Add how a name was read to the open object: understood, canonical, expanded, steps. */
void dm_json_chain(struct dm_json *json, const struct dm_chain *chain);

#endif
