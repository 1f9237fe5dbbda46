// A look now and then; what comes of it in words.
// Not here: files (server/rule_book.cc).
#include "server/rule_watch.h"

#include <chrono>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::server {
namespace {

std::string words_of(const cep::RuleOutcome& outcome) {
  switch (outcome.fate) {
    case cep::RuleFate::kAdded:
      return text("`{}` is new", outcome.rule);
    case cep::RuleFate::kMigrated:
      return text("`{}` changed and keeps the partial matches of {} keys", outcome.rule,
                  outcome.keys);
    case cep::RuleFate::kDropped:
      return text("`{}` changed and drops the partial matches of {} keys", outcome.rule,
                  outcome.keys);
    case cep::RuleFate::kRemoved:
      return text("`{}` is gone, with the partial matches of {} keys", outcome.rule, outcome.keys);
  }
  return outcome.rule;
}

}  // namespace

RuleWatch::RuleWatch(RuleBook& book, Change change, Tell tell)
    : book_(book), change_(std::move(change)), tell_(std::move(tell)) {}

RuleWatch::~RuleWatch() { stop(); }

void RuleWatch::start(Duration interval) {
  thread_ = std::jthread([this, interval] {
    const auto pause = std::chrono::milliseconds(interval.to_millis());
    std::unique_lock lock(mutex_);
    while (!stopped_.wait_for(lock, pause, [this] { return is_stopped_; })) {
      lock.unlock();
      look();
      lock.lock();
    }
  });
}

void RuleWatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void RuleWatch::look() {
  auto found = book_.look();
  if (!found) {
    const std::string reason = found.error().to_string();
    if (std::exchange(told_, reason) == reason) return;
    ++bad_;
    tell_(text("the rules stay as they are, as their files cannot be taken: {}", reason));
    return;
  }
  told_.clear();
  if (*found) make(std::move(**found));
}

void RuleWatch::make(RuleBook::Found found) {
  const RuleDifference& difference = found.difference;
  if (!difference.obstacle.empty()) {
    ++bad_;
    tell_(
        text("the rules stay as they are until the next start: {}, and that cannot change while "
             "the job runs",
             difference.obstacle));
    return;
  }
  std::string told;
  if (!difference.empty()) {
    const auto report = change_(found.change());
    if (!report) {
      ++bad_;
      tell_(
          text("the rules stay as they are until the next start: {}", report.error().to_string()));
      return;
    }
    for (const cep::RuleOutcome& each : report->rules) {
      append_text(told, "{}{}", told.empty() ? "" : "; ", words_of(each));
    }
    if (!report->is_everywhere) told += " (not everywhere yet)";
  }
  ++good_;
  if (const auto taken = book_.take(std::move(found)); !taken) {
    tell_(text("the versions of rules cannot be kept: {}", taken.error().to_string()));
  }
  if (!told.empty()) tell_("rules: " + told);
}

std::vector<runtime::MetricSample> RuleWatch::samples() const {
  const auto reloads = [](const char* result, std::uint64_t count) {
    return runtime::MetricSample{.name = "lymer_rules_reload_total",
                                 .type = runtime::MetricType::kCounter,
                                 .help = "Changes of rule files that were found.",
                                 .labels = {{"result", result}},
                                 .value = static_cast<double>(count)};
  };
  return {{.name = "lymer_rules_loaded",
           .help = "Rules that run.",
           .value = static_cast<double>(book_.current()->texts.size())},
          reloads("failure", bad_),
          reloads("success", good_)};
}

}  // namespace lymer::server
