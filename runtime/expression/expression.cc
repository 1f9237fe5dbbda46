// Making constants and asking trees what they need.
// Not here: evaluating them (evaluate.cc).
#include "runtime/expression/expression.h"

#include <algorithm>
#include <span>

#include "runtime/base/check.h"

namespace lymer::runtime {
namespace {

std::span<const std::byte> bytes_behind(const Value& value) {
  if (value.kind() == TypeKind::kString || value.kind() == TypeKind::kJson) {
    return std::as_bytes(std::span(value.as_string().data(), value.as_string().size()));
  }
  if (value.kind() == TypeKind::kList) return value.as_list().bytes();
  return {};
}

}  // namespace

std::string& Scratch::next() {
  if (used_ == strings_.size()) strings_.push_back(std::make_unique<std::string>());
  std::string& string = *strings_[used_++];
  string.clear();
  return string;
}

Expression make_constant(Type type, const Value& value) {
  Expression made;
  made.op = Op::kConstant;
  made.type = type;
  made.constant = value;
  const auto bytes = bytes_behind(value);
  made.storage = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
  const std::span<const std::byte> owned(*made.storage);
  const std::string_view text(reinterpret_cast<const char*>(owned.data()), owned.size());
  if (value.kind() == TypeKind::kString) made.constant = Value::of(text);
  if (value.kind() == TypeKind::kJson) made.constant = Value::json(text);
  if (value.kind() == TypeKind::kList) {
    const ListView& list = value.as_list();
    made.constant = Value::of(ListView(list.element(), list.count(), owned));
  }
  return made;
}

bool reads_histories(const Expression& expression) {
  if (expression.op >= Op::kFirst) return true;
  return std::ranges::any_of(expression.args, reads_histories);
}

bool is_constant(const Expression& expression) {
  if (expression.op == Op::kField || expression.op == Op::kElement || expression.op >= Op::kFirst) {
    return false;
  }
  return std::ranges::all_of(expression.args, is_constant);
}

}  // namespace lymer::runtime
