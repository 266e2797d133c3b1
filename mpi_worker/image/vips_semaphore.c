// SPDX-License-Identifier: MIT
//
// libvips before 8.15.4 can lose a task when one of its idle threads times out just as work
// arrives, and the caller then waits for ever: after 15 quiet seconds, which is a hot folder's
// normal day. The threads wait in vips_semaphore_down_timeout(); a program that defines that name
// itself and exports it (-rdynamic) is asked in its place, and idle threads then simply wait on.
// Measured with 8.14.1.
#include "mpi_worker/image/vips_semaphore.h"

#include <dlfcn.h>
#include <string.h>
#include <vips/vips.h>

#if VIPS_MAJOR_VERSION == 8 &&                                                                     \
    (VIPS_MINOR_VERSION < 15 || (VIPS_MINOR_VERSION == 15 && VIPS_MICRO_VERSION < 4))

int vips_semaphore_down_timeout(VipsSemaphore *semaphore, gint64 timeout) {
    (void)timeout;
    return vips_semaphore_down(semaphore);
}

bool dm_vips_semaphore_is_sound(void) {
    int (*ours)(VipsSemaphore *, gint64) = vips_semaphore_down_timeout;
    void *found = dlsym(RTLD_DEFAULT, "vips_semaphore_down_timeout");
    return found != NULL && memcmp(&found, &ours, sizeof(found)) == 0;
}

#else

bool dm_vips_semaphore_is_sound(void) {
    return true;
}

#endif
