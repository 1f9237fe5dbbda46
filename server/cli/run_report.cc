// Words for people. Standard output stays free for matches.
// Not here: the counts (server/engine.h).
#include "server/cli/run_report.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <unistd.h>

#include "runtime/base/text.h"

namespace lymer::server {
namespace {

constexpr std::uint64_t kShownRejects = 5;
constexpr double kProgressSeconds = 0.25;

}  // namespace

std::string with_commas(std::uint64_t count) {
  const std::string digits = std::to_string(count);
  std::string grouped;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) grouped += ',';
    grouped += digits[i];
  }
  return grouped;
}

RunReport::RunReport(const Engine& engine, Clock& clock, bool quiet)
    : engine_(engine),
      clock_(clock),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) == 1),
      started_(clock.monotonic_seconds()) {}

void RunReport::clear_line() {
  if (line_open_) std::fputs("\r\033[K", stderr);
  line_open_ = false;
}

void RunReport::rejected(const std::string& path, const runtime::RejectedRecord& record) {
  const std::lock_guard lock(mutex_);
  if (++rejected_ > kShownRejects) return;
  clear_line();
  const std::string line = text("lymer: {}:{}: rejected ({}): {}\n", path, record.line,
                                to_string(record.reason), record.detail);
  std::fputs(line.c_str(), stderr);
  if (rejected_ == kShownRejects) {
    std::fputs("lymer: more are counted, not shown; --rejects FILE keeps them all\n", stderr);
  }
}

void RunReport::progress() {
  if (quiet_ || !terminal_) return;
  const std::lock_guard lock(mutex_);
  const double now = clock_.monotonic_seconds();
  if (now - shown_ < kProgressSeconds) return;
  shown_ = now;
  const RunCounters counters = engine_.counters();
  const double seconds = std::max(now - started_, 1e-9);
  std::string line =
      text("{} events, {} matches, {} events/s", with_commas(counters.events),
           with_commas(counters.matches),
           with_commas(static_cast<std::uint64_t>(static_cast<double>(counters.events) / seconds)));
  if (counters.bytes_total > 0) {
    line += text(", {:.0f} %", 100.0 * static_cast<double>(counters.bytes_read) /
                                   static_cast<double>(counters.bytes_total));
  }
  std::fprintf(stderr, "\r\033[K%s", line.c_str());
  std::fflush(stderr);
  line_open_ = true;
}

void RunReport::restarts() {
  const std::uint64_t restarts = engine_.restarts();
  if (restarts == restarts_) return;
  restarts_ = restarts;
  const std::lock_guard lock(mutex_);
  clear_line();
  std::fprintf(stderr, "lymer: restart %s: %s\n", with_commas(restarts).c_str(),
               engine_.failures().back().error.c_str());
}

void RunReport::summary() {
  const std::lock_guard lock(mutex_);
  clear_line();
  for (const FailedRule& rule : engine_.failed_rules()) {
    std::fprintf(stderr, "lymer: rule `%s` stopped: %s\n", rule.name.c_str(), rule.reason.c_str());
  }
  if (quiet_) return;
  const RunCounters counters = engine_.counters();
  const double seconds = std::max(clock_.monotonic_seconds() - started_, 1e-9);
  std::string line =
      text("{} events, {} matches, {} timeouts, {} late, {} rejected", with_commas(counters.events),
           with_commas(counters.matches), with_commas(counters.timeouts),
           with_commas(counters.late), with_commas(counters.rejected));
  if (engine_.restarts() > 0) line += text(", {} restarts", with_commas(engine_.restarts()));
  if (counters.skipped > 0) line += text(", {} lines skipped", with_commas(counters.skipped));
  if (counters.null_keys > 0)
    line += text(", {} times without a key", with_commas(counters.null_keys));
  if (counters.expression_errors > 0) {
    line += text(", {} expression errors", with_commas(counters.expression_errors));
  }
  if (counters.refused_starts > 0) {
    line += text(", {} starts refused at a limit", with_commas(counters.refused_starts));
  }
  if (counters.dropped_starts > 0) {
    line += text(", {} starts dropped at a limit", with_commas(counters.dropped_starts));
  }
  if (counters.cut_results > 0) {
    line +=
        text(", {} times more results than may be delivered", with_commas(counters.cut_results));
  }
  line +=
      text("; {:.3f} seconds, {} events/s\n", seconds,
           with_commas(static_cast<std::uint64_t>(static_cast<double>(counters.events) / seconds)));
  std::fputs(line.c_str(), stderr);
}

}  // namespace lymer::server
