// /api/v1/matches, /timeouts and /late: pages, one by its id, and following.
//
// Not here: finding them (server/results/result_store.h), sending events as they come
// (server/api/result_followers.h).
#pragma once

#include "server/api/result_followers.h"
#include "server/http/router.h"
#include "server/results/result_store.h"

namespace lymer::server {

// Both null where nothing is kept: then the routes say so. Must outlive the routes.
struct ResultView {
  const results::ResultStore* store = nullptr;
  ResultFollowers* followers = nullptr;
};

void add_result_routes(http::Router& router, const ResultView& view);

}  // namespace lymer::server
