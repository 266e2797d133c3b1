// SPDX-License-Identifier: MIT
//
// The command line of mpirun: local, with a hostfile, shapes, environment.
#include "watcher/engine/launch.h"

#include <glib.h>
#include <string.h>

static char *extra[] = {(char *)"--mca", (char *)"oob_base_verbose", (char *)"10", NULL};
static const struct dm_engine_settings alone = {
    .hostfile = (char *)"", .network = (char *)"", .ports = (char *)""};
static const struct dm_engine_settings cluster = {.hostfile = (char *)"/etc/hosts.mpi",
                                                  .network = (char *)"10.1.0.0/24",
                                                  .ports = (char *)"5000-5063",
                                                  .mpirun_args = extra};

static char *join(struct dm_launch launch) {
    g_auto(GStrv) argv = dm_launch_argv(&launch);
    return g_strjoinv(" ", argv);
}

static const struct dm_launch base = {
    .settings = &alone,
    .way = DM_LAUNCH_HERE,
    .mpirun = "/usr/bin/mpirun",
    .worker = "/w/dropmill-worker",
    .dir = "/run/d/session-7",
    .socket = "/run/d/session-7/socket",
    .shape = {2, 4, 1000},
};

static void test_local(void) {
    g_autofree char *line = join(base);
    g_assert_cmpstr(
        line, ==,
        "/usr/bin/mpirun --mca pml ob1 --mca odls_base_sigkill_timeout 0 "
        "--mca orte_abort_on_non_zero_status 1 --mca btl self,vader --mca plm isolated "
        "--mca btl_vader_backing_directory /run/d/session-7 --oversubscribe --wdir / --bind-to "
        "none -n 2 "
        "/w/dropmill-worker --session /run/d/session-7/socket --threads 4 --memory 1000");
}

static void test_remote(void) {
    struct dm_launch launch = base;
    launch.settings = &cluster;
    launch.way = DM_LAUNCH_HOSTS;
    launch.shape = (struct dm_shape){0, 0, 0};
    launch.worker_args = (const char *const[]){"--no-jail", NULL};
    g_autofree char *line = join(launch);
    g_assert_cmpstr(
        line, ==,
        "/usr/bin/mpirun --mca pml ob1 --mca odls_base_sigkill_timeout 0 "
        "--mca orte_abort_on_non_zero_status 1 --mca btl self,vader,tcp "
        "--mca oob_tcp_keepalive_time 2 --mca oob_tcp_keepalive_intvl 1 "
        "--mca oob_tcp_keepalive_probes 2 --mca plm_rsh_no_tree_spawn 1 --oversubscribe --wdir / "
        "--bind-to none --mca oob_tcp_if_include 10.1.0.0/24 --mca btl_tcp_if_include 10.1.0.0/24 "
        "--mca oob_tcp_dynamic_ipv4_ports 5000-5003 --mca oob_tcp_dynamic_ipv6_ports 5000-5003 "
        "--mca btl_tcp_port_min_v4 5004 --mca btl_tcp_port_range_v4 60 "
        "--mca btl_tcp_port_min_v6 5004 --mca btl_tcp_port_range_v6 60 --hostfile /etc/hosts.mpi "
        "--mca oob_base_verbose 10 "
        "/w/dropmill-worker --session /run/d/session-7/socket --threads 0 --memory 0 --no-jail");
}

static void test_shape(void) {
    static const struct {
        struct dm_shape wanted;
        bool remote;
        int64_t cores;
        struct dm_shape got;
    } cases[] = {
        {{0, 0, 0}, false, 8, {1, 8, 0}},     {{3, 0, 0}, false, 8, {3, 2, 1000}},
        {{16, 0, 0}, false, 8, {16, 1, 187}}, {{2, 5, 77}, false, 8, {2, 5, 77}},
        {{0, 3, 0}, false, 1, {1, 3, 0}},     {{0, 0, 0}, true, 8, {0, 0, 0}},
        {{12, 0, 0}, true, 8, {12, 0, 0}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct dm_shape got =
            dm_launch_shape(&cases[i].wanted, cases[i].remote, cases[i].cores, 6000);
        g_assert_cmpint(got.ranks, ==, cases[i].got.ranks);
        g_assert_cmpint(got.threads, ==, cases[i].got.threads);
        g_assert_cmpint(got.memory_bytes, ==, cases[i].got.memory_bytes);
    }
}

/** One rank here needs no mpirun, unless the administrator has words for it. */
static void test_alone(void) {
    struct dm_launch launch = base;
    launch.way = DM_LAUNCH_ALONE;
    launch.shape = (struct dm_shape){1, 4, 1000};
    g_autofree char *line = join(launch);
    g_assert_cmpstr(
        line, ==, "/w/dropmill-worker --session /run/d/session-7/socket --threads 4 --memory 1000");
    g_assert_cmpint(dm_launch_way(&alone, false, 0), ==, DM_LAUNCH_ALONE);
    g_assert_cmpint(dm_launch_way(&alone, false, 2), ==, DM_LAUNCH_HERE);
    g_assert_cmpint(dm_launch_way(&alone, true, 1), ==, DM_LAUNCH_HOSTS);
    g_assert_cmpint(dm_launch_way(&cluster, false, 1), ==, DM_LAUNCH_HERE);
}

static void test_network(void) {
    static const struct {
        const char *text;
        bool good;
    } networks[] = {{"", true},          {"10.1.0.0/24", true},  {"10.1.0.0", false},
                    {"/24", false},      {"10.1.0.0/33", false}, {"10.1.0.0/24x", false},
                    {"eth0/24", false},  {"10.1.0.0/", false},   {"10.1.0.0/0", false},
                    {"fd00::/8", false}, {"10.1/16", false}},
      ranges[] = {
          {"", true},          {"5000-5063", true},   {"5000", false},       {"5063-5000", false},
          {"80-90", false},    {"5000-70000", false}, {"5000-5063,", false}, {"-5000", false},
          {"5000-5006", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(networks); i++) {
        g_assert_cmpint(dm_launch_check_network(networks[i].text, NULL), ==, networks[i].good);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++) {
        struct dm_ports ports = {0};
        g_assert_cmpint(dm_launch_ports(ranges[i].text, &ports, NULL), ==, ranges[i].good);
    }
}

/** What a caller, or somebody who writes into his environment or home, would have Open MPI do. */
static void test_env(void) {
    static const char *const environment[] = {
        "PATH=/bin",          "LC_ALL=C",           "HOME=/home/me",
        "TMPDIR=/tmp",        "PMIX_RANK=3",        "OMPI_MCA_btl=tcp",
        "LD_PRELOAD=/x",      "LD_LIBRARY_PATH=/x", "SLURM_JOB_ID=7",
        "PMIX_MCA_ptl=tcp",   "OPAL_PREFIX=/x",     "SSH_AUTH_SOCK=/s",
        "MALLOC_ARENA_MAX=1", "GCONV_PATH=/x",      NULL};
    static const char *const kept_by_none[] = {"PMIX_RANK",    "LD_PRELOAD",  "LD_LIBRARY_PATH",
                                               "PMIX_MCA_ptl", "OPAL_PREFIX", "MALLOC_ARENA_MAX",
                                               "GCONV_PATH"};
    struct dm_launch ways[] = {base, base, base};
    ways[0].way = DM_LAUNCH_ALONE;
    ways[2].way = DM_LAUNCH_HOSTS;
    for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
        g_auto(GStrv) env = dm_launch_env(environment, &ways[i], i == 2);
        g_assert_cmpstr(g_environ_getenv(env, "PATH"), ==, "/bin");
        g_assert_cmpstr(g_environ_getenv(env, "LC_ALL"), ==, "C");
        g_assert_cmpstr(g_environ_getenv(env, "TMPDIR"), ==, base.dir);
        g_assert_cmpstr(g_environ_getenv(env, "HOME"), ==, base.dir);
        g_assert_cmpstr(g_environ_getenv(env, "SSH_AUTH_SOCK"), ==, i == 2 ? "/s" : NULL);
        g_assert_cmpstr(g_environ_getenv(env, "SLURM_JOB_ID"), ==, i == 2 ? "7" : NULL);
        g_assert_cmpstr(g_environ_getenv(env, "OMPI_MCA_btl"), ==, i == 0 ? "self" : NULL);
        g_assert_cmpstr(g_environ_getenv(env, "OMPI_MCA_ess_singleton_isolated"), ==,
                        i == 0 ? "1" : NULL);
        g_assert_cmpstr(g_environ_getenv(env, "OMPI_ALLOW_RUN_AS_ROOT"), ==, i == 2 ? "1" : NULL);
        for (size_t j = 0; j < G_N_ELEMENTS(kept_by_none); j++) {
            g_assert_null(g_environ_getenv(env, kept_by_none[j]));
        }
    }
}

int main(int argc, char **argv) {
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/launch/local", test_local);
    g_test_add_func("/launch/remote", test_remote);
    g_test_add_func("/launch/shape", test_shape);
    g_test_add_func("/launch/alone", test_alone);
    g_test_add_func("/launch/network", test_network);
    g_test_add_func("/launch/env", test_env);
    return g_test_run();
}
