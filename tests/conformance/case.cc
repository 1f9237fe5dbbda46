// From JSON to specs and input. Each place where Flink's builder can say more than our PatternSpec
// is a line in one of the functions inexpressible_*().
#include "tests/conformance/case.h"

#include <fstream>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "runtime/base/check.h"
#include "runtime/base/text.h"
#include "tests/conformance/json_condition.h"

namespace lymer::conformance {
namespace {

using nlohmann::json;

constexpr std::string_view kPreviousAndCurrent = "PREVIOUS_AND_CURRENT";

bool is_negated(const json& stage) {
  return stage.at("contiguity").get<std::string>().starts_with("not");
}

// The quantifier's numbers as the case gives them; Flink takes ints, negative ones to refuse them.
struct Repetition {
  std::string kind = "one";
  std::int64_t minimum = 1;
  std::optional<std::int64_t> maximum = 1;
  bool optional = false;
  bool greedy = false;
  std::string inner = "relaxed";

  [[nodiscard]] bool is_counted() const { return kind == "times" || kind == "range"; }
  // times(1): to our spec the same as no quantifier, to Flink not.
  [[nodiscard]] bool is_counted_once() const {
    return is_counted() && maximum == 1 && minimum <= 1;
  }
  [[nodiscard]] bool can_be_left_out() const {
    return optional || (kind == "range" && minimum == 0);
  }
};

Repetition repetition_of(const json& stage) {
  Repetition made;
  if (!stage.contains("quantifier")) return made;
  const json& given = stage.at("quantifier");
  made.kind = given.at("kind");
  made.optional = given.value("optional", false);
  made.greedy = given.value("greedy", false);
  made.inner = given.value("inner", "relaxed");
  // The random cases give numbers even where the builder call takes none.
  const bool has_number = made.is_counted() || made.kind == "timesOrMore";
  if (has_number) made.minimum = given.at("min").get<std::int64_t>();
  made.maximum = made.minimum;
  if (made.kind == "range") made.maximum = given.at("max").get<std::int64_t>();
  if (made.kind == "oneOrMore" || made.kind == "timesOrMore") made.maximum.reset();
  return made;
}

std::string inexpressible_stage(const json& stage) {
  if (stage.contains("group")) return "group";
  if (stage.contains("within")) return "a stage's own within";
  if (stage.contains("order")) return "order of builder calls";
  if (stage.contains("quantifier") && stage.at("quantifier").contains("windowMs")) {
    return "a quantifier's own window";
  }
  const std::string name = stage.at("name");
  if (name.empty() || name.find(':') != std::string::npos) return "a name without sense";
  const Repetition times = repetition_of(stage);
  if (times.kind == "range" && times.minimum == 0 && times.optional) return "optional said twice";
  if (is_negated(stage) && times.is_counted_once()) return "times(1) on a NOT";
  return "";
}

// What depends on how the stage before was written, where two ways mean the same to us.
std::string inexpressible_pair(const json& before, const json& stage) {
  if (!repetition_of(before).greedy) return "";
  const Repetition times = repetition_of(stage);
  if (repetition_of(before).is_counted_once() && times.can_be_left_out()) {
    return "optional after a greedy times(1)";
  }
  if (times.can_be_left_out() && !times.optional) return "times(0, n) after greedy";
  return "";
}

std::string inexpressible_pattern(const json& pattern) {
  const json& stages = pattern.at("stages");
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (std::string why = inexpressible_stage(stages[i]); !why.empty()) return why;
  }
  for (std::size_t i = 1; i < stages.size(); ++i) {
    if (std::string why = inexpressible_pair(stages[i - 1], stages[i]); !why.empty()) return why;
  }
  if (!pattern.contains("within")) return "";
  const json& within = pattern.at("within");
  if (within.value("type", "") == kPreviousAndCurrent) return "gap window";
  // Flink starts to wait for the end of a window that ended before it began (oddity O36).
  const bool closes = stages.back().at("contiguity") == "notFollowedBy";
  if (within.at("ms").get<std::int64_t>() < 0 && closes) return "negative window";
  return "";
}

cep::Contiguity contiguity_of(const std::string& word) {
  static const std::map<std::string, cep::Contiguity, std::less<>> kWords = {
      {"begin", cep::Contiguity::kBegin},
      {"next", cep::Contiguity::kNext},
      {"followedBy", cep::Contiguity::kFollowedBy},
      {"followedByAny", cep::Contiguity::kFollowedByAny},
      {"notNext", cep::Contiguity::kNotNext},
      {"notFollowedBy", cep::Contiguity::kNotFollowedBy}};
  return kWords.at(word);
}

cep::Quantifier quantifier_of(const json& stage) {
  Repetition given = repetition_of(stage);
  cep::Quantifier made;
  made.optional = given.can_be_left_out();
  if (given.kind == "range" && given.minimum == 0) given.minimum = 1;
  // A negative count has no place in our spec; zero is refused as well.
  made.minimum = static_cast<std::uint32_t>(std::max<std::int64_t>(given.minimum, 0));
  if (given.maximum) {
    made.maximum = static_cast<std::uint32_t>(std::max<std::int64_t>(*given.maximum, 0));
  } else {
    made.maximum.reset();
  }
  made.greedy = given.greedy;
  if (given.inner == "consecutive") made.inner = cep::Inner::kConsecutive;
  if (given.inner == "combinations") made.inner = cep::Inner::kCombinations;
  // Of no effect on times(1), but refused by us on a single event.
  const bool contradiction = made.greedy && made.inner == cep::Inner::kCombinations;
  if (given.is_counted_once() && !contradiction) {
    made.greedy = false;
    made.inner = cep::Inner::kRelaxed;
  }
  return made;
}

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

cep::PatternSpec spec_of(const json& pattern, const std::string& name) {
  cep::PatternSpec spec;
  spec.name = name;
  spec.dialect = cep::Dialect::kFlink;
  spec.after_match = skip_of(pattern);
  if (pattern.contains("within")) {
    const auto window = Duration::millis(pattern.at("within").at("ms").get<std::int64_t>());
    // To Flink a window that is not positive is none.
    if (window > Duration{}) spec.window = window;
  }
  std::vector<std::string> names;
  for (const json& stage : pattern.at("stages")) names.push_back(stage.at("name"));
  for (const json& stage : pattern.at("stages")) {
    cep::Stage made;
    made.name = stage.at("name");
    made.contiguity = contiguity_of(stage.at("contiguity"));
    made.quantifier = quantifier_of(stage);
    if (stage.contains("where")) made.where = json_condition(stage.at("where"), names);
    if (stage.contains("until")) made.until = json_condition(stage.at("until"), names);
    spec.stages.push_back(std::move(made));
  }
  return spec;
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

Case case_of(const json& given) {
  Case made;
  made.id = given.at("id");
  const json& pattern = given.at("pattern");
  made.inexpressible = inexpressible_pattern(pattern);
  if (!made.inexpressible.empty()) return made;
  made.spec = spec_of(pattern, made.id);
  made.sorts_by_v = pattern.contains("comparator");
  for (const json& element : given.at("input")) made.input.push_back(element_of(element));
  const json& expect = given.at("expect");
  if (expect.contains("error") && expect.at("phase") != "runtime") {
    made.refusal = expect.at("message");
  } else {
    made.answer = answer_of(expect);
  }
  return made;
}

}  // namespace

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
  for (std::string line; std::getline(lines, line);) cases.push_back(case_of(json::parse(line)));
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
