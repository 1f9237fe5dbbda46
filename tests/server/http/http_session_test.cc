// One connection: requests that are good, and all that may be wrong with them.
// Not here: several connections (tests/server/http/http_server_test.cc).
#include <string>

#include <gmock/gmock.h>

#include "tests/server/http/loopback.h"

namespace lymer::server::http {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HttpSession : public Loopback {
 protected:
  HttpSession() {
    add(Method::kGet, "/hello", [](const Request&) { return Response::text(200, "hello"); });
    add(Method::kPost, "/echo",
        [](const Request& request) { return Response::text(200, request.body); });
  }
  static std::string post(const std::string& headers, const std::string& body) {
    return "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
};

TEST_F(HttpSession, AnswersSeveralRequestsOnOneConnection) {
  start();
  Client client(server_->port());
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.answer(), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nhello"),
                                     HasSubstr("Connection: keep-alive\r\n")));
  EXPECT_THAT(client.answer(), AllOf(StartsWith("HTTP/1.1 404 Not Found\r\n"),
                                     HasSubstr(R"("type":"/problems/not-found")"),
                                     HasSubstr(R"("instance":"/nothing")")));
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.rest(), HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpSession, SendsNoBodyForHead) {
  start();
  Client client(server_->port());
  client.send("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.rest(), AllOf(HasSubstr("Content-Length: 5\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpSession, EchoesAnIdThatIsHarmless) {
  start();
  EXPECT_THAT(get("/hello", "X-Request-Id: abc-1\r\n"), HasSubstr("X-Request-Id: abc-1\r\n"));
  EXPECT_THAT(get("/hello", "X-Request-Id: a\"b\r\n"), Not(HasSubstr("a\"b")));
  EXPECT_THAT(get("/hello"), HasSubstr("X-Request-Id: "));
}

TEST_F(HttpSession, TakesBodiesInAllForms) {
  start();
  EXPECT_THAT(ask(post("", "abc")), EndsWith("\r\n\r\nabc"));
  EXPECT_THAT(ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"),
              EndsWith("\r\n\r\nabc"));
  EXPECT_THAT(ask(post("Content-Type: text/plain; charset=utf-8\r\n", "x")),
              StartsWith("HTTP/1.1 200"));
  Client client(server_->port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
      "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  EXPECT_THAT(client.answer(), EndsWith("\r\n\r\nabc"));
}

TEST_F(HttpSession, ExpandsGzipWithinTheLimit) {
  options_.max_body_bytes = 100;
  start();
  // printf abc | gzip -n, and a thousand zeros likewise.
  const std::string abc("\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c\x4a\x06\0\xc2\x41\x24\x35\x03\0\0\0",
                        23);
  EXPECT_THAT(ask(post("Content-Encoding: gzip\r\n", abc)), EndsWith("\r\n\r\nabc"));
  EXPECT_THAT(ask(post("Content-Encoding: gzip\r\n", "abc")), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask(post("Content-Encoding: br\r\n", "abc")), StartsWith("HTTP/1.1 415"));
}

TEST_F(HttpSession, RefusesBodiesThatAreTooLong) {
  options_.max_body_bytes = 10;
  start();
  EXPECT_THAT(ask(post("", "0123456789")), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask(post("", "0123456789a")),
              AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("Connection: close")));
  EXPECT_THAT(ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
}

TEST_F(HttpSession, RefusesAHugeBodyBeforeItIsSent) {
  start();
  EXPECT_THAT(ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                  "Content-Length: 99999999999\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(ask("POST /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"),
              StartsWith("HTTP/1.1 405"));
}

TEST_F(HttpSession, RefusesHeadsThatAreTooLong) {
  options_.max_header_bytes = 1000;
  options_.max_target_bytes = 100;
  options_.max_header_fields = 5;
  start();
  EXPECT_THAT(get("/hello", "X: " + std::string(2000, 'x') + "\r\n"), StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(get("/" + std::string(100, 'x')), StartsWith("HTTP/1.1 414"));
  EXPECT_THAT(get("/hello", "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n"),
              StartsWith("HTTP/1.1 431"));
}

TEST_F(HttpSession, RefusesWhatIsNoHttp) {
  start();
  EXPECT_THAT(ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("GET /hello HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("GET /%2e%2e/hello HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 400"));
}

TEST_F(HttpSession, ClosesWhoIsTooSlowWithHeaders) {
  options_.header_time = Duration::millis(50);
  start();
  Client silent(server_->port());
  Client slow(server_->port());
  slow.send("GET /hello HTTP/1.1\r\nHos");
  EXPECT_EQ(slow.rest(), "");
  EXPECT_EQ(silent.rest(), "");
}

TEST_F(HttpSession, ClosesWhoIsTooSlowWithABody) {
  options_.body_time = Duration::millis(50);
  start();
  Client slow(server_->port());
  slow.send(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n"
      "\r\nabc");
  EXPECT_EQ(slow.rest(), "");
}

TEST_F(HttpSession, ClosesIdleConnections) {
  options_.idle_time = Duration::millis(50);
  start();
  Client client(server_->port());
  client.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.rest(), EndsWith("hello"));
}

TEST_F(HttpSession, TellsOfAHandlerThatThrows) {
  add(Method::kGet, "/bad",
      [](const Request&) -> Response { return Response::text(200, std::string().substr(1)); });
  start();
  EXPECT_THAT(get("/bad"), StartsWith("HTTP/1.1 500"));
}

// Three pieces, the last of them behind a wait that another thread ends.
class Pieces final : public BodySource {
 public:
  explicit Pieces(bool ends) : ends_(ends) {}
  Step next(std::string& out) override {
    if (++asked_ > 3) return Step::kWait;
    out += "piece" + std::to_string(asked_);
    if (asked_ == 2) wake_();
    if (asked_ == 3 && ends_) return Step::kEnd;
    return asked_ == 1 ? Step::kPiece : Step::kWait;
  }
  void on_ready(const std::function<void()>& wake) override { wake_ = wake; }
  void say_goodbye(std::string& out) override { out += "bye"; }

 private:
  const bool ends_;
  int asked_ = 0;
  std::function<void()> wake_;
};

Response pieces(bool ends) {
  Response answer = Response::text(200, "");
  answer.source = std::make_unique<Pieces>(ends);
  return answer;
}

TEST_F(HttpSession, SendsABodyInPieces) {
  add(Method::kGet, "/pieces", [](const Request&) { return pieces(true); });
  start();
  Client client(server_->port());
  client.send("GET /pieces HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.rest(),
              AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"),
                    EndsWith("\r\n\r\n6\r\npiece1\r\n6\r\npiece2\r\n6\r\npiece3\r\n0\r\n\r\n")));
  Client old(server_->port());
  old.send("GET /pieces HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.rest(), EndsWith("\r\n\r\npiece1piece2piece3"));
}

TEST_F(HttpSession, SaysGoodbyeWhenTheServerStops) {
  add(Method::kGet, "/pieces", [](const Request&) { return pieces(false); });
  start();
  Client client(server_->port());
  client.send("GET /pieces HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(client.comes("piece3"));
  server_->stop(Duration::seconds(20));
  EXPECT_THAT(client.rest(), EndsWith("3\r\nbye\r\n0\r\n\r\n"));
}

}  // namespace
}  // namespace lymer::server::http
