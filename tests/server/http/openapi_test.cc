// A document of a few routes.
// Not here: that of all routes of the server (tests/server/api/).
#include "server/http/openapi.h"

#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lymer::server::http {
namespace {

TEST(OpenApi, TellsAllThatARouteSays) {
  const Handler none = [](const Request&) { return Response(); };
  const std::vector<Route> routes = {
      {.method = Method::kPost,
       .path = "/z/{id}:go",
       .role = Role::kAuthor,
       .name = "goZ",
       .summary = "Goes",
       .takes = {"application/json"},
       .answers = {{202, "", "Later"}},
       .handler = none},
      {.path = "/a",
       .role = Role::kAnyone,
       .name = "readA",
       .summary = "Reads",
       .parameters = {{.name = "n", .kind = Parameter::Kind::kInteger, .minimum = 1, .maximum = 9},
                      {.name = "as", .is_required = true, .values = {"x"}}},
       .headers = {{.name = "X-Key", .summary = "A key"}},
       .handler = none}};
  const auto document = nlohmann::json::parse(openapi_document(routes, "1.2"));
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(document["info"]["version"], "1.2");
  const auto& go = document["paths"]["/z/{id}:go"]["post"];
  EXPECT_EQ(go["operationId"], "goZ");
  EXPECT_EQ(go["parameters"][0]["name"], "id");
  EXPECT_EQ(go["parameters"][0]["in"], "path");
  EXPECT_TRUE(go["requestBody"]["content"].contains("application/json"));
  EXPECT_EQ(go["responses"]["202"]["description"], "Later");
  EXPECT_FALSE(go["responses"]["202"].contains("content"));
  EXPECT_EQ(go["security"][0]["token"][0], "author");
  const auto& read = document["paths"]["/a"]["get"];
  EXPECT_TRUE(read["security"].empty());
  EXPECT_EQ(read["parameters"][0]["schema"]["maximum"], 9);
  EXPECT_EQ(read["parameters"][1]["schema"]["enum"][0], "x");
  EXPECT_EQ(read["parameters"][1]["required"], true);
  EXPECT_EQ(read["parameters"][2]["in"], "header");
  EXPECT_EQ(read["parameters"][2]["description"], "A key");
  EXPECT_EQ(read["responses"]["default"]["$ref"], "#/components/responses/Problem");
}

}  // namespace
}  // namespace lymer::server::http
