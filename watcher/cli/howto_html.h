// SPDX-License-Identifier: MIT
//
// The page in the share that tells people how to name folders: self-contained, made from the
// catalogue.
#ifndef DM_WATCHER_CLI_HOWTO_HTML_H
#define DM_WATCHER_CLI_HOWTO_HTML_H

#include "common/catalogue.h"

#include <glib.h>

/** How it begins: what is called so and begins otherwise is somebody's. It must not change. */
#define DM_HOWTO_TITLE                                                                             \
    "<!DOCTYPE html>\n"                                                                            \
    "<html lang=\"en\">\n"                                                                         \
    "<meta charset=\"utf-8\">\n"                                                                   \
    "<meta name=\"viewport\" content=\"width=device-width\">\n"                                    \
    "<title>How to name folders</title>\n"

/**
 * @recipes: name -> text, as configured. @keep: how long originals are kept, in words. Returns the
 * whole page; (transfer full).
 */
char *dm_howto_html(const struct dm_catalogue *catalogue, GHashTable *recipes, const char *keep);

#endif
