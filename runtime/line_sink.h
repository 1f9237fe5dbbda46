// A sink that writes one line of text an event: standard output, a file of rejects.
//
// Lines are visible as soon as their batch is written, so that who follows a live log sees a match
// when it is found: the guarantee is at least once. The formatter
// turns a row into text without the end of line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/base/file_system.h"
#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/sink.h"
#include "runtime/stream_element.h"

namespace lymer::runtime {

class LineSink final : public Sink {
 public:
  // Appends the text of event `index` of the batch.
  using Formatter =
      std::function<void(const EventBatch& batch, std::size_t index, std::string& out)>;

  LineSink(std::unique_ptr<WritableFile> file, Formatter formatter);

  [[nodiscard]] Result<void> begin(Epoch epoch) override;
  [[nodiscard]] Result<void> write(const EventBatch& batch) override;
  // Writes a line that is no event.
  [[nodiscard]] Result<void> write_line(std::string_view line);
  [[nodiscard]] Result<Transaction> pre_commit(Epoch epoch) override;
  [[nodiscard]] Result<void> commit(const Transaction& transaction) override;
  [[nodiscard]] Result<void> abort(Epoch epoch) override;
  [[nodiscard]] Result<void> close() override;
  // Returns once all lines would survive a loss of power.
  [[nodiscard]] Result<void> sync();
  // Hands what is buffered to the system.
  [[nodiscard]] Result<void> flush();

  [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }

 private:
  std::unique_ptr<WritableFile> file_;
  Formatter formatter_;
  std::string buffer_;
  std::uint64_t lines_ = 0;
};

}  // namespace lymer::runtime
