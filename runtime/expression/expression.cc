// Making constants and asking trees what they need.
// Not here: evaluating them (evaluate.cc).
#include "runtime/expression/expression.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include <re2/re2.h>

#include "runtime/base/byte_codec.h"
#include "runtime/base/check.h"
#include "runtime/row.h"

namespace lymer::runtime {
namespace {

std::span<const std::byte> bytes_behind(const Value& value) {
  if (value.kind() == TypeKind::kString || value.kind() == TypeKind::kJson) {
    return std::as_bytes(std::span(value.as_string().data(), value.as_string().size()));
  }
  if (value.kind() == TypeKind::kList) return value.as_list().bytes();
  return {};
}

// A kind whose payload has no plain form is told by the place of the constant.
std::uint64_t payload_of(const Expression& constant) {
  switch (constant.constant.kind()) {
    case TypeKind::kBool:
    case TypeKind::kInt:
    case TypeKind::kFloat:
    case TypeKind::kTime:
    case TypeKind::kDuration:
      return fixed_word(constant.constant);
    case TypeKind::kNull:
    case TypeKind::kString:
    case TypeKind::kJson:
      return 0;
    case TypeKind::kList:
      return constant.constant.as_list().count();
    default:
      return reinterpret_cast<std::uintptr_t>(&constant);
  }
}

void write_fingerprint(ByteWriter& out, const Expression& expression) {
  out.put_u8(static_cast<std::uint8_t>(expression.op));
  out.put_u8(static_cast<std::uint8_t>(expression.type.kind));
  out.put_u8(static_cast<std::uint8_t>(expression.type.element));
  out.put_u32(expression.slot);
  out.put_u32(expression.history);
  out.put_u8((expression.open_low ? 1U : 0U) | (expression.open_high ? 2U : 0U));
  out.put_u8(static_cast<std::uint8_t>(expression.constant.kind()));
  out.put_u64(payload_of(expression));
  out.put_bytes(bytes_behind(expression.constant));
  out.put_u8(expression.regex != nullptr ? 1 : 0);
  if (expression.regex != nullptr) {
    out.put_u8(expression.regex->options().case_sensitive() ? 1 : 0);
    out.put_string(expression.regex->pattern());
  }
  out.put_u32(static_cast<std::uint32_t>(expression.args.size()));
  for (const Expression& each : expression.args) write_fingerprint(out, each);
}

}  // namespace

std::string fingerprint(const Expression& expression) {
  ByteWriter writer;
  write_fingerprint(writer, expression);
  return {reinterpret_cast<const char*>(writer.bytes().data()), writer.bytes().size()};
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
