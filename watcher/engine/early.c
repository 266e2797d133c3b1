// SPDX-License-Identifier: MIT
//
// A session starts in about the time that a file needs to prove that it is finished, so it is
// started when the first file is seen. Most files that are seen become work. Those that do not
// (left unfinished for hours, or made and taken away by a program again and again) must not keep a
// job alive:
//
//   * only a file that arrives starts one, not one that goes on changing, and it does so once: when
//     the job has ended for want of work (engine.idle), that file starts none again but by being
//     ready;
//   * a job that was started early and never had work is followed by VAIN_US without another early
//     start, or until a file was ready after all.
#include "watcher/engine/early.h"

#define VAIN_US (INT64_C(600) * 1000000)

bool dm_early_arrived(struct dm_early *early, uint64_t arrivals, int64_t now_us) {
    bool news = early->arrivals != arrivals;
    early->arrivals = arrivals;
    return news && now_us >= early->not_before_us;
}

void dm_early_started(struct dm_early *early) {
    early->unused = true;
}

void dm_early_worked(struct dm_early *early) {
    early->unused = false;
    early->not_before_us = 0;
}

void dm_early_ended(struct dm_early *early, int64_t now_us) {
    if (early->unused) {
        early->not_before_us = now_us + VAIN_US;
    }
    early->unused = false;
}
