// The OpenAPI 3.1 document of a table of routes.
//
// Not here: where it is served (server/api/document_routes.h).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/http/route.h"

namespace lymer::server::http {

// Paths in the order of their names. `version` is that of the program.
[[nodiscard]] std::string openapi_document(std::span<const Route> routes, std::string_view version);

}  // namespace lymer::server::http
