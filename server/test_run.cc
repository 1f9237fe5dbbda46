// Streams that read rows in memory; then who of the results met which expectation.
// Not here: the trial (server/trial.h).
#include "server/test_run.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include <nlohmann/json.hpp>

#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"
#include "runtime/timestamp.h"
#include "server/trial.h"

namespace lymer::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTimeField = "@time";

// ---- Rows --------------------------------------------------------------------------------------

// What the stream's own field of time holds at this time; null where it is no plain number or time.
runtime::Value time_value(const runtime::TimestampSpec& spec, EventTime time) {
  if (const auto* field = std::get_if<runtime::TimeFromField>(&spec)) {
    if (field->type.kind == runtime::TypeKind::kTime) return runtime::Value::of(time);
  }
  if (const auto* unit = std::get_if<runtime::TimeFromUnit>(&spec)) {
    if (unit->type.kind == runtime::TypeKind::kInt) {
      return runtime::Value::of(time.to_millis() / 1000 * unit->units_per_second +
                                time.to_millis() % 1000 * unit->units_per_second / 1000);
    }
  }
  return runtime::Value::null();
}

std::optional<runtime::Slot> time_slot(const runtime::TimestampSpec& spec) {
  if (const auto* field = std::get_if<runtime::TimeFromField>(&spec)) return field->slot;
  if (const auto* unit = std::get_if<runtime::TimeFromUnit>(&spec)) return unit->slot;
  return std::nullopt;
}

// The row as JSON, with its time; `shown` is what people see of it.
std::string row_text(const rules::StreamPlan& stream, const rules::TestRowPlan& row, EventTime time,
                     std::string& shown) {
  shown = "{";
  const auto append = [&](std::string& out, const std::string& name, const runtime::Value& value) {
    if (out.size() > 1) out += ',';
    runtime::append_json_string(out, name);
    out += ':';
    runtime::append_json(out, value);
  };
  const runtime::TimestampSpec& spec = stream.source().timestamp;
  const auto own_time = time_slot(spec);
  bool has_time = !own_time.has_value();
  for (const auto& [slot, value] : row.values) {
    has_time = has_time || slot == own_time;
    append(shown, stream.schema->fields()[slot].name, value.constant);
  }
  std::string all = shown;
  if (!has_time) append(all, stream.schema->fields()[*own_time].name, time_value(spec, time));
  append(all, kTimeField, runtime::Value::of(time));
  shown += '}';
  return all + "}\n";
}

// Makes the stream read decoded rows: all fields as they are given, none computed, any of them
// null.
void read_rows(rules::StreamPlan& stream) {
  const rules::SourcePlan old = stream.source();
  std::vector<runtime::Field> fields = stream.schema->fields();
  rules::SourcePlan plan;
  for (runtime::Slot slot = 0; slot < fields.size(); ++slot) {
    fields[slot].nullable = true;
    plan.decoded.push_back({.slot = slot, .path = {fields[slot].name}});
  }
  const auto slot = static_cast<runtime::Slot>(fields.size());
  const runtime::Type time{runtime::TypeKind::kTime};
  fields.push_back({.name = kTimeField, .type = time, .hidden = true});
  plan.decoded.push_back({.slot = slot, .path = {kTimeField}});
  plan.format = runtime::JsonFormat{};
  plan.timestamp = runtime::TimeFromField{.slot = slot, .type = time};
  plan.out_of_order = old.out_of_order;
  plan.idle = Duration{};
  stream.schema = std::make_shared<runtime::Schema>(stream.name, std::move(fields));
  stream.origin = std::move(plan);
}

// Writes the rows of all streams, and tells them on the timeline.
std::map<std::string, std::string> put_rows(const rules::RuleSet& set, const rules::TestPlan& test,
                                            MemoryFiles& files, std::vector<TestMoment>& timeline) {
  std::map<std::string, std::string> texts;
  for (const rules::StreamPlan& each : set.streams) {
    if (std::holds_alternative<rules::SourcePlan>(each.origin)) texts[each.name] = {};
  }
  for (const rules::TestRowPlan& row : test.rows) {
    const rules::StreamPlan& stream = set.streams[row.stream];
    EventTime time = kTestStart + row.at;
    for (std::int64_t i = 0; i < row.count; ++i) {
      std::string shown;
      texts[stream.name] += row_text(stream, row, time, shown);
      timeline.push_back({.time = time, .text = text("{} {}", stream.name, shown)});
      time = time + row.every;
    }
  }
  std::map<std::string, std::string> inputs;
  for (auto& [name, content] : texts) inputs[name] = files.put("rows." + name, std::move(content));
  return inputs;
}

// ---- Expectations ------------------------------------------------------------------------------

struct Found {
  rules::ExpectedWord word;
  const TrialResult* result;
};

bool meets(const Found& found, const rules::ExpectationPlan& expected) {
  if (found.word != expected.word) return false;
  if (!expected.of.empty() && expected.of != found.result->source) return false;
  if (expected.at && kTestStart + *expected.at != found.result->time) return false;
  const Json fields = Json::parse(found.result->fields, nullptr, false);
  return std::ranges::all_of(expected.fields, [&](const auto& field) {
    std::string wanted;
    runtime::append_json(wanted, field.second.constant);
    return fields.contains(field.first) &&
           fields[field.first] == Json::parse(wanted, nullptr, false);
  });
}

// Each result meets one expectation at most, and as many are met as can be: an expectation takes a
// result from another one that finds a different one instead.
class Meeting {
 public:
  Meeting(const std::vector<rules::ExpectationPlan>& expected, const std::vector<Found>& found)
      : expected_(expected), found_(found), taker_(found.size()) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      tried_.assign(found.size(), false);
      is_met_.push_back(find(i));
    }
  }
  [[nodiscard]] bool is_met(std::size_t expectation) const { return is_met_[expectation]; }
  [[nodiscard]] bool is_expected(std::size_t found) const { return taker_[found].has_value(); }

 private:
  bool find(std::size_t expectation) {
    for (std::size_t i = 0; i < found_.size(); ++i) {
      if (tried_[i] || !meets(found_[i], expected_[expectation])) continue;
      tried_[i] = true;
      if (taker_[i] && !find(*taker_[i])) continue;
      taker_[i] = expectation;
      return true;
    }
    return false;
  }

  const std::vector<rules::ExpectationPlan>& expected_;
  const std::vector<Found>& found_;
  std::vector<std::optional<std::size_t>> taker_;
  std::vector<bool> tried_;
  std::vector<bool> is_met_;
};

std::vector<Found> results_of(const TrialOutcome& outcome, const rules::TestPlan& test) {
  std::vector<Found> found;
  const auto add = [&](rules::ExpectedWord word, const std::vector<TrialResult>& results) {
    for (const TrialResult& each : results) {
      const bool is_meant = word == rules::ExpectedWord::kLate || test.rules.empty() ||
                            std::ranges::find(test.rules, each.source) != test.rules.end();
      if (is_meant) found.push_back({word, &each});
    }
  };
  add(rules::ExpectedWord::kMatch, outcome.matches);
  add(rules::ExpectedWord::kTimeout, outcome.timeouts);
  add(rules::ExpectedWord::kLate, outcome.late);
  return found;
}

void judge(const rules::TestPlan& test, const TrialOutcome& outcome, TestOutcome& told) {
  constexpr const char* kWords[] = {"match of", "timeout of", "late event of"};
  const std::vector<Found> found = results_of(outcome, test);
  const Meeting meeting(test.expectations, found);
  for (std::size_t i = 0; i < test.expectations.size(); ++i) {
    if (!meeting.is_met(i)) told.missing.push_back(test.expectations[i].span);
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    const TrialResult& result = *found[i].result;
    const bool is_wrong = !meeting.is_expected(i) && (test.nothing_else || !told.missing.empty());
    told.timeline.push_back(
        {.time = result.time,
         .text = text("{} {} {}", kWords[static_cast<std::size_t>(found[i].word)], result.source,
                      result.fields),
         .is_unexpected = is_wrong});
    if (!meeting.is_expected(i) && test.nothing_else) told.error = "something else came (>)";
  }
}

// Without `emit` results list their events by stage.
void see_stages(rules::RuleSet set, const std::map<std::string, std::string>& inputs,
                MemoryFiles& files, Clock& clock, TestOutcome& told) {
  // Streams that are made of results need their fields.
  for (rules::RulePlan& each : set.rules) {
    each.emit.reset();
    each.on_timeout.reset();
  }
  const auto outcome = run_trial(std::move(set), inputs, files, clock);
  if (!outcome) return;
  for (const auto* results : {&outcome->matches, &outcome->timeouts}) {
    for (const TrialResult& each : *results) {
      const Json json = Json::parse(each.line, nullptr, false);
      if (!json.contains("match")) continue;
      for (const auto& [stage, events] : json["match"].items()) {
        told.seen_stages[each.source].insert(stage);
      }
    }
  }
}

}  // namespace

bool TestOutcome::passed() const { return missing.empty() && error.empty(); }

TestOutcome run_test(const rules::RuleSet& set, const rules::TestPlan& test, FileSystem& files,
                     Clock& clock) {
  TestOutcome told;
  MemoryFiles memory(files);
  const std::map<std::string, std::string> inputs = put_rows(set, test, memory, told.timeline);
  rules::RuleSet prepared = set;
  for (rules::StreamPlan& each : prepared.streams) {
    if (std::holds_alternative<rules::SourcePlan>(each.origin)) read_rows(each);
  }
  const auto outcome = run_trial(prepared, inputs, memory, clock);
  if (!outcome) {
    told.error = outcome.error().to_string();
    return told;
  }
  judge(test, *outcome, told);
  for (const FailedRule& each : outcome->failed) {
    told.error = text("rule {} failed: {}", each.name, each.reason);
  }
  std::ranges::stable_sort(told.timeline, {}, &TestMoment::time);
  see_stages(std::move(prepared), inputs, memory, clock, told);
  return told;
}

}  // namespace lymer::server
