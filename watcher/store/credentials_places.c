// SPDX-License-Identifier: MIT
#include "watcher/store/credentials_places.h"

#include "common/error.h"
#include "watcher/store/credentials_services.h"
#include "watcher/store/profile.h"

static bool fill(struct dm_credentials_set *ret, const char *id, const char *secret,
                 const char *token, const char *source) {
    if (*id == '\0' || *secret == '\0')
        return false;
    *ret = (struct dm_credentials_set){g_strdup(id), g_strdup(secret), g_strdup(token), 0, source,
                                       false};
    return true;
}

bool dm_credentials_look_fixed(const struct dm_credentials_hints *hints,
                               struct dm_credentials_set *ret) {
    bool found = fill(ret, hints->access_key_id, hints->secret_access_key, hints->session_token,
                      "the configuration");
    // A profile that is asked for by name is meant, whatever the environment has.
    if (!found && *hints->profile == '\0')
        found = fill(ret, dm_credentials_variable(hints, "AWS_ACCESS_KEY_ID"),
                     dm_credentials_variable(hints, "AWS_SECRET_ACCESS_KEY"),
                     dm_credentials_variable(hints, "AWS_SESSION_TOKEN"), "the environment");
    if (found)
        ret->is_fixed = true;
    return found;
}

/** What a profile says; *ret_found false: it says nothing of credentials. */
static bool look_profile(const struct dm_credentials_hints *hints, const atomic_bool *stop,
                         struct dm_credentials_set *ret, bool *ret_found, GError **error) {
    const char *name =
        *hints->profile != '\0' ? hints->profile : dm_credentials_variable(hints, "AWS_PROFILE");
    g_autoptr(GHashTable) profile = dm_profile_read(hints->environment, name, error);
    *ret_found = true;
    if (profile == NULL)
        return false;
    if (fill(ret, dm_profile_get(profile, "aws_access_key_id"),
             dm_profile_get(profile, "aws_secret_access_key"),
             dm_profile_get(profile, "aws_session_token"), "a profile"))
        return true;
    const char *program = dm_profile_get(profile, "credential_process");
    if (*program != '\0')
        return dm_credentials_from_program(program, stop, ret, error);
    const char *token_file = dm_profile_get(profile, "web_identity_token_file");
    if (*token_file != '\0')
        return dm_credentials_from_web_identity(
            hints, token_file, dm_profile_get(profile, "role_arn"), stop, ret, error);
    const char *const unknown[] = {"source_profile", "sso_session", "sso_start_url"};
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++) {
        if (*dm_profile_get(profile, unknown[i]) != '\0')
            return dm_fail(error, DM_ERROR_CONFIG,
                           "profile of AWS: '%s' has %s, which is not understood here, name a "
                           "credential_process in it",
                           *name != '\0' ? name : "default", unknown[i]);
    }
    *ret_found = false;
    return true;
}

bool dm_credentials_look(const struct dm_credentials_hints *hints, const atomic_bool *stop,
                         struct dm_credentials_set *ret, GError **error) {
    bool found;
    if (!look_profile(hints, stop, ret, &found, error) || found)
        return found && ret->access_key_id != NULL;
    const char *token_file = dm_credentials_variable(hints, "AWS_WEB_IDENTITY_TOKEN_FILE");
    if (*token_file != '\0')
        return dm_credentials_from_web_identity(
            hints, token_file, dm_credentials_variable(hints, "AWS_ROLE_ARN"), stop, ret, error);
    if (dm_credentials_is_in_container(hints))
        return dm_credentials_from_container(hints, stop, ret, error);
    if (dm_credentials_from_machine(hints, stop, ret, NULL))
        return true;
    if (atomic_load(stop))
        return dm_fail(error, DM_ERROR_CANCELLED, "stopped");
    return dm_fail(error, DM_ERROR_CONFIG,
                   "no credentials for the bucket: set s3.access_key_id and s3.secret_access_key, "
                   "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile in "
                   "~/.aws/credentials");
}
