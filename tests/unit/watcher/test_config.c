// SPDX-License-Identifier: MIT
//
// The configuration: units, defaults, every kind of mistake, printing and reading back, and that
// the shipped file and the man page tell the same as the table. Run from the top of the source
// tree.
#include "watcher/config.h"

#include "common/error.h"
#include "common/fsutil.h"
#include "watcher/config_keys.h"
#include "watcher/units.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAMPLE "conf/dropmill.conf"
#define MAN_PAGE "packaging/man/dropmill.conf.5"

static char *write_temp(const char *text) {
    char *path = NULL;
    int fd = g_file_open_tmp("dropmill-test-XXXXXX.conf", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t)strlen(text));
    close(fd);
    return path;
}

static struct dm_config *load_text(const char *text, GError **error) {
    g_autofree char *path = write_temp(text);
    struct dm_config *config = dm_config_load(path, error);
    unlink(path);
    return config;
}

/** The configuration's directory, for a test: made, named in the environment, and in the end gone.
 */
static char *make_dir(const char *first, ...) {
    char *dir = g_dir_make_tmp("dropmill-test-XXXXXX", NULL);
    va_list rest;
    va_start(rest, first);
    for (const char *name = first; name != NULL; name = va_arg(rest, const char *)) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        g_autofree char *parent = g_path_get_dirname(path);
        g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
        g_assert_true(g_file_set_contents(path, va_arg(rest, const char *), -1, NULL));
    }
    va_end(rest);
    g_setenv("CONFIGURATION_DIRECTORY", dir, TRUE);
    return dir;
}

static void remove_dir(char *dir) {
    g_unsetenv("CONFIGURATION_DIRECTORY");
    dm_remove_tree(dir);
    g_free(dir);
}

static void test_parts(void) {
    g_autoptr(GError) error = NULL;
    char *dir = make_dir("dropmill.conf", "share = \"/a\"; inbox = { sweep = \"40s\"; };",
                         "conf.d/9.conf", "log_level = \"debug\";", "conf.d/10.conf",
                         "log_level = \"error\"; inbox = { max_folders = 7; };", "conf.d/9.conf~",
                         "nonsense", "conf.d/.9.conf", "nonsense", NULL);
    struct dm_config *config = dm_config_load(NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(config->share, ==, "/a");
    g_assert_cmpstr(config->log_level, ==, "debug"); // "10.conf" < "9.conf"
    g_assert_cmpint(config->inbox.sweep_us, ==, 40 * G_USEC_PER_SEC);
    g_assert_cmpint(config->inbox.max_folders, ==, 7);
    dm_config_free(config);
    remove_dir(dir);
}

static void test_parts_alone(void) {
    g_autoptr(GError) error = NULL;
    char *dir = make_dir("conf.d/share.conf", "share = \"/b\";", NULL);
    struct dm_config *config = dm_config_load(NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(config->share, ==, "/b");
    dm_config_free(config);
    config = load_text("", &error); // a file that is named is all there is
    g_assert_no_error(error);
    g_assert_cmpstr(config->share, ==, "");
    dm_config_free(config);
    remove_dir(dir);
}

static void test_mistakes_in_parts(void) {
    g_autoptr(GError) error = NULL;
    char *dir = make_dir("dropmill.conf", "log_level = \"loud\";", "conf.d/a.conf",
                         "\nshare = \"b\";", "conf.d/b.conf", "share", NULL);
    g_assert_null(dm_config_load(NULL, &error));
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 3);
    g_assert_nonnull(strstr(lines[0], "/dropmill.conf:1: log_level: 'loud'"));
    g_assert_nonnull(strstr(lines[1], "/conf.d/a.conf:2: share: 'b' is not an absolute path"));
    g_assert_nonnull(strstr(lines[2], "/conf.d/b.conf:1: syntax error"));
    remove_dir(dir);
}

typedef bool (*parse_fn)(const char *text, int64_t *ret, GError **error);
typedef char *(*format_fn)(int64_t value);

static void test_units(void) {
    static const struct {
        parse_fn parse;
        format_fn format;
        const char *text;
        int64_t value; // -1: refused
        const char *printed;
    } cases[] = {
        {dm_parse_duration, dm_format_duration, "1.5s", 1500000, "1500ms"},
        {dm_parse_duration, dm_format_duration, " 5 min ", 300000000, "5min"},
        {dm_parse_duration, dm_format_duration, "14d", INT64_C(1209600000000), "14d"},
        {dm_parse_duration, dm_format_duration, "24h", INT64_C(86400000000), "1d"},
        {dm_parse_duration, dm_format_duration, "250us", 250, "250us"},
        {dm_parse_duration, dm_format_duration, "0", 0, "0"},
        {dm_parse_duration, dm_format_duration, "0.0001s", 100, "100us"},
        {dm_parse_duration, dm_format_duration, "forever", INT64_MAX, "forever"},
        {dm_parse_duration, dm_format_duration, "1 sec", 1000000, "1s"},
        {dm_parse_duration, dm_format_duration, "90 seconds", 90000000, "90s"},
        {dm_parse_duration, dm_format_duration, "2 mins", 120000000, "2min"},
        {dm_parse_duration, dm_format_duration, "1 hour", INT64_C(3600000000), "1h"},
        {dm_parse_duration, dm_format_duration, "3Hours", INT64_C(10800000000), "3h"},
        {dm_parse_duration, dm_format_duration, "2 days", INT64_C(172800000000), "2d"},
        {dm_parse_endless_duration, dm_format_duration, "forever", INT64_MAX, "forever"},
        {dm_parse_duration, NULL, "5", -1, NULL},
        {dm_parse_duration, NULL, "5 weeks", -1, NULL},
        {dm_parse_duration, NULL, "-5s", -1, NULL},
        {dm_parse_duration, NULL, "s", -1, NULL},
        {dm_parse_duration, NULL, "", -1, NULL},
        {dm_parse_duration, NULL, "1.s", -1, NULL},
        {dm_parse_duration, NULL, "1e3s", -1, NULL},
        {dm_parse_duration, NULL, "0x10s", -1, NULL},
        {dm_parse_duration, NULL, "inf", -1, NULL},
        {dm_parse_duration, NULL, "999999999999999d", -1, NULL},
        {dm_parse_bytes, dm_format_bytes, "200MB", 200000000, "200MB"},
        {dm_parse_bytes, dm_format_bytes, "200mb", 200000000, "200MB"},
        {dm_parse_bytes, dm_format_bytes, "256MiB", 268435456, "256MiB"},
        {dm_parse_bytes, dm_format_bytes, "1.5 kB", 1500, "1500B"},
        {dm_parse_bytes, dm_format_bytes, "0", 0, "0"},
        {dm_parse_bytes, NULL, "200M", -1, NULL},
        {dm_parse_bytes, NULL, "200", -1, NULL},
        {dm_parse_bytes, NULL, "forever", -1, NULL},
        {dm_parse_pixels, dm_format_pixels, "250MP", 250000000, "250MP"},
        {dm_parse_pixels, dm_format_pixels, "12px", 12, "12px"},
        {dm_parse_pixels, NULL, "12MB", -1, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("'%s'", cases[i].text);
        g_autoptr(GError) error = NULL;
        int64_t value = -1;
        bool good = cases[i].parse(cases[i].text, &value, &error);
        g_assert_cmpint(value, ==, cases[i].value);
        g_assert_cmpint(good, ==, cases[i].value >= 0);
        if (!good) {
            g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
            continue;
        }
        g_autofree char *printed = cases[i].format(value);
        g_assert_cmpstr(printed, ==, cases[i].printed);
        int64_t again = -1;
        g_assert_true(cases[i].parse(printed, &again, NULL));
        g_assert_cmpint(again, ==, value);
    }
}

static void test_defaults(void) {
    struct dm_config *config = load_text("", NULL);
    g_assert_cmpstr(config->share, ==, "");
    g_assert_cmpstr(config->log_level, ==, "info");
    g_assert_cmpint(config->inbox.waits.closed_us, ==, 250000);
    g_assert_cmpint(config->inbox.waits.unseen_us, ==, 3000000);
    g_assert_cmpint(config->inbox.sweep_us, ==, 30000000);
    g_assert_cmpint(config->inbox.rename_grace_us, ==, 5000000);
    g_assert_null(config->inbox.ignore[0]);
    g_assert_cmpstr(config->engine.mpirun, ==, "mpirun");
    g_assert_null(config->engine.mpirun_args[0]);
    g_assert_cmpint(config->engine.ranks, ==, 0);
    g_assert_cmpint(config->engine.threads, ==, 0);
    g_assert_cmpint(config->engine.idle_us, ==, 60000000);
    g_assert_cmpint(config->engine.connect_us, ==, 10000000);
    g_assert_cmpint(config->engine.batch_files, ==, 64);
    g_assert_cmpint(config->engine.batch_bytes, ==, 256000000);
    g_assert_cmpint(config->engine.limits.max_file_bytes, ==, 200000000);
    g_assert_cmpint(config->engine.limits.max_pixels, ==, 250000000);
    g_assert_cmpint(config->engine.limits.deadline_us, ==, 300000000);
    g_assert_cmpint(config->engine.limits.memory_bytes, ==, 0);
    g_assert_cmpint(config->outbox.keep_us, ==, INT64_C(1209600000000));
    g_assert_cmpint(config->outbox.retry_us, ==, 30000000);
    g_assert_cmpint(config->history.keep_us, ==, INT64_C(7776000000000));
    g_assert_false(config->inbox.recipes_only);
    g_assert_cmpuint(g_hash_table_size(config->recipes), ==, 1);
    g_assert_cmpstr(g_hash_table_lookup(config->recipes, "web-large"), ==, "resize-2048_jpeg-82");
    dm_config_free(config);
    dm_config_free(NULL);
}

static const char changed[] =
    "share = \"/srv/photos \\\"x\\\" \\\\\";\n"
    "log_level = \"debug\";\n"
    "inbox = { settle_closed = \"400ms\"; ignore = [ \"*.part\", \"a\\tb\" ]; };\n"
    "engine: { ranks = 3; mpirun_args = ( \"--bind-to\", \"none\" ); };\n"
    "originals: { keep = \"forever\"; };\n"
    "folders: { recipes_only = true; };\n"
    "recipes = { thumb = \"fill-200x200\"; bw = \"gray\"; };\n";

// Waits of folders stand on those of all; "the same or longer" is so, whatever is written.
static void test_folder_waits(void) {
    g_autoptr(GError) error = NULL;
    struct dm_config *config = load_text("inbox = { folders = [ \"scans*: settle_closed=5s "
                                         "trigger=.done\", \"*: settle_cut=2min\" ];"
                                         "  settle_unseen = \"7s\"; };",
                                         &error);
    g_assert_no_error(error);
    g_assert_cmpint(config->inbox.waits.unseen_us, ==, 7000000);
    g_assert_cmpint(config->inbox.waits.unseen_remote_us, ==, 7000000);
    g_assert_cmpint(config->inbox.waits.closed_unproved_us, ==, 1000000);
    const GPtrArray *folders = config->inbox.folder_waits;
    g_assert_cmpint(folders->len, ==, 2);
    const struct dm_inbox_folder_waits *scans = folders->pdata[0], *others = folders->pdata[1];
    g_assert_cmpstr(scans->glob, ==, "scans*");
    g_assert_cmpint(scans->waits.closed_us, ==, 5000000);
    g_assert_cmpint(scans->waits.closed_unproved_us, ==, 5000000);
    g_assert_cmpint(scans->waits.unseen_us, ==, 7000000);
    g_assert_cmpstr(scans->waits.trigger, ==, ".done");
    g_assert_cmpint(others->waits.cut_us, ==, 120000000);
    g_assert_cmpint(others->waits.cut_remote_us, ==, 120000000);
    g_assert_cmpstr(others->waits.trigger, ==, "");
    dm_config_free(config);
}

static void test_bad_folder_waits(void) {
    static const struct {
        const char *rule, *message;
    } cases[] = {
        {"scans", "'scans' is no rule"},
        {"scans*: settle_clsed=5s", "is not KEY=VALUE of a key settle_... or trigger"},
        {"scans*: sweep=5s", "'sweep=5s' in the rule 'scans*: sweep=5s' is not KEY=VALUE"},
        {"scans*: settle_closed=5", "'settle_closed=5' in the rule"},
        {"scans*: settle_closed=2d", "is out of range, expected 0 to 1h"},
        {"scans*: settle_closed", "is not KEY=VALUE"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text =
            g_strdup_printf("inbox = { folders = [ \"%s\" ]; };", cases[i].rule);
        g_assert_null(load_text(text, &error));
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, cases[i].message));
    }
}

static void test_reads_and_prints(void) {
    g_autoptr(GError) error = NULL;
    struct dm_config *config = load_text(changed, &error);
    g_assert_no_error(error);
    g_autofree char *first = dm_config_print(config);
    dm_config_free(config);

    config = load_text(first, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(config->share, ==, "/srv/photos \"x\" \\");
    g_assert_cmpint(config->inbox.waits.closed_us, ==, 400000);
    g_assert_cmpint(config->inbox.waits.unseen_us, ==, 3000000);
    g_assert_cmpstr(config->inbox.ignore[0], ==, "*.part");
    g_assert_cmpstr(config->inbox.ignore[1], ==, "a\tb");
    g_assert_null(config->inbox.ignore[2]);
    g_assert_cmpstr(config->engine.mpirun_args[1], ==, "none");
    g_assert_cmpint(config->engine.ranks, ==, 3);
    g_assert_cmpint(config->outbox.keep_us, ==, DM_DURATION_FOREVER);
    g_assert_true(config->inbox.recipes_only);
    g_assert_cmpuint(g_hash_table_size(config->recipes), ==, 2); // the default one is replaced
    g_assert_cmpstr(g_hash_table_lookup(config->recipes, "bw"), ==, "gray");
    g_autofree char *second = dm_config_print(config);
    g_assert_cmpstr(first, ==, second);
    dm_config_free(config);
}

static void test_mistakes(void) {
    static const struct {
        const char *text;
        const char *expected; // what the message contains
    } cases[] = {
        {"shar = \"/x\";", ":1: unknown key 'shar'; did you mean 'share'?"},
        {"\n\nsweep = \"3s\";", ":3: unknown key 'sweep'; did you mean 'inbox.sweep'?"},
        {"inbox: { swep = \"3s\"; };", "unknown key 'inbox.swep'; did you mean 'inbox.sweep'?"},
        {"engine: { sweep = \"3s\"; };", "unknown key 'engine.sweep'; did you mean 'inbox.sweep'?"},
        {"qqqqqqq = 1;", ":1: unknown key 'qqqqqqq'"},
        {"inbox = 3;", ":1: inbox: has the wrong type, expected a group"},
        {"share = 3;", ":1: share: has the wrong type, expected a path in quotes"},
        {"share = \"photos\";", ":1: share: 'photos' is not an absolute path"},
        {"log_level = \"inof\";",
         "'inof' is not one of error warning message info debug; did you mean "
         "'info'?"},
        {"inbox: { sweep = 30; };",
         "inbox.sweep: has the wrong type, expected a duration in quotes"},
        {"inbox: { sweep = \"30\"; };", "inbox.sweep: '30' has no unit, expected a number with us"},
        {"inbox: { sweep = \"3x\"; };", "inbox.sweep: '3x' has an unknown unit"},
        {"inbox: { sweep = \"1us\"; };", "'1us' is out of range, expected 100ms to 1d"},
        {"inbox: { sweep = \"forever\"; };", "'forever' is out of range, expected 100ms to 1d"},
        {"inbox: { ignore = \"*.part\"; };", "inbox.ignore: has the wrong type, expected a list"},
        {"inbox: { ignore = [ 1, 2 ]; };", "inbox.ignore: item 1 is not a text in quotes"},
        {"engine: { ranks = -1; };", "engine.ranks: '-1' is out of range, expected 0 to 4096"},
        {"engine: { ranks = 5000; };", "engine.ranks: '5000' is out of range, expected 0 to 4096"},
        {"engine: { ranks = \"2\"; };",
         "engine.ranks: has the wrong type, expected a whole number"},
        {"engine: { ranks = 2.0; };", "engine.ranks: has the wrong type, expected a whole number"},
        {"engine: { batch_bytes = \"1B\"; };", "'1B' is out of range, expected 1kB to 1TB"},
        {"limits: { max_pixels = \"5MB\"; };", "limits.max_pixels: '5MB' has an unknown unit"},
        {"folders: { recipes_only = 1; };", "has the wrong type, expected true or false"},
        {"recipes: { a = 1; };", "recipes: 'a' is not a text in quotes"},
        {"watermarks: { logo = \"logo.png\"; };", "logo: 'logo.png' is not an absolute path"},
        {"output: { background = \"transparent\"; };", "'transparent' is no colour"},
        {"share = \"/a\";\nshare = \"/b\";", ":2: duplicate setting name"},
        {"share = ;", ":1: syntax error"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(load_text(cases[i].text, &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, cases[i].expected));
        g_assert_nonnull(strstr(error->message, "/dropmill-test-"));
        g_assert_null(strchr(error->message, '\n'));
        g_assert_cmpint(dm_error_exit_code(error), ==, 78);
    }
}

/** "forever" is offered where it may be written, and only there. */
static void test_forever_is_offered(void) {
    static const struct {
        const char *text;
        bool offered;
    } cases[] = {
        {"inbox: { settle_closed = \"1 parsec\"; };", false},
        {"originals: { keep = \"1 parsec\"; };", true},
        {"history: { keep = \"7\"; };", true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(load_text(cases[i].text, &error));
        g_assert_cmpint(strstr(error->message, "or forever") != NULL, ==, cases[i].offered);
    }
}

static void test_all_mistakes_at_once(void) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = write_temp("nope = 1;\n"
                                       "inbox: {\n"
                                       "  sweep = \"x\";\n"
                                       "  settle_closed = 4;\n"
                                       "};\n"
                                       "engine: { ranks = 99999; };\n");
    g_assert_null(dm_config_load(path, &error));
    unlink(path);
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 4);
    static const int numbers[] = {1, 3, 4, 6};
    for (size_t i = 0; i < 4; i++) {
        g_autofree char *place = g_strdup_printf("%s:%d: ", path, numbers[i]);
        g_assert_true(g_str_has_prefix(lines[i], place));
    }
}

static void test_unreadable(void) {
    static const char *const paths[] = {"/nonexistent/dropmill.conf", "/tmp"};
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dm_config_load(paths[i], &error));
        g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
        g_assert_nonnull(strstr(error->message, "cannot be read"));
    }
}

/** Text without line breaks, comment signs and indentation: sentences may be wrapped. */
static char *unwrap(const char *text) {
    g_autofree char *copy = g_strdup(text);
    g_strdelimit(copy, "\n#", ' ');
    g_auto(GStrv) words = g_strsplit(copy, " ", -1);
    GString *out = g_string_new(" ");
    for (size_t i = 0; words[i]; i++)
        if (*words[i])
            g_string_append_printf(out, "%s ", words[i]);
    return g_string_free(out, FALSE);
}

static void assert_contains(const char *file, const char *text, const char *wanted) {
    if (!strstr(text, wanted))
        g_error("%s has drifted from the table of keys, it lacks: %s", file, wanted);
}

/** The sample file lists every key with its sentence and default, and as a whole changes nothing.
 */
static void test_sample_file(void) {
    g_autofree char *raw = NULL;
    g_assert_true(g_file_get_contents(SAMPLE, &raw, NULL, NULL));
    g_autofree char *text = unwrap(raw);
    const char *name, *default_text, *doc;
    for (size_t i = 0; dm_config_key(i, &name, &default_text, &doc); i++) {
        const char *dot = strrchr(name, '.');
        bool is_group = *default_text == '{';
        g_autofree char *line = g_strdup_printf(" %s%s %s; ", dot ? dot + 1 : name,
                                                is_group ? ":" : " =", default_text);
        assert_contains(SAMPLE, text, line);
        assert_contains(SAMPLE, text, doc);
    }
    g_autoptr(GError) error = NULL;
    struct dm_config *sample = dm_config_load(SAMPLE, &error);
    g_assert_no_error(error);
    struct dm_config *defaults = load_text("", NULL);
    g_autofree char *sample_print = dm_config_print(sample);
    g_autofree char *defaults_print = dm_config_print(defaults);
    g_assert_cmpstr(sample_print, ==, defaults_print);
    dm_config_free(sample);
    dm_config_free(defaults);
}

/** What a line of mdoc source says: the quotes of arguments and escapes taken away. */
static char *plain_mdoc(const char *source) {
    g_auto(GStrv) escapes = g_strsplit(source, "\\(dq", -1);
    g_autofree char *quoted = g_strjoinv("\"", escapes);
    g_auto(GStrv) parts = g_strsplit(quoted, "\\&", -1);
    return g_strjoinv("", parts);
}

/** dropmill.conf(5) has an item for every key, with the table's default and sentence. */
static void test_man_page(void) {
    g_autofree char *raw = NULL;
    g_assert_true(g_file_get_contents(MAN_PAGE, &raw, NULL, NULL));
    g_autofree char *plain = plain_mdoc(raw);
    g_autofree char *text = unwrap(plain);
    const char *name, *default_text, *doc;
    size_t count = 0;
    for (; dm_config_key(count, &name, &default_text, &doc); count++) {
        g_autofree char *item = g_strdup_printf("\n.It Ic %s = %s\n", name, default_text);
        assert_contains(MAN_PAGE, plain, item);
        assert_contains(MAN_PAGE, text, doc);
    }
    g_auto(GStrv) items = g_strsplit(plain, "\n.It Ic ", -1);
    g_assert_cmpuint(g_strv_length(items) - 1, ==, count); // none that the table does not have
}

static void test_secrets(void) {
    g_autoptr(GError) error = NULL;
    g_autofree char *path = write_temp("s3: { secret_access_key = \"hunter2\"; };");
    struct dm_config *config = dm_config_load(path, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(config->store.secret_access_key, ==, "hunter2");
    g_autofree char *print = dm_config_print(config);
    g_assert_null(strstr(print, "hunter2"));
    g_assert_nonnull(strstr(print, "secret_access_key = \"(secret)\";"));
    g_assert_nonnull(strstr(print, "session_token = \"\";"));
    dm_config_free(config);
    chmod(path, 0640);
    g_assert_null(dm_config_load(path, &error));
    g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
    g_assert_nonnull(strstr(error->message, "others can read it"));
    g_assert_null(strstr(error->message, "hunter2"));
    unlink(path);
}

static void test_rules(void) {
    g_autoptr(GError) error = NULL;
    struct dm_config *config =
        load_text("s3: { acl = [ \"public/*: public-read\", \"*: private\" ]; };", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(config->mirror.acl[1], ==, "*: private");
    dm_config_free(config);
    g_assert_null(load_text("s3: { acl = [ \"public-read\" ]; };", &error));
    g_assert_nonnull(strstr(error->message, "'public-read' is no rule"));
}

/** Results that would be inputs, and other prefixes that cannot be meant. */
static void test_s3_inbox(void) {
    static const struct {
        const char *store, *inbox;
        // NULL: it is good.
        const char *mistake;
    } cases[] = {
        {"bucket = \"b\"; prefix = \"results/\";", "in/", NULL},
        {"directory = \"/d\"; prefix = \"results/\";", "a/in/", NULL},
        {"prefix = \"results/\";", "in/", "s3_inbox.prefix: 'in/' is of no bucket"},
        {"bucket = \"b\";", "in/", "'in/' and s3.prefix '' lie in each other"},
        {"bucket = \"b\"; prefix = \"x/\";", "x/", "'x/' and s3.prefix 'x/' lie in each other"},
        {"bucket = \"b\"; prefix = \"x/\";", "x/in/", "lie in each other"},
        {"bucket = \"b\"; prefix = \"in/results/\";", "in/", "lie in each other"},
        {"bucket = \"b\"; prefix = \"results/\";", "in", "'in' is not the name of a folder"},
        {"bucket = \"b\"; prefix = \"results/\";", "/in/", "'/in/' begins with a slash"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = g_strdup_printf("s3: { %s };\ns3_inbox: { prefix = \"%s\"; };",
                                                cases[i].store, cases[i].inbox);
        struct dm_config *config = load_text(text, &error);
        g_test_message("%s: %s", text, error != NULL ? error->message : "good");
        g_assert_true((config == NULL) == (cases[i].mistake != NULL));
        if (config == NULL) {
            g_assert_error(error, DM_ERROR, DM_ERROR_CONFIG);
            g_assert_nonnull(strstr(error->message, cases[i].mistake));
        }
        dm_config_free(config);
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/units", test_units);
    g_test_add_func("/config/defaults", test_defaults);
    g_test_add_func("/config/folder-waits", test_folder_waits);
    g_test_add_func("/config/bad-folder-waits", test_bad_folder_waits);
    g_test_add_func("/config/reads_and_prints", test_reads_and_prints);
    g_test_add_func("/config/mistakes", test_mistakes);
    g_test_add_func("/config/forever_is_offered", test_forever_is_offered);
    g_test_add_func("/config/all_mistakes_at_once", test_all_mistakes_at_once);
    g_test_add_func("/config/unreadable", test_unreadable);
    g_test_add_func("/config/sample_file", test_sample_file);
    g_test_add_func("/config/man_page", test_man_page);
    g_test_add_func("/config/secrets", test_secrets);
    g_test_add_func("/config/rules", test_rules);
    g_test_add_func("/config/s3_inbox", test_s3_inbox);
    g_test_add_func("/config/parts", test_parts);
    g_test_add_func("/config/parts_alone", test_parts_alone);
    g_test_add_func("/config/mistakes_in_parts", test_mistakes_in_parts);
    return g_test_run();
}
