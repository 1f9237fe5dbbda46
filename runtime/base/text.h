// Text formatting for the whole program, the one door to {fmt} (std::format is absent in g++ 12).
//
//   std::string line = text("{} events in {} ms", count, millis);
//
// Not here: numbers and strings as JSON (runtime/format/json_writer.h).
#pragma once

#include <iterator>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace lymer {

// Formats as std::format would; the format string is checked when compiling.
template <typename... Args>
[[nodiscard]] std::string text(fmt::format_string<Args...> format, Args&&... args) {
  return fmt::format(format, std::forward<Args>(args)...);
}

// Appends to `out` what text() would return.
template <typename... Args>
void append_text(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

}  // namespace lymer
