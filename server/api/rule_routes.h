// Rules over HTTP, read only: a list, one of them, what it becomes; and checking a text.
//
// Not here: loading (server/rule_files.h), changing them.
#pragma once

#include <functional>
#include <memory>

#include "server/http/router.h"
#include "server/rule_files.h"

namespace lymer::server {

// Gives the rules as they are now; from any thread.
using CurrentRules = std::function<std::shared_ptr<const RuleFiles>()>;

void add_rule_routes(http::Router& router, const CurrentRules& rules);

}  // namespace lymer::server
