// SPDX-License-Identifier: MIT
//
// Configurations for tests: from a text, from a directory of files.
#ifndef DM_TESTS_CONFIG_TEXT_H
#define DM_TESTS_CONFIG_TEXT_H

#include "watcher/config.h"

#include <glib.h>

/** Write @text to a temporary file; its path is (transfer full), and to be unlinked. */
char *config_text_write(const char *text);

/** dm_config_load() of a file with this text. */
struct dm_config *config_text_load(const char *text, GError **error);

/** The configuration's directory, for a test: pairs of name and text, then NULL; made, named in the
 * environment, and gone with config_dir_remove(). */
char *config_dir_make(const char *first, ...) G_GNUC_NULL_TERMINATED;
void config_dir_remove(char *dir);

/** Load what is in that directory; there must be no mistake. */
struct dm_config *config_dir_load(void);

/** Say whether @text has a line that ends with @line. */
bool config_text_has_line(const char *text, const char *line);

#endif
