// One function for each kind of call.
// Not here: who asks (runtime/stream/stream.cc).
#include "runtime/stream/stream_checks.h"

#include <variant>

#include "runtime/base/text.h"
#include "runtime/key_group.h"
#include "runtime/operators/key_by.h"

namespace lymer::runtime {
namespace {

bool is_scalar(Type type) {
  switch (type.kind) {
    case TypeKind::kBool:
    case TypeKind::kInt:
    case TypeKind::kFloat:
    case TypeKind::kString:
    case TypeKind::kIp:
    case TypeKind::kTime:
    case TypeKind::kDuration:
      return true;
    case TypeKind::kNull:
    case TypeKind::kNetwork:
    case TypeKind::kList:
    case TypeKind::kJson:
      break;
  }
  return false;
}

bool is_number(Type type) { return type.kind == TypeKind::kInt || type.kind == TypeKind::kFloat; }

std::string no_such_field(const Schema& schema, Slot slot) {
  return text("field {}, but rows of `{}` have {}, counted from 0", slot, schema.name(),
              schema.size());
}

std::string wrong_key(std::string_view before, const Schema& schema, const KeyExpression& key) {
  for (const Slot slot : key) {
    if (slot >= schema.size()) {
      return text("key_by behind `{}` asks for {}", before, no_such_field(schema, slot));
    }
    const Field& field = schema.fields()[slot];
    if (is_scalar(field.type)) continue;
    return text(
        "key_by behind `{}` asks for `{}`, a {}, which cannot be part of a key; choose another "
        "field, or make one of it with map()",
        before, field.name, to_string(field.type));
  }
  return "";
}

}  // namespace

std::string wrong_if_missing(bool is_given, std::string_view name, std::string_view what) {
  return is_given ? "" : text("`{}` was given no {}", name, what);
}

std::string wrong_parallelism(std::string_view name, std::size_t parallelism) {
  if (parallelism > 0 && parallelism <= kKeyGroups) return "";
  return text(
      "`{}` was given a parallelism of {}; give it one from 1 to {}, or none to have that of "
      "the job",
      name, parallelism, kKeyGroups);
}

std::string wrong_out_of_order(std::string_view name, Duration out_of_order) {
  if (out_of_order >= Duration()) return "";
  return text("the events of `{}` are said to be out of order by {} ms; it cannot be less than 0",
              name, out_of_order.to_millis());
}

std::string wrong_keys(std::string_view before, const Schema& schema,
                       const std::vector<KeyExpression>& keys) {
  if (keys.empty() || keys.size() > KeyBy::kMaxExpressions) {
    return text("key_by behind `{}` was given {} keys; it takes from 1 to {}", before, keys.size(),
                KeyBy::kMaxExpressions);
  }
  for (const KeyExpression& each : keys) {
    if (std::string wrong = wrong_key(before, schema, each); !wrong.empty()) return wrong;
  }
  return "";
}

std::string wrong_field(std::string_view name, const Schema& schema, Slot slot, bool is_for_sum) {
  if (slot >= schema.size()) return text("`{}` asks for {}", name, no_such_field(schema, slot));
  const Field& field = schema.fields()[slot];
  if (is_for_sum ? is_number(field.type) : is_scalar(field.type)) return "";
  return text("`{}` asks for `{}`, a {}; choose a field that {}", name, field.name,
              to_string(field.type), is_for_sum ? "is a number" : "has an order");
}

std::string wrong_union(std::string_view one, const Schema& of_one, std::string_view other,
                        const Schema& of_other) {
  if (of_one.name() == of_other.name() && of_one.fields() == of_other.fields()) return "";
  return text(
      "`{}` and `{}` cannot be united, since their rows are of two schemas, `{}` and `{}`; bring "
      "one to that of the other with map()",
      one, other, of_one.name(), of_other.name());
}

std::string wrong_windows(std::string_view name, const WindowAssigner& windows,
                          const WindowFunction& function, Duration lateness, bool keeps_events) {
  if (const auto checked = windows.check(); !checked) {
    return text("the windows of `{}`: {}", name, checked.error().to_string());
  }
  if (lateness < Duration()) {
    return text("`{}` was given a lateness of {} ms; it cannot be less than 0", name,
                lateness.to_millis());
  }
  if (const auto* process = std::get_if<WindowProcess>(&function)) {
    return wrong_if_missing(*process != nullptr, name, "function");
  }
  const auto* aggregate = std::get_if<WindowAggregate>(&function);
  if (const auto* stateful = std::get_if<StatefulWindow>(&function)) {
    if (stateful->make == nullptr) return wrong_if_missing(false, name, "function");
    if (!stateful->aggregate) return "";
    aggregate = &*stateful->aggregate;
  }
  if (windows.merges() && !keeps_events && aggregate->merge == nullptr) {
    return text("`{}` has windows that merge, but its aggregate has no merge(); give it one", name);
  }
  return wrong_if_missing(
      aggregate->add != nullptr &&
          (aggregate->emit != nullptr || std::holds_alternative<StatefulWindow>(function)),
      name, "add() or no emit()");
}

std::string wrong_interval(std::string_view name, const JoinInterval& interval) {
  if (interval.lower <= interval.upper) return "";
  return text("the interval of `{}` begins at {} ms and ends before that, at {} ms; exchange them",
              name, interval.lower.to_millis(), interval.upper.to_millis());
}

}  // namespace lymer::runtime
