// SPDX-License-Identifier: MIT
//
// The service manager that started us, systemd say: it wants to know when we are ready, what we
// are doing, and now and then that the loop of turns still turns. It is told by datagrams of lines
// NAME=VALUE, as sd_notify(3) describes them: a contract of a few lines that is promised to stay,
// where libsystemd would bring seven libraries with it, and half a millisecond at each start.
#ifndef DM_WATCHER_SERVICE_MANAGER_H
#define DM_WATCHER_SERVICE_MANAGER_H

#include <stdbool.h>
#include <stdint.h>

struct dm_service_manager;

/** What the service is doing, one line, for people; (transfer full). */
typedef char *(*dm_service_words_fn)(void *data);

/**
 * Take what the environment says of a service manager ($NOTIFY_SOCKET, $WATCHDOG_USEC,
 * $WATCHDOG_PID), and take it out of the environment: it is not for what we start. @words is asked
 * with @data. Returns NULL when there is none; all functions below then do nothing.
 */
struct dm_service_manager *dm_service_manager_new(dm_service_words_fn words, void *data);

/** Accepts NULL. @hands_over: put back into the environment what was taken out of it. */
void dm_service_manager_free(struct dm_service_manager *manager, bool hands_over);

/** Say that the service is up, or up again with another configuration. */
void dm_service_manager_ready(struct dm_service_manager *manager);

/** Say that the configuration is read again; dm_service_manager_ready() must follow. */
void dm_service_manager_reloading(struct dm_service_manager *manager);

/** Say that the service stops. */
void dm_service_manager_stopping(struct dm_service_manager *manager);

/**
 * Say, if it is time, that we are alive, and what we are doing if that has changed, once a second
 * at most. Returns when (monotonic us) the next turn is wanted; INT64_MAX: never.
 */
int64_t dm_service_manager_turn(struct dm_service_manager *manager, int64_t now_us);

#endif
