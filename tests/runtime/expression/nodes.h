// Expressions in a few words, and their values as text.
// Not here: expressions out of rule text (tests/rules/).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/expression/expression.h"
#include "runtime/format/json_writer.h"
#include "tests/support/events.h"

namespace lymer::runtime {

// The type of a cell's constant.
[[nodiscard]] inline Type type_of(const support::Cell& cell) {
  return Type{support::value_of(cell).kind()};
}

[[nodiscard]] inline Expression constant(const support::Cell& cell) {
  return make_constant(type_of(cell), support::value_of(cell));
}

[[nodiscard]] inline Expression list(TypeKind element, const std::vector<support::Cell>& cells) {
  std::vector<std::byte> bytes;
  for (const support::Cell& cell : cells) append_list_element(bytes, support::value_of(cell));
  const ListView view(element, static_cast<std::uint32_t>(cells.size()), bytes);
  return make_constant(Type::list_of(element), Value::of(view));
}

[[nodiscard]] inline Expression node(Op op, std::vector<Expression> args) {
  return Expression{.op = op, .type = {}, .args = std::move(args)};
}

[[nodiscard]] inline Expression field(Slot slot, Type type) {
  return Expression{.op = Op::kField, .type = type, .slot = slot};
}

// What an evaluation gave: JSON, with an `!` for each error counted.
[[nodiscard]] inline std::string told(const Expression& expression, EvaluationContext& context) {
  const std::uint64_t before = context.errors;
  std::string out;
  append_json(out, evaluate(expression, context));
  return out + std::string(context.errors - before, '!');
}

[[nodiscard]] inline std::string told(const Expression& expression) {
  Scratch scratch;
  EvaluationContext context{.row = {}, .scratch = scratch};
  return told(expression, context);
}

// Histories of rows of one schema.
class RowHistories final : public Histories {
 public:
  explicit RowHistories(SchemaRef schema) : schema_(std::move(schema)) {}

  void add(HistoryIndex history, const std::vector<support::Cell>& cells) {
    if (history >= rows_.size()) rows_.resize(history + 1);
    rows_[history].push_back(support::row_of(schema_, cells));
  }
  std::size_t count(HistoryIndex history) override {
    return history < rows_.size() ? rows_[history].size() : 0;
  }
  RowView row(HistoryIndex history, std::size_t index) override {
    return RowView(rows_[history][index], schema_->size());
  }

 private:
  SchemaRef schema_;
  std::vector<std::vector<std::vector<std::byte>>> rows_;
};

}  // namespace lymer::runtime
