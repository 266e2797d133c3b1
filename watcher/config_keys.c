// SPDX-License-Identifier: MIT
//
// The table of keys: all there is to know of a setting, and looking things up in it.
#include "watcher/config_keys.h"

#include "common/chain.h"
#include "common/error.h"
#include "common/suggest.h"
#include "watcher/units.h"

#include <stdlib.h>
#include <string.h>

#define Q(text) "\"" text "\""
// What follows it in a row is min and max, or what is named.
#define AT(member) .offset = offsetof(struct dm_config, member)
#define SECOND ((int64_t)G_USEC_PER_SEC)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define KB INT64_C(1000)
#define MB INT64_C(1000000)
#define TB INT64_C(1000000000000)

// Adding a setting: a row here (keys of one group stand together), a member in the settings of the
// room that obeys it (struct dm_inbox_settings, say; struct dm_config embeds them all), its line in
// conf/dropmill.conf, its paragraph in dropmill.conf(5). test_config.c compares all of them.
const struct dm_key dm_keys[] = {
    {"share", DM_KEY_PATH, Q(""),
     "The directory that people drop images into, made by 'dropmill setup'.", AT(share),
     .variable = "DROPMILL_SHARE"},
    {"share_mode", DM_KEY_TEXT, Q("group"),
     "Who may read what is made in the share: \"group\", the people of its group; \"everyone\". A "
     "result is never readable by more people than its original was.",
     AT(share_mode), .words = "group everyone", .variable = "DROPMILL_SHARE_MODE"},
    {"state_dir", DM_KEY_PATH, Q(""),
     "Where the ledger is kept, on a local disk; empty: /var/lib/dropmill for root, else "
     "~/.local/state/dropmill.",
     AT(state_dir), .variable = "DROPMILL_STATE_DIR"},
    {"runtime_dir", DM_KEY_PATH, Q(""),
     "Where sockets and the files of running jobs are kept; empty: /run/dropmill for root, else "
     "$XDG_RUNTIME_DIR/dropmill, or /tmp/dropmill-UID where that is not set, or run in state_dir "
     "where somebody else has made that.",
     AT(runtime_dir), .variable = "DROPMILL_RUNTIME_DIR"},
    {"log_level", DM_KEY_TEXT, Q("message"),
     "The least important messages that are logged: error, warning, message, info (a line a file) "
     "or debug.",
     AT(log_level), .words = "error warning message info debug", .variable = "DROPMILL_LOG_LEVEL"},
    {"status_page", DM_KEY_BOOL, "true",
     "Whether the page _Status.html in the share tells people how things are.", AT(status_page)},
    {"quiet_hours", DM_KEY_QUIET_HOURS, Q(""),
     "When nothing is handed out and files wait, on the clock of this machine: ranges such as "
     "\"Mon-Fri 08:00-18:00, Sun 22:00-06:00\"; empty: never.",
     AT(work.quiet_hours)},
    {"min_free", DM_KEY_BYTES, Q("500MB"),
     "So much stays free where results go: files wait while there is less. 0: all may be used.",
     AT(work.min_free_bytes), 0, 1000 * TB},

    {"inbox.settle_moved", DM_KEY_DURATION, Q("50ms"),
     "How long a file must stay unchanged that was renamed or linked in and is whole: its end is "
     "there, it has no hole, nobody has it open.",
     AT(inbox.waits.moved_us), 0, HOUR},
    {"inbox.settle_moved_unproved", DM_KEY_DURATION, Q("300ms"),
     "The same or longer when its kind does not tell whether it is whole: a TIFF may get more "
     "pages.",
     AT(inbox.waits.moved_unproved_us), 0, HOUR},
    {"inbox.settle_closed", DM_KEY_DURATION, Q("250ms"),
     "How long a whole file must stay unchanged once its writer was seen to close it.",
     AT(inbox.waits.closed_us), 0, HOUR},
    {"inbox.settle_closed_unproved", DM_KEY_DURATION, Q("1s"),
     "The same or longer when its kind does not tell whether it is whole.",
     AT(inbox.waits.closed_unproved_us), 0, HOUR},
    {"inbox.settle_unseen", DM_KEY_DURATION, Q("3s"),
     "How long a file must stay unchanged when nobody was seen to close it; one that is whole and "
     "older than a minute when it is met is taken at once.",
     AT(inbox.waits.unseen_us), 0, HOUR},
    {"inbox.settle_unseen_remote", DM_KEY_DURATION, Q("5s"),
     "The same or longer where the share is on a network file system.",
     AT(inbox.waits.unseen_remote_us), 0, HOUR},
    {"inbox.settle_open", DM_KEY_DURATION, Q("60s"),
     "How long a file must stay unchanged that a program has open, of a kind that does not tell "
     "whether it is whole. One whose end is missing is waited for as long as it is open.",
     AT(inbox.waits.open_us), 0, DAY},
    {"inbox.settle_cut", DM_KEY_DURATION, Q("30s"),
     "How long a file must stay unchanged whose end is missing or that has a hole, before it is "
     "tried as it is.",
     AT(inbox.waits.cut_us), 0, DAY},
    {"inbox.settle_cut_remote", DM_KEY_DURATION, Q("60s"),
     "The same or longer where the share is on a network file system.",
     AT(inbox.waits.cut_remote_us), 0, DAY},
    {"inbox.settle_returns", DM_KEY_DURATION, Q("60s"),
     "Where writers have closed a file and come back, as scanners do, twice their longest pause is "
     "waited for, from 2 s up to this; 0: no.",
     AT(inbox.waits.returns_us), 0, HOUR},
    {"inbox.settle_finder", DM_KEY_DURATION, Q("1h"),
     "How long it is waited at most for a file that macOS says it is still copying.",
     AT(inbox.waits.finder_us), 0, DAY},
    {"inbox.trigger", DM_KEY_TEXT, Q(""),
     "What the name of a second file ends with that says that the first is finished, such as "
     "\".done\" for photo.jpg.done; without it the first is never taken. Empty: none is needed.",
     AT(inbox.waits.trigger)},
    {"inbox.folders", DM_KEY_FOLDER_RULES, "[ ]",
     "Other values of these in some folders, as rules \"GLOB: KEY=VALUE ...\", such as \"scans*: "
     "settle_closed=10s trigger=.done\"; the first whose glob fits the folder's path counts.",
     AT(inbox.folders)},
    {"inbox.sweep", DM_KEY_DURATION, Q("30s"),
     "How often every folder is read again, whether or not a change was noticed.",
     AT(inbox.sweep_us), SECOND / 10, DAY},
    {"inbox.rename_grace", DM_KEY_DURATION, Q("5s"),
     "How long a new folder may have a name that is not understood before a note appears in it.",
     AT(inbox.rename_grace_us), 0, HOUR},
    {"inbox.max_folders", DM_KEY_INTEGER, "10000",
     "How many folders are looked at, those in others too; a note says that the others are left "
     "alone.",
     AT(inbox.max_folders), 1, 1000000},
    {"inbox.ignore", DM_KEY_TEXTS, "[ ]",
     "Further name patterns of files that are left alone, such as \"*.part\".", AT(inbox.ignore)},

    {"engine.mpirun", DM_KEY_TEXT, Q("mpirun"),
     "The program that starts the ranks; a single rank on this machine needs none.",
     AT(engine.mpirun)},
    {"engine.worker", DM_KEY_PATH, Q(""),
     "The worker program; empty: dropmill-worker beside this program, else in ../libexec/dropmill "
     "from there, else in /usr/libexec/dropmill.",
     AT(engine.worker)},
    {"engine.hostfile", DM_KEY_PATH, Q(""),
     "The Open MPI hostfile with the machines of a cluster; empty: this machine alone.",
     AT(engine.hostfile)},
    {"engine.network", DM_KEY_TEXT, Q(""),
     "The network that jobs on other hosts keep to, such as \"10.1.0.0/24\"; empty: all. Whoever "
     "can connect to a job there can run commands as this user.",
     AT(engine.network)},
    {"engine.ports", DM_KEY_TEXT, Q(""),
     "The ports that jobs on other hosts keep to, such as \"5000-5063\", for a firewall; empty: "
     "any.",
     AT(engine.ports)},
    {"engine.hosts_as_root", DM_KEY_BOOL, "false",
     "Whether root may have jobs on other hosts, where whoever reaches one is root.",
     AT(engine.hosts_as_root)},
    {"engine.mpirun_args", DM_KEY_TEXTS, "[ ]",
     "Further arguments of mpirun, put before the worker; with any, it starts a single rank too.",
     AT(engine.mpirun_args)},
    {"engine.ranks", DM_KEY_INTEGER, "0", "How many worker processes a job has; 0: chosen.",
     AT(engine.ranks), 0, 4096, .variable = "DROPMILL_ENGINE_RANKS"},
    {"engine.threads", DM_KEY_INTEGER, "0", "How many threads each worker process has; 0: chosen.",
     AT(engine.threads), 0, 1024, .variable = "DROPMILL_ENGINE_THREADS"},
    {"engine.idle", DM_KEY_DURATION, Q("60s"),
     "How long a job is kept warm when there is no work; one starts when a file is seen.",
     AT(engine.idle_us), 0, DM_DURATION_FOREVER},
    {"engine.connect", DM_KEY_DURATION, Q("10s"),
     "How long a starting job may take until it answers; then it is ended and started again.",
     AT(engine.connect_us), SECOND / 10, HOUR},
    {"engine.batch_files", DM_KEY_INTEGER, "64",
     "The most images that a job is handed at once; it gets more while less than 2 s of work wait "
     "for its threads, by what such images took before.",
     AT(engine.batch_files), 1, 100000},
    {"engine.batch_bytes", DM_KEY_BYTES, Q("256MB"),
     "The most bytes that it is handed at once, but for one image.", AT(engine.batch_bytes), KB,
     TB},

    {"limits.max_file", DM_KEY_BYTES, Q("200MB"), "A larger file fails as too large.",
     AT(engine.limits.max_file_bytes), KB, TB},
    {"limits.max_pixels", DM_KEY_PIXELS, Q("250MP"),
     "An image of more pixels (width x height x pages), before or after any step, fails as too "
     "large.",
     AT(engine.limits.max_pixels), 1, INT64_C(1000000000000)},
    {"limits.max_pages", DM_KEY_INTEGER, "10000",
     "An image of more pages or frames fails as too large.", AT(engine.limits.max_pages), 1,
     1000000},
    {"limits.deadline", DM_KEY_DURATION, Q("5min"),
     "The most that an image may ever take; it is given 20 s, and 1 s for each 10 MB of its file, "
     "and 1 s for each million pixels that are decoded, made by a step or encoded. An image that "
     "takes longer is tried once more, then fails.",
     AT(engine.limits.deadline_us), SECOND, DAY},
    {"limits.memory", DM_KEY_BYTES, Q("0"),
     "How much memory the images in work may take together on one machine; 0: half of the "
     "machine's. An image that alone takes more is done alone; one that takes over twice as much "
     "fails as too large.",
     AT(engine.limits.memory_bytes), 0, 1000 * TB, .variable = "DROPMILL_LIMITS_MEMORY"},
    {"limits.jail", DM_KEY_BOOL, "true",
     "Whether the processes in which images are decoded are held by Landlock and seccomp: they can "
     "then open no file, connect nowhere and signal nobody, whatever an image makes of them.",
     AT(engine.limits.jail)},
    {"limits.sandbox_pictures", DM_KEY_INTEGER, "50",
     "How many images one such process makes before a new one takes its place: code that breaks "
     "out of a decoder can spoil those that come after it in its process. With 1 each image has a "
     "process of its own, which takes some milliseconds more.",
     AT(engine.limits.sandbox_pictures), 1, 10000},

    {"originals.keep", DM_KEY_DURATION, Q("14d"),
     "How long originals are kept in originals/ once their result is safe; 0 deletes them at once, "
     "\"forever\" keeps them, \"leave\" leaves them in the inbox.",
     AT(outbox.keep_us), 0, DM_DURATION_FOREVER, "leave", .variable = "DROPMILL_ORIGINALS_KEEP"},

    {"output.background", DM_KEY_COLOUR, Q("white"),
     "The colour under transparent pixels where the result's format has no transparency: a name, "
     "or six digits such as \"f0f0f0\".",
     AT(output.background)},

    {"output.time", DM_KEY_TEXT, Q("now"),
     "The time that a result's file bears: \"now\", when it was made; \"source\", the time of the "
     "original's file.",
     AT(output.time), .words = "now source"},

    {"outbox.retry", DM_KEY_DURATION, Q("30s"),
     "How long to wait before a result that could not be stored is tried again.",
     AT(outbox.retry_us), SECOND / 10, DAY},

    {"history.keep", DM_KEY_DURATION, Q("90d"),
     "How long the ledger remembers what became of each file.", AT(history.keep_us), HOUR,
     DM_DURATION_FOREVER},

    {"metrics.file", DM_KEY_PATH, Q(""),
     "The file that metrics are written to every 15 s, for node_exporter, such as "
     "\"/var/lib/node_exporter/dropmill.prom\"; empty: none.",
     AT(metrics.file)},

    {"folders.recipes_only", DM_KEY_BOOL, "false",
     "Whether only recipes are accepted as folder names, so that users cannot make up their own.",
     AT(inbox.recipes_only)},

    {"s3.bucket", DM_KEY_TEXT, Q(""), "The bucket that results are put into as well; empty: none.",
     AT(store.bucket), .variable = "DROPMILL_S3_BUCKET"},
    {"s3.directory", DM_KEY_PATH, Q(""),
     "A directory instead of a bucket, with a file .dropmill-mirror in it; empty: none.",
     AT(store.directory)},
    {"s3.prefix", DM_KEY_PREFIX, Q(""),
     "What keys begin with, such as \"results/\"; behind it stands the path in the outbox.",
     AT(mirror.prefix), .variable = "DROPMILL_S3_PREFIX"},
    {"s3.endpoint", DM_KEY_TEXT, Q(""),
     "The server, such as \"https://minio.example.org:9000\"; empty: $AWS_ENDPOINT_URL_S3, "
     "$AWS_ENDPOINT_URL, or Amazon's, by the region.",
     AT(store.endpoint), .variable = "DROPMILL_S3_ENDPOINT"},
    {"s3.region", DM_KEY_TEXT, Q(""),
     "The region of the bucket; empty: $AWS_REGION, that of the profile, or us-east-1.",
     AT(store.region), .variable = "DROPMILL_S3_REGION"},
    {"s3.addressing", DM_KEY_TEXT, Q("auto"),
     "Where the bucket stands in an address: in its path, in the host's name (virtual), or auto.",
     AT(store.addressing), .words = "auto path virtual"},
    {"s3.access_key_id", DM_KEY_TEXT, Q(""),
     "Whom the secret belongs to; empty: what the AWS_ variables, profiles, or the machine's role "
     "say.",
     AT(store.access_key_id)},
    {"s3.secret_access_key", DM_KEY_SECRET, Q(""),
     "The secret, if it has to stand here: the file must then be readable for its owner alone.",
     AT(store.secret_access_key)},
    {"s3.session_token", DM_KEY_SECRET, Q(""), "The token of a session that has one.",
     AT(store.session_token)},
    {"s3.profile", DM_KEY_TEXT, Q(""), "The AWS profile to use; empty: $AWS_PROFILE, or default.",
     AT(store.profile)},
    {"s3.ca_file", DM_KEY_PATH, Q(""),
     "Certificates that are trusted instead of the system's: for a server with one of its own.",
     AT(store.ca_file)},
    {"s3.allow_http", DM_KEY_BOOL, "false",
     "Whether an endpoint without TLS is accepted that is not on this machine.",
     AT(store.allow_http)},
    {"s3.cache_control", DM_KEY_RULES, "[ ]",
     "What Cache-Control says, as rules \"GLOB: VALUE\", such as \"thumbs/*: max-age=3600\"; the "
     "first that fits the path counts.",
     AT(mirror.cache_control)},
    {"s3.acl", DM_KEY_RULES, "[ ]", "Canned ACLs as such rules, such as \"public/*: public-read\".",
     AT(mirror.acl)},
    {"s3.storage_class", DM_KEY_RULES, "[ ]",
     "Storage classes as such rules, such as \"*: STANDARD_IA\".", AT(mirror.storage_class)},
    {"s3.tags", DM_KEY_RULES, "[ ]",
     "Tags as such rules, each as in a query, such as \"*: team=photo&keep=no\".", AT(mirror.tags)},
    {"s3.sse", DM_KEY_TEXT, Q(""), "The encryption to ask the server for: AES256, aws:kms or none.",
     AT(mirror.sse), .words = " AES256 aws:kms"},
    {"s3.sse_kms_key_id", DM_KEY_TEXT, Q(""), "The key for aws:kms; empty: the bucket's.",
     AT(mirror.sse_kms_key_id)},
    {"s3.part_size", DM_KEY_BYTES, Q("16MiB"), "A larger result is sent in parts of this size.",
     AT(mirror.part_bytes), 5 << 20, INT64_C(5) << 30},
    {"s3.connections", DM_KEY_INTEGER, "32",
     "The most requests at once; there are fewer when the server asks for that.",
     AT(store.connections), 1, 256},
    {"s3.required", DM_KEY_BOOL, "false",
     "Whether an original stays in the inbox until its result is in the bucket.",
     AT(mirror.required)},
    {"s3.deletes", DM_KEY_TEXT, Q("off"),
     "Whether an object is deleted when its result is removed from the outbox: off or mirror.",
     AT(mirror.deletes), .words = "off mirror"},
    {"s3.audit_missing", DM_KEY_TEXT, Q("report"),
     "What 's3 audit --fix' does about objects that somebody took away: report or reupload.",
     AT(mirror.audit_missing), .words = "report reupload"},
    {"s3.bad_names", DM_KEY_TEXT, Q("park"),
     "What becomes of a result whose name has control characters or is no UTF-8: it is parked, or "
     "escaped (%XX).",
     AT(mirror.bad_names), .words = "park escape"},

    {"s3_inbox.prefix", DM_KEY_PREFIX, Q(""),
     "What keys of inputs begin with, such as \"inbox/\": objects below inbox/gray/ are taken as "
     "files dropped into the folder gray; empty: there is no S3 inbox.",
     AT(s3_inbox.prefix)},
    {"s3_inbox.after", DM_KEY_TEXT, Q("keep"),
     "What becomes of an object when it is answered: keep, delete or move (below PREFIX.taken/).",
     AT(s3_inbox.after), .words = "keep delete move"},
    {"s3_inbox.poll", DM_KEY_DURATION, Q("10s"), "How often the bucket is listed.",
     AT(s3_inbox.poll_us), SECOND / 10, DAY},
    {"s3_inbox.min_free", DM_KEY_BYTES, Q("1GB"),
     "So much stays free on the share: objects wait in the bucket while there is no more.",
     AT(s3_inbox.min_free_bytes), 0, 1000 * TB},

    {"hooks.done", DM_KEY_BOOL, "false", "Whether people are told of drops that are done.",
     AT(notices.done), 0, 0, NULL},
    {"hooks.failed", DM_KEY_BOOL, "true",
     "Whether people are told of drops of which something failed or was stopped.",
     AT(notices.failed), 0, 0, NULL},
    {"hooks.trouble", DM_KEY_BOOL, "true",
     "Whether people are told of what 'dropmill status' calls wrong, and when it is over.",
     AT(notices.trouble), 0, 0, NULL},
    {"hooks.exec", DM_KEY_PATH, Q(""),
     "The program that is told: it gets the notice as JSON on standard input, and its kind as its "
     "argument. Nobody but root and the user of dropmilld may be able to change it.",
     AT(notices.exec), 0, 0, NULL},
    {"hooks.webhook", DM_KEY_SECRET, Q(""),
     "The address that the notice is posted to as JSON: https://... or http://...; no redirection "
     "is followed. It is a secret, as such addresses are.",
     AT(notices.webhook), 0, 0, NULL},
    {"hooks.ca_file", DM_KEY_PATH, Q(""),
     "The certificates that the webhook's is checked with; empty: the system's.",
     AT(notices.ca_file), 0, 0, NULL},
    {"hooks.idle", DM_KEY_DURATION, Q("10s"),
     "A drop has ended when all its files have, and nothing has come for so long.",
     AT(notices.idle_us), 0, HOUR, NULL},
    {"hooks.trouble_after", DM_KEY_DURATION, Q("1min"),
     "What is wrong is told when it has lasted for so long, and that it is over, too.",
     AT(notices.trouble_after_us), 0, DAY, NULL},
    {"hooks.timeout", DM_KEY_DURATION, Q("10s"),
     "How long the program or the webhook may take; then it is ended.", AT(notices.timeout_us),
     SECOND / 10, HOUR, NULL},
    {"hooks.retry", DM_KEY_DURATION, Q("1h"),
     "How long what fails is tried again: first after hooks.timeout, then after twice as long each "
     "time, up to 10 min.",
     AT(notices.retry_us), 0, 30 * DAY, NULL},

    {"page.listen", DM_KEY_TEXT, Q("127.0.0.1:8642"),
     "Where the page listens: an address and a port; empty: at its socket alone. Another address "
     "than 127.0.0.1 or [::1] needs page.auth.",
     AT(page.listen), .variable = "DROPMILL_PAGE_LISTEN"},
    {"page.socket", DM_KEY_PATH, Q(""),
     "The UNIX socket of the page, for a web server on this machine; empty: page.sock in the "
     "page's runtime directory.",
     AT(page.socket)},
    {"page.auth", DM_KEY_TEXT, Q("none"),
     "Who may come in: none asks nobody; token: who knows a secret of page.token_file; proxy: whom "
     "a web server before the page names in X-Remote-User.",
     AT(page.auth), .words = "none token proxy", .variable = "DROPMILL_PAGE_AUTH"},
    {"page.token_file", DM_KEY_PATH, Q(""),
     "Lines NAME:ROLE:SHA256 for page.auth = \"token\": a viewer sees and fetches, a sender sends "
     "and mends, an admin pauses, too.",
     AT(page.token_file), .variable = "DROPMILL_PAGE_TOKEN_FILE"},
    {"page.admins", DM_KEY_TEXTS, "[ ]",
     "With page.auth = \"proxy\": the users who may do everything; all others are senders.",
     AT(page.admins)},
    {"page.proxies", DM_KEY_TEXTS, "[ ]",
     "Addresses of web servers whose X-Remote-User is believed; the socket's is, always.",
     AT(page.proxies)},
    {"page.hosts", DM_KEY_TEXTS, "[ ]",
     "Further names that the page answers to, such as pictures.example; localhost and the address "
     "of page.listen need not stand here.",
     AT(page.hosts), .variable = "DROPMILL_PAGE_HOSTS"},
    {"page.state_dir", DM_KEY_PATH, Q(""),
     "Where the page keeps what it knows of drops that are being sent; empty: $STATE_DIRECTORY, "
     "else page in the daemon's state directory.",
     AT(page.state_dir)},
    {"page.max_drop_files", DM_KEY_INTEGER, "10000", "The most files that one drop may have.",
     AT(page.max_drop_files), 1, 1000000},
    {"page.max_drop", DM_KEY_BYTES, Q("200GB"), "The most bytes that one drop may have.",
     AT(page.max_drop_bytes), MB, 1000 * TB},
    {"page.min_free", DM_KEY_BYTES, Q("2GB"),
     "So much stays free on the share: nothing is taken while there is no more.",
     AT(page.min_free_bytes), 0, 1000 * TB},

    {"recipes", DM_KEY_TEXT_MAP, "{ web-large = \"resize-2048_jpeg-82\"; }",
     "Names for chains that people use often; a folder of that name does what the text says.",
     AT(recipes)},

    {"watermarks", DM_KEY_PATH_MAP, "{ }",
     "Pictures that the operation watermark may lay on others, by name: { logo = "
     "\"/etc/dropmill/logo.png\"; }.",
     AT(watermarks)},
};

const size_t dm_key_count = G_N_ELEMENTS(dm_keys);

const struct dm_key *dm_key_find(const char *name) {
    for (size_t i = 0; i < dm_key_count; i++) {
        if (strcmp(dm_keys[i].name, name) == 0) {
            return &dm_keys[i];
        }
    }
    return NULL;
}

bool dm_key_is_group(const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < dm_key_count; i++) {
        if (strncmp(dm_keys[i].name, name, length) == 0 && dm_keys[i].name[length] == '.') {
            return true;
        }
    }
    return false;
}

bool dm_key_is_text(const struct dm_key *key) {
    return key->type == DM_KEY_TEXT || key->type == DM_KEY_PATH || key->type == DM_KEY_COLOUR ||
           key->type == DM_KEY_SECRET || key->type == DM_KEY_PREFIX ||
           key->type == DM_KEY_QUIET_HOURS;
}

bool dm_key_is_list(const struct dm_key *key) {
    return key->type == DM_KEY_TEXTS || key->type == DM_KEY_RULES ||
           key->type == DM_KEY_FOLDER_RULES;
}

bool dm_key_is_map(const struct dm_key *key) {
    return key->type == DM_KEY_TEXT_MAP || key->type == DM_KEY_PATH_MAP;
}

const char *dm_key_last_part(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot != NULL ? dot + 1 : name;
}

/** A key called @part in any group, or NULL. */
static const char *key_called(const char *part) {
    for (size_t i = 0; i < dm_key_count; i++) {
        if (strcmp(dm_key_last_part(dm_keys[i].name), part) == 0) {
            return dm_keys[i].name;
        }
    }
    return NULL;
}

const char *dm_key_nearest(const char *name) {
    const char *names[G_N_ELEMENTS(dm_keys)];
    const char *parts[G_N_ELEMENTS(dm_keys)];
    for (size_t i = 0; i < dm_key_count; i++) {
        names[i] = dm_keys[i].name;
        parts[i] = dm_key_last_part(dm_keys[i].name);
    }
    const char *elsewhere = key_called(dm_key_last_part(name));
    if (elsewhere != NULL) {
        return elsewhere;
    }
    const char *near = dm_nearest(name, names, dm_key_count);
    if (near != NULL) {
        return near;
    }
    const char *part = dm_nearest(dm_key_last_part(name), parts, dm_key_count);
    return part != NULL ? key_called(part) : NULL;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **dm_key_map_names(GHashTable *map) {
    const char **names = (const char **)g_hash_table_get_keys_as_array(map, NULL);
    qsort(names, g_hash_table_size(map), sizeof(*names), compare_names);
    return names;
}

char *dm_key_number_text(const struct dm_key *key, int64_t value) {
    if (value == DM_DURATION_WORD && key->words != NULL) {
        return g_strdup(key->words);
    }
    switch (key->type) {
    case DM_KEY_DURATION:
        return dm_format_duration(value);
    case DM_KEY_BYTES:
        return dm_format_bytes(value);
    case DM_KEY_PIXELS:
        return dm_format_pixels(value);
    default:
        return g_strdup_printf("%" G_GINT64_FORMAT, value);
    }
}

bool dm_key_check_number(const struct dm_key *key, int64_t value, GError **error) {
    if (value >= key->min && value <= key->max) {
        return true;
    }
    g_autofree char *text = dm_key_number_text(key, value);
    g_autofree char *min = dm_key_number_text(key, key->min);
    g_autofree char *max = dm_key_number_text(key, key->max);
    return dm_fail(error, DM_ERROR_CONFIG, "'%s' is out of range, expected %s to %s", text, min,
                   max);
}

bool dm_config_key(size_t index, const char **ret_name, const char **ret_default,
                   const char **ret_doc) {
    if (index >= dm_key_count) {
        return false;
    }
    *ret_name = dm_keys[index].name;
    *ret_default = dm_keys[index].default_text;
    *ret_doc = dm_keys[index].doc;
    return true;
}
