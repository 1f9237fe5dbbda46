// Named places at which a test lets the process die, as SIGKILL would have it.
//
//   LYMER_FAILPOINT("sink.after_pre_commit");
//
//   LYMER_FAILPOINTS=sink.after_pre_commit=crash@2 lymer run ...   # The second time that it
//   passes.
//
// They are there in builds with the option LYMER_FAILPOINTS (the presets dev, asan and tsan); in
// all others the macro is nothing, and no name is in the program. A name is `part.place` and
// belongs to one place; tests/crash/failpoint_test.py finds all of them in the sources and dies at
// each. Not here: calls that fail (FileSystem is the seam for those).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

#ifdef LYMER_HAS_FAILPOINTS
#define LYMER_FAILPOINT(name) ::lymer::Failpoints::of_process().pass(name)
#else
#define LYMER_FAILPOINT(name) static_cast<void>(0)
#endif

namespace lymer {

class Failpoints {
 public:
  // Reads `name=crash[@n],...`. Returns kInvalidArgument for anything else.
  [[nodiscard]] static Result<Failpoints> parse(std::string_view text);
  // What the variable LYMER_FAILPOINTS says; one that cannot be read ends the process at once, for
  // a test that waits for nothing would pass.
  [[nodiscard]] static Failpoints& of_process();

  // Does not return where the process is to die. Thread-safe.
  void pass(std::string_view name);

 private:
  struct Point {
    Point(std::string_view its_name, std::uint64_t times) : name(its_name), left(times) {}
    std::string name;
    std::atomic<std::uint64_t> left;  // How often it is still to be passed, this time included.
  };
  std::deque<Point> points_;  // Which do not move.
};

}  // namespace lymer
