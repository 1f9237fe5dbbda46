// Is a text one JSON object, all of it: for what somebody sends before anybody reads it.
//
//   JsonObjectCheck check;
//   if (const auto wrong = check(line)) answer(*wrong);  // "it is no object"
//
// Stricter than the decoder of events, which looks at the fields that somebody wants. For one
// thread. Not here: values (runtime/format/decoder.h).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace lymer::runtime {

class JsonObjectCheck {
 public:
  // Objects and lists may stand in each other up to `deepest`, which is below 1000.
  explicit JsonObjectCheck(std::size_t deepest = kDeepest);
  ~JsonObjectCheck();
  JsonObjectCheck(const JsonObjectCheck&) = delete;
  JsonObjectCheck& operator=(const JsonObjectCheck&) = delete;
  JsonObjectCheck(JsonObjectCheck&&) = delete;
  JsonObjectCheck& operator=(JsonObjectCheck&&) = delete;

  // Says what is wrong, or nothing. kRecordPadding readable bytes must follow the text.
  [[nodiscard]] std::optional<std::string> operator()(std::string_view text);

  static constexpr std::size_t kDeepest = 64;

 private:
  struct Parser;
  const std::size_t deepest_;
  const std::unique_ptr<Parser> parser_;
};

}  // namespace lymer::runtime
