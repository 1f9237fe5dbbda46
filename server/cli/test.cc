// Goes on to the next file whatever is wrong with this one.
// Not here: what a test does (server/test_run.h), JUnit's XML (server/cli/junit.h).
#include "server/cli/test.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/literal.h"
#include "rules/source_file.h"
#include "runtime/base/text.h"
#include "server/cli/junit.h"
#include "server/cli/rule_file.h"
#include "server/test_run.h"

namespace lymer::server {
namespace {

constexpr std::size_t kMostMoments = 60;

std::string offset_of(EventTime time) {
  const std::int64_t millis = time.to_millis() - kTestStart.to_millis();
  return (millis < 0 ? "-" : "") + rules::write_duration(Duration::millis(std::abs(millis)));
}

// `emit ...` of a clause over several lines, on one.
std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char each : text) {
    const bool is_blank = each == ' ' || each == '\n' || each == '\t' || each == '\r';
    if (!is_blank) {
      out += each;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

std::string details_of(const TestOutcome& outcome, const rules::SourceFile& source) {
  std::string out;
  if (!outcome.error.empty()) append_text(out, "  {}\n", outcome.error);
  for (const rules::Span& each : outcome.missing) {
    append_text(out, "  not met: {}  ({}:{})\n", on_one_line(source.text(each)), source.path(),
                source.position(each.begin).line);
  }
  out += "  what happened:\n";
  std::size_t shown = 0;
  for (const TestMoment& each : outcome.timeline) {
    if (++shown > kMostMoments) {
      append_text(out, "    ... and {} more\n", outcome.timeline.size() - kMostMoments);
      break;
    }
    append_text(out, "  {} {:>8}  {}\n", each.is_unexpected ? ">" : " ", offset_of(each.time),
                each.text);
  }
  return out;
}

// Stages by rule, but for those that hold no event.
void add_stages(const std::vector<cep::Stage>& stages, std::set<std::string>& names) {
  for (const cep::Stage& each : stages) {
    if (each.is_group()) {
      add_stages(each.group, names);
    } else if (!each.is_negated()) {
      names.insert(each.name);
    }
  }
}

// Which stages of which rules tests have reached.
class Coverage {
 public:
  void add_rules(const rules::RuleSet& set, const std::string& path) {
    for (const rules::RulePlan& each : set.rules) {
      add_stages(each.pattern.stages(), all_[{path, each.name}]);
    }
  }
  void add(const TestOutcome& outcome, const std::string& path) {
    for (const auto& [rule, stages] : outcome.seen_stages) {
      seen_[{path, rule}].insert(stages.begin(), stages.end());
    }
  }
  // In whole percent, rounded down.
  [[nodiscard]] std::size_t percent() const {
    std::size_t all = 0;
    std::size_t seen = 0;
    for (const auto& [rule, stages] : all_) {
      all += stages.size();
      const auto found = seen_.find(rule);
      if (found != seen_.end()) seen += found->second.size();
    }
    return all == 0 ? 100 : 100 * seen / all;
  }
  void print() const {
    std::printf("stages reached: %zu%%\n", percent());
    for (const auto& [rule, stages] : all_) {
      std::string missing;
      const auto found = seen_.find(rule);
      for (const std::string& each : stages) {
        if (found != seen_.end() && found->second.contains(each)) continue;
        missing += (missing.empty() ? "" : ", ") + each;
      }
      if (missing.empty()) continue;
      std::printf("  %s: rule %s: never reached: %s\n", rule.first.c_str(), rule.second.c_str(),
                  missing.c_str());
    }
  }

 private:
  using Rule = std::pair<std::string, std::string>;  // File and name.
  std::map<Rule, std::set<std::string>> all_;
  std::map<Rule, std::set<std::string>> seen_;
};

class Tests {
 public:
  Tests(const TestOptions& options, FileSystem& files, Clock& clock)
      : options_(options), files_(files), clock_(clock) {}

  ExitCode run() {
    for (const std::string& path : options_.paths) run_file(path);
    std::printf("%zu test%s, %zu failed\n", run_, run_ == 1 ? "" : "s", failed_);
    if (run_ > 0) coverage_.print();
    if (!options_.junit_path.empty()) write_junit();
    if (is_unreadable_) return kInputOutput;
    const bool is_covered = coverage_.percent() >= static_cast<std::size_t>(options_.coverage_min);
    if (!is_covered) std::printf("fewer than the %d%% that are asked for\n", options_.coverage_min);
    return failed_ > 0 || has_errors_ || !is_covered ? kFindings : kGood;
  }

 private:
  void run_file(const std::string& path) {
    auto content = read_rule_file(files_, path);
    if (!content) return report(content.error());
    const rules::SourceFile source(path, std::move(*content));
    rules::Diagnostics diagnostics;
    const auto set = rules::load(source, diagnostics);
    if (!set) {
      std::fputs(rules::to_text(diagnostics, source).c_str(), stderr);
      has_errors_ = true;
      return;
    }
    coverage_.add_rules(*set, path);
    for (const rules::TestPlan& each : set->tests) {
      if (each.name.find(options_.filter) == std::string::npos) continue;
      run_one(*set, each, source);
    }
  }

  void run_one(const rules::RuleSet& set, const rules::TestPlan& plan,
               const rules::SourceFile& source) {
    const double start = clock_.monotonic_seconds();
    const TestOutcome outcome = run_test(set, plan, files_, clock_);
    coverage_.add(outcome, source.path());
    ++run_;
    JUnitCase& told = junit_.emplace_back();
    told.suite = source.path();
    told.name = plan.name;
    told.seconds = clock_.monotonic_seconds() - start;
    std::printf("%s %s: %s\n", outcome.passed() ? "ok  " : "FAIL", source.path().c_str(),
                plan.name.c_str());
    if (outcome.passed()) return;
    ++failed_;
    told.failure = details_of(outcome, source);
    std::fputs(told.failure.c_str(), stdout);
  }

  void write_junit() {
    const std::string xml = junit_xml(junit_);
    auto file = files_.create(options_.junit_path);
    Result<void> written;
    if (!file) return report(file.error());
    written = (*file)->append(std::as_bytes(std::span(xml)));
    if (written) written = (*file)->close();
    if (!written) report(written.error());
  }

  void report(const Error& error) {
    std::fprintf(stderr, "lymer: %s\n", error.to_string().c_str());
    is_unreadable_ = true;
  }

  const TestOptions& options_;
  FileSystem& files_;
  Clock& clock_;
  Coverage coverage_;
  std::vector<JUnitCase> junit_;
  std::size_t run_ = 0;
  std::size_t failed_ = 0;
  bool has_errors_ = false;
  bool is_unreadable_ = false;
};

}  // namespace

ExitCode test(const TestOptions& options, FileSystem& files, Clock& clock) {
  return Tests(options, files, clock).run();
}

}  // namespace lymer::server
