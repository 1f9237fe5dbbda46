// Events over HTTP into the log: batches of a thousand events of 120 bytes, on connections that
// stay open, each waiting for its answer; server and clients share the machine, and a rule reads
// along.
//
//   ingest_bench [DIRECTORY [EVENTS [CONNECTIONS]]]
//
// Prints what was answered a second, which is on the disk then, how long an answer took, the
// processor time of all of it, and what the rule read a second until it had read all.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "server/rule_server.h"

namespace {

using lymer::SystemClock;

constexpr std::size_t kEventBytes = 120;
constexpr std::uint64_t kBatch = 1000;
constexpr const char* kRules = R"(
stream payments {
  from log "payments"
  format json
  field user: string  field amount: int
  time ingestion
}
rule large {
  on payments by user
  begin one where amount > 1000000
}
)";

std::string request_of(std::uint64_t number) {
  std::string body;
  for (std::uint64_t i = 0; i < kBatch; ++i) {
    std::string event = "{\"user\":\"user" +
                        std::to_string((number * 7919 + i * 104'729) % 10'000) +
                        "\",\"amount\":" + std::to_string(i) + ",\"text\":\"";
    event.resize(kEventBytes - 2, static_cast<char>('a' + i % 26));
    body += event + "\"}\n";
  }
  return "POST /api/v1/streams/payments/events HTTP/1.1\r\nHost: x\r\nContent-Type: "
         "application/x-ndjson\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    LYMER_CHECK(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
                "connect");
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection(Connection&&) = delete;
  Connection& operator=(Connection&&) = delete;

  // Sends a batch and waits until all of it is safe.
  void post(std::string_view request) {
    const std::string answer = ask(request, "}\n");
    LYMER_CHECK(answer.find("\"accepted\":1000,\"rejected\":0") != std::string::npos, answer);
  }
  // How many events the rule has read.
  double events_read() {
    constexpr std::string_view kName = "\nlymer_events_in_total{";
    const std::string all =
        ask("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {});
    const std::size_t line = all.find(kName);
    if (line == std::string::npos) return 0;
    return std::strtod(all.c_str() + all.find("} ", line) + 2, nullptr);
  }

 private:
  // Reads up to that end, or to that of the connection.
  std::string ask(std::string_view request, std::string_view end) {
    while (!request.empty()) {
      const ssize_t sent = ::send(socket_, request.data(), request.size(), MSG_NOSIGNAL);
      LYMER_CHECK(sent > 0, "send");
      request.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string answer;
    std::array<char, 4096> piece{};
    while (end.empty() || !answer.ends_with(end)) {
      const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
      LYMER_CHECK(got >= 0 && (got > 0 || end.empty()), "receive");
      if (got == 0) break;
      answer.append(piece.data(), static_cast<std::size_t>(got));
    }
    return answer;
  }

  int socket_;
};

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void post_all(std::uint16_t port, SystemClock& clock, std::uint64_t events, int connections) {
  std::atomic<std::uint64_t> next = 0;
  const std::uint64_t batches = events / kBatch;
  std::vector<std::vector<double>> times(static_cast<std::size_t>(connections));
  std::vector<std::thread> threads;
  const double busy = processor_seconds();
  const double begin = clock.monotonic_seconds();
  for (std::vector<double>& mine : times) {
    threads.emplace_back([&] {
      Connection connection(port);
      const std::string request = request_of(next);
      while (next++ < batches) {
        const double sent = clock.monotonic_seconds();
        connection.post(request);
        mine.push_back(clock.monotonic_seconds() - sent);
      }
    });
  }
  for (std::thread& each : threads) each.join();
  const double seconds = clock.monotonic_seconds() - begin;
  std::vector<double> all;
  for (const std::vector<double>& each : times) all.insert(all.end(), each.begin(), each.end());
  std::ranges::sort(all);
  std::printf("%.0f events/s (%d connections); an answer after %.1f ms, p99 %.1f ms; %.2f cores\n",
              static_cast<double>(batches * kBatch) / seconds, connections,
              all[all.size() / 2] * 1e3, all[all.size() * 99 / 100] * 1e3,
              (processor_seconds() - busy) / seconds);
  while (Connection(port).events_read() < static_cast<double>(batches * kBatch)) {
    clock.sleep(lymer::Duration::millis(20));
  }
  std::printf("%.0f events/s read by the rule\n",
              static_cast<double>(batches * kBatch) / (clock.monotonic_seconds() - begin));
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path directory = argc > 1 ? argv[1] : "ingest_bench.data";
  const std::uint64_t events = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 2'000'000;
  const int connections = argc > 3 ? std::atoi(argv[3]) : 16;
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "rules.cep") << kRules;
  SystemClock clock;
  lymer::PosixFileSystem files;
  lymer::server::Settings settings;
  settings.data_dir = directory / "data";
  settings.http_listen = "127.0.0.1:0";
  settings.rules_paths = {directory / "rules.cep"};
  {
    auto server = lymer::server::RuleServer::make(settings, files, clock, [](const auto&) {});
    LYMER_CHECK(server, "the server starts");
    std::atomic<bool> may_end = false;
    std::thread runs([&] { (*server)->run([&may_end] { return may_end.load(); }); });
    post_all((*server)->port(), clock, events, connections);
    may_end = true;
    runs.join();
  }
  std::filesystem::remove_all(directory);
  return 0;
}
