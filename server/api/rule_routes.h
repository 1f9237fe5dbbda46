// Rules over HTTP, read only: a list, one of them, what it becomes; and checking a text.
//
// Not here: loading (server/rule_files.h), changing them.
#pragma once

#include "server/http/router.h"
#include "server/rule_files.h"

namespace lymer::server {

// The rules must outlive the routes and not change.
void add_rule_routes(http::Router& router, const RuleFiles& rules);

}  // namespace lymer::server
