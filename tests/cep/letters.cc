// Rules and operators over letters.
// Not here: the expectations.
#include "tests/cep/letters.h"

#include <algorithm>
#include <utility>

#include "cep/compiler/compiler.h"
#include "runtime/base/text.h"
#include "tests/support/collectors.h"

namespace lymer::cep {
namespace {

using runtime::Value;

class LetterSelector final : public MatchSelector {
 public:
  explicit LetterSelector(bool with_ids) : with_ids_(with_ids) {}

  void select(const Match& match, runtime::RowBuilder& row) override {
    std::string path;
    for (std::size_t i = 0; i < match.path().size(); ++i) {
      const std::string& stage = match.program.stages[match.path()[i].stage.value()];
      append_text(path, "{}{}{}", i == 0 ? "" : " ", stage, match.event(i).id.offset);
    }
    if (with_ids_) path += " #" + match_id(match);
    row.set(0, Value::of(path));
  }
  const runtime::SchemaRef& schema() const override { return found_schema(); }

 private:
  bool with_ids_;
};

}  // namespace

const runtime::SchemaRef& letter_schema() {
  static const runtime::SchemaRef schema =
      support::schema_of({{"user", support::kText}, {"letter", support::kText}}, "letters");
  return schema;
}

const runtime::SchemaRef& found_schema() {
  static const runtime::SchemaRef schema = support::schema_of({{"found", support::kText}}, "found");
  return schema;
}

support::Layout letter_layout() {
  return {.input = letter_schema(),
          .key = {kUserSlot},
          .outputs = {{runtime::kMainPort, found_schema()},
                      {kTimeoutPort, found_schema()},
                      {kLatePort, letter_schema()}}};
}

ConditionRef is_letter(std::string_view letter) {
  runtime::Expression field;
  field.op = runtime::Op::kField;
  field.type = support::kText;
  field.slot = kLetterSlot;
  runtime::Expression equal;
  equal.op = runtime::Op::kEqual;
  equal.type = support::kTruth;
  equal.args = {std::move(field),
                runtime::make_constant(support::kText, runtime::Value::of(letter))};
  return expression_condition(std::move(equal), "letter is " + std::string(letter));
}

Stage begin(std::string name) {
  return Stage{.name = name, .contiguity = Contiguity::kBegin, .where = is_letter(name)};
}

Stage then(std::string name, Contiguity contiguity) {
  return Stage{.name = name, .contiguity = contiguity, .where = is_letter(name)};
}

Stage loop(Stage stage, Inner inner, bool greedy) {
  stage.quantifier.maximum.reset();
  stage.quantifier.inner = inner;
  stage.quantifier.greedy = greedy;
  return stage;
}

Stage optional(Stage stage) {
  stage.quantifier.optional = true;
  return stage;
}

std::unique_ptr<MatchSelector> letter_selector(bool with_ids) {
  return std::make_unique<LetterSelector>(with_ids);
}

PatternRule make_rule(const LetterRule& rule) {
  PatternSpec spec = rule.spec;
  spec.name = rule.name;
  return PatternRule{.id = {rule.name, rule.version},
                     .pattern = compile(Pattern::make(std::move(spec)).value()),
                     .on_match = letter_selector(rule.with_ids),
                     .on_timeout = rule.with_timeouts ? letter_selector(rule.with_ids) : nullptr};
}

std::unique_ptr<PatternOperator> make_operator(const std::vector<LetterRule>& rules,
                                               EventOrder order) {
  std::vector<PatternRule> made;
  for (const LetterRule& rule : rules) made.push_back(make_rule(rule));
  // Two streams alike; most tests use the first alone.
  return std::make_unique<PatternOperator>(
      std::move(made), std::vector<runtime::SchemaRef>{letter_schema(), letter_schema()},
      user_keys(), std::move(order));
}

KeyExpressions user_keys() { return {{{kUserSlot}}, {{kUserSlot}}}; }

support::OperatorMaker operator_of(std::vector<LetterRule> rules, EventOrder order) {
  return
      [rules = std::move(rules), order = std::move(order)] { return make_operator(rules, order); };
}

std::string found(std::int64_t time, std::string_view path) {
  return text("@{} {{\"found\":\"{}\"}}", time, path);
}

runtime::EventBatch keyed(const std::vector<support::EventDraft>& drafts) {
  runtime::EventBatch batch = support::batch_of(letter_schema(), drafts);
  support::set_keys(batch, *letter_schema(), {kUserSlot});
  return batch;
}

std::vector<std::string> run_letters(PatternOperator& op,
                                     const std::vector<support::EventDraft>& drafts,
                                     std::size_t batch_size) {
  support::RecordingCollector out(found_schema());
  EventTime latest = EventTime::min();
  for (std::size_t begin = 0; begin < drafts.size(); begin += batch_size) {
    const std::size_t end = std::min(begin + batch_size, drafts.size());
    runtime::EventBatch batch;
    for (std::size_t i = begin; i < end; ++i) {
      support::append_event(batch, letter_schema(), drafts[i], i);
      latest = std::max(latest, drafts[i].time);
    }
    support::set_keys(batch, *letter_schema(), {kUserSlot});
    LYMER_CHECK(op.on_batch(std::move(batch), out).has_value());
    LYMER_CHECK(op.on_watermark(latest - Duration::millis(1), out).has_value());
  }
  LYMER_CHECK(op.on_watermark(EventTime::max(), out).has_value());
  std::vector<std::string> lines = out.take_lines();
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("watermark"); });
  return lines;
}

std::vector<std::string> finds(PatternSpec spec, std::string_view letters) {
  const auto op = make_operator({{.name = "p", .spec = std::move(spec)}});
  runtime::EventBatch batch;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (letters[i] == ' ') continue;
    const auto time = static_cast<std::int64_t>(i) + 1;
    support::append_event(batch, letter_schema(),
                          support::at(time, {"u", std::string(1, letters[i])}), i + 1);
  }
  support::set_keys(batch, *letter_schema(), {kUserSlot});
  support::RecordingCollector out(found_schema());
  LYMER_CHECK(op->on_batch(std::move(batch), out).has_value());
  LYMER_CHECK(op->on_watermark(EventTime::max(), out).has_value());
  std::vector<std::string> found;
  for (const runtime::Port port : {runtime::kMainPort, kTimeoutPort}) {
    for (const std::string& line : out.take_lines(port)) {
      const std::size_t begin = line.find("\":\"");
      if (begin == std::string::npos) continue;  // A watermark.
      found.push_back(line.substr(begin + 3, line.rfind('"') - begin - 3));
      if (port == kTimeoutPort) found.back() += '?';
    }
  }
  return found;
}

}  // namespace lymer::cep
