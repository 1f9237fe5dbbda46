// A sink that opens its file at its first epoch, where it can fail.
// Not here: writing (runtime/line_sink.cc).
#include "runtime/stream/line_output.h"

#include <optional>
#include <utility>

#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"
#include "runtime/line_sink.h"

namespace lymer::runtime {
namespace {

constexpr std::string_view kStandardOutput = "-";

class LineOutput final : public Sink {
 public:
  LineOutput(FileSystem& files, std::string path, LineSink::Formatter formatter)
      : files_(files), path_(std::move(path)), formatter_(std::move(formatter)) {}

  Result<void> begin(Epoch epoch) override {
    if (!lines_) {
      LYMER_ASSIGN_OR_RETURN(auto file, files_.create(path_));
      lines_.emplace(std::move(file), formatter_);
    }
    return lines_->begin(epoch);
  }
  Result<void> write(const EventBatch& batch) override { return lines_->write(batch); }
  Result<Transaction> pre_commit(Epoch epoch) override { return lines_->pre_commit(epoch); }
  // All was visible when it was written.
  Result<void> commit(const Transaction&) override { return {}; }
  Result<void> abort(Epoch epoch) override { return lines_->abort(epoch); }
  Result<void> close() override { return lines_ ? lines_->close() : Result<void>(); }

 private:
  FileSystem& files_;
  std::string path_;
  LineSink::Formatter formatter_;
  std::optional<LineSink> lines_;  // Since begin().
};

}  // namespace

LineText json_line(SchemaRef schema) {
  return [schema = std::move(schema)](const EventView& event, std::string& line) {
    append_json_row(line, event.row, *schema);
  };
}

std::function<std::unique_ptr<Sink>(SourceShare)> line_output(FileSystem& files, std::string path,
                                                              SchemaRef schema, LineText line) {
  const auto formatter = [schema = std::move(schema), line = std::move(line)](
                             const EventBatch& batch, std::size_t index, std::string& out) {
    const EventHeader& header = batch.headers()[index];
    line({header, RowView(batch.bytes(header.row), schema->size()), batch.raw(index)}, out);
  };
  return [&files, path = std::move(path), formatter](const SourceShare& share) {
    const bool has_one = share.subtasks == 1 || path == kStandardOutput;
    return std::make_unique<LineOutput>(
        files, has_one ? path : text("{}.{}", path, share.subtask + 1), formatter);
  };
}

}  // namespace lymer::runtime
