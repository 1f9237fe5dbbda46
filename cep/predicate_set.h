// The conditions of many rules, tested together: one answer a bit.
//
// A condition is taken apart into simple tests joined by `and`; each distinct test of a field
// against a constant is made once for an event, straight from the row's bytes, however many
// conditions share it. What is not simple is evaluated as a whole, and only where the simple tests
// beside it hold. Conditions that ask for another schema than the set's never hold.
// Not here: conditions that read earlier events (cep/condition_cache.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cep/condition.h"
#include "runtime/event.h"
#include "runtime/expression/expression.h"
#include "runtime/row.h"
#include "runtime/schema.h"

namespace lymer::cep {

class PredicateSet {
 public:
  static constexpr std::size_t kMaxConditions = 64;

  // At most kMaxConditions conditions that read no histories; they must outlive the set, which is
  // for events of the schema with this id.
  PredicateSet(const std::vector<const Condition*>& conditions, runtime::SchemaId schema_id,
               const runtime::Schema& schema);

  // Bit n is the answer of the n-th condition.
  [[nodiscard]] std::uint64_t test(const runtime::RowView& row, EventTime time,
                                   std::uint16_t key_mask);

  // Counts errors in expressions since the start, by condition.
  [[nodiscard]] std::uint64_t errors(std::size_t condition) const { return errors_[condition]; }

 private:
  enum class Compare : std::uint8_t {
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual
  };
  struct IntTest {
    runtime::Slot slot = 0;
    Compare compare = Compare::kEqual;
    std::int64_t constant = 0;
    std::uint64_t bit = 0;
  };
  struct FloatTest {
    runtime::Slot slot = 0;
    Compare compare = Compare::kEqual;
    double constant = 0;
    std::uint64_t bit = 0;
  };
  struct TextTest {
    runtime::Slot slot = 0;
    bool equal = true;
    std::string constant;
    std::uint64_t bit = 0;
  };
  // Evaluated as a whole, if all tests of `after` hold.
  struct WholeTest {
    const Condition* condition = nullptr;
    std::size_t owner = 0;
    std::uint64_t after = 0;
    std::uint64_t bit = 0;
  };
  // A condition: it holds where all these tests do. Never: no event of the schema is taken.
  struct Conjunction {
    std::uint64_t tests = 0;
    std::uint16_t keys = 0;  // Bits that the key mask must have.
    bool never = false;
  };

  void take_apart(const Condition& condition, std::size_t owner);
  void add_expression(const runtime::Expression& expression, std::size_t owner);
  bool add_simple(const runtime::Expression& expression, std::size_t owner);
  bool add_comparison(const runtime::Expression& expression, std::size_t owner);
  void add_whole(const Condition& condition, std::size_t owner);
  [[nodiscard]] std::uint64_t new_bit();
  template <typename Test, typename Same>
  void share(std::vector<Test>& tests, Test test, std::size_t owner, Same same);

  runtime::SchemaId schema_id_;
  const runtime::Schema& schema_;
  std::size_t bits_ = 0;
  std::vector<IntTest> ints_;
  std::vector<FloatTest> floats_;
  std::vector<TextTest> texts_;
  std::vector<WholeTest> wholes_;
  std::vector<Conjunction> conjunctions_;
  std::vector<ConditionRef> made_;  // Parts of conditions that stand for themselves.
  std::vector<std::uint64_t> errors_;
  runtime::Scratch scratch_;
};

}  // namespace lymer::cep
