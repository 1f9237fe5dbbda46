// Rule text, put together.
// Not here: the streams (tests/bench/streams.h).
#include "tests/bench/workloads.h"

#include <vector>

#include "runtime/base/text.h"

namespace lymer::bench {
namespace {

constexpr std::string_view kStream = R"(stream events {
  from file "none"
  format json
  field key: int
  field type: int
  field v: float
  field id: int
  time ingestion
}
)";

std::string rule(std::string_view stages) {
  return text("{}rule found {{ on events by key {} }}\n", kStream, stages);
}

// Of the parts of "W8_24_10000" behind the first.
std::vector<int> numbers_in(const std::string& name) {
  std::vector<int> numbers;
  for (std::size_t at = name.find('_'); at != std::string::npos; at = name.find('_', at + 1)) {
    numbers.push_back(std::stoi(name.substr(at + 1)));
  }
  return numbers;
}

std::string three(std::string_view word, std::string_view end) {
  return rule(
      text("begin a where type == 0 {0} b where type == 1 {0} c where type == 2 {1}", word, end));
}

std::string many_rules(int count) {
  std::string all(kStream);
  for (int r = 0; r < count; ++r) {
    append_text(all,
                "rule r{} {{ on events by key begin a where type == {} and v > {}.0 "
                "followedBy b where type == {} within 10s }}\n",
                r, r % 100, 50 + r * 37 % 50, (r % 100 + 1 + r / 100) % 100);
  }
  return all;
}

// Rules that none of the events fires: half of them ask for a name, a quarter for a range, a
// quarter for a regular expression; all wait for the same second event.
std::string quiet_rules(int count) {
  std::string all(kStream);
  all.replace(all.find("  time ingestion"), 0, "  field name: string\n");
  for (int r = 0; r < count; ++r) {
    append_text(all, "rule r{} {{ on events by key begin a where ", r);
    if (r % 2 == 0) append_text(all, "name == \"nobody{}\"", r);
    if (r % 4 == 1) append_text(all, "v > {0}.0 and v < {0}.5", 1000 + r);
    if (r % 4 == 3) append_text(all, "name matches \"^(root|admin){}[a-z]+$\"", r);
    all += " followedBy b where type == 1 within 10s }\n";
  }
  return all;
}

std::string long_sequence(int stages, int window_ms) {
  std::string all = "begin p0 where type == 0";
  for (int i = 1; i < stages; ++i) append_text(all, " followedByAny p{0} where type == {0}", i);
  return rule(text("{} within {}ms", all, window_ms));
}

std::optional<Workload> in_default_dialect(const std::string& name) {
  const std::vector<int> numbers = numbers_in(name);
  const std::string kind = name.substr(0, name.find('_'));
  if (kind == "W1" && numbers.size() == 1) {
    return Workload{text("u{}", numbers[0]),
                    rule("begin a where type == 0 next b where type == 1")};
  }
  if (name == "W2n") return Workload{"u1000", three("followedBy", "within 10s")};
  if (name == "W2s") return Workload{"u1000", three("followedBy", "within 10s skip past last")};
  if (name == "W2a") return Workload{"u1000", three("followedByAny", "within 10s")};
  if (kind == "W3" && numbers.size() == 1) {
    return Workload{"kleene", rule(text("begin a where type == 0 followedBy b where type == 1 "
                                        "oneOrMore followedBy c where type == 2 within {}s "
                                        "skip past last",
                                        numbers[0]))};
  }
  if (name == "W4") {
    return Workload{"walk", rule("begin start next up where v > (last(up).v ?? start.v) oneOrMore "
                                 "consecutive next down where v < last(up).v skip past last")};
  }
  if (name == "W5") {
    return Workload{"fraud", rule("begin s where v < 1.0 followedBy l where v > 500.0 within 60s")};
  }
  if (name == "W6") {
    return Workload{"u1000", rule("begin a where type == 0 notFollowedBy b where type == 1 "
                                  "followedBy c where type == 2 within 10s")};
  }
  if (kind == "W7" && numbers.size() == 1) return Workload{"rules", many_rules(numbers[0])};
  if (kind == "quiet" && numbers.size() == 1) return Workload{"rules", quiet_rules(numbers[0])};
  if (kind == "W8" && numbers.size() == 2) {
    return Workload{text("seq{}", numbers[0]), long_sequence(numbers[0], numbers[1])};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Workload> workload(const std::string& name) {
  constexpr std::string_view kFlink = "@flink";
  if (!name.ends_with(kFlink)) return in_default_dialect(name);
  auto found = in_default_dialect(name.substr(0, name.size() - kFlink.size()));
  if (!found) return found;
  constexpr std::string_view kHead = "{ ";
  for (std::size_t at = 0; (at = found->rules.find("rule ", at)) != std::string::npos;) {
    at = found->rules.find(kHead, at) + kHead.size();
    found->rules.insert(at, "dialect flink ");
  }
  return found;
}

}  // namespace lymer::bench
