// A connection in the clothes of a file that is followed, until it ends.
// Not here: cutting bytes into lines (runtime/file_source.cc).
#include "runtime/socket_source.h"

#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "runtime/base/file_system.h"
#include "runtime/base/text.h"

namespace lymer::runtime {
namespace {

// A connection that has ended looks like a file that was replaced under its name by an empty one:
// then the reader of lines gives what is left, though no end of line has come.
class SocketFile final : public ReadableFile {
 public:
  SocketFile(std::unique_ptr<Connection> connection, std::string peer, bool& has_ended)
      : connection_(std::move(connection)), peer_(std::move(peer)), has_ended_(has_ended) {}

  Result<std::size_t> read(std::span<std::byte> buffer) override {
    if (has_ended_) return std::size_t{0};
    LYMER_ASSIGN_OR_RETURN(const Connection::Received received, connection_->receive(buffer));
    has_ended_ = received.has_ended;
    return received.bytes;
  }
  Result<void> seek(std::uint64_t offset) override {
    return Error{
        ErrorCode::kUnsupported,
        text("what `{}` has sent cannot be read again, here from byte {} on", peer_, offset)};
  }
  // Not cut short, whatever was read.
  std::uint64_t size() const override { return std::numeric_limits<std::uint64_t>::max(); }
  std::optional<FileIdentity> identity() const override {
    return has_ended_ ? std::optional(FileIdentity{}) : std::nullopt;
  }

 private:
  std::unique_ptr<Connection> connection_;
  std::string peer_;
  bool& has_ended_;
};

class EmptyFile final : public ReadableFile {
 public:
  Result<std::size_t> read(std::span<std::byte>) override { return std::size_t{0}; }
  Result<void> seek(std::uint64_t) override { return {}; }
  std::uint64_t size() const override { return 0; }
};

// Gives the connection as the file that is asked for, and then the one that replaces it.
class SocketFiles final : public FileSystem {
 public:
  explicit SocketFiles(std::unique_ptr<ReadableFile> file) : file_(std::move(file)) {}
  Result<std::unique_ptr<ReadableFile>> open(const std::string&) override {
    if (file_ != nullptr) return std::move(file_);
    return std::unique_ptr<ReadableFile>(std::make_unique<EmptyFile>());
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string& path) override {
    return Error{ErrorCode::kUnsupported, text("`{}` is only read", path)};
  }

 private:
  std::unique_ptr<ReadableFile> file_;
};

class SocketReader final : public SplitReader {
 public:
  SocketReader(std::unique_ptr<Connection> connection, const std::string& peer)
      : files_(std::make_unique<SocketFile>(std::move(connection), peer, has_ended_)) {}

  Result<void> open(FileSourceOptions options) {
    LYMER_ASSIGN_OR_RETURN(lines_, open_file_source(files_, std::move(options)));
    return {};
  }
  Result<ReadState> read(std::vector<Record>& batch, std::size_t max_records) override {
    LYMER_ASSIGN_OR_RETURN(const ReadState state, lines_->read(batch, max_records));
    if (state == ReadState::kIdle && has_ended_) return ReadState::kEnd;
    // Behind the last of them the replaced file begins, which is no place in this stream.
    for (const Record& each : batch) end_ = {each.offset + each.length, each.number};
    return state;
  }
  SplitPosition position() const override { return has_ended_ ? end_ : lines_->position(); }
  Result<void> seek(SplitPosition position) override { return lines_->seek(position); }

 private:
  bool has_ended_ = false;
  SplitPosition end_;
  SocketFiles files_;
  std::unique_ptr<SplitReader> lines_;
};

}  // namespace

Result<std::unique_ptr<SplitReader>> open_socket_source(std::unique_ptr<Connection> connection,
                                                        const SocketSourceOptions& options) {
  auto reader = std::make_unique<SocketReader>(std::move(connection), options.peer);
  FileSourceOptions lines{.path = options.peer};
  lines.framing = options.framing;
  lines.follow = true;
  lines.csv_delimiter = options.csv_delimiter;
  lines.max_record_bytes = options.max_record_bytes;
  LYMER_RETURN_IF_ERROR(reader->open(std::move(lines)));
  return std::unique_ptr<SplitReader>(std::move(reader));
}

}  // namespace lymer::runtime
