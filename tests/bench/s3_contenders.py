# SPDX-License-Identifier: MIT
"""Who takes part in bench_s3.py: each brings all results of an outbox into the bucket once."""
import collections
import os
import subprocess
import time

from s3_ground import FOLDER, KEY, SECRET
from share import cpu_clock, memory_mb

# Seconds from nothing to all sent; CPU seconds; MB at most.
Run = collections.namedtuple("Run", "wall cpu peak_mb")


def bucket_settings(address, connections):
    return (f's3 = {{ bucket = "bench"; prefix = "results/"; endpoint = "{address}"; connections = {connections};'
            f' access_key_id = "{KEY}"; secret_access_key = "{SECRET}"; }};')


def dropmill(outbox, address, connections):
    """From the start of the daemon until `s3 wait` says that all is sent."""
    outbox.forget()
    begin = time.monotonic()
    with outbox.daemon(bucket_settings(address, connections)) as process:
        outbox.wait_sent()
        return Run(time.monotonic() - begin, cpu_clock(process.pid), memory_mb(process.pid, "VmHWM"))


def timed(command, environment):
    begin = time.monotonic()
    process = subprocess.Popen(command, env=dict(os.environ, **environment), stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        print(f"  {command[0]} says {process.returncode}: {said.decode(errors='replace')[-300:]}", flush=True)
    return Run(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e3)


def rclone_environment(address):
    """A remote called t."""
    remote = {"TYPE": "s3", "PROVIDER": "Ceph", "ENDPOINT": address, "ACCESS_KEY_ID": KEY,
              "SECRET_ACCESS_KEY": SECRET}
    return {f"RCLONE_CONFIG_T_{name}": value for name, value in remote.items()}


def rclone(outbox, address, connections):
    return timed(["rclone", "copy", "--config", "/dev/null", "--transfers", str(connections), "--checkers",
                  str(connections), outbox.source, f"t:bench/results/{FOLDER}"], rclone_environment(address))


def awscli(outbox, address, connections):
    config = f"{outbox.work}/aws"
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"[default]\nregion = us-east-1\ns3 =\n  max_concurrent_requests = {connections}\n"
                   "  max_queue_size = 10000\n  addressing_style = path\n")
    return timed(["/usr/bin/aws", "--endpoint-url", address, "s3", "sync", "--only-show-errors", outbox.source,
                  f"s3://bench/results/{FOLDER}"],
                 {"AWS_CONFIG_FILE": config, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET})


def s3cmd(outbox, address, _):
    """Knows one connection only."""
    config = f"{outbox.work}/s3cfg"
    host = address.split("//")[1]
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"[default]\naccess_key = {KEY}\nsecret_key = {SECRET}\nhost_base = {host}\nhost_bucket = {host}\n"
                   "use_https = False\nsignature_v2 = False\n")
    return timed(["s3cmd", "--config", config, "--quiet", "--no-progress", "sync", f"{outbox.source}/",
                  f"s3://bench/results/{FOLDER}/"], {})


CONTENDERS = {"dropmill": dropmill, "rclone": rclone, "awscli": awscli, "s3cmd": s3cmd}
