// SPDX-License-Identifier: MIT
#include "watcher/page/board_drop.h"

#include <glib.h>
#include <string.h>

#define RATE_US (2 * G_USEC_PER_SEC)

int64_t dm_board_waiting(const struct dm_tally *tally) {
    return tally->rows[DM_STATE_SEEN] + tally->rows[DM_STATE_READY] + tally->rows[DM_STATE_PARKED];
}

int64_t dm_board_processing(const struct dm_tally *tally) {
    return tally->rows[DM_STATE_RUNNING] + tally->rows[DM_STATE_COMPUTED] +
           tally->rows[DM_STATE_PUBLISHED];
}

int64_t dm_board_ended(const struct dm_tally *tally) {
    return tally->rows[DM_STATE_DONE] + tally->rows[DM_STATE_FAILED];
}

int64_t dm_board_here(const struct dm_board_drop *drop) {
    const struct dm_tally *tally = &drop->tally;
    int64_t known = dm_board_waiting(tally) + dm_board_processing(tally) + dm_board_ended(tally);
    return MAX(known, MIN(drop->came_files, drop->expected_files)); // what is replaced came twice
}

int64_t dm_board_total(const struct dm_board_drop *drop) {
    return MAX(dm_board_here(drop), drop->expected_files);
}

int64_t dm_board_seconds_left(const struct dm_board_drop *drop) {
    int64_t left = dm_board_total(drop) - dm_board_ended(&drop->tally);
    return drop->rate > 0 && left > 0 ? (int64_t)((double)left / drop->rate) + 1 : -1;
}

void dm_board_drop_measure(struct dm_board_drop *drop, int64_t now_us) {
    int64_t ended = dm_board_ended(&drop->tally);
    if (drop->rate_since_us == 0 || ended < drop->rate_done) {
        drop->rate_since_us = now_us;
        drop->rate_done = ended;
        return;
    }
    int64_t time_us = now_us - drop->rate_since_us;
    if (time_us < RATE_US) {
        return;
    }
    double rate = (double)(ended - drop->rate_done) * G_USEC_PER_SEC / (double)time_us;
    drop->rate = drop->rate > 0 && rate > 0 ? (drop->rate + rate) / 2 : rate;
    drop->rate_since_us = now_us;
    drop->rate_done = ended;
}

bool dm_board_drop_is_due(const struct dm_board_drop *drop, int64_t now_us) {
    bool wanted = drop->changed || (drop->rate > 0 && now_us - drop->counted_us > RATE_US);
    return wanted && now_us - drop->counted_us >= drop->cost_us * DM_BOARD_COST_FACTOR;
}

bool dm_board_drop_is_at_work(const struct dm_board_drop *drop) {
    return dm_board_ended(&drop->tally) < dm_board_total(drop);
}

int dm_board_drop_compare(const void *a, const void *b) {
    const struct dm_board_drop *drop_a = *(const struct dm_board_drop *const *)a;
    const struct dm_board_drop *drop_b = *(const struct dm_board_drop *const *)b;
    int order = dm_board_drop_is_at_work(drop_b) - dm_board_drop_is_at_work(drop_a);
    int64_t a_us = drop_a->tally.first_utc_us, b_us = drop_b->tally.first_utc_us;
    if (order == 0) {
        order = (a_us < b_us) - (a_us > b_us);
    }
    return order != 0 ? order : strcmp(drop_a->path, drop_b->path);
}
