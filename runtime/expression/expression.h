// Typed expressions over rows: what `where`, computed fields and `emit` are made of.
//
// The binder (rules/) builds the tree, with every name resolved to a slot and every operand's type
// checked, so evaluation asks no questions: it either yields a value of the node's type or null.
// Null in, null out, but for and/or (Kleene), ??, `is null` and aggregates over nothing. Overflow,
// division by zero and bad casts yield null too and are counted.
//
// Beside the current row an expression may read *histories*: numbered lists of earlier rows. To a
// pattern they are the events a stage has taken, but nothing here knows of patterns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/row.h"
#include "runtime/schema.h"
#include "runtime/value.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace lymer::runtime {

enum class Op : std::uint8_t {
  kConstant,
  kField,    // The slot of the current row.
  kElement,  // What any() or all() looks at; `slot` counts enclosing ones from the outside.
  kNot,
  kAnd,
  kOr,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,  // Of two ints: the quotient toward zero.
  kModulo,
  kNegate,
  kIsNull,
  kCoalesce,
  kInList,      // args: value, list. A network in the list holds the addresses it contains.
  kInNetwork,   // args: address, network.
  kInRange,     // args: value, low, high; see open_low, open_high.
  kMatches,     // args: text; see regex. Serves like, ilike, matches and imatches.
  kContains,    // args: text, part.
  kHasElement,  // args: list, value.
  kStartsWith,
  kEndsWith,
  kLower,
  kUpper,
  kLength,  // Characters of a text, elements of a list.
  kSubstr,  // args: text, start from 0, optional count; in characters.
  kAbs,
  kToInt,
  kToFloat,  // Also the silent widening of int.
  kToString,
  kAny,  // args: list, condition on kElement.
  kAll,
  kFirst,  // args: expression on the rows of the history; so also below.
  kLast,
  kCount,  // No args.
  kSum,
  kAvg,
  kMin,
  kMax,
};

using HistoryIndex = std::uint32_t;

struct Expression {
  Op op = Op::kConstant;
  Type type;
  std::vector<Expression> args = {};
  Slot slot = 0;             // kField, kElement.
  HistoryIndex history = 0;  // kFirst ... kMax.
  bool open_low = false;
  bool open_high = false;
  std::shared_ptr<const re2::RE2> regex = nullptr;
  // kConstant: the value, and the bytes it points to if it does.
  Value constant = {};
  std::shared_ptr<const std::vector<std::byte>> storage = nullptr;
};

struct EvaluationContext;

// The numbered lists of earlier rows that an evaluation may read.
class Histories {
 public:
  virtual ~Histories() = default;
  [[nodiscard]] virtual std::size_t count(HistoryIndex history) = 0;
  // Requires index < count(history). 0 is the earliest.
  [[nodiscard]] virtual RowView row(HistoryIndex history, std::size_t index) = 0;
  // Gives the value of an aggregate over all rows of its history, if that is kept up as rows are
  // added; nothing if the rows are to be walked, as by default. The expression must stay where it
  // is as long as the histories: its address may serve as its name.
  [[nodiscard]] virtual std::optional<Value> kept(const Expression& aggregate,
                                                  EvaluationContext& context);
};

// Strings made during an evaluation; they live until reset().
class Scratch {
 public:
  [[nodiscard]] std::string& next();
  void reset() noexcept { used_ = 0; }

 private:
  std::vector<std::unique_ptr<std::string>> strings_;
  std::size_t used_ = 0;
};

// What one evaluation works on. `histories` may be null for expressions that read none.
struct EvaluationContext {
  RowView row;
  Histories* histories = nullptr;
  Scratch& scratch;
  std::uint64_t errors = 0;  // Overflows, divisions by zero, bad casts so far.
  std::vector<Value> elements = {};
};

// Yields the value of the expression. Strings in it live as long as the rows, the expression and
// the scratch.
[[nodiscard]] Value evaluate(const Expression& expression, EvaluationContext& context);

// Tells whether a comparison, kEqual ... kGreaterEqual, holds between two values of one kind that
// are not null.
[[nodiscard]] bool comparison_holds(Op op, const Value& left, const Value& right);

// Makes a constant that owns what its value points to.
[[nodiscard]] Expression make_constant(Type type, const Value& value);

// Tells whether evaluation needs context.histories.
[[nodiscard]] bool reads_histories(const Expression& expression);

// Gives bytes that are the same for two expressions only if both mean the same, for those who
// evaluate it once for all. Equal expressions may differ in it where a constant cannot be compared.
[[nodiscard]] std::string fingerprint(const Expression& expression);

// Tells whether it is the same for every row and history.
[[nodiscard]] bool is_constant(const Expression& expression);

}  // namespace lymer::runtime
