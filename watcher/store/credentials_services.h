// SPDX-License-Identifier: MIT
//
// Places of credentials that must be asked: a program, and services over HTTP. See
// credentials_places.h for what the functions have in common.
#ifndef DM_WATCHER_STORE_CREDENTIALS_SERVICES_H
#define DM_WATCHER_STORE_CREDENTIALS_SERVICES_H

#include "watcher/store/credentials_set.h"

/** Run @command (words as of a shell, without one), which prints JSON; at most a minute. */
bool dm_credentials_from_program(const char *command, const atomic_bool *stop,
                                 struct dm_credentials_set *ret, GError **error);

/** Trade the token in @token_file for the role @role_arn at the token service of AWS, or at
 * AWS_ENDPOINT_URL_STS. */
bool dm_credentials_from_web_identity(const struct dm_credentials_hints *hints,
                                      const char *token_file, const char *role_arn,
                                      const atomic_bool *stop, struct dm_credentials_set *ret,
                                      GError **error);

/** Say whether the environment names a container's service. */
bool dm_credentials_is_in_container(const struct dm_credentials_hints *hints);
bool dm_credentials_from_container(const struct dm_credentials_hints *hints,
                                   const atomic_bool *stop, struct dm_credentials_set *ret,
                                   GError **error);

/** Ask the metadata service of the machine, version 2 only; or the one at
 * AWS_EC2_METADATA_SERVICE_ENDPOINT. */
bool dm_credentials_from_machine(const struct dm_credentials_hints *hints, const atomic_bool *stop,
                                 struct dm_credentials_set *ret, GError **error);

#endif
