// Lines as they come in pieces, pauses, the end of a connection, and what is too long.
// Not here: lines as such (tests/runtime/file_source_test.cc).
#include "runtime/socket_source.h"

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Lines = std::vector<std::string>;

// Sends these one after the other: an empty one is a pause, nothing breaks the connection.
class Scripted final : public Connection {
 public:
  explicit Scripted(std::deque<std::optional<std::string>> pieces) : pieces_(std::move(pieces)) {}
  Result<Received> receive(std::span<std::byte> buffer) override {
    if (pieces_.empty()) return Received{.has_ended = true};
    const std::optional<std::string> piece = pieces_.front();
    pieces_.pop_front();
    if (!piece) return Error{ErrorCode::kIo, "it broke"};
    EXPECT_LE(piece->size(), buffer.size());
    std::ranges::copy(std::as_bytes(std::span(*piece)), buffer.begin());
    return Received{.bytes = piece->size()};
  }

 private:
  std::deque<std::optional<std::string>> pieces_;
};

std::unique_ptr<SplitReader> reader_of(std::deque<std::optional<std::string>> pieces,
                                       Framing framing = Framing::kLines,
                                       std::size_t max_record_bytes = 10) {
  return open_socket_source(
             std::make_unique<Scripted>(std::move(pieces)),
             {.peer = "there:7", .framing = framing, .max_record_bytes = max_record_bytes})
      .value();
}

// What is read: records, `.` for a pause, `!` for an error, `=` and the number of bytes of what is
// too long.
Lines read_all(SplitReader& reader) {
  Lines lines;
  std::vector<Record> batch;
  while (true) {
    const auto state = reader.read(batch, 2);
    if (!state) lines.push_back("! " + state.error().message);
    if (!state || *state == ReadState::kEnd) return lines;
    if (*state == ReadState::kIdle) lines.emplace_back(".");
    for (const Record& each : batch) {
      lines.push_back(each.oversized ? "=" + std::to_string(each.length) : std::string(each.bytes));
    }
  }
}

Lines read_all(std::deque<std::optional<std::string>> pieces, Framing framing = Framing::kLines) {
  const auto reader = reader_of(std::move(pieces), framing);
  return read_all(*reader);
}

TEST(SocketSource, CutsWhatComesIntoLines) {
  EXPECT_THAT(read_all({"a\nb", "c\r\n", "", "d", "", "\n\ne\n"}),
              ElementsAre("a", "bc", ".", ".", "d", "", "e"));
  EXPECT_THAT(read_all({}), ElementsAre());
}

TEST(SocketSource, GivesTheLastLineWithoutEnd) {
  EXPECT_THAT(read_all({"a\nb"}), ElementsAre("a", "b"));
  EXPECT_THAT(read_all({"a", ""}), ElementsAre(".", "a"));
  EXPECT_THAT(read_all({"1,\"a\nb", "c"}, Framing::kCsvLines), ElementsAre("1,\"a", "bc"))
      << "a quote that does not close costs one line";
  EXPECT_THAT(read_all({"1,\"a\nb\"\n2"}, Framing::kCsvLines), ElementsAre("1,\"a\nb\"", "2"));
}

TEST(SocketSource, KeepsNothingOfLinesThatAreTooLong) {
  EXPECT_THAT(read_all({"0123456789ab", "cdef\nok\n", std::string(2000, 'x')}),
              ElementsAre("=16", "ok", "=2000"));
}

TEST(SocketSource, SaysThatAConnectionBroke) {
  EXPECT_THAT(read_all({"a\nb", std::nullopt}), ElementsAre("a", "! it broke"));
}

TEST(SocketSource, CannotGoBack) {
  const auto reader = reader_of({"a\nbc\n"});
  std::vector<Record> batch;
  ASSERT_TRUE(reader->read(batch, 10).has_value());
  EXPECT_EQ(reader->position(), (SplitPosition{5, 2}));
  EXPECT_TRUE(reader->seek({5, 2}).has_value());
  const auto gone = reader->seek({2, 1});
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(gone.error().message, HasSubstr("`there:7` has sent cannot be read again"));
}

TEST(SocketSource, ReadsNoDocuments) {
  EXPECT_EQ(open_socket_source(std::make_unique<Scripted>(Scripted({})),
                               {.peer = "there:7", .framing = Framing::kDocument})
                .error()
                .code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace lymer::runtime
