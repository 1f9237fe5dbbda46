// The OpenAPI document against the table of routes, both ways.
// Not here: single paths (the other tests of this directory).
#include "server/api/api_routes.h"

#include <cctype>
#include <set>

#include "tests/server/api/api_fixture.h"

namespace lymer::server {
namespace {

TEST_F(ApiTest, IsDescribedByItsDocument) {
  const auto document = json("/openapi.json");
  std::set<std::string> described;
  std::set<std::string> operations;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      described.insert(method + " " + path);
      EXPECT_TRUE(operations.insert(operation["operationId"]).second) << operation["operationId"];
    }
  }
  std::set<std::string> served;
  for (const http::Route& route : router_.routes()) {
    std::string method;
    for (const char c : to_string(route.method)) method += static_cast<char>(std::tolower(c));
    served.insert(method + " " + route.path);
    const auto& operation = document["paths"][route.path][method];
    std::size_t names = 0;
    for (const char c : route.path) names += c == '{' ? 1 : 0;
    const auto parameters = operation.value("parameters", nlohmann::json::array());
    EXPECT_EQ(parameters.size(), names + route.parameters.size() + route.headers.size())
        << route.path;
    EXPECT_EQ(operation["security"].empty(), route.role == http::Role::kAnyone) << route.path;
    EXPECT_EQ(operation.contains("requestBody"), !route.takes.empty()) << route.path;
  }
  EXPECT_EQ(described, served);
}

TEST_F(ApiTest, AnswersAsItsDocumentSays) {
  for (const http::Route& route : router_.routes()) {
    if (route.method != http::Method::kGet || route.path.find('{') != std::string::npos) continue;
    const http::Response answer = get(route.path);
    EXPECT_EQ(answer.status, route.answers.front().status) << route.path;
    EXPECT_TRUE(answer.content_type.starts_with(route.answers.front().media_type)) << route.path;
  }
}

// Health, the API itself and its problems: no more is for those without a token.
TEST_F(ApiTest, LetsNobodyInWithoutATokenButForHealthAndDocuments) {
  std::set<std::string> open;
  for (const http::Route& route : router_.routes()) {
    if (route.role == http::Role::kAnyone) open.insert(route.path);
  }
  EXPECT_EQ(open, (std::set<std::string>{"/livez", "/readyz", "/healthz", "/-/healthy", "/-/ready",
                                         "/openapi.json", "/docs", "/problems/{code}"}));
}

}  // namespace
}  // namespace lymer::server
