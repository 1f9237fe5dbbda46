// Bytes that a copy of the process writes of the memory as it is now, while this one goes on.
//
//   auto writer = ForkedWriter::start([&] { return state.serialize(); });   // Milliseconds.
//   ...                                    // `state` may change: the copy does not see it.
//   if ((*writer)->is_ready()) bytes = (*writer)->take();
//
// The operating system copies a page only when one of the two writes to it (Redis has its snapshots
// made so). The copy has one thread, the caller's: the function may read memory and take more, and
// nothing else. A lock that another thread had when the copy was made stays locked there for ever.
// The copy ends soon after the process does. Not here: who may have this done
// (runtime/operator.h).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <sys/types.h>
#include <vector>

#include "runtime/base/result.h"

namespace lymer {

// Started by one thread, and then used by one other.
class ForkedWriter {
 public:
  using Write = std::function<Result<std::vector<std::byte>>()>;

  // False under AddressSanitizer and ThreadSanitizer, whose own locks do not survive the copying.
  [[nodiscard]] static bool is_possible() noexcept;
  // Returns kIo with the reason, such as too little memory.
  [[nodiscard]] static Result<std::shared_ptr<ForkedWriter>> start(const Write& write);
  // Ends the copy if it still writes.
  ~ForkedWriter();
  ForkedWriter(const ForkedWriter&) = delete;
  ForkedWriter& operator=(const ForkedWriter&) = delete;
  ForkedWriter(ForkedWriter&&) = delete;
  ForkedWriter& operator=(ForkedWriter&&) = delete;

  // Its process id, while it has one.
  [[nodiscard]] pid_t copy() const noexcept { return copy_; }
  // The copy has ended, well or not.
  [[nodiscard]] bool is_ready();
  // What it wrote; once. Requires is_ready(). Returns kIo with the error of the function, or
  // with what became of the copy.
  [[nodiscard]] Result<std::vector<std::byte>> take();

 private:
  class Passkey {
    friend class ForkedWriter;
    Passkey() = default;
  };

 public:
  // Only start() can call it.
  ForkedWriter(Passkey, pid_t copy, int bytes) : copy_(copy), bytes_(bytes) {}

 private:
  pid_t copy_;
  int bytes_;  // A file in memory that both have.
  bool has_ended_ = false;
  int status_ = 0;
};

}  // namespace lymer
