// Errors as values: Result<T> holds a T or an Error that says what failed and whether trying again
// can help.
//
//   Result<Duration> window = parse_duration("10m");
//   if (!window) return window.error();
//
// The names follow std::expected, which g++ 12 does not offer in C++20 mode; a Result can so be
// replaced by it one day. Not here: errors of a rule file, which carry a position and come many at
// a time (rules/diagnostic.h), and bugs of ours, which abort (runtime/base/check.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "runtime/base/check.h"

namespace lymer {

// The closed list of what can go wrong outside of our own code. is_retriable() says which of them
// may pass by themselves.
enum class ErrorCode {
  kInvalidArgument,  // The caller or the user asked for something that makes no sense.
  kInvalidPattern,   // A pattern that cannot be compiled; the message names the stage at fault.
  kNotFound,         // A file, a stream or a state that was named does not exist.
  kIo,               // Reading or writing failed in the operating system.
  kCorrupt,          // Bytes that were read back are not what was written.
  kLimit,            // A configured limit was reached.
  kUnsupported,      // Understood, but not done by this version.
  kRuleFailed,       // A rule stopped itself (`or fail`).
};

// Names the code in lower case words, as messages and logs print it.
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

// Tells whether the same call may succeed later without any change by the caller.
[[nodiscard]] constexpr bool is_retriable(ErrorCode code) noexcept {
  return code == ErrorCode::kIo;
}

// What failed. `message` names the failed action first and the values last; `cause`, if any, is the
// error below it.
struct Error {
  ErrorCode code;
  std::string message;
  std::shared_ptr<const Error> cause = nullptr;

  // Joins the message and those of its causes with ": ".
  [[nodiscard]] std::string to_string() const;

  // Returns an error that says `context` first and keeps this one as its cause.
  [[nodiscard]] Error within(std::string context) const;
};

// A T or an Error. Reading the wrong one is a bug and aborts.
template <typename T>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): `return value;` and `return error;` are the point.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): as above.
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] T& value() & {
    LYMER_CHECK(has_value(), error().to_string());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    LYMER_CHECK(has_value(), error().to_string());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    LYMER_CHECK(has_value(), error().to_string());
    return std::move(*std::get_if<0>(&state_));
  }
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const {
    LYMER_CHECK(!has_value(), "Result::error() of a success");
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): `return error;` is the point.
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_.has_value(); }
  [[nodiscard]] explicit operator bool() const noexcept { return has_value(); }
  [[nodiscard]] const Error& error() const {
    LYMER_CHECK(error_.has_value(), "Result::error() of a success");
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace lymer

#define LYMER_CONCAT_INNER(a, b) a##b
#define LYMER_CONCAT(a, b) LYMER_CONCAT_INNER(a, b)

// Returns the error of `expression`, a Result, to the caller; goes on where it succeeded.
#define LYMER_RETURN_IF_ERROR(expression)                                             \
  do {                                                                                \
    if (auto lymer_status = (expression); !lymer_status) return lymer_status.error(); \
  } while (false)

// Declares or assigns `target` from the value of `expression`, or returns its error.
#define LYMER_ASSIGN_OR_RETURN(target, expression) \
  LYMER_ASSIGN_OR_RETURN_INNER(LYMER_CONCAT(lymer_result_, __LINE__), target, expression)
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses.
#define LYMER_ASSIGN_OR_RETURN_INNER(name, target, expression) \
  auto name = (expression);                                    \
  if (!name) return name.error();                              \
  target = std::move(name).value()
// NOLINTEND(bugprone-macro-parentheses)
