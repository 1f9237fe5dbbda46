// A whole server on port 0, asked over a connection.
// Not here: the program with its signals (tests/server/serve_test.py).
#include "server/rule_server.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/kafka/mock_cluster.h"
#include "tests/kafka/topic_writer.h"
#include "tests/server/http/loopback.h"
#include "tests/server/rule_texts.h"
#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// printf test | sha256sum
const std::string kHashOfTest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

class RuleServerTest : public ::testing::Test {
 protected:
  RuleServerTest() {
    settings_.http_listen = "127.0.0.1:0";
    settings_.results_output = files_.path("matches");
  }
  ~RuleServerTest() override { end(); }

  Result<std::unique_ptr<RuleServer>> make() {
    return RuleServer::make(settings_, system_, clock_,
                            [this](const std::string& words) { told_ += words + "\n"; });
  }
  void start() {
    auto made = make();
    ASSERT_TRUE(made) << made.error().to_string();
    server_ = std::move(*made);
    thread_ = std::thread([this] { server_->run([this] { return may_end_.load(); }); });
  }
  void end() {
    may_end_ = true;
    if (thread_.joinable()) thread_.join();
  }
  // Ends the server and starts another one.
  void start_again() {
    end();
    server_.reset();
    may_end_ = false;
    start();
  }
  std::string get(const std::string& target, const std::string& headers = {}) const {
    http::Client client(server_->port());
    client.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
    return client.answer();
  }
  // Adds a rule over a file of two events, of which it matches one.
  void add_rule() {
    const std::string events =
        files_.write("a.ndjson",
                     "{\"ts\":\"2026-01-01T00:00:00Z\",\"user\":\"u\",\"n\":1}\n"
                     "{\"ts\":\"2026-01-01T00:00:01Z\",\"user\":\"u\",\"n\":2}\n");
    files_.write("rules.cep", "stream s {\n  from file \"" + events +
                                  "\"\n  format json\n  field ts: time\n  field user: string\n"
                                  "  field n: int\n  time ts\n}\n"
                                  "rule big {\n  on s by user\n  begin a where n > 1\n}\n");
    settings_.rules_paths = {files_.path("rules.cep")};
  }

  support::TempFiles files_;
  PosixFileSystem system_;
  SystemClock clock_;
  Settings settings_;
  std::string told_;
  std::atomic<bool> may_end_ = false;
  std::unique_ptr<RuleServer> server_;
  std::thread thread_;
};

TEST_F(RuleServerTest, WorksWithoutAnySettings) {
  start();
  EXPECT_THAT(told_, HasSubstr("listens on http://127.0.0.1:" + std::to_string(server_->port())));
  EXPECT_THAT(get("/readyz?verbose"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("[+]job ok")));
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/api/v1/rules"), HasSubstr(R"({"items":[]})"));
  EXPECT_THAT(get("/jobs"), HasSubstr(R"({"jobs":[]})"));
  EXPECT_THAT(get("/metrics"), AllOf(HasSubstr("lymer_build_info{"), HasSubstr("process_")));
}

TEST_F(RuleServerTest, RunsRulesAndGoesOnBehindTheirEnd) {
  add_rule();
  settings_.data_dir = files_.path("data/deep");
  start();
  const std::string id = job_id("default");
  // Each answer is of the state then; the last there is.
  std::string jobs;
  while (jobs.find("FINISHED") == std::string::npos) {
    jobs = get("/v1/jobs");
    ASSERT_THAT(jobs, AllOf(HasSubstr(id), ::testing::Not(HasSubstr("FAILED"))));
  }
  std::string matches;  // With checkpoints they come in files that are whole.
  for (const auto& part : std::filesystem::directory_iterator(files_.path("matches"))) {
    matches += files_.read("matches/" + part.path().filename().string());
  }
  EXPECT_THAT(matches, HasSubstr(R"("rule":"big")"));
  EXPECT_THAT(get("/metrics"), HasSubstr("lymer_matches_total"));
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(files_.read("data/deep/format"), "lymer data 1\n");
  end();
  EXPECT_FALSE(http::Client(server_->port()).is_connected());
}

TEST_F(RuleServerTest, KeepsResultsWhereItHasADirectoryForThem) {
  add_rule();
  start();
  EXPECT_THAT(get("/api/v1/matches"), AllOf(StartsWith("HTTP/1.1 501"), HasSubstr("data_dir")));
  end();
  may_end_ = false;
  settings_.data_dir = files_.path("data");
  settings_.results_output = files_.path("parts");  // No file any more, but a directory.
  start();
  {
    http::Client follower(server_->port());
    follower.send("GET /api/v1/matches/stream?after=0 HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(follower.comes("event: match\ndata: {\"rule\":\"big\"")) << told_;
    EXPECT_THAT(get("/api/v1/matches"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("\"big\"")));
    EXPECT_THAT(get("/readyz?verbose"), HasSubstr("[+]results ok"));
    EXPECT_THAT(get("/metrics"), HasSubstr("lymer_result_followers 1"));
    end();
    EXPECT_TRUE(follower.comes("event: bye"));
  }
  may_end_ = false;
  server_ = nullptr;  // It has the store.
  start();
  EXPECT_THAT(get("/api/v1/matches"), HasSubstr("\"sequence\":\"1\""));
}

TEST_F(RuleServerTest, AsksForTokensWhereThereAreSome) {
  settings_.auth_tokens_file = files_.write("tokens", kHashOfTest + " viewer me\n");
  start();
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/metrics"),
              AllOf(StartsWith("HTTP/1.1 401"), HasSubstr("WWW-Authenticate: Bearer")));
  EXPECT_THAT(get("/metrics", "Authorization: Bearer test\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(get("/metrics", "Authorization: Bearer best\r\n"), StartsWith("HTTP/1.1 401"));
}

TEST_F(RuleServerTest, KeepsNothingWithoutADataDirectory) {
  start();
  EXPECT_THAT(told_, HasSubstr("nothing is kept"));
}

TEST_F(RuleServerTest, WaitsWhileAnotherHasTheDataDirectory) {
  settings_.data_dir = files_.path("data");
  start();
  std::string told;
  int asked = 0;
  const auto second = RuleServer::make(
      settings_, system_, clock_, [&told](const std::string& words) { told += words + "\n"; },
      [&asked] { return ++asked > 1; });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kLimit);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(told, "the data directory " + settings_.data_dir + " is in use by process " +
                      std::to_string(::getpid()) + "; waits for its end\n");
}

TEST_F(RuleServerTest, TellsWhereRulesDoNotFitTheirCheckpoints) {
  settings_.data_dir = files_.path("data");
  settings_.results_output = "-";
  settings_.checkpoint_interval = Duration::millis(5);
  const std::string events = files_.write("events", "");
  const std::string one = "stream a {\n  from file \"" + events +
                          "\" follow\n  format json\n  field ts: time\n  time ts\n}\n"
                          "rule r {\n  on a\n  begin x\n}\n";
  files_.write("rules.cep", one + "stream b {\n  from file \"" + events +
                                "\" follow\n  format json\n  field ts: time\n  time ts\n}\n"
                                "rule s {\n  on b\n  begin x\n}\n");
  settings_.rules_paths = {files_.path("rules.cep")};
  start();
  start_again();
  EXPECT_THAT(told_, HasSubstr("the job goes on from checkpoint "));
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200"));
  files_.write("rules.cep", one);
  start_again();
  EXPECT_THAT(told_, HasSubstr("the job cannot start: "));
  EXPECT_THAT(get("/readyz"),
              AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("the checkpoint has state of"),
                    HasSubstr("move that directory away")));
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 200"));
  settings_.checkpoint_allow_non_restored_state = true;
  start_again();
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200"));
}

TEST_F(RuleServerTest, StartsTheJobAgainAndThenTellsWhy) {
  add_rule();
  settings_.data_dir = files_.path("data");
  settings_.results_output = files_.write("file", "") + "/below";
  settings_.restart_strategy = "fixed-delay:attempts=1,delay=1ms";
  start();
  std::string ready;
  while (ready.find("503") == std::string::npos) ready = get("/readyz");
  EXPECT_THAT(ready, AllOf(HasSubstr("[-]job failed"), HasSubstr("file/below")));
  end();
  EXPECT_THAT(told_, AllOf(HasSubstr("the job starts again, for the 1. time, after: "),
                           HasSubstr("the job failed: ")));
}

TEST_F(RuleServerTest, TakesEventsForItsRulesAndKeepsThem) {
  files_.write("rules.cep",
               "stream s {\n  from log \"in\"\n  format json\n  field n: int\n  field at: int\n  "
               "time at unit s\n}\n"
               "rule r {\n  on s\n  begin a where n > 1\n  emit { n: a.n } to log \"out\"\n}\n");
  settings_.rules_paths = {files_.path("rules.cep")};
  settings_.data_dir = files_.path("data");
  settings_.results_output = "-";
  settings_.checkpoint_interval = Duration::millis(5);
  start();
  // The last brings time on, so that the others are complete.
  const std::string events = "{\"n\":1,\"at\":1}\n{\"n\":2,\"at\":2}\n{\"n\":0,\"at\":99}\n";
  http::Client client(server_->port());
  client.send(
      "POST /api/v1/streams/s/events HTTP/1.1\r\nHost: x\r\nContent-Type: "
      "application/x-ndjson\r\nContent-Length: " +
      std::to_string(events.size()) + "\r\n\r\n" + events);
  EXPECT_THAT(client.answer(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("\"accepted\":3")));
  std::string out;
  while (out.find("\"emit\"") == std::string::npos) out = get("/api/v1/streams/out/events");
  start_again();
  EXPECT_THAT(get("/api/v1/streams/s/events"), HasSubstr(R"("event":{"n":0,"at":99}}],"next":3)"));
  EXPECT_THAT(get("/api/v1/streams/out/events"), HasSubstr(R"("emit":{"n":2}}}],"next":1)"));
}

TEST_F(RuleServerTest, DoesNotStartWithWhatIsWrong) {
  settings_.auth_tokens_file = files_.path("none");
  EXPECT_EQ(make().error().code, ErrorCode::kNotFound);
  settings_.auth_tokens_file.clear();
  settings_.rules_paths = {files_.write("bad.cep", "rule x {\n")};
  const auto bad = make();
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("bad.cep:"));
}

TEST_F(RuleServerTest, ReadsAndWritesTopics) {
  kafka::MockCluster cluster;
  cluster.make_topic("in", 1);
  cluster.make_topic("out", 1);
  kafka::write(cluster.brokers(),
               {{.topic = "in", .value = "{\"n\":1}", .key = "u", .time = 1000},
                {.topic = "in", .value = "{\"n\":2}", .key = "u", .time = 2000},
                {.topic = "in", .value = "{\"n\":0}", .key = "u", .time = 9000}});
  files_.write("rules.cep",
               "stream e { from topic \"in\" start earliest format json field n: int\n"
               "  field user: string = kafka.key time kafka }\n"
               "rule pair { on e by user begin a where n == 1 followedBy b where n == 2\n"
               "  within 1m emit { n: b.n } to topic \"out\" }\n");
  settings_.rules_paths = {files_.path("rules.cep")};
  settings_.kafka_guarantee = "at-least-once";
  ASSERT_TRUE(make());  // It stays, to be asked.
  EXPECT_THAT(told_, HasSubstr("kafka.brokers"));
  settings_.kafka_brokers = cluster.brokers();
  start();
  const double latest = clock_.monotonic_seconds() + 60;
  while (files_.lines("matches").empty() && clock_.monotonic_seconds() < latest) {
    std::this_thread::yield();
  }
  EXPECT_THAT(files_.lines("matches"), ElementsAre(HasSubstr(R"("emit":{"n":2})")));
  end();  // Before the cluster goes.
}

}  // namespace
}  // namespace lymer::server
