// Any bytes as events: each becomes an event or is rejected, and all that is written is JSON.
//
// The first line of an input names one of the rule files below, the rest are the events.
// Not here: rule files from outside (rules_fuzz.cc).
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "rules/binder.h"
#include "rules/diagnostic.h"
#include "rules/source_file.h"
#include "runtime/base/check.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/clock.h"
#include "runtime/base/file_system.h"
#include "server/engine.h"

namespace {

using namespace lymer;

// Larger ones only make each run slower.
constexpr std::size_t kMostBytes = std::size_t{16} << 10U;

struct NamedRules {
  std::string_view name;
  std::string_view text;
};

constexpr std::array<NamedRules, 5> kRules = {{
    {"json", R"(
stream s {
  from file "events"  format json
  field k: string?  field v: int  field f: float?  field ip: ip?  field ok: bool?
  field l: [string]?  field n: [int]?  field d: duration?  field at: time?
  field deep: string? = a.b.c  field long: int = length(k) + v * 3 / (v - 1)
  time ts unit ms  out_of_order 5ms
}
list bad: ip = [10.0.0.0/8, ip"2001:db8::/32"]
rule pair {
  on s by k
  begin a where v > 0 or ip in bad
  followedBy b where v >= a.v and f != a.f
  within 20ms
  emit { k: key.k, sum: a.v + b.v, l: b.l, n: b.n, d: b.d, ip: b.ip, at: b.at, deep: b.deep }
  on timeout
}
rule loop {
  on s by (k, ok)
  begin a where any(x in l: x like "a*") or v in 1..<5 times 2 or more greedy until v == 9
  followedBy b where f > (avg(a.f) ?? 0.5)
  notFollowedBy c where substr(k, 1) == lower(deep)
  within 10ms
  skip to last(a)
}
rule unkeyed_like { on s by ok begin a where v == max(a.v) or v is not null times 1..3 consecutive }
)"},
    {"text", R"(
stream s {
  from file "events"
  format text r"^(?P<ts>\w+ +\d+ \S+) (?P<host>\S*) (?P<n>-?\d*)(?: (?P<ip>\S+))?(?P<rest>.*)$"
  unmatched skip
  field host: string  field n: int?  field ip: ip?
  field odd: bool = n % 2 == 1  field text: string = upper(rest)
  time ts format "%b %e %H:%M:%S" zone "Europe/Berlin" year infer  out_of_order 2s
}
rule r {
  on s by host
  begin a where odd times 1..2 allowCombinations
  followedByAny b where n > last(a).n or text contains "X"
  within 1m
  skip past last
  emit { n: sum(a.n), rest: b.text }
}
)"},
    {"csv", R"(
stream s {
  from file "events"  format csv delimiter ";"
  field id: int  field name: string?  field price: float?  field live: bool?  field at: time
  time at  out_of_order 1s
}
rule r {
  on s by name
  begin a where price > 1 and live
  next b where price < a.price or id % 7 == 3
  within 1m
}
)"},
    {"columns", R"(
stream s {
  from file "events"  format csv columns [at, k, v]
  field k: string  field v: duration?
  time at unit ns
}
rule r { on s by k begin a where v > 1s notNext b where v < 1s next c within 1s on timeout }
)"},
    {"document", R"(
stream s {
  from file "events"  format json at a.events
  field k: int  field who: string? = user.name
  time at
}
rule r { on s by k begin a where k > 0 followedBy b where who == a.who within 1h }
)"},
}};

// One file to read, any to write; all in memory.
class MemoryFiles final : public FileSystem {
 public:
  explicit MemoryFiles(std::string_view events) : events_(events) {}

  Result<std::unique_ptr<ReadableFile>> open(const std::string&) override {
    return std::unique_ptr<ReadableFile>(std::make_unique<Reader>(events_));
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    return std::unique_ptr<WritableFile>(std::make_unique<Writer>(written[path]));
  }

  std::map<std::string, std::string> written;

 private:
  class Reader final : public ReadableFile {
   public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    Result<std::size_t> read(std::span<std::byte> buffer) override {
      const std::size_t count = std::min(buffer.size(), bytes_.size() - offset_);
      if (count > 0) std::memcpy(buffer.data(), bytes_.data() + offset_, count);
      offset_ += count;
      return count;
    }
    Result<void> seek(std::uint64_t offset) override {
      offset_ = std::min<std::size_t>(offset, bytes_.size());
      return {};
    }
    [[nodiscard]] std::uint64_t size() const override { return bytes_.size(); }

   private:
    std::string_view bytes_;
    std::size_t offset_ = 0;
  };

  class Writer final : public WritableFile {
   public:
    explicit Writer(std::string& out) : out_(out) {}
    Result<void> append(std::span<const std::byte> bytes) override {
      out_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    }
    Result<void> sync() override { return {}; }
    Result<void> close() override { return {}; }

   private:
    std::string& out_;
  };

  std::string_view events_;
};

std::string_view rules_named(std::string_view name) {
  const auto found = std::ranges::find(kRules, name, &NamedRules::name);
  return found == kRules.end() ? kRules.front().text : found->text;
}

void run(std::string_view rules_text, std::string_view events) {
  const rules::SourceFile source("fuzz.cep", std::string(rules_text));
  rules::Diagnostics diagnostics;
  auto rules = rules::load(source, diagnostics);
  LYMER_CHECK(rules.has_value(), to_text(diagnostics, source));

  MemoryFiles files(events);
  ManualClock clock(*parse_rfc3339("2026-06-01T00:00:00Z"));
  server::EngineOptions options;
  options.results_path = "results";
  options.late_path = "late";
  options.timeouts_path = "timeouts";
  options.rejects_path = "rejects";
  options.max_record_bytes = 4096;
  auto engine = server::Engine::make(std::move(*rules), options, files, clock);
  LYMER_CHECK(engine.has_value(), engine.error().to_string());
  const auto outcome = (*engine)->run([] { return false; });
  LYMER_CHECK(outcome.has_value(), outcome.error().to_string());

  for (const auto& [path, text] : files.written) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      LYMER_CHECK(nlohmann::json::accept(line), path + ": " + line);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > kMostBytes) return 0;
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  run(rules_named(input.substr(0, end)), input.substr(std::min(end + 1, size)));
  return 0;
}
