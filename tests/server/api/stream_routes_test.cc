// Events into a real log and out of it, and what is refused.
// Not here: bodies of all kinds (event_body_test.cc), the network
// (tests/server/rule_server_test.cc).
#include "server/api/stream_routes.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "tests/server/api/api_fixture.h"
#include "tests/server/storage/faulty_environment.h"

namespace lymer::server {
namespace {

using ::testing::HasSubstr;

class StreamRoutes : public ApiTest {
 protected:
  StreamRoutes() {
    const std::string path = files_.write(
        "log.cep",
        "stream logins {\n  from log \"auth\"\n  format json\n  field user: string\n"
        "  field ts: time\n  time ts\n}\n"
        "stream lines {\n  from log \"lines\"\n  format csv\n  field user: string\n"
        "  field ts: time\n  time ts\n}\n"
        "stream s {\n  from file \"none\"\n  format json\n  field ts: time\n  time ts\n}\n"
        "rule r {\n  on logins\n  begin a\n}\n");
    auto loaded = load_rule_files(system_, {path});
    EXPECT_TRUE(loaded) << loaded.error().to_string();
    rules_ = std::move(*loaded);
    open();
  }
  void open(log::LogOptions options = {}) {
    log_.reset();
    options.directory = files_.path("log");
    options.group_wait = Duration::millis(1);
    auto opened = log::DurableLog::open(std::move(options), clock_);
    ASSERT_TRUE(opened) << opened.error().to_string();
    log_ = std::move(*opened);
    streams_.log = log_.get();
  }
  http::Response post(const std::string& stream, const std::string& body,
                      std::vector<http::Header> headers = {},
                      const std::string& type = "application/x-ndjson") {
    headers.push_back({"Content-Type", type});
    headers.push_back({"Content-Length", std::to_string(body.size())});
    return ask({.method = http::Method::kPost,
                .target = "/api/v1/streams/" + stream + "/events",
                .headers = std::move(headers),
                .body = body});
  }
  std::uint64_t events_in(const std::string& stream) {
    const auto info = log_->find(stream);
    return info ? info->ends.next : 0;
  }

  std::unique_ptr<log::DurableLog> log_;
};

TEST_F(StreamRoutes, TakeEventsAndTellWhereTheyAre) {
  const http::Response first = post("logins", "{\"user\":\"a\"}\nno\n{\"user\":\"b\"}\n");
  EXPECT_EQ(first.status, 200);
  EXPECT_THAT(first.body, HasSubstr(R"({"accepted":2,"rejected":1,"offsets":{"first":0,"last":1},)"
                                    R"("errors":[{"line":2,"error":"it is not JSON: )"));
  // By the name that it has in the log, as a list.
  EXPECT_EQ(post("auth", R"([{"user":"c"}])", {}, "application/json; charset=utf-8").body,
            "{\"accepted\":1,\"rejected\":0,\"offsets\":{\"first\":2,\"last\":2},\"errors\":[]}\n");
  EXPECT_EQ(
      post("logins", "1\n").body,
      "{\"accepted\":0,\"rejected\":1,\"errors\":[{\"line\":1,\"error\":\"it is no object\"}]}\n");
  EXPECT_EQ(events_in("auth"), 3U);
}

TEST_F(StreamRoutes, AnswerARepetitionAsBeforeAndDoNothing) {
  const std::string body = "{\"user\":\"a\"}\n{\n";
  const std::vector<http::Header> key = {{"Idempotency-Key", "order-1"}};
  const http::Response first = post("logins", body, key);
  EXPECT_EQ(header(first, "Idempotency-Replayed"), "");
  post("logins", "{}");
  open();  // It is remembered by the next start too.
  const http::Response again = post("logins", body, key);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(header(again, "Idempotency-Replayed"), "true");
  EXPECT_EQ(events_in("auth"), 2U);
  const http::Response other = post("logins", "{\"user\":\"b\"}\n", key);
  EXPECT_EQ(other.status, 409);
  EXPECT_THAT(other.body, HasSubstr("came with other records"));
  for (const std::string& wrong : {std::string(), std::string("a b"), std::string(256, 'a')}) {
    EXPECT_EQ(post("logins", "{}", {{"Idempotency-Key", wrong}}).status, 400) << wrong;
  }
  EXPECT_EQ(events_in("auth"), 2U);
}

TEST_F(StreamRoutes, RefuseWhatNobodyReads) {
  const http::Response typo = post("login", "{}");
  EXPECT_EQ(typo.status, 404);
  EXPECT_THAT(typo.body, HasSubstr("did you mean `logins`?"));
  EXPECT_EQ(post("s", "{}").status, 404);  // It is read from a file.
  EXPECT_EQ(post("lines", "{}").status, 415);
  EXPECT_EQ(post("logins", "user=a", {}, "application/x-www-form-urlencoded").status, 415);
  const http::Response endless = post("logins", "[{}", {}, "application/json");
  EXPECT_EQ(endless.status, 400);
  EXPECT_THAT(endless.body, HasSubstr("/problems/bad-json"));
  streams_.log = nullptr;
  EXPECT_EQ(post("logins", "{}").status, 501);
  EXPECT_EQ(get("/api/v1/streams/logins/events").status, 501);
}

TEST_F(StreamRoutes, AskToTryAgainWhereTheDiskFails) {
  storage::DiskFaults faults;
  const auto environment = storage::faulty_environment(faults);
  open({.environment = environment.get()});
  faults.is_full = true;
  const std::vector<http::Header> key = {{"Idempotency-Key", "k"}};
  const http::Response full = post("logins", "{}", key);
  EXPECT_EQ(full.status, 503);
  EXPECT_EQ(header(full, "Retry-After"), "5");
  EXPECT_THAT(full.body, HasSubstr("with the same Idempotency-Key"));
  faults.is_full = false;
  EXPECT_EQ(post("logins", "{}", key).status, 200);
  EXPECT_EQ(post("logins", "{}", key).status, 200);
  EXPECT_EQ(events_in("auth"), 1U);
  log_.reset();
}

TEST_F(StreamRoutes, AskToTryAgainWhereTooMuchWaits) {
  open({.waiting_bytes = 0});
  log::RecordBatch batch;
  batch.add("{}");
  // While the log's thread hands over the first answer one append waits, and that is one too many.
  std::promise<void> begun;
  std::promise<void> may_end;
  std::promise<void> waited;
  log_->submit({.stream = "auth", .records = batch}, [&](const Result<log::Appended>&) {
    begun.set_value();
    may_end.get_future().wait();
  });
  begun.get_future().wait();
  log_->submit({.stream = "auth", .records = batch},
               [&waited](const Result<log::Appended>&) { waited.set_value(); });
  const http::Response busy = post("logins", "{}");
  may_end.set_value();
  waited.get_future().wait();
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(header(busy, "Retry-After"), "1");
  EXPECT_EQ(post("logins", "{}").status, 200);
  EXPECT_EQ(events_in("auth"), 3U);
}

TEST_F(StreamRoutes, GiveTheEndOfTheLog) {
  EXPECT_EQ(get("/api/v1/streams/logins/events").body, "{\"items\":[],\"next\":0}\n");
  post("logins", "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n");
  EXPECT_EQ(get("/api/v1/streams/logins/events?limit=1").body,
            "{\"items\":[{\"offset\":2,\"time\":\"2026-01-01T00:00:00.000Z\",\"event\":{\"n\":2}}],"
            "\"next\":3}\n");
  EXPECT_EQ(json("/api/v1/streams/auth/events?offset=1&limit=2")["items"].size(), 2U);
  EXPECT_EQ(json("/api/v1/streams/logins/events?offset=3")["next"], 3);
  EXPECT_EQ(get("/api/v1/streams/logins/events?offset=4").status, 400);
  EXPECT_THAT(get("/api/v1/streams/login/events").body, HasSubstr("did you mean `logins`?"));
  log::RecordBatch batch;
  batch.add("no JSON");
  ASSERT_TRUE(log_->append({.stream = "found", .records = batch}));
  EXPECT_EQ(json("/api/v1/streams/found/events")["items"][0]["text"], "no JSON");
  ASSERT_TRUE(log_->put_stream("found", {.age = {}, .bytes = 1}));
  ASSERT_TRUE(log_->append({.stream = "found", .records = batch}));
  ASSERT_TRUE(log_->apply_retention());
  EXPECT_EQ(get("/api/v1/streams/found/events?offset=0").status, 410);
}

TEST_F(StreamRoutes, AreListed) {
  post("logins", "{\"n\":0}\n");
  log::RecordBatch batch;
  batch.add("{}");
  ASSERT_TRUE(log_->append({.stream = "found", .records = batch}));
  const auto items = json("/api/v1/streams")["items"];
  ASSERT_EQ(items.size(), 4U);
  EXPECT_EQ(items[0]["name"], "logins");
  EXPECT_EQ(items[0]["source"], "log");
  EXPECT_EQ(items[0]["fields"][0], nlohmann::json({{"name", "user"}, {"type", "string"}}));
  EXPECT_EQ(items[0]["log"],
            nlohmann::json({{"name", "auth"}, {"first", 0}, {"next", 1}, {"bytes", 7}}));
  EXPECT_EQ(items[2]["source"], "file");
  EXPECT_EQ(items[3]["name"], "found");
  EXPECT_EQ(items[3]["source"], "none");
  streams_.log = nullptr;
  EXPECT_EQ(json("/api/v1/streams")["items"].size(), 3U);
}

}  // namespace
}  // namespace lymer::server
