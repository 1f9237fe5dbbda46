// Any bytes as a small pattern and a few events: both engines find what the naive matcher finds.
//
// The first bytes answer the questions of tests/reference/random_pattern.h one by one; of the bytes
// that are left each is an event: two bits for its letter, two for the time since the one before.
// Engines are run twice, the second time with their state written and read between the events.
// Not here: Flink's answers (tests/conformance).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "cep/compiler/compiler.h"
#include "cep/pattern.h"
#include "runtime/base/check.h"
#include "tests/fuzz/program_check.h"
#include "tests/reference/agreement.h"
#include "tests/reference/random_pattern.h"

namespace {

using namespace lymer;

constexpr std::size_t kMostEvents = 100;
// The naive matcher keeps every run by itself, so their number grows with each event.
constexpr std::size_t kMostForReference = 10;

class Bytes {
 public:
  Bytes(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  [[nodiscard]] bool is_empty() const { return size_ == 0; }
  // Gives 1 at the end: the answer that asks for least.
  std::uint8_t next() {
    if (size_ == 0) return 1;
    --size_;
    return *bytes_++;
  }

 private:
  const std::uint8_t* bytes_;
  std::size_t size_;
};

reference::Events events_of(Bytes& bytes) {
  reference::Events events;
  std::int64_t time = 0;
  while (!bytes.is_empty() && events.size() < kMostEvents) {
    const std::uint8_t byte = bytes.next();
    time += byte / 4 % 4;
    events.push_back({static_cast<char>('a' + byte % 4), static_cast<nfa::Ordinal>(events.size()),
                      EventTime::from_millis(time)});
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* given, std::size_t size) {
  Bytes bytes(given, size);
  auto pattern =
      cep::Pattern::make(reference::draw_pattern([&] { return std::uint32_t{bytes.next()}; }, {}));
  if (!pattern) return 0;
  const nfa::Program program = cep::compile(*pattern).program;
  fuzz::check_program(program);
  const reference::Events events = events_of(bytes);
  const reference::Events first(
      events.begin(),
      events.begin() + static_cast<std::ptrdiff_t>(std::min(events.size(), kMostForReference)));
  const std::string plain = reference::difference(program, first);
  LYMER_CHECK(plain.empty(), plain);
  const std::string restored = reference::difference_through_snapshots(program, first);
  LYMER_CHECK(restored.empty(), restored);
  const std::string between = reference::difference_between_engines(program, events);
  LYMER_CHECK(between.empty(), between);
  return 0;
}
