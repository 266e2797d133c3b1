// SPDX-License-Identifier: MIT
//
// Inside the views: what each file of them needs to write one. The look is the mock's, in
// assets/page.css; the frame around all views is assets/shell.html, whose @WORDS@ are filled here.
#ifndef DM_WATCHER_PAGE_VIEWS_H
#define DM_WATCHER_PAGE_VIEWS_H

#include "watcher/page/html.h"
#include "watcher/page/page.h"

/** A view. */
struct dm_view {
    // "now": its address, and what is marked in the list of views.
    const char *name;
    const char *title;
    // Behind so many slashes: 0 or 1.
    unsigned depth;
    unsigned status;
};

/** Put @main (transfer full) into the frame and answer. */
void dm_view_answer(struct dm_page *page, struct dm_request *request, const struct dm_view *view,
                    GString *main);

/** A button that does something without script, too: a form that posts to @action. @fields:
 * names and values in turn, NULL-terminated. */
void dm_view_button(GString *html, const char *root, const char *action, const char *label,
                    const char *classes, const char *const *fields);

/** "Originals are kept for 14 days."; (transfer full). */
char *dm_view_keep_words(const struct dm_page *page);

/** Where pictures are made; @is_admin: with a button to pause. */
void dm_view_workers(GString *html, const struct dm_page *page, bool is_admin);

/** A drop as a card, as the view `now` has them. */
void dm_view_drop_card(GString *html, const struct dm_board_drop *drop);
/** Its bar, and the line below: "127 of 214, 12 a second, 7 seconds left". */
void dm_view_drop_progress(GString *html, const char *root, const struct dm_board_drop *drop);

#endif
