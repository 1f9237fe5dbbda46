// A pattern in C++, without a server: three or more failed logins of a user, then a success from
// the same address, within ten minutes. Prints a line for each match and for each that came to
// nothing.
#include <cstdio>
#include <memory>
#include <string>
#include <tuple>

#include "cep/pattern_builder.h"
#include "cep/pattern_run.h"
#include "cep/pattern_stream.h"
#include "runtime/base/clock.h"

using lymer::runtime::TypeKind;
using lymer::runtime::Value;
namespace cep = lymer::cep;

// What events look like, and the rows that are made of matches.
const auto kLogins = std::make_shared<const lymer::runtime::Schema>(
    "logins",
    std::vector<lymer::runtime::Field>{
        {"user", {TypeKind::kString}}, {"ip", {TypeKind::kString}}, {"ok", {TypeKind::kBool}}});
const auto kAlerts = std::make_shared<const lymer::runtime::Schema>(
    "alerts",
    std::vector<lymer::runtime::Field>{{"user", {TypeKind::kString}}, {"tries", {TypeKind::kInt}}});

bool has_failed(const cep::EventView& login) { return !login["ok"].is_true(); }

// An iterative condition: it looks at the events that were taken before.
bool is_entry(cep::ConditionContext& context) {
  const Value last_ip = context.last("fails", "ip");
  return context.event()["ok"].is_true() &&
         context.event()["ip"].as_string() == last_ip.as_string();
}

lymer::Result<cep::Pattern> guessing() {
  cep::PatternBuilder pattern("guessing");
  pattern.begin("fails").where(cep::event_condition(has_failed)).times_or_more(3).greedy();
  pattern.followed_by("entry").where(cep::iterative_condition(is_entry));
  pattern.within(lymer::Duration::minutes(10)).skip({.kind = cep::SkipStrategy::Kind::kPastLast});
  return pattern.build();
}

// Makes one row of a match, or of what timed out.
void make_alert(const cep::Match& match, lymer::runtime::RowBuilder& row) {
  const auto fails = match.events("fails");
  row.set(0, fails.front()["user"]);
  row.set(1, Value::of(static_cast<std::int64_t>(fails.size())));
}

void print(const char* what, const cep::EventView& row) {
  const std::string user(row["user"].as_string());
  std::printf("%s: %s, %d tries\n", what, user.c_str(), static_cast<int>(row["tries"].as_int()));
}

int main() {
  cep::PatternStream stream(kLogins, guessing().value());
  stream.key_by({"user"}).select(kAlerts, make_alert).select_timeouts(kAlerts, make_alert);
  lymer::SystemClock clock;
  const auto run = cep::PatternRun::start(std::move(stream), clock).value();
  run->on_matches([](const cep::EventView& row) { print("break-in", row); });
  run->on_timeouts([](const cep::EventView& row) { print("came to nothing", row); });

  // In any order: the pattern sees them in the order of their times, which are in minutes.
  constexpr std::tuple<int, const char*, const char*, bool> kGiven[] = {
      {1, "ann", "192.0.2.1", false}, {3, "ann", "192.0.2.1", false},
      {2, "ann", "192.0.2.1", false}, {2, "bob", "192.0.2.7", false},
      {4, "ann", "192.0.2.1", true},  {5, "bob", "192.0.2.7", true}};
  lymer::runtime::RowBuilder row(kLogins);
  for (const auto& [minute, user, ip, ok] : kGiven) {
    row.reset();
    row.set(0, Value::of(user));
    row.set(1, Value::of(ip));
    row.set(2, Value::of(ok));
    if (!run->add(lymer::EventTime{} + lymer::Duration::minutes(minute), row)) return 1;
  }
  return run->finish() ? 0 : 1;
}
