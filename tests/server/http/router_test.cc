// Which route a request means, and in which order it is refused.
// Not here: how targets are read (tests/server/http/target_test.cc).
#include "server/http/router.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::server::http {
namespace {

using ::testing::HasSubstr;

class RouterTest : public ::testing::Test {
 protected:
  static Route route(Method method, std::string path, Role role) {
    return {.method = method,
            .path = path,
            .role = role,
            .name = path,
            .summary = path,
            .parameters =
                {{.name = "limit", .kind = Parameter::Kind::kInteger, .minimum = 1, .maximum = 10},
                 {.name = "as", .values = {"text", "json"}},
                 {.name = "all", .kind = Parameter::Kind::kFlag}},
            .takes = method == Method::kPost ? std::vector<std::string>{"application/json"}
                                             : std::vector<std::string>{},
            .handler = [](const Request&) { return Response::text(200, "x"); }};
  }
  void fill(Router& router) {
    router.add(route(Method::kGet, "/rules", Role::kViewer));
    router.add(route(Method::kPost, "/rules", Role::kAuthor));
    router.add(route(Method::kGet, "/rules/{id}", Role::kViewer));
    router.add(route(Method::kGet, "/rules/new", Role::kViewer));
    router.add(route(Method::kPost, "/rules/{id}:roll", Role::kOperator));
    router.add(route(Method::kGet, "/livez", Role::kAnyone));
  }
  RouterTest() { fill(router_); }
  // The status of a refusal, or 0.
  int refused(Request request, const Router& router) {
    found_ = router.find(request);
    asked_ = std::move(request);
    return found_.route == nullptr ? found_.refusal.status : 0;
  }
  int refused(Method method, const std::string& target) {
    return refused({.method = method, .target = target}, router_);
  }
  std::string header(const std::string& name) const {
    for (const Header& each : found_.refusal.headers) {
      if (each.name == name) return each.value;
    }
    return {};
  }

  Router router_;
  Found found_;
  Request asked_;
};

TEST_F(RouterTest, FindsWordsBeforeNames) {
  EXPECT_EQ(refused(Method::kGet, "/rules/new"), 0);
  EXPECT_EQ(found_.route->path, "/rules/new");
  EXPECT_EQ(refused(Method::kGet, "/rules/a%2Fb%20c"), 0);
  EXPECT_EQ(found_.route->path, "/rules/{id}");
  EXPECT_EQ(asked_.path_argument("id"), "a/b c");
  EXPECT_EQ(refused(Method::kPost, "/rules/x:roll"), 0);
  EXPECT_EQ(asked_.path_argument("id"), "x");
  EXPECT_EQ(refused(Method::kHead, "/livez"), 0);
}

TEST_F(RouterTest, TellsPathsFromMethods) {
  EXPECT_EQ(refused(Method::kGet, "/rules/"), 404);
  EXPECT_EQ(refused(Method::kGet, "//rules"), 404);
  EXPECT_EQ(refused(Method::kGet, "/Rules"), 404);
  EXPECT_EQ(refused(Method::kDelete, "/rules"), 405);
  EXPECT_EQ(header("Allow"), "GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(refused(Method::kOptions, "/livez"), 204);
  EXPECT_EQ(header("Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(RouterTest, ChecksTheQuery) {
  EXPECT_EQ(refused(Method::kGet, "/rules?limit=10&as=json&all"), 0);
  EXPECT_EQ(refused(Method::kGet, "/rules?limits=1"), 400);
  EXPECT_THAT(found_.refusal.body, HasSubstr("/rules has no parameter `limits`"));
  for (const char* wrong : {"limit=0", "limit=11", "limit=x", "limit=", "limit=1&limit=1", "as=xml",
                            "all=2", "limit=99999999999999999999"}) {
    EXPECT_EQ(refused(Method::kGet, std::string("/rules?") + wrong), 400) << wrong;
  }
}

TEST_F(RouterTest, ChecksTheFormatOfTheBody) {
  const auto post = [this](const std::string& type) {
    Request request{.method = Method::kPost, .target = "/rules"};
    request.headers = {{"content-length", "2"}};
    if (!type.empty()) request.headers.push_back({"content-type", type});
    return refused(std::move(request), router_);
  };
  EXPECT_EQ(post("application/json"), 0);
  EXPECT_EQ(post("Application/JSON ; charset=utf-8"), 0);
  EXPECT_EQ(post("application/x-www-form-urlencoded"), 415);
  EXPECT_EQ(post(""), 415);
}

TEST_F(RouterTest, KeepsEachRoleToWhatItMay) {
  Router guarded([](std::string_view token) -> std::optional<Principal> {
    const auto role = parse_role(token);
    if (!role) return std::nullopt;
    return Principal{*role, std::string(token)};
  });
  fill(guarded);
  struct Case {
    const char* token;
    Method method;
    const char* target;
    int status;
  };
  const Case cases[] = {
      {"", Method::kGet, "/livez", 0},
      {"unknown", Method::kGet, "/livez", 0},
      {"", Method::kGet, "/rules", 401},
      {"unknown", Method::kGet, "/rules", 401},
      {"viewer", Method::kGet, "/rules", 0},
      {"viewer", Method::kPost, "/rules", 403},
      {"viewer", Method::kPost, "/rules/x:roll", 403},
      {"operator", Method::kGet, "/rules", 0},
      {"operator", Method::kPost, "/rules/x:roll", 0},
      {"operator", Method::kPost, "/rules", 403},
      {"author", Method::kPost, "/rules", 0},
      {"author", Method::kPost, "/rules/x:roll", 0},
      {"admin", Method::kPost, "/rules", 0},
      {"", Method::kGet, "/rules?limits=1", 401},
  };
  for (const Case& each : cases) {
    Request request{.method = each.method, .target = each.target};
    if (*each.token != 0)
      request.headers = {{"authorization", std::string("bearer ") + each.token}};
    EXPECT_EQ(refused(std::move(request), guarded), each.status)
        << each.token << " " << each.target;
    EXPECT_EQ(header("WWW-Authenticate").empty(), each.status == 0);
  }
  EXPECT_EQ(refused({.target = "/rules", .headers = {{"Authorization", "Basic viewer"}}}, guarded),
            401);
}

TEST_F(RouterTest, AnswersNotModified) {
  const Route tagged{.path = "/x", .name = "x", .summary = "x", .handler = [](const Request&) {
                       Response answer = Response::text(200, "x");
                       answer.headers.push_back({"ETag", "\"1\""});
                       return answer;
                     }};
  EXPECT_EQ(Router::run(tagged, {}).status, 200);
  EXPECT_EQ(Router::run(tagged, {.headers = {{"If-None-Match", "\"2\""}}}).status, 200);
  const Response same = Router::run(tagged, {.headers = {{"If-None-Match", "\"2\", W/\"1\""}}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
}

}  // namespace
}  // namespace lymer::server::http
