// SPDX-License-Identifier: MIT
#include "watcher/day.h"

#include <glib.h>

int64_t dm_midnight_utc_us(void) {
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GDateTime) midnight =
        g_date_time_new_local(g_date_time_get_year(now), g_date_time_get_month(now),
                              g_date_time_get_day_of_month(now), 0, 0, 0);
    return midnight != NULL ? g_date_time_to_unix(midnight) * G_USEC_PER_SEC : 0;
}
