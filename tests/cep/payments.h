// Patterns written in C++ over payments: events are (user, kind, amount), and a run of a pattern is
// told as the lines of its rows.
// Not here: patterns of letters (tests/cep/letters.h).
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cep/pattern_builder.h"
#include "cep/pattern_run.h"
#include "cep/pattern_stream.h"
#include "tests/support/events.h"

namespace lymer::cep {

inline const runtime::SchemaRef& payment_schema() {
  static const runtime::SchemaRef schema = support::schema_of({{"user", support::kText, true},
                                                               {"kind", support::kText},
                                                               {"amount", support::kInteger, true}},
                                                              "payments");
  return schema;
}

// {text}.
inline const runtime::SchemaRef& told_schema() {
  static const runtime::SchemaRef schema = support::schema_of({{"text", support::kText}}, "told");
  return schema;
}

// {number}.
inline const runtime::SchemaRef& number_row_schema() {
  static const runtime::SchemaRef schema =
      support::schema_of({{"number", support::kInteger}}, "number_rows");
  return schema;
}

inline ConditionRef is_kind(std::string kind) {
  return event_condition([kind = std::move(kind)](const EventView& event) {
    return event["kind"].as_string() == kind;
  });
}

// `a 1 2 b 3`: stages and the amounts of their events.
inline std::string told(const Match& match) {
  std::string text;
  for (const StageMatch& each : match.stages()) {
    text += (text.empty() ? "" : " ") + each.stage;
    for (const EventView& event : each.events) {
      text += " " + std::to_string(event["amount"].as_int());
    }
  }
  return text;
}

inline void tell(const Match& match, runtime::RowBuilder& row) {
  row.set(0, runtime::Value::of(told(match)));
}

// A run and the rows that came out of it: `@5 a 1 b 2`, with a word before it off the main port.
class PaymentRun {
 public:
  explicit PaymentRun(PatternStream stream, std::int64_t now = 0)
      : clock(support::ms(now)), run(PatternRun::start(std::move(stream), clock).value()) {
    run->on_matches([this](const EventView& row) { add_line("", row); });
    run->on_timeouts([this](const EventView& row) { add_line("timeout ", row); });
    run->on_late_events([this](const EventView& event) {
      lines.push_back("late @" + std::to_string(event.time().to_millis()));
    });
  }

  void pay(std::int64_t time, const std::string& user, const std::string& kind,
           std::int64_t amount = 0) {
    runtime::RowBuilder row(payment_schema());
    row.reset();
    if (!user.empty()) row.set(0, runtime::Value::of(user));
    row.set(1, runtime::Value::of(kind));
    row.set(2, runtime::Value::of(amount));
    LYMER_CHECK(run->add(support::ms(time), row).has_value());
  }
  void add_line(const std::string& word, const EventView& row) {
    lines.push_back(word + "@" + std::to_string(row.time().to_millis()) + " " +
                    std::string(row["text"].as_string()));
  }
  std::vector<std::string> finish() {
    LYMER_CHECK(run->finish().has_value());
    return std::exchange(lines, {});
  }
  std::vector<std::string> take_lines() { return std::exchange(lines, {}); }

  ManualClock clock;
  std::unique_ptr<PatternRun> run;
  std::vector<std::string> lines;
};

// a, then b, of a user.
inline PatternBuilder a_then_b() {
  PatternBuilder pattern("ab");
  pattern.begin("a").where(is_kind("a")).followed_by("b").where(is_kind("b"));
  return pattern;
}

}  // namespace lymer::cep
