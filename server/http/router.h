// The table of routes: which of them a request means, and all that is checked before it runs.
//
//   Router router(authenticator);
//   router.add({.method = Method::kGet, .path = "/livez", ...});
//   Found found = router.find(request);          // with the headers alone, before the body
//   if (found.route != nullptr) answer = Router::run(*found.route, request);
//
// A request is refused in this order: path (400, 404), method (405), token (401, 403), parameters
// (400), format of the body (415). So nobody without a token learns anything but which paths exist,
// and no body is read that nobody wants.
// Not here: sockets (server/http/http_server.h).
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.h"
#include "server/http/route.h"

namespace lymer::server::http {

// Says who sends a token, nothing if nobody has it. Null: there are no tokens, and all are admins.
using Authenticator = std::function<std::optional<Principal>(std::string_view token)>;

struct Found {
  const Route* route = nullptr;
  Response refusal = {};  // If there is no route.
};

// All add() come before the first find(); then thread-safe.
class Router {
 public:
  explicit Router(Authenticator authenticator = nullptr)
      : authenticator_(std::move(authenticator)) {}

  // Requires a path that begins with a slash, and that no route has this method and path.
  void add(Route route);
  [[nodiscard]] std::span<const Route> routes() const noexcept { return routes_; }

  // Fills in the rest of the request from its target, or says why not.
  [[nodiscard]] Found find(Request& request) const;
  // Runs the handler, and answers 304 where the client has what it gives. Requires a route with
  // one that answers at once.
  [[nodiscard]] static Response run(const Route& route, const Request& request);
  // The same for all routes. The request must be there until the reply.
  static void run(const Route& route, const Request& request, const Reply& reply);

 private:
  struct Candidate {
    const Route* route = nullptr;
    std::vector<Argument> arguments;
  };

  [[nodiscard]] std::vector<Candidate> candidates(const std::vector<std::string>& segments) const;
  [[nodiscard]] std::optional<Response> refuse_principal(const Route& route,
                                                         Request& request) const;

  Authenticator authenticator_;
  std::vector<Route> routes_;
  std::vector<std::vector<std::string>> patterns_;  // The segments of each route's path.
};

}  // namespace lymer::server::http
