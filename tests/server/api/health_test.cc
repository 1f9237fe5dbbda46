// Checks that pass and fail.
// Not here: what a server checks (tests/server/rule_server_test.cc).
#include "server/api/health.h"

#include "tests/server/api/api_fixture.h"

namespace lymer::server {
namespace {

TEST_F(ApiTest, IsReadyOnlyIfAllChecksPass) {
  bool is_well = true;
  health_.add_live("loop", [] { return Result<void>(); });
  health_.add_ready("disk", [&is_well]() -> Result<void> {
    if (is_well) return {};
    return Error{ErrorCode::kIo, "it is full"};
  });
  EXPECT_EQ(get("/readyz").body, "ok\n");
  EXPECT_EQ(get("/readyz?verbose").body, "[+]disk ok\nok\n");
  EXPECT_EQ(get("/livez?verbose=true").body, "[+]loop ok\nok\n");
  is_well = false;
  for (const char* path : {"/readyz", "/-/ready"}) {
    const auto answer = get(path);
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, "[-]disk failed: it is full\nnot ok\n");
  }
  for (const char* path : {"/livez", "/healthz", "/-/healthy"}) EXPECT_EQ(get(path).status, 200);
  EXPECT_EQ(get("/livez?verbos").status, 400);
}

}  // namespace
}  // namespace lymer::server
