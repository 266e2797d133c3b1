// SPDX-License-Identifier: MIT
//
// The command line of a job. mpirun listens on all networks for its daemons and asks them for no
// password: whoever can connect can run commands as our user. So it is started only where there is
// no other way. A rank that is alone is an isolated singleton of Open MPI: MPI_Init() opens no
// port.
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

#include <glib.h>
#include <inttypes.h>

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

/** Who we are to a bucket is no business of a rank, which decodes what strangers dropped. */
static const char *const secrets[] = {"AWS_", NULL};

/** What some mpirun above us has left for its own ranks: ours would take themselves for those. */
static const char *const foreign[] = {"OMPI_", "PMIX_", "PMI_", "ORTE_", NULL};

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

bool dm_launch_needs_mpirun(const struct dm_engine_settings *settings, bool remote, int64_t ranks) {
    return remote || ranks > 1 || has_words(settings->mpirun_args);
}

static bool is_alone(const struct dm_launch *launch) {
    return !dm_launch_needs_mpirun(launch->settings, launch->remote, launch->shape.ranks);
}

static void add_mpirun(GPtrArray *argv, const struct dm_launch *launch) {
    const struct dm_engine_settings *settings = launch->settings;
    add(argv, settings->mpirun);
    add_parameters(argv, always);
    add_parameters(argv, launch->remote ? when_remote : when_local);
    if (!launch->remote) { // other hosts do not have our directory
        add_parameter(argv, "btl_vader_backing_directory", launch->dir);
    }
    add(argv, "--oversubscribe"); // idle ranks wait in poll(): they may share cores
    add(argv, "--wdir");          // ours may be one that the service's user cannot enter
    add(argv, "/");
    add(argv, "--bind-to");
    add(argv, "none");
    if (launch->remote && *settings->hostfile != '\0') {
        add(argv, "--hostfile");
        add(argv, settings->hostfile);
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
    if (!is_alone(launch)) {
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

/** Leave out what begins with one of @prefixes. */
static char **without(char **env, const char *const *prefixes) {
    char **kept = env;
    for (char **variable = env; *variable != NULL; variable++) {
        bool drop = false;
        for (const char *const *prefix = prefixes; *prefix != NULL; prefix++) {
            drop |= g_str_has_prefix(*variable, *prefix);
        }
        if (drop) {
            g_free(*variable);
        } else {
            *kept++ = *variable;
        }
    }
    *kept = NULL;
    return env;
}

static char **env_alone(char **env) {
    env = without(env, foreign);
    for (const struct parameter *p = when_alone; p->name != NULL; p++) {
        env = g_environ_setenv(env, p->name, p->value, TRUE);
    }
    return env;
}

char **dm_launch_env(const char *const *environment, const struct dm_launch *launch, bool as_root) {
    char **env = without(g_strdupv((char **)environment), secrets);
    env = g_environ_setenv(env, "TMPDIR", launch->dir, TRUE);
    if (is_alone(launch)) {
        return env_alone(env);
    }
    if (as_root) {
        env = g_environ_setenv(env, "OMPI_ALLOW_RUN_AS_ROOT", "1", TRUE);
        env = g_environ_setenv(env, "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", TRUE);
    }
    return env;
}
