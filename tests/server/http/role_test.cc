// Names of roles, both ways.
// Not here: what they may (tests/server/http/router_test.cc).
#include "server/http/role.h"

#include <gtest/gtest.h>

namespace lymer::server::http {
namespace {

TEST(Role, IsReadAsItIsWritten) {
  for (const Role each : {Role::kViewer, Role::kOperator, Role::kAuthor, Role::kAdmin}) {
    EXPECT_EQ(parse_role(to_string(each)), each);
  }
  EXPECT_EQ(parse_role("anyone"), std::nullopt);
  EXPECT_EQ(parse_role("Admin"), std::nullopt);
  EXPECT_LT(Role::kAuthor, Role::kAdmin);
}

}  // namespace
}  // namespace lymer::server::http
