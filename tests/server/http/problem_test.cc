// Each problem once, and one as JSON.
// Not here: which is given when (tests/server/http/router_test.cc).
#include "server/http/problem.h"

#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace lymer::server::http {
namespace {

TEST(Problem, HasANameAndAPhraseEach) {
  std::set<std::string_view> names;
  for (const ProblemEntry& each : problems()) {
    EXPECT_EQ(&entry_of(each.problem), &each);
    EXPECT_TRUE(names.insert(each.name).second) << each.name;
    EXPECT_NE(reason_phrase(each.status), "Unknown") << each.name;
    EXPECT_FALSE(each.explanation.empty());
  }
}

TEST(Problem, IsWrittenByRfc9457) {
  const Request request{.path = "/a\"b", .request_id = "7"};
  const Response made = problem(request, Problem::kGone, "no longer", R"("more":1)");
  EXPECT_EQ(made.status, 410);
  EXPECT_EQ(made.content_type, "application/problem+json");
  EXPECT_EQ(made.body, R"({"type":"/problems/gone","title":"It is no longer kept","status":410,)"
                       R"("detail":"no longer","instance":"/a\"b","requestId":"7","more":1})"
                       "\n");
}

}  // namespace
}  // namespace lymer::server::http
