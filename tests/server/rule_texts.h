// Rule files for the tests of the engine and the commands.
// Not here: what rules find (tests/golden/).
#pragma once

#include <string>

namespace lymer::server {

// A stream of JSON lines {k, t, at} with a bound of 5 s.
[[nodiscard]] inline std::string stream_text(const std::string& name, const std::string& path) {
  return "stream " + name + " {\n  from file \"" + path +
         "\"\n  format json\n  field k: string\n  field t: string\n  field at: time\n  time at\n"
         "  out_of_order 5s\n}\n";
}

// A stream of JSON lines {k, n, at}, where n may be null, with a bound of 5 s.
[[nodiscard]] inline std::string number_stream_text(const std::string& name,
                                                    const std::string& path) {
  return "stream " + name + " {\n  from file \"" + path +
         "\"\n  format json\n  field k: string\n  field n: int?\n  field at: time\n  time at\n"
         "  out_of_order 5s\n}\n";
}

// An `a` and a `b` of one k within a minute.
[[nodiscard]] inline std::string rule_text(const std::string& name, const std::string& stream) {
  return "rule " + name + " {\n  on " + stream +
         " by k\n  begin a where t == \"a\"\n  followedBy b where t == \"b\"\n  within 1m\n"
         "  emit { n: count(a) }\n}\n";
}

// Fails at the first match: the stage to skip to is always missing.
[[nodiscard]] inline std::string failing_rule_text(const std::string& name,
                                                   const std::string& stream) {
  return "rule " + name + " {\n  on " + stream +
         " by k\n  begin a where t == \"a\"\n  followedBy x where t == \"never\" optional\n"
         "  followedBy b where t == \"b\"\n  within 1m\n  skip to first(x) or fail\n}\n";
}

// {"k":k,"t":t,"at":...} at a second of 2026-01-01T00:00.
[[nodiscard]] inline std::string event_line(const std::string& k, const std::string& t,
                                            int second) {
  const std::string digits = (second < 10 ? "0" : "") + std::to_string(second);
  return R"({"k":")" + k + R"(","t":")" + t + R"(","at":"2026-01-01T00:00:)" + digits + "Z\"}\n";
}

// {"k":k,"n":n,"at":...} at such a second.
[[nodiscard]] inline std::string number_line(const std::string& k, int n, int second) {
  const std::string digits = (second < 10 ? "0" : "") + std::to_string(second);
  return R"({"k":")" + k + R"(","n":)" + std::to_string(n) + R"(,"at":"2026-01-01T00:00:)" +
         digits + "Z\"}\n";
}

}  // namespace lymer::server
