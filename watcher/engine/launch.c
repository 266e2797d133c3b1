// SPDX-License-Identifier: MIT
//
// The command line of a job. mpirun listens on all networks for its daemons and asks them for no
// password: whoever can connect can run commands as our user. So there are three ways:
//
//   alone   one rank, here: an isolated singleton of Open MPI. MPI_Init() opens no port
//   here    several ranks, all here: mpirun and they are in a network of their own (own_network.h)
//   hosts   elsewhere too: it cannot be helped, so it is limited (engine.network, engine.ports)
//
// A job gets few variables of ours, and none that Open MPI, the loader or a library would obey; its
// HOME is the session's directory, so that nothing in ~/.openmpi plays a part.
//
// What mpirun is told, measured with Open MPI 4.1.4:
//
//   pml ob1                      the start takes 127 ms instead of 330; nothing else comes near
//   odls_base_sigkill_timeout 0  mpirun is gone 10 ms after a rank crashed instead of 1.1 to 2.2 s
//   plm isolated                 all is local: works where no ssh is in PATH (else exit code 243)
//   oob_tcp_keepalive_*          a host that crashed or was cut off ends the job in about 4 s;
//                                without them it is not noticed within 55 s
//   btl_vader_backing_directory  mpirun killed hard leaves 4 MB of shared memory a rank: in the
//                                private directory, which the watcher removes
#include "watcher/engine/launch.h"

#include "common/error.h"
#include "watcher/child.h"

#include <arpa/inet.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DAEMON_PORTS = 4 };

/** An MCA parameter of Open MPI. */
struct parameter {
    const char *name;
    const char *value;
};

static const struct parameter always[] = {
    {"pml", "ob1"},
    {"odls_base_sigkill_timeout", "0"},
    {"orte_abort_on_non_zero_status", "1"},
    {NULL, NULL},
};

static const struct parameter when_local[] = {
    {"btl", "self,vader"},
    {"plm", "isolated"},
    {NULL, NULL},
};

/** In the environment, of a rank that is alone. */
static const struct parameter when_alone[] = {
    {"OMPI_MCA_ess_singleton_isolated", "1"},
    {"OMPI_MCA_pml", "ob1"},
    {"OMPI_MCA_btl", "self"},
    {NULL, NULL},
};

/** Open MPI refuses to run as root unless it is told twice. */
static const struct parameter when_root[] = {
    {"OMPI_ALLOW_RUN_AS_ROOT", "1"},
    {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"},
    {NULL, NULL},
};

/** What starting ranks elsewhere takes, besides what any child gets. */
static const char *const passed_to_hosts[] = {"SLURM_", "SSH_AUTH_SOCK=", "KRB5CCNAME=", NULL};

static const struct parameter when_remote[] = {
    {"btl", "self,vader,tcp"},        {"oob_tcp_keepalive_time", "2"},
    {"oob_tcp_keepalive_intvl", "1"}, {"oob_tcp_keepalive_probes", "2"},
    {"plm_rsh_no_tree_spawn", "1"},   {NULL, NULL},
};

/**
 * One rank with a thread for each core, or the cores dealt out to the ranks that were asked for
 * (decided by `make bench`). Of other hosts only mpirun and the ranks know the slots and the cores.
 */
struct dm_shape dm_launch_shape(const struct dm_shape *wanted, bool remote, int64_t cores,
                                int64_t machine_bytes) {
    struct dm_shape shape = *wanted;
    if (shape.ranks == 0 && !remote) {
        shape.ranks = 1;
    }
    if (shape.threads == 0 && !remote) {
        shape.threads = MAX(1, cores / shape.ranks);
    }
    if (shape.memory_bytes == 0 && !remote && shape.ranks > 1) {
        shape.memory_bytes = machine_bytes / 2 / shape.ranks;
    }
    return shape;
}

static void add(GPtrArray *argv, const char *word) {
    g_ptr_array_add(argv, g_strdup(word));
}

static void add_all(GPtrArray *argv, const char *const *words) {
    for (; words != NULL && *words != NULL; words++) {
        add(argv, *words);
    }
}

static void add_number(GPtrArray *argv, const char *option, int64_t number) {
    add(argv, option);
    g_ptr_array_add(argv, g_strdup_printf("%" PRId64, number));
}

static void add_parameter(GPtrArray *argv, const char *name, const char *value) {
    add(argv, "--mca");
    add(argv, name);
    add(argv, value);
}

static void add_parameters(GPtrArray *argv, const struct parameter *parameters) {
    for (; parameters->name != NULL; parameters++) {
        add_parameter(argv, parameters->name, parameters->value);
    }
}

static bool has_words(char **words) {
    return words != NULL && *words != NULL;
}

const char *dm_launch_noun(enum dm_launch_way way) {
    return way == DM_LAUNCH_ALONE ? "worker" : "job";
}

enum dm_launch_way dm_launch_way(const struct dm_engine_settings *settings, bool remote,
                                 int64_t ranks) {
    if (remote) {
        return DM_LAUNCH_HOSTS;
    }
    return ranks > 1 || has_words(settings->mpirun_args) ? DM_LAUNCH_HERE : DM_LAUNCH_ALONE;
}

/** Addresses to connect to: Open MPI listens on all networks, whatever it is told. */
static void add_network(GPtrArray *argv, const char *network) {
    if (*network != '\0') {
        add_parameter(argv, "oob_tcp_if_include", network);
        add_parameter(argv, "btl_tcp_if_include", network);
    }
}

/** The first ports are for mpirun and its daemons, which take all that they may; of IPv6 too. */
static void add_ports(GPtrArray *argv, const struct dm_ports *ports) {
    if (ports->count > 0) {
        int others = ports->first + DAEMON_PORTS;
        g_autofree char *daemons = g_strdup_printf("%d-%d", ports->first, others - 1);
        g_autofree char *first = g_strdup_printf("%d", others);
        g_autofree char *count = g_strdup_printf("%d", ports->count - DAEMON_PORTS);
        add_parameter(argv, "oob_tcp_dynamic_ipv4_ports", daemons);
        add_parameter(argv, "oob_tcp_dynamic_ipv6_ports", daemons);
        add_parameter(argv, "btl_tcp_port_min_v4", first);
        add_parameter(argv, "btl_tcp_port_range_v4", count);
        add_parameter(argv, "btl_tcp_port_min_v6", first);
        add_parameter(argv, "btl_tcp_port_range_v6", count);
    }
}

static void add_hosts(GPtrArray *argv, const struct dm_engine_settings *settings) {
    struct dm_ports ports = {0};
    dm_launch_ports(settings->ports, &ports, NULL); // was looked at when the engine was made
    add_network(argv, settings->network);
    add_ports(argv, &ports);
    if (*settings->hostfile != '\0') {
        add(argv, "--hostfile");
        add(argv, settings->hostfile);
    }
}

static void add_mpirun(GPtrArray *argv, const struct dm_launch *launch) {
    const struct dm_engine_settings *settings = launch->settings;
    add(argv, launch->mpirun);
    add_parameters(argv, always);
    bool hosts = launch->way == DM_LAUNCH_HOSTS;
    add_parameters(argv, hosts ? when_remote : when_local);
    if (!hosts) { // other hosts do not have our directory
        add_parameter(argv, "btl_vader_backing_directory", launch->dir);
    }
    add(argv, "--oversubscribe"); // idle ranks wait in poll(): they may share cores
    add(argv, "--wdir");          // ours may be one that the service's user cannot enter
    add(argv, "/");
    add(argv, "--bind-to");
    add(argv, "none");
    if (hosts) {
        add_hosts(argv, settings);
    }
    if (launch->shape.ranks > 0) {
        add_number(argv, "-n", launch->shape.ranks);
    }
    add_all(
        argv,
        (const char *const *)settings->mpirun_args); // last: the administrator has the last word
}

char **dm_launch_argv(const struct dm_launch *launch) {
    GPtrArray *argv = g_ptr_array_new();
    if (launch->way != DM_LAUNCH_ALONE) {
        add_mpirun(argv, launch);
    }
    add(argv, launch->worker);
    add(argv, "--session");
    add(argv, launch->socket);
    add_number(argv, "--threads", launch->shape.threads);
    add_number(argv, "--memory", launch->shape.memory_bytes);
    add_all(argv, launch->worker_args);
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}

static char **set_all(char **env, const struct parameter *variables) {
    for (; variables->name != NULL; variables++) {
        env = g_environ_setenv(env, variables->name, variables->value, TRUE);
    }
    return env;
}

char **dm_launch_env(const char *const *environment, const struct dm_launch *launch, bool as_root) {
    char **env = dm_child_env(environment, launch->way == DM_LAUNCH_HOSTS ? passed_to_hosts : NULL);
    env = g_environ_setenv(env, "TMPDIR", launch->dir, TRUE);
    env = g_environ_setenv(env, "HOME", launch->dir, TRUE);
    if (launch->way == DM_LAUNCH_ALONE) {
        env = set_all(env, when_alone);
    } else if (as_root) {
        env = set_all(env, when_root);
    }
    return env;
}

bool dm_launch_ports(const char *text, struct dm_ports *ret_ports, GError **error) {
    int first = 0;
    int last = 0;
    char rest;
    if (*text == '\0') {
        *ret_ports = (struct dm_ports){0};
        return true;
    }
    // NOLINTNEXTLINE(cert-err34-c): the range is looked at, and nothing may follow
    if (sscanf(text, "%5d-%5d%c", &first, &last, &rest) != 2 || first < 1024 || last > 65535 ||
        last - first < 2 * DAEMON_PORTS - 1) {
        return dm_fail(error, DM_ERROR_CONFIG,
                       "engine.ports: '%s' is no range of ports, expected FIRST-LAST, eight at "
                       "least, from 1024 to 65535, such as 5000-5063",
                       text);
    }
    *ret_ports = (struct dm_ports){first, last - first + 1};
    return true;
}

bool dm_launch_check_network(const char *text, GError **error) {
    const char *slash = strchr(text, '/');
    g_autofree char *address = g_strndup(text, slash != NULL ? (gsize)(slash - text) : 0);
    uint64_t bits;
    struct in_addr parsed;
    if (*text == '\0' || (inet_pton(AF_INET, address, &parsed) == 1 &&
                          g_ascii_string_to_unsigned(slash + 1, 10, 1, 32, &bits, NULL))) {
        return true;
    }
    return dm_fail(error, DM_ERROR_CONFIG,
                   "engine.network: '%s' is no network, expected an address of IPv4 and how many "
                   "bits of it count, such as 10.1.0.0/24",
                   text);
}
