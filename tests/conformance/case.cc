// From JSON to builder calls and input, and back from answers to JSON.
// Not here: running a case (flink_operator.h).
#include "tests/conformance/case.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include <nlohmann/json.hpp>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "tests/conformance/json_condition.h"

namespace lymer::conformance {
namespace {

using nlohmann::json;

constexpr std::string_view kPreviousAndCurrent = "PREVIOUS_AND_CURRENT";

std::optional<Duration> millis_of(const json& given, const char* name) {
  if (!given.contains(name)) return std::nullopt;
  return Duration::millis(given.at(name).get<std::int64_t>());
}

void set_window(cep::PatternBuilder& builder, const json& within) {
  const auto window = Duration::millis(within.at("ms").get<std::int64_t>());
  if (within.value("type", "") == kPreviousAndCurrent) {
    builder.within_previous(window);
  } else {
    builder.within(window);
  }
}

// Names under which matches list events, in the order of the pattern.
void list_names(const json& stages, std::vector<std::string>& names) {
  for (const json& stage : stages) {
    if (stage.contains("group")) {
      list_names(stage.at("group"), names);
      continue;
    }
    const std::string name(
        cep::listed_name(stage.at("name").get<std::string>(), cep::Dialect::kFlink));
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
}

// Repeats the builder calls of a case, in the order that the README beside the cases gives.
class Calls {
 public:
  explicit Calls(std::vector<std::string> names) : names_(std::move(names)) {}

  void chain(cep::PatternBuilder& builder, const json& stages) const {
    for (const json& stage : stages) element(builder, stage);
  }

 private:
  void element(cep::PatternBuilder& builder, const json& stage) const {
    if (stage.contains("group")) {
      cep::PatternBuilder members({}, cep::Dialect::kFlink);
      chain(members, stage.at("group"));
      add(builder, stage.at("contiguity"), members);
    } else {
      add(builder, stage.at("contiguity"), stage.at("name").get<std::string>());
    }
    if (stage.contains("where")) builder.where(json_condition(stage.at("where"), names_));
    for (const std::string& call : order_of(stage)) apply(builder, stage, call);
    if (stage.contains("within")) set_window(builder, stage.at("within"));
  }

  template <typename Element>
  static void add(cep::PatternBuilder& builder, const std::string& word, const Element& element) {
    if (word == "begin") builder.begin(element);
    if (word == "next") builder.next(element);
    if (word == "followedBy") builder.followed_by(element);
    if (word == "followedByAny") builder.followed_by_any(element);
    if constexpr (std::is_same_v<Element, std::string>) {
      if (word == "notNext") builder.not_next(element);
      if (word == "notFollowedBy") builder.not_followed_by(element);
    }
  }

  static std::vector<std::string> order_of(const json& stage) {
    if (stage.contains("order")) return stage.at("order");
    return {"kind", "until", "inner", "greedy", "optional"};
  }

  void apply(cep::PatternBuilder& builder, const json& stage, const std::string& call) const {
    const json given = stage.value("quantifier", json::object());
    if (call == "until") {
      if (stage.contains("until")) builder.until(json_condition(stage.at("until"), names_));
    } else if (call == "kind") {
      count(builder, given);
    } else if (call == "inner") {
      const std::string inner = given.value("inner", "relaxed");
      if (inner == "consecutive") builder.consecutive();
      if (inner == "combinations") builder.allow_combinations();
    } else if (call == "greedy") {
      if (given.value("greedy", false)) builder.greedy();
    } else if (given.value("optional", false)) {
      builder.optional();
    }
  }

  static void count(cep::PatternBuilder& builder, const json& given) {
    const std::string kind = given.value("kind", "one");
    const auto gap = millis_of(given, "windowMs");
    const auto number = [&](const char* name) { return given.at(name).get<std::int64_t>(); };
    if (kind == "times") builder.times(number("min"), gap);
    if (kind == "range") builder.times(number("min"), number("max"), gap);
    if (kind == "oneOrMore") builder.one_or_more(gap);
    if (kind == "timesOrMore") builder.times_or_more(number("min"), gap);
  }

  std::vector<std::string> names_;
};

cep::SkipStrategy skip_of(const json& pattern) {
  static const std::map<std::string, cep::SkipStrategy::Kind, std::less<>> kWords = {
      {"NO_SKIP", cep::SkipStrategy::Kind::kNone},
      {"SKIP_TO_NEXT", cep::SkipStrategy::Kind::kToNext},
      {"SKIP_PAST_LAST_EVENT", cep::SkipStrategy::Kind::kPastLast},
      {"SKIP_TO_FIRST", cep::SkipStrategy::Kind::kToFirst},
      {"SKIP_TO_LAST", cep::SkipStrategy::Kind::kToLast}};
  cep::SkipStrategy made;
  if (!pattern.contains("skip")) return made;
  const json& given = pattern.at("skip");
  made.kind = kWords.at(given.at("strategy").get<std::string>());
  made.target = given.value("pattern", "");
  made.fail_if_missing = given.value("throwIfMissing", false);
  return made;
}

cep::PatternBuilder builder_of(const json& pattern, const std::string& name) {
  cep::PatternBuilder builder(name, cep::Dialect::kFlink);
  std::vector<std::string> names;
  list_names(pattern.at("stages"), names);
  Calls(std::move(names)).chain(builder, pattern.at("stages"));
  builder.skip(skip_of(pattern));
  if (pattern.contains("within")) set_window(builder, pattern.at("within"));
  builder.accept_endless_loops();  // Flink answers as long as no run walks one.
  return builder;
}

InputElement element_of(const json& given) {
  if (given.contains("watermark")) {
    return Watermark{EventTime::from_millis(given.at("watermark").get<std::int64_t>())};
  }
  return InputEvent{.id = given.at("id").get<std::int64_t>(),
                    .time = EventTime::from_millis(given.at("ts").get<std::int64_t>()),
                    .key = given.at("key"),
                    .type = given.at("type"),
                    .v = given.at("v").get<double>()};
}

Finding finding_of(const json& given) {
  Finding made;
  made.at = given.at("at");
  made.events = given.at("match").get<std::map<std::string, std::vector<std::int64_t>>>();
  if (given.contains("ts")) {
    made.deadline = EventTime::from_millis(given.at("ts").get<std::int64_t>());
  }
  return made;
}

json json_of(const Finding& finding) {
  json made{{"at", finding.at}, {"match", finding.events}};
  if (finding.deadline) made["ts"] = finding.deadline->to_millis();
  return made;
}

Answer answer_of(const json& expect) {
  Answer made;
  for (const json& each : expect.value("matches", json::array())) {
    made.matches.push_back(finding_of(each));
  }
  for (const json& each : expect.value("timeouts", json::array())) {
    made.timeouts.push_back(finding_of(each));
  }
  made.late = expect.value("late", std::vector<std::int64_t>{});
  if (expect.contains("error")) made.failed_at = expect.at("at").get<std::size_t>();
  return made;
}

std::optional<Refusal> refusal_of(const json& expect) {
  if (!expect.contains("error") || expect.at("phase") == "runtime") return std::nullopt;
  return Refusal{expect.at("phase"), expect.at("message")};
}

}  // namespace

Case case_of(const std::string& line) {
  const json given = json::parse(line);
  Case made;
  made.id = given.at("id");
  const json& pattern = given.at("pattern");
  made.pattern = builder_of(pattern, made.id);
  made.sorts_by_v = pattern.contains("comparator");
  for (const json& element : given.at("input")) made.input.push_back(element_of(element));
  const json expect = given.value("expect", json::object());
  made.refusal = refusal_of(expect);
  if (!made.refusal) made.answer = answer_of(expect);
  return made;
}

std::string answer_line(const std::string& id, const Outcome& outcome) {
  json expect;
  if (outcome.refusal) {
    expect["error"] = "MalformedPatternException";
    expect["message"] = outcome.refusal->message;
    expect["phase"] = outcome.refusal->phase;
  } else {
    const Answer& answer = outcome.answer;
    if (answer.failed_at) {
      expect["error"] = "FlinkRuntimeException";
      expect["message"] = "a skip strategy did not find its target";
      expect["phase"] = "runtime";
      expect["at"] = *answer.failed_at;
    }
    expect["matches"] = json::array();
    for (const Finding& each : answer.matches) expect["matches"].push_back(json_of(each));
    expect["timeouts"] = json::array();
    for (const Finding& each : answer.timeouts) expect["timeouts"].push_back(json_of(each));
    expect["late"] = answer.late;
  }
  return json{{"id", id}, {"expect", expect}}.dump();
}

runtime::SchemaRef event_schema() {
  static const runtime::SchemaRef kSchema = std::make_shared<const runtime::Schema>(
      "event", std::vector<runtime::Field>{{"id", {runtime::TypeKind::kInt}},
                                           {"type", {runtime::TypeKind::kString}},
                                           {"v", {runtime::TypeKind::kFloat}}});
  return kSchema;
}

std::vector<Case> read_cases(const std::filesystem::path& file) {
  std::ifstream lines(file);
  LYMER_CHECK(lines.is_open(), file.native());
  std::vector<Case> cases;
  for (std::string line; std::getline(lines, line);) cases.push_back(case_of(line));
  return cases;
}

std::string to_string(const Finding& finding) {
  std::string line = text("at {}:", finding.at);
  for (const auto& [stage, ids] : finding.events) {
    append_text(line, " {}=[{}]", stage, fmt::join(ids, ","));
  }
  if (finding.deadline) append_text(line, " ended {}", finding.deadline->to_millis());
  return line;
}

std::string to_string(const Answer& answer) {
  std::string lines;
  for (const Finding& each : answer.matches) append_text(lines, "  match {}\n", to_string(each));
  for (const Finding& each : answer.timeouts) append_text(lines, "  timeout {}\n", to_string(each));
  append_text(lines, "  late [{}]\n", fmt::join(answer.late, ","));
  if (answer.failed_at) append_text(lines, "  failed at {}\n", *answer.failed_at);
  return lines;
}

}  // namespace lymer::conformance
