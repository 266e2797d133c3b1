// SPDX-License-Identifier: MIT
//
// Notify: the only file that knows inotify. The kernel names a watch by a number that it does not
// use twice; a directory that is watched again keeps its number even if it was renamed, so binding
// a number to another name moves it. A number that we dropped while the I/O thread watched it once
// more announces itself as IN_IGNORED, which becomes SELF: the mistake heals with the next look.
//
// The mask leaves out OPEN, ACCESS and CLOSE_NOWRITE: our own looks would feed it.
#include "watcher/inbox/notify.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define MASK                                                                                       \
    (IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR)
#define UNBOUND_MAX 16384 // as many as the kernel's own queue holds by default
#define READ_BYTES 65536

static const struct {
    uint32_t kernel;
    unsigned what;
} meanings[] = {
    {IN_CREATE, DM_NOTIFY_CREATED},     {IN_MODIFY, DM_NOTIFY_WRITTEN},
    {IN_CLOSE_WRITE, DM_NOTIFY_CLOSED}, {IN_MOVED_TO, DM_NOTIFY_MOVED_IN},
    {IN_MOVED_FROM, DM_NOTIFY_GONE},    {IN_DELETE, DM_NOTIFY_GONE},
    {IN_ISDIR, DM_NOTIFY_DIR},
};

struct dm_notify {
    int fd;
    // Watch -> char *.
    GHashTable *dir_of;
    // char * (borrowed from dir_of) -> watch.
    GHashTable *watch_of;
    // Watch -> GPtrArray of struct unbound: seen before we knew its name.
    GHashTable *unbound;
    guint unbound_count;
};

struct unbound {
    uint32_t mask;
    char *name;
};

static void unbound_free(void *data) {
    struct unbound *unbound = data;
    g_free(unbound->name);
    g_free(unbound);
}

static void unbound_list_free(void *data) {
    g_ptr_array_unref(data);
}

// Returns the directory's name (transfer full), or NULL.
static char *unbind(struct dm_notify *notify, int watch) {
    const char *dir = g_hash_table_lookup(notify->dir_of, GINT_TO_POINTER(watch));
    if (dir == NULL) {
        return NULL;
    }
    char *copy = g_strdup(dir);
    g_hash_table_remove(notify->watch_of, dir);
    g_hash_table_remove(notify->dir_of, GINT_TO_POINTER(watch));
    return copy;
}

static void drop_watch(struct dm_notify *notify, int watch) {
    g_free(unbind(notify, watch));
    inotify_rm_watch(notify->fd, watch); // fails when the kernel was faster, which is as good
}

static void tell_overflow(dm_notify_fn fn, void *data) {
    fn(&(struct dm_notify_event){.what = DM_NOTIFY_OVERFLOW, .dir = "", .name = ""}, data);
}

static unsigned meaning(uint32_t mask) {
    unsigned what = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(meanings); i++) {
        if (mask & meanings[i].kernel) {
            what |= meanings[i].what;
        }
    }
    return what;
}

static void tell(struct dm_notify *notify, int watch, uint32_t mask, const char *name,
                 dm_notify_fn fn, void *data) {
    // The name is copied: what is told may end the watch.
    g_autofree char *dir =
        mask & IN_IGNORED ? unbind(notify, watch)
                          : g_strdup(g_hash_table_lookup(notify->dir_of, GINT_TO_POINTER(watch)));
    if (dir == NULL) {
        return; // ended by what was told before
    }
    struct dm_notify_event event = {
        .what = mask & IN_IGNORED ? DM_NOTIFY_SELF : meaning(mask), .dir = dir, .name = name};
    if (event.what & ~(unsigned)DM_NOTIFY_DIR) {
        fn(&event, data);
    }
}

static void keep_unbound(struct dm_notify *notify, const struct inotify_event *event,
                         dm_notify_fn fn, void *data) {
    if (notify->unbound_count >= UNBOUND_MAX) {
        dm_notify_forget_unbound(notify);
        tell_overflow(fn, data);
    }
    gpointer key = GINT_TO_POINTER(event->wd);
    GPtrArray *list = g_hash_table_lookup(notify->unbound, key);
    if (list == NULL) {
        list = g_ptr_array_new_with_free_func(unbound_free);
        g_hash_table_insert(notify->unbound, key, list);
    }
    struct unbound *unbound = g_new(struct unbound, 1);
    *unbound =
        (struct unbound){.mask = event->mask, .name = g_strdup(event->len > 0 ? event->name : "")};
    g_ptr_array_add(list, unbound);
    notify->unbound_count++;
}

static void take(struct dm_notify *notify, const struct inotify_event *event, dm_notify_fn fn,
                 void *data) {
    if (event->mask & IN_Q_OVERFLOW) {
        tell_overflow(fn, data);
    } else if (g_hash_table_contains(notify->dir_of, GINT_TO_POINTER(event->wd))) {
        tell(notify, event->wd, event->mask, event->len > 0 ? event->name : "", fn, data);
    } else {
        keep_unbound(notify, event, fn, data);
    }
}

struct dm_notify *dm_notify_new(void) {
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0) {
        return NULL;
    }
    struct dm_notify *notify = g_new0(struct dm_notify, 1);
    notify->fd = fd;
    notify->dir_of = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    notify->watch_of = g_hash_table_new(g_str_hash, g_str_equal);
    notify->unbound = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, unbound_list_free);
    return notify;
}

void dm_notify_free(struct dm_notify *notify) {
    if (notify == NULL) {
        return;
    }
    close(notify->fd);
    g_hash_table_destroy(notify->watch_of);
    g_hash_table_destroy(notify->dir_of);
    g_hash_table_destroy(notify->unbound);
    g_free(notify);
}

int dm_notify_fd(const struct dm_notify *notify) {
    return notify->fd;
}

int dm_notify_watch(int notify_fd, int dir_fd) {
    // By descriptor: whatever a stranger puts in the path's place meanwhile is not watched.
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", dir_fd);
    int watch = inotify_add_watch(notify_fd, path, MASK);
    return watch >= 0 ? watch : -errno;
}

void dm_notify_bind(struct dm_notify *notify, int watch, const char *dir, dm_notify_fn fn,
                    void *data) {
    int before = GPOINTER_TO_INT(g_hash_table_lookup(notify->watch_of, dir));
    if (before == watch) {
        return;
    }
    if (before != 0) {
        drop_watch(notify, before); // another directory had this name
    }
    g_free(unbind(notify, watch)); // this directory had another name
    char *copy = g_strdup(dir);
    g_hash_table_insert(notify->dir_of, GINT_TO_POINTER(watch), copy);
    g_hash_table_insert(notify->watch_of, copy, GINT_TO_POINTER(watch));
    GPtrArray *list = NULL;
    if (!g_hash_table_steal_extended(notify->unbound, GINT_TO_POINTER(watch), NULL,
                                     (gpointer *)&list)) {
        return;
    }
    notify->unbound_count -= list->len;
    for (guint i = 0; i < list->len; i++) {
        const struct unbound *unbound = g_ptr_array_index(list, i);
        tell(notify, watch, unbound->mask, unbound->name, fn, data);
    }
    g_ptr_array_unref(list);
}

void dm_notify_forget_unbound(struct dm_notify *notify) {
    g_hash_table_remove_all(notify->unbound);
    notify->unbound_count = 0;
}

void dm_notify_drop(struct dm_notify *notify, const char *dir, bool below) {
    int watch = GPOINTER_TO_INT(g_hash_table_lookup(notify->watch_of, dir));
    if (watch != 0) {
        drop_watch(notify, watch);
    }
    if (!below) {
        return;
    }
    g_autofree char *prefix = *dir != '\0' ? g_strconcat(dir, "/", NULL) : g_strdup("");
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(int));
    GHashTableIter iter;
    gpointer name, value;
    g_hash_table_iter_init(&iter, notify->watch_of);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        int one = GPOINTER_TO_INT(value);
        if (g_str_has_prefix(name, prefix)) {
            g_array_append_val(found, one);
        }
    }
    for (guint i = 0; i < found->len; i++) {
        drop_watch(notify, g_array_index(found, int, i));
    }
}

void dm_notify_read(struct dm_notify *notify, dm_notify_fn fn, void *data) {
    char buffer[READ_BYTES] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t size;
    while ((size = read(notify->fd, buffer, sizeof buffer)) > 0) {
        const struct inotify_event *event;
        for (char *at = buffer; at < buffer + size; at += sizeof *event + event->len) {
            event = (const struct inotify_event *)(const void *)at;
            take(notify, event, fn, data);
        }
    }
}
