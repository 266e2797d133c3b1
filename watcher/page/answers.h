// SPDX-License-Identifier: MIT
//
// The routes' functions, by the file that they stand in.
#ifndef DM_WATCHER_PAGE_ANSWERS_H
#define DM_WATCHER_PAGE_ANSWERS_H

#include "watcher/page/page.h"

// views.c
void dm_view_send(struct dm_page *page, struct dm_request *request);
void dm_view_now(struct dm_page *page, struct dm_request *request);
void dm_view_drop(struct dm_page *page, struct dm_request *request);
void dm_view_problems(struct dm_page *page, struct dm_request *request);
void dm_view_folders(struct dm_page *page, struct dm_request *request);
void dm_view_help(struct dm_page *page, struct dm_request *request);
void dm_view_sign_in(struct dm_page *page, struct dm_request *request);

// assets.c
void dm_answer_asset(struct dm_page *page, struct dm_request *request);

// api_state.c
void dm_answer_state(struct dm_page *page, struct dm_request *request);
void dm_answer_events(struct dm_page *page, struct dm_request *request);
void dm_answer_drop(struct dm_page *page, struct dm_request *request);
void dm_answer_files(struct dm_page *page, struct dm_request *request);
void dm_answer_health(struct dm_page *page, struct dm_request *request);
void dm_answer_ready(struct dm_page *page, struct dm_request *request);

// api_catalogue.c
void dm_answer_catalogue(struct dm_page *page, struct dm_request *request);
void dm_answer_explain(struct dm_page *page, struct dm_request *request);

// api_files.c
void dm_answer_result(struct dm_page *page, struct dm_request *request);
void dm_answer_original(struct dm_page *page, struct dm_request *request);

// api_zip.c
void dm_answer_zip(struct dm_page *page, struct dm_request *request);

// metrics.c
void dm_answer_metrics(struct dm_page *page, struct dm_request *request);

// api_pictures.c
void dm_answer_thumb(struct dm_page *page, struct dm_request *request);
void dm_answer_preview(struct dm_page *page, struct dm_request *request);

// api_drops.c
void dm_answer_announce(struct dm_page *page, struct dm_request *request);

// upload.c
void dm_answer_upload(struct dm_page *page, struct dm_request *request);

// send_form.c
void dm_answer_form(struct dm_page *page, struct dm_request *request);

// api_actions.c
void dm_answer_action(struct dm_page *page, struct dm_request *request);
void dm_answer_sign_in(struct dm_page *page, struct dm_request *request);

#endif
