// SPDX-License-Identifier: MIT
#include "watcher/store/s3_place.h"

#include "common/error.h"

#include <string.h>

static bool is_bucket_name(const char *name) {
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    size_t length = strlen(name);
    return length >= 3 && length <= 255 && strspn(name, good) == length && name[0] != '.' &&
           name[0] != '-';
}

/** The name without its port; (transfer full). */
static char *name_of(const char *host) {
    const char *bracket = strchr(host, ']');
    const char *colon = strrchr(bracket != NULL ? bracket : host, ':');
    return colon != NULL ? g_strndup(host, (gsize)(colon - host)) : g_strdup(host);
}

static bool is_loopback(const char *host) {
    g_autofree char *name = name_of(host);
    return strcmp(name, "localhost") == 0 || g_str_has_suffix(name, ".localhost") ||
           strcmp(name, "[::1]") == 0 ||
           (g_str_has_prefix(name, "127.") && g_hostname_is_ip_address(name));
}

/** Take "scheme://host[:port]" apart; what follows must be no more than '/', unless @with_path. */
static bool split_url(const char *url, bool with_path, char **ret_scheme, char **ret_host) {
    bool is_https = g_str_has_prefix(url, "https://");
    if (!is_https && !g_str_has_prefix(url, "http://"))
        return false;
    const char *host = url + strlen(is_https ? "https://" : "http://");
    size_t length = strcspn(host, "/?#");
    bool is_bare = host[length] == '\0' || strcmp(host + length, "/") == 0;
    if (length == 0 || (!is_bare && !with_path) || memchr(host, '@', length) != NULL)
        return false;
    g_autofree char *lower = g_ascii_strdown(host, (gssize)length);
    const char *usual_port = is_https ? ":443" : ":80";
    if (g_str_has_suffix(lower, usual_port))
        lower[length - strlen(usual_port)] = '\0';
    if (strpbrk(lower, " \t\r\n\"<>\\^`{|}") != NULL)
        return false;
    *ret_scheme = g_strdup(is_https ? "https" : "http");
    *ret_host = g_steal_pointer(&lower);
    return true;
}

static char *amazon_host(const char *region) {
    return g_strdup_printf("s3.%s.amazonaws.com%s", region,
                           g_str_has_prefix(region, "cn-") ? ".cn" : "");
}

/** A certificate for *.host covers one level, and a host name no upper case. */
static bool fits_in_host(const char *bucket) {
    return strpbrk(bucket, "._ABCDEFGHIJKLMNOPQRSTUVWXYZ") == NULL && strlen(bucket) <= 63;
}

static bool find_host(struct dm_s3_place *place, const struct dm_store_settings *settings,
                      const char *region, GError **error) {
    if (*settings->endpoint == '\0') {
        place->is_amazon = true;
        place->scheme = g_strdup("https");
        place->host = amazon_host(region);
        return true;
    }
    // Not said: before the '@' may be a secret.
    if (strchr(settings->endpoint, '@') != NULL)
        return dm_fail(error, DM_ERROR_CONFIG,
                       "s3.endpoint: has an '@' in it, expected https://HOST or "
                       "https://HOST:PORT, who we are is said by s3.access_key_id");
    if (!split_url(settings->endpoint, false, &place->scheme, &place->host))
        return dm_fail(error, DM_ERROR_CONFIG,
                       "s3.endpoint: '%s' is no address, expected https://HOST or "
                       "https://HOST:PORT",
                       settings->endpoint);
    if (strcmp(place->scheme, "http") == 0 && !place->allow_http && !is_loopback(place->host))
        return dm_fail(error, DM_ERROR_CONFIG,
                       "s3.endpoint: '%s' is not encrypted, use https, or set s3.allow_http = "
                       "true if everybody on the way may read the results",
                       settings->endpoint);
    return true;
}

bool dm_s3_place_init(struct dm_s3_place *place, const struct dm_store_settings *settings,
                      const char *region, GError **error) {
    *place = (struct dm_s3_place){.allow_http = settings->allow_http};
    if (!is_bucket_name(settings->bucket))
        return dm_fail(error, DM_ERROR_CONFIG,
                       "s3.bucket: '%s' is no name of a bucket, expected 3 or more letters, "
                       "digits, '.', '-', '_'",
                       settings->bucket);
    place->bucket = g_strdup(settings->bucket);
    if (!find_host(place, settings, region, error)) {
        dm_s3_place_clear(place);
        return false;
    }
    bool is_auto =
        strcmp(settings->addressing, "virtual") != 0 && strcmp(settings->addressing, "path") != 0;
    place->is_virtual = is_auto ? place->is_amazon && fits_in_host(place->bucket)
                                : strcmp(settings->addressing, "virtual") == 0;
    return true;
}

void dm_s3_place_clear(struct dm_s3_place *place) {
    g_free(place->bucket);
    g_free(place->scheme);
    g_free(place->host);
    *place = (struct dm_s3_place){0};
}

void dm_s3_place_move(struct dm_s3_place *place, const char *region) {
    if (!place->is_amazon)
        return;
    g_free(place->host);
    place->host = amazon_host(region);
}

char *dm_s3_place_host(const struct dm_s3_place *place) {
    return place->is_virtual ? g_strdup_printf("%s.%s", place->bucket, place->host)
                             : g_strdup(place->host);
}

char *dm_s3_place_path(const struct dm_s3_place *place, const char *key) {
    if (place->is_virtual)
        return g_strconcat("/", key, NULL);
    return g_strconcat("/", place->bucket, *key != '\0' ? "/" : "", key, NULL);
}

/** The last two words of a name; the whole of an address. Borrowed. */
static const char *site_of(const char *name) {
    if (g_hostname_is_ip_address(name) || *name == '[')
        return name;
    const char *dot = strrchr(name, '.');
    while (dot != NULL && dot > name && dot[-1] != '.')
        dot--;
    return dot != NULL ? dot : name;
}

char *dm_s3_place_follow(const struct dm_s3_place *place, const char *url) {
    g_autofree char *scheme = NULL;
    g_autofree char *host = NULL;
    if (!split_url(url, true, &scheme, &host) || strcmp(scheme, place->scheme) != 0)
        return NULL;
    g_autofree char *ours = name_of(place->host);
    g_autofree char *theirs = name_of(host);
    return strcmp(site_of(ours), site_of(theirs)) == 0 ? g_steal_pointer(&host) : NULL;
}
