// The words of Error: code names and the chain of causes.
// Not here: printing it to anyone; that is the caller's choice.
#include "runtime/base/result.h"

namespace lymer {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid argument";
    case ErrorCode::kInvalidPattern:
      return "invalid pattern";
    case ErrorCode::kNotFound:
      return "not found";
    case ErrorCode::kIo:
      return "input/output error";
    case ErrorCode::kCorrupt:
      return "corrupt data";
    case ErrorCode::kLimit:
      return "limit reached";
    case ErrorCode::kUnsupported:
      return "not supported";
    case ErrorCode::kRuleFailed:
      return "rule failed";
  }
  return "unknown error";
}

std::string Error::to_string() const {
  std::string text = message;
  for (const Error* below = cause.get(); below != nullptr; below = below->cause.get()) {
    text += ": ";
    text += below->message;
  }
  return text;
}

Error Error::within(std::string context) const {
  return Error{code, std::move(context), std::make_shared<const Error>(*this)};
}

}  // namespace lymer
