// Checks for bugs of ours: always on, cheap, and fatal with the operands printed.
//
// A check states what must hold whatever the user or the world does. Input that may be wrong is
// never checked here but answered with a Result (runtime/base/result.h).
#pragma once

#include <source_location>
#include <sstream>
#include <string>
#include <string_view>

namespace lymer {

// Prints the failed condition with its place to stderr and aborts the process.
[[noreturn]] void check_failed(std::string_view condition, std::string_view detail,
                               std::source_location where = std::source_location::current());

namespace check_internal {

// Renders both operands of a failed comparison.
template <typename A, typename B>
[[nodiscard]] std::string operands(const A& left, const B& right) {
  std::ostringstream text;
  text << left << " against " << right;
  return text.str();
}

}  // namespace check_internal
}  // namespace lymer

#define LYMER_CHECK(condition, ...)                                       \
  do {                                                                    \
    if (!(condition)) [[unlikely]]                                        \
      ::lymer::check_failed(#condition, ::std::string_view{__VA_ARGS__}); \
  } while (false)

#define LYMER_CHECK_OP(left, op, right)                                                  \
  do {                                                                                   \
    const auto& lymer_left = (left);                                                     \
    const auto& lymer_right = (right);                                                   \
    if (!(lymer_left op lymer_right)) [[unlikely]]                                       \
      ::lymer::check_failed(#left " " #op " " #right,                                    \
                            ::lymer::check_internal::operands(lymer_left, lymer_right)); \
  } while (false)

#define LYMER_CHECK_EQ(left, right) LYMER_CHECK_OP(left, ==, right)
#define LYMER_CHECK_NE(left, right) LYMER_CHECK_OP(left, !=, right)
#define LYMER_CHECK_LE(left, right) LYMER_CHECK_OP(left, <=, right)
#define LYMER_CHECK_LT(left, right) LYMER_CHECK_OP(left, <, right)
#define LYMER_CHECK_GE(left, right) LYMER_CHECK_OP(left, >=, right)
#define LYMER_CHECK_GT(left, right) LYMER_CHECK_OP(left, >, right)

#ifdef NDEBUG
#define LYMER_DCHECK(condition, ...) \
  do {                               \
  } while (false && (condition))
#else
#define LYMER_DCHECK(condition, ...) LYMER_CHECK(condition __VA_OPT__(, ) __VA_ARGS__)
#endif
