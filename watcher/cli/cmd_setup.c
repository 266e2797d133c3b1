// SPDX-License-Identifier: MIT
//
// dropmill setup: make a directory a share. What is there already is left as it is, so that it can
// be run again at any time; the marker comes last, so that an interrupted run makes no half share.
// Where dropmill is installed as a service, root makes a share as the service's user, and the
// service watches it from then on: service.c.
#include "watcher/cli/commands.h"
#include "watcher/cli/file_servers.h"
#include "watcher/cli/howto_html.h"
#include "watcher/cli/output.h"
#include "watcher/cli/service.h"
#include "watcher/json.h"

#include "common/fsutil.h"
#include "common/path.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/lock.h"
#include "watcher/share/note_file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

// People of one group work in these: what one makes the others may take away.
#define GROUP_MODE 02770
#define EVERYONE_MODE 02775
#define PRIVATE_MODE 0755
#define MARKER_MODE 0644

static gboolean bare_option, new_id_option, samba_option, nfs_option, no_service_option;
static char *instance_option, *group_option;
static const GOptionEntry options[] = {
    {"bare", 0, 0, G_OPTION_ARG_NONE, &bare_option, "make no starter folders", NULL},
    {"new-id", 0, 0, G_OPTION_ARG_NONE, &new_id_option, "make a copy of a share a share of its own",
     NULL},
    {"group", 0, 0, G_OPTION_ARG_STRING, &group_option,
     "the people who work with the share (the service's own group)", "GROUP"},
    {"samba", 0, 0, G_OPTION_ARG_NONE, &samba_option, "print what goes into smb.conf", NULL},
    {"nfs", 0, 0, G_OPTION_ARG_NONE, &nfs_option, "print what goes into /etc/exports", NULL},
    {"instance", 0, 0, G_OPTION_ARG_STRING, &instance_option,
     "a further share, watched by dropmilld@NAME.service", "NAME"},
    {"no-service", 0, 0, G_OPTION_ARG_NONE, &no_service_option,
     "only make the share, whatever service is installed", NULL},
    {0},
};

static const char *const rooms[] = {DM_DIR_INBOX, DM_DIR_OUTBOX, DM_DIR_ORIGINALS, DM_DIR_FAILED};

static const char *const starters[] = {
    DM_DIR_INBOX "/resize-1600",
    DM_DIR_INBOX "/rotate-90",
    DM_DIR_INBOX "/gray",
    DM_DIR_INBOX "/jpeg-80",
};

/** The share that is set up. */
struct share {
    // Absolute.
    const char *path;
    // (nullable) The service that will watch it.
    const struct dm_service *service;
    int fd;
    bool is_new;
    // Of directories for people.
    mode_t mode;
    // Directories, for people.
    GString *made;
};

static int cannot(const char *what, const char *path) {
    int errnum = errno;
    return dm_cli_say(errnum == EACCES || errnum == EPERM ? EX_NOPERM : EX_CANTCREAT,
                      "cannot %s '%s': %s", what, path, g_strerror(errnum));
}

/** Open the directory @path in the share, by no symlink; -1 with errno. */
static int open_dir(const struct share *share, const char *path) {
    return dm_open_beneath(share->fd, path, O_RDONLY | O_DIRECTORY, 0);
}

/** Set what mkdir(2) and the umask do not give: exactly @mode, with the set-group-ID bit. */
static int set_mode(int fd, const char *path, mode_t mode) {
    return fchmod(fd, mode) == 0 ? EX_OK : cannot("set the mode of", path);
}

/** Make @path in the share with exactly @mode; one that is there is left alone. */
static int make_dir(struct share *share, const char *path, mode_t mode) {
    g_autofree char *above = dm_path_dir(path);
    DM_AUTO_CLOSE int above_fd = open_dir(share, above);
    if (above_fd < 0) {
        return cannot("open the directory", above);
    }
    bool made = mkdirat(above_fd, dm_path_base(path), mode & 0777) == 0;
    if (!made && errno != EEXIST) {
        return cannot("make the directory", path);
    }
    DM_AUTO_CLOSE int fd = open_dir(share, path);
    if (fd < 0) {
        return cannot("use, expected a directory:", path);
    }
    if (!made) {
        return EX_OK;
    }
    g_string_append_printf(share->made, "%s%s", share->made->len ? ", " : "", path);
    return set_mode(fd, path, mode);
}

static int make_dirs(struct share *share, const char *const *paths, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int exit_code = make_dir(share, paths[i], share->mode);
        if (exit_code != EX_OK) {
            return exit_code;
        }
    }
    return EX_OK;
}

/** A share within a share would be watched twice. */
static int check_surroundings(const char *share) {
    g_autofree char *directory = g_path_get_dirname(share);
    while (strcmp(directory, "/") != 0) {
        g_autofree char *marker = g_build_filename(directory, DM_ROOT_ID, NULL);
        if (g_file_test(marker, G_FILE_TEST_EXISTS)) {
            return dm_cli_say(EX_CANTCREAT, "'%s' lies inside the share '%s'", share, directory);
        }
        char *parent = g_path_get_dirname(directory);
        g_free(directory);
        directory = parent;
    }
    return EX_OK;
}

static int write_marker(const struct share *share) {
    g_autofree char *id = g_uuid_string_random();
    g_autofree char *line = g_strconcat(id, "\n", NULL);
    DM_AUTO_CLOSE int private_fd = open_dir(share, DM_DIR_PRIVATE);
    bool written =
        private_fd >= 0 && dm_note_file_write(private_fd, dm_path_base(DM_ROOT_ID), line) == 0;
    return written ? EX_OK : cannot("write", DM_ROOT_ID);
}

/** Everybody may read the marker, and nobody else may write it, whatever made it. */
static int protect_marker(const struct share *share) {
    struct stat status;
    DM_AUTO_CLOSE int fd = dm_open_beneath(share->fd, DM_ROOT_ID, O_RDONLY, 0);
    if (fd < 0 || fstat(fd, &status) != 0) {
        return cannot("open", DM_ROOT_ID);
    }
    if (!S_ISREG(status.st_mode)) {
        return dm_cli_say(EX_CANTCREAT, "'" DM_ROOT_ID "' is no regular file, remove it");
    }
    bool good = (status.st_mode & 07777) == MARKER_MODE;
    return good || status.st_uid != geteuid() ? EX_OK : set_mode(fd, DM_ROOT_ID, MARKER_MODE);
}

/** What is there already may be of another mind: it is left, and said. */
static void warn_of_readers(const struct share *share) {
    for (size_t i = 0; i < G_N_ELEMENTS(rooms); i++) {
        struct stat status;
        if (fstatat(share->fd, rooms[i], &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            (status.st_mode & 07 & ~share->mode) != 0) {
            dm_cli_say(
                EX_OK,
                "everyone may read '%s/%s', and share_mode is \"group\": better 'chmod o-rwx' "
                "it",
                share->path, rooms[i]);
        }
    }
}

/** Whoever may write into the share itself may put other rooms in the place of its rooms. */
static void warn_of_others(const struct share *share) {
    struct stat status;
    if (fstat(share->fd, &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        dm_cli_say(EX_OK,
                   "others than its owner may write into '%s' itself and replace its rooms: better "
                   "'chmod go-w' it",
                   share->path);
    }
}

static bool has_others_howto(int dir_fd) {
    struct stat status;
    return fstatat(dir_fd, DM_HOWTO_NAME, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           !dm_note_file_begins(dir_fd, DM_HOWTO_NAME, DM_HOWTO_TITLE);
}

static void put_howto(int dir_fd, const char *page) {
    if (has_others_howto(dir_fd)) {
        dm_cli_say(EX_OK, "'" DM_HOWTO_NAME "' is somebody's own, and was left alone");
    } else if (dm_note_file_write(dir_fd, DM_HOWTO_NAME, page) != 0) {
        cannot("write", DM_HOWTO_NAME);
    }
}

/** How long originals are kept, as people say it. */
static char *keep_words(const struct dm_config *config) {
    int64_t days = config->outbox.keep_us / (INT64_C(86400) * G_USEC_PER_SEC);
    return config->outbox.keep_us == DM_KEEP_FOREVER ? g_strdup("for good")
           : days > 0 ? g_strdup_printf("for %" PRId64 " day%s", days, days == 1 ? "" : "s")
           : config->outbox.keep_us == 0 ? g_strdup("")
                                         : g_strdup("for some hours");
}

/**
 * In the share and in the inbox, which may be all that people see. Without the worker there is no
 * catalogue to make the page from; the share works all the same.
 */
static void write_howto(struct dm_cli *cli, const struct share *share) {
    g_autoptr(GError) error = NULL;
    const struct dm_catalogue *catalogue = dm_cli_catalogue(cli, &error);
    if (catalogue == NULL) {
        dm_cli_say(EX_OK, "%s; '" DM_HOWTO_NAME "' was not written", error->message);
        return;
    }
    g_autofree char *keep = keep_words(cli->config);
    g_autofree char *page = dm_howto_html(catalogue, cli->config->recipes, keep);
    put_howto(share->fd, page);
    DM_AUTO_CLOSE int inbox_fd = open_dir(share, DM_DIR_INBOX);
    if (inbox_fd >= 0) {
        put_howto(inbox_fd, page);
    }
}

static int fill(struct dm_cli *cli, struct share *share) {
    int exit_code = make_dirs(share, rooms, G_N_ELEMENTS(rooms));
    if (exit_code == EX_OK) {
        exit_code = make_dir(share, DM_DIR_PRIVATE, PRIVATE_MODE);
    }
    if (exit_code == EX_OK && share->is_new && !bare_option) {
        exit_code = make_dirs(share, starters, G_N_ELEMENTS(starters));
    }
    if (exit_code == EX_OK && (share->is_new || new_id_option)) {
        exit_code = write_marker(share);
    }
    if (exit_code == EX_OK) {
        exit_code = protect_marker(share);
    }
    if (exit_code == EX_OK) {
        write_howto(cli, share);
    }
    return exit_code;
}

/** How @program is called from here: by its name where it is found so, else by the path of ours. */
static char *sibling(const char *program) {
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *dir = self != NULL ? g_path_get_dirname(self) : g_strdup(".");
    g_autofree char *path = g_build_filename(dir, program, NULL);
    g_autofree char *found = g_find_program_in_path(program);
    g_autofree char *real = found != NULL ? g_canonicalize_filename(found, NULL) : NULL;
    bool by_name = (real != NULL && strcmp(real, path) == 0) || access(path, X_OK) != 0;
    if (by_name) {
        return g_strdup(program);
    }
    bool plain = strspn(path, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "/._-+") == strlen(path);
    return plain ? g_strdup(path) : g_shell_quote(path);
}

static void print_next_steps(const struct share *share) {
    g_autofree char *quoted = g_shell_quote(share->path);
    const char *bold = dm_paint(stdout, DM_PAINT_BOLD);
    const char *off = dm_paint(stdout, DM_PAINT_OFF);
    printf("%s is %s.\n", share->path, share->is_new ? "a share now" : "a share and complete");
    if (!share->is_new && share->made->len) {
        printf("Missing, so made again: %s.\n", share->made->str);
    }
    if (share->service != NULL) {
        printf("\n1. It is watched by %s: 'dropmill status' says how it is\n",
               share->service->unit);
    } else {
        g_autofree char *beside = sibling("dropmilld");
        printf("\n1. Watch it:     %s%s --share %s%s\n", bold, beside, quoted, off);
    }
    printf("2. Drop images:  into a folder in %s/" DM_DIR_INBOX ", such as resize-1600\n",
           share->path);
    printf("3. Take results: from the folder of the same name in %s/" DM_DIR_OUTBOX "\n\n",
           share->path);
    g_autofree char *self = sibling("dropmill");
    printf("Other names do other things: %s ops lists them, and so does the page \"" DM_HOWTO_NAME
           "\".\nWhether all is well says: %s doctor%s%s\n",
           self, self, share->service == NULL ? " --share " : "",
           share->service == NULL ? quoted : "");
}

static void write_share(const struct share *share) {
    g_auto(GStrv) made = g_strsplit(share->made->str, ", ", -1);
    struct dm_json *json = dm_json_new();
    dm_json_object(json, NULL);
    dm_json_text(json, "share", share->path);
    dm_json_bool(json, "is_new", share->is_new);
    dm_json_list(json, "made");
    for (size_t i = 0; made[i] != NULL; i++) {
        dm_json_text(json, NULL, made[i]);
    }
    dm_json_finish(json);
}

static int set_up(struct dm_cli *cli, const char *path, const struct dm_service *service) {
    struct share share = {
        .path = path,
        .service = service,
        .fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        .mode = dm_config_is_for_everyone(cli->config) ? EVERYONE_MODE : GROUP_MODE,
    };
    if (share.fd < 0) {
        return cannot("open", path);
    }
    int exit_code;
    DM_AUTO_CLOSE int marker_fd = dm_open_beneath(share.fd, DM_ROOT_ID, O_RDONLY, 0);
    if (marker_fd < 0 && errno != ENOENT) {
        exit_code = cannot("use", DM_ROOT_ID);
        close(share.fd);
        return exit_code;
    }
    share.is_new = marker_fd < 0;
    share.made = g_string_new(NULL);
    exit_code = fill(cli, &share);
    warn_of_others(&share);
    warn_of_readers(&share);
    close(share.fd);
    if (exit_code == EX_OK && cli->json) {
        write_share(&share);
    } else if (exit_code == EX_OK && !cli->quiet) {
        print_next_steps(&share);
    }
    g_string_free(share.made, TRUE);
    return exit_code;
}

/** In a process of the service's user, so that what it may not do is noticed here and now. */
static int set_up_as(struct dm_cli *cli, const char *path, const struct dm_service *service) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        return cannot("start a process for", path);
    }
    if (pid == 0) {
        GError *error = NULL;
        int exit_code =
            dm_service_become(service, &error) ? set_up(cli, path, service) : dm_cli_fail(error);
        fflush(stdout);
        _exit(exit_code);
    }
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EX_SOFTWARE;
}

/** Make the share, and let the service watch it. */
static int hand_over(struct dm_cli *cli, const char *path, struct dm_service *service) {
    GError *error = NULL;
    if (!dm_service_read(service, &error) || !dm_service_may_have(service, path, &error) ||
        !dm_service_give(service, path, dm_config_is_for_everyone(cli->config), &error)) {
        return dm_cli_fail(error);
    }
    int exit_code = set_up_as(cli, path, service);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    if (!dm_service_write(service, path, &error)) {
        return dm_cli_fail(error);
    }
    if (!dm_service_can_start()) {
        return dm_cli_say(EX_OK, "no systemd runs here: nothing was started");
    }
    return dm_service_start(service, &error) ? EX_OK : dm_cli_fail(error);
}

static void print_for_servers(const struct dm_cli *cli, const char *path,
                              const struct dm_service *service) {
    struct stat status = {0};
    const struct passwd *user = stat(path, &status) == 0 ? getpwuid(status.st_uid) : NULL;
    g_autofree char *owner =
        user != NULL ? g_strdup(user->pw_name) : g_strdup_printf("%u", (unsigned)status.st_uid);
    const struct group *people = getgrgid(service != NULL ? service->gid : status.st_gid);
    const struct dm_served served = {
        .path = path,
        .user = owner,
        .group = people != NULL ? people->gr_name : "dropmill",
        .uid = status.st_uid,
        .gid = people != NULL ? people->gr_gid : status.st_gid,
        .for_everyone = dm_config_is_for_everyone(cli->config),
    };
    g_autofree char *samba = samba_option ? dm_served_by_samba(&served) : NULL;
    g_autofree char *nfs = nfs_option ? dm_served_by_nfs(&served) : NULL;
    if (samba != NULL) {
        printf("%s%s", cli->quiet ? "" : "\n", samba);
    }
    if (nfs != NULL) {
        printf("%s%s", cli->quiet && samba == NULL ? "" : "\n", nfs);
    }
}

static int serve(struct dm_cli *cli, const char *path) {
    GError *error = NULL;
    struct dm_service *service =
        no_service_option ? NULL : dm_service_find(instance_option, group_option, &error);
    if (error != NULL) {
        return dm_cli_fail(error);
    }
    if (service == NULL && (instance_option != NULL || group_option != NULL)) {
        return dm_cli_say(EX_USAGE, "--instance and --group are for root, where dropmill is "
                                    "installed as a service");
    }
    int exit_code = service != NULL ? hand_over(cli, path, service) : set_up(cli, path, NULL);
    if (exit_code == EX_OK) {
        print_for_servers(cli, path, service);
    }
    dm_service_free(service);
    return exit_code;
}

static int run(struct dm_cli *cli, char **arguments) {
    GError *error = NULL;
    const char *directory = arguments[0] != NULL ? arguments[0] : cli->share_option;
    if (directory == NULL || (arguments[0] != NULL && arguments[1] != NULL)) {
        return dm_cli_usage(&dm_cmd_setup, "which directory?");
    }
    if (dm_cli_config(cli, &error) == NULL) {
        return dm_cli_fail(error);
    }
    g_autofree char *absolute = g_canonicalize_filename(directory, NULL);
    int exit_code = check_surroundings(absolute);
    if (exit_code != EX_OK) {
        return exit_code;
    }
    if (g_mkdir_with_parents(absolute, 0755) != 0) {
        return cannot("make the directory", absolute);
    }
    int64_t pid;
    g_autofree char *watcher = new_id_option ? dm_share_lock_holder(absolute, &pid) : NULL;
    if (watcher != NULL) {
        return dm_cli_say(EX_TEMPFAIL, "'%s' is being watched: stop its dropmilld first", absolute);
    }
    dm_config_set_umask(cli->config);
    return serve(cli, absolute);
}

const struct dm_command dm_cmd_setup = {
    .name = "setup",
    .usage = "[--bare] [--new-id] [--group GROUP] [--samba] [--nfs] [--instance NAME] DIR",
    .summary = "Make a directory a share, with a few starter folders",
    .help = "Makes DIR if need be, and in it inbox, outbox, originals, failed, the mark\n"
            ".dropmill/root.id, and a page that tells people how to name folders. Run again, it\n"
            "adds what is missing, brings that page up to date and leaves the rest alone.\n"
            "A copy of a share is one of its own after --new-id: nothing is known of its files.\n"
            "Where dropmill is installed as a service, root's setup gives the share to its user,\n"
            "tells the service where the share is, and starts it.\n",
    .options = options,
    .run = run,
};
