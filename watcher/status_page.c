// SPDX-License-Identifier: MIT
//
// When the status page is written, and how. See status_page.h.
#include "watcher/status_page.h"

#include "common/fsutil.h"
#include "common/log.h"
#include "common/path.h"
#include "watcher/daemon_status.h"
#include "watcher/day.h"
#include "watcher/ledger/drops.h"
#include "watcher/ledger/under_way.h"
#include "watcher/share/descriptor.h"
#include "watcher/share/note_file.h"
#include "watcher/status_html.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

// What changes together is told together.
#define SETTLE_US G_USEC_PER_SEC
#define GAP_US (5 * G_USEC_PER_SEC)
#define AT_LEAST_US (20 * G_USEC_PER_SEC)
// Others wake the daemon, too: if they do so late enough, it need not wake once more.
#define EARLY_US (10 * G_USEC_PER_SEC)
// Of the time between two writings, one part in so many is spent on one.
#define COST_SHARE 50

struct dm_status_page {
    struct dm_daemon *daemon;
    struct dm_status_pace pace;
    int64_t number;
    // What was told, as changes_of() says.
    uint64_t told;
    // Until the turn is committed.
    bool is_due;
    // Jobs that the share has.
    unsigned jobs;
    // Why it could not be written, the last time; 0: it could.
    int error;
};

/** A job for the share. */
struct writing {
    struct dm_status_page *page;
    char *html, *twin;
    // Errno, and of which name; 0: done.
    int error;
    const char *name;
};

// ---- when

int64_t dm_status_page_due_us(const struct dm_status_pace *pace) {
    if (pace->written_us == 0) {
        return 0;
    }
    int64_t gap_us = CLAMP(pace->cost_us * COST_SHARE, GAP_US, AT_LEAST_US);
    int64_t latest_us = pace->written_us + AT_LEAST_US;
    return pace->changed_us == 0
               ? latest_us
               : MIN(latest_us, MAX(pace->written_us + gap_us, pace->changed_us + SETTLE_US));
}

int64_t dm_status_page_number(int64_t last, int64_t utc_us) {
    return MAX(last + 1, utc_us / 1000);
}

/** A number that is another one when there is news. */
static uint64_t changes_of(const struct dm_daemon *daemon) {
    return dm_ledger_changes(daemon->ledger) * DM_GATE_REASON_COUNT +
           (uint64_t)dm_gate_reason(daemon->gate);
}

// ---- the job

/** Say whether there is something of that name that we have not written. */
static bool is_others(int dir_fd, const char *name) {
    struct stat s;
    return fstatat(dir_fd, name, &s, AT_SYMLINK_NOFOLLOW) == 0 &&
           !dm_note_file_begins(dir_fd, name, DM_STATUS_TITLE);
}

/** Write one of the two, for the people that the share is for: the group of its inbox. */
static int write_one(int dir_fd, const char *name, const char *html, int inbox_fd) {
    struct stat inbox, ours;
    if (dm_note_file_write(dir_fd, name, html) != 0) {
        return -1;
    }
    if (fstat(inbox_fd, &inbox) == 0 && fstatat(dir_fd, name, &ours, AT_SYMLINK_NOFOLLOW) == 0 &&
        inbox.st_gid != ours.st_gid &&
        fchownat(dir_fd, name, (uid_t)-1, inbox.st_gid, AT_SYMLINK_NOFOLLOW) != 0) {
        return -1;
    }
    return 0;
}

/** Both, the twin first: who opens it comes from the page of the writing before. */
static int write_both(struct writing *writing, int top_fd, int private_fd, int inbox_fd) {
    const char *twin = dm_path_base(DM_STATUS_TWIN);
    writing->name = DM_STATUS_TWIN;
    if (is_others(private_fd, twin)) {
        return EEXIST;
    }
    writing->name = DM_STATUS_PAGE;
    if (is_others(top_fd, DM_STATUS_PAGE)) {
        return EEXIST;
    }
    writing->name = DM_STATUS_TWIN;
    if (write_one(private_fd, twin, writing->twin, inbox_fd) != 0) {
        return errno;
    }
    writing->name = DM_STATUS_PAGE;
    return write_one(top_fd, DM_STATUS_PAGE, writing->html, inbox_fd) == 0 ? 0 : errno;
}

static int writing_work(const struct dm_share_dirs *dirs, void *job) {
    struct writing *writing = job;
    writing->name = DM_STATUS_PAGE;
    DM_AUTO_CLOSE int top_fd = dm_share_open_top(dirs);
    DM_AUTO_CLOSE int private_fd =
        top_fd >= 0 ? dm_open_beneath(top_fd, DM_DIR_PRIVATE, O_RDONLY | O_DIRECTORY, 0) : -1;
    writing->error = private_fd >= 0
                         ? write_both(writing, top_fd, private_fd, dirs->rooms[DM_SHARE_INBOX])
                         : errno;
    return dm_errno_is_offline(writing->error) ? writing->error : 0;
}

/** Once for each cause. */
static void tell(struct dm_status_page *page, const struct writing *writing) {
    if (writing->error == page->error) {
        return;
    }
    if (writing->error == EEXIST) {
        dm_log_warning("'%s' in the share is somebody's own and is left alone: there will be no "
                       "status page until it is moved",
                       writing->name);
    } else if (writing->error != 0) {
        dm_log_warning("cannot write the status page '%s' in the share: %s, will retry every 20 s",
                       writing->name, g_strerror(writing->error));
    } else {
        dm_log_message("the status page in the share is written again");
    }
    page->error = writing->error;
}

static void writing_done(void *job, bool done) {
    struct writing *writing = job;
    writing->page->jobs--;
    if (done) {
        tell(writing->page, writing);
    }
    g_free(writing->html);
    g_free(writing->twin);
    g_free(writing);
}

// ---- what

/** Rows that are held up, then the newest that failed. */
static GPtrArray *troubled(struct dm_ledger *ledger) {
    const struct dm_query parked = {.states = 1u << DM_STATE_PARKED, .limit = DM_STATUS_PROBLEMS};
    GPtrArray *rows = dm_ledger_list(ledger, &parked);
    if (dm_ledger_has(ledger, 1u << DM_STATE_FAILED)) {
        g_ptr_array_extend_and_steal(rows, dm_ledger_failed_rows(ledger, 0, DM_STATUS_PROBLEMS));
    }
    return rows;
}

/** Look around, and make both pages. */
static void make(struct dm_status_page *page, bool stopped, struct writing *ret) {
    const struct dm_daemon *daemon = page->daemon;
    g_autoptr(GPtrArray) hosts = dm_engine_hosts(daemon->engine, g_get_monotonic_time());
    g_autoptr(GPtrArray) under_way = dm_ledger_under_way(daemon->ledger);
    g_autoptr(GPtrArray) folder_problems = dm_ledger_folder_problems(daemon->ledger);
    g_autoptr(GPtrArray) rows = troubled(daemon->ledger);
    g_autofree char *originals = dm_status_originals(daemon->config->outbox.keep_us);
    struct dm_daemon_status now;
    dm_daemon_look(daemon, hosts, &now);
    struct dm_status_facts facts = {
        .now = &now,
        .stopped = stopped,
        .done_today = dm_ledger_done_since(daemon->ledger, dm_midnight_utc_us()),
        .under_way = under_way,
        .folder_problems = folder_problems,
        .troubled = rows,
        .originals = originals,
    };
    dm_ledger_count(daemon->ledger, facts.counts);
    struct dm_status_writing writing = {.number = page->number, .utc_us = g_get_real_time()};
    ret->html = dm_status_html(&facts, &writing);
    writing.is_twin = true;
    ret->twin = dm_status_html(&facts, &writing);
}

static void push(struct dm_status_page *page, bool stopped) {
    int64_t start_us = g_get_monotonic_time();
    struct writing *writing = g_new0(struct writing, 1);
    writing->page = page;
    page->number = dm_status_page_number(page->number, g_get_real_time());
    make(page, stopped, writing);
    page->jobs++;
    page->pace = (struct dm_status_pace){.written_us = start_us,
                                         .cost_us = g_get_monotonic_time() - start_us};
    dm_share_push(page->daemon->share, writing_work, writing_done, writing);
}

// ---- the room

static int64_t turn(void *room, int64_t now_us) {
    struct dm_status_page *page = room;
    uint64_t changes = changes_of(page->daemon);
    if (!dm_share_is_online(page->daemon->share) || page->jobs > 0) {
        return INT64_MAX; // its return, and that of the job, are turns
    }
    if (changes != page->told && page->pace.changed_us == 0) {
        page->pace.changed_us = now_us;
    }
    page->told = changes;
    int64_t due_us = dm_status_page_due_us(&page->pace);
    int64_t idle_us = page->pace.written_us + EARLY_US;
    page->is_due = now_us >= due_us || (page->pace.changed_us == 0 && now_us >= idle_us);
    return page->is_due ? INT64_MAX : due_us;
}

/** What is told was committed before. */
static void committed(void *room) {
    struct dm_status_page *page = room;
    if (page->is_due) {
        page->is_due = false;
        push(page, false);
    }
}

struct dm_status_page *dm_status_page_new(struct dm_daemon *daemon) {
    if (!daemon->config->status_page) {
        return NULL;
    }
    if (daemon->is_read_only) {
        dm_log_message("there is no status page: the share is read-only");
        return NULL;
    }
    struct dm_status_page *page = g_new0(struct dm_status_page, 1);
    page->daemon = daemon;
    const struct dm_turns_room room = {.name = "status page",
                                       .turn = turn,
                                       .committed = committed,
                                       .room = page,
                                       .only_reads = true};
    dm_turns_add(daemon->turns, &room);
    return page;
}

void dm_status_page_stop(struct dm_status_page *page) {
    if (page != NULL && !page->daemon->begins_anew) {
        push(page, true);
    }
}

void dm_status_page_free(struct dm_status_page *page) {
    if (page != NULL && page->jobs == 0) {
        g_free(page);
    }
}
