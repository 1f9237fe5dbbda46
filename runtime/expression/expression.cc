// Making constants and asking trees what they need.
// Not here: evaluating them (evaluate.cc).
#include "runtime/expression/expression.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include <re2/re2.h>

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

void put(std::string& out, std::uint64_t word) {
  char bytes[sizeof(word)];
  std::memcpy(bytes, &word, sizeof(word));
  out.append(bytes, sizeof(word));
}

// A kind whose payload has no plain form is told by the place of the constant.
std::uint64_t payload_of(const Expression& constant) {
  const Value& value = constant.constant;
  switch (value.kind()) {
    case TypeKind::kNull:
      return 0;
    case TypeKind::kBool:
      return value.as_bool() ? 1 : 0;
    case TypeKind::kInt:
      return static_cast<std::uint64_t>(value.as_int());
    case TypeKind::kFloat:
      return std::bit_cast<std::uint64_t>(value.as_float());
    case TypeKind::kTime:
      return static_cast<std::uint64_t>(value.as_time().to_millis());
    case TypeKind::kDuration:
      return static_cast<std::uint64_t>(value.as_duration().to_millis());
    case TypeKind::kString:
    case TypeKind::kJson:
      return value.as_string().size();
    case TypeKind::kList:
      return value.as_list().count();
    default:
      return reinterpret_cast<std::uintptr_t>(&constant);
  }
}

void append_fingerprint(std::string& out, const Expression& expression) {
  const std::uint64_t head[] = {static_cast<std::uint64_t>(expression.op),
                                static_cast<std::uint64_t>(expression.type.kind),
                                static_cast<std::uint64_t>(expression.type.element),
                                expression.slot,
                                expression.history,
                                (expression.open_low ? 1U : 0U) | (expression.open_high ? 2U : 0U),
                                static_cast<std::uint64_t>(expression.constant.kind()),
                                payload_of(expression),
                                expression.args.size()};
  for (const std::uint64_t word : head) put(out, word);
  const auto bytes = bytes_behind(expression.constant);
  put(out, bytes.size());
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (expression.regex != nullptr) {
    put(out, expression.regex->options().case_sensitive() ? 1 : 0);
    put(out, expression.regex->pattern().size());
    out += expression.regex->pattern();
  }
  for (const Expression& each : expression.args) append_fingerprint(out, each);
}

}  // namespace

std::string fingerprint(const Expression& expression) {
  std::string out;
  append_fingerprint(out, expression);
  return out;
}

std::optional<Value> Histories::kept(const Expression& aggregate, EvaluationContext& context) {
  (void)aggregate;
  (void)context;
  return std::nullopt;
}

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
