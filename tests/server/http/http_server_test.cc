// Many connections, and the end of the server.
// Not here: one connection (tests/server/http/http_session_test.cc).
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/server/http/loopback.h"
#include "tests/support/temp_files.h"

namespace lymer::server::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpServerTest : public Loopback {
 protected:
  HttpServerTest() {
    add(Method::kGet, "/hello", [](const Request&) { return Response::text(200, "hello"); });
  }
};

TEST_F(HttpServerTest, RefusesAPortThatIsTaken) {
  start();
  options_.port = server_->port();
  const auto second = HttpServer::make(options_, router_, counts_, clock_);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("cannot listen on 127.0.0.1:"));
}

TEST_F(HttpServerTest, AnswersBesideManyIdleConnections) {
  start();
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 400; ++i) {
    idle.push_back(std::make_unique<Client>(server_->port()));
    ASSERT_TRUE(idle.back()->is_connected());
  }
  EXPECT_THAT(get("/hello"), EndsWith("hello"));
  idle.back()->send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(idle.back()->answer(), EndsWith("hello"));
  EXPECT_GE(counts_.connections(), 400U);
}

TEST_F(HttpServerTest, RefusesConnectionsBeyondTheLimit) {
  options_.max_connections = 1;
  start();
  Client first(server_->port());
  first.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(first.answer(), EndsWith("hello"));
  Client second(server_->port());
  EXPECT_THAT(second.rest(), StartsWith("HTTP/1.1 503"));
  first.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(first.answer(), EndsWith("hello"));
}

TEST_F(HttpServerTest, AnswersQuickRoutesWhileHandlersAreBlocked) {
  options_.handler_threads = 1;
  options_.max_waiting_handlers = 1;
  std::promise<void> begun;
  std::promise<void> may_end;
  add(Method::kGet, "/slow", [&](const Request&) {
    begun.set_value();
    may_end.get_future().wait();
    return Response::text(200, "at last");
  });
  router_.add({.path = "/livez",
               .role = Role::kAnyone,
               .name = "live",
               .summary = "Lives",
               .is_quick = true,
               .handler = [](const Request&) { return Response::text(200, "ok"); }});
  start();
  Client slow(server_->port());
  slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  begun.get_future().wait();
  EXPECT_THAT(get("/livez"), EndsWith("ok"));
  const std::string refused = get("/hello");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
  may_end.set_value();
  EXPECT_THAT(slow.answer(), EndsWith("at last"));
}

TEST_F(HttpServerTest, StopsAtOnceWhereAllAreIdleAndWaitsForTheRest) {
  std::promise<void> begun;
  std::promise<void> may_end;
  add(Method::kGet, "/slow", [&](const Request&) {
    begun.set_value();
    may_end.get_future().wait();
    return Response::text(200, "at last");
  });
  start();
  Client idle(server_->port());
  idle.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(idle.answer(), EndsWith("hello"));
  Client slow(server_->port());
  slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  begun.get_future().wait();
  const auto stopped =
      std::async(std::launch::async, [this] { server_->stop(Duration::seconds(20)); });
  EXPECT_EQ(idle.rest(), "");
  may_end.set_value();
  EXPECT_THAT(slow.rest(), HasSubstr("Connection: close\r\n"));
  stopped.wait();
  EXPECT_EQ(counts_.connections(), 0U);
}

// One handler thread, and more requests that wait than that.
TEST_F(HttpServerTest, WaitsForLateAnswersOnNoThread) {
  options_.handler_threads = 1;
  std::mutex mutex;
  std::vector<Reply> replies;
  std::promise<void> all_came;
  router_.add({.path = "/late",
               .role = Role::kAnyone,
               .name = "late",
               .summary = "Late",
               .late_handler = [&](const Request&, const Reply& reply) {
                 const std::lock_guard lock(mutex);
                 replies.push_back(reply);
                 if (replies.size() == 3) all_came.set_value();
               }});
  start();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(server_->port()));
    clients.back()->send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  all_came.get_future().wait();
  EXPECT_THAT(get("/hello"), EndsWith("hello"));
  for (const Reply& each : replies) each(Response::text(200, "at last"));
  for (const auto& each : clients) EXPECT_THAT(each->answer(), EndsWith("at last"));
}

TEST_F(HttpServerTest, WaitsForPromisedAnswersBeforeItIsGone) {
  std::promise<Reply> promised;
  router_.add(
      {.path = "/late",
       .role = Role::kAnyone,
       .name = "late",
       .summary = "Late",
       .late_handler = [&](const Request&, const Reply& reply) { promised.set_value(reply); }});
  start();
  Client client(server_->port());
  client.send("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
  const Reply reply = promised.get_future().get();
  auto stopped = std::async(std::launch::async, [this] { server_->stop(Duration{}); });
  EXPECT_EQ(client.rest(), "");  // It was closed, and its answer is still to come.
  reply(Response::text(200, "too late"));
  stopped.get();
}

TEST_F(HttpServerTest, AnswersForALateHandlerThatThrows) {
  router_.add(
      {.path = "/late",
       .role = Role::kAnyone,
       .name = "late",
       .summary = "Late",
       .late_handler = [](const Request&, const Reply&) -> void { (void)std::string().at(1); }});
  start();
  EXPECT_THAT(get("/late"), StartsWith("HTTP/1.1 500"));
}

TEST_F(HttpServerTest, RefusesTlsWithoutItsFiles) {
  const support::TempFiles files;
  options_.tls.certificate = files.path("none.pem");
  const auto made = HttpServer::make(options_, router_, counts_, clock_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(made.error().message, HasSubstr("cannot use the certificate"));
}

}  // namespace
}  // namespace lymer::server::http
