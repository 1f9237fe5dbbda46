// Values of one type, null first.
// Not here: sorting (cep/pattern_operator.cc).
#include "cep/event_comparator.h"

#include <compare>
#include <utility>

#include "runtime/value.h"

namespace lymer::cep {
namespace {

// NaN has no place of its own and equals everything, so it must not meet a strict weak order:
// it is taken for null.
runtime::Value comparable(const runtime::Value& value) {
  const bool is_nan =
      value.kind() == runtime::TypeKind::kFloat && value.as_float() != value.as_float();
  return is_nan ? runtime::Value::null() : value;
}

std::partial_ordering order_of(const runtime::Value& left, const runtime::Value& right) {
  if (left.is_null() || right.is_null()) return right.is_null() <=> left.is_null();
  return compare(left, right);
}

}  // namespace

EventComparator by_fields(std::vector<OrderField> fields) {
  return [fields = std::move(fields)](const ComparedEvent& left, const ComparedEvent& right) {
    for (const OrderField& field : fields) {
      const auto value_of = [&](const ComparedEvent& event) {
        return comparable(event.row.get(field.slots[event.schema.value()], field.type));
      };
      const std::partial_ordering order = order_of(value_of(left), value_of(right));
      if (order < 0) return !field.is_descending;
      if (order > 0) return field.is_descending;
    }
    return false;
  };
}

}  // namespace lymer::cep
