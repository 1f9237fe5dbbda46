// Lines, csv records and documents out of files; limits, restarts, following; all in memory but for
// what needs real files: truncation and rotation.
// Not here: the file system itself (tests/runtime/base/file_system_test.cc).
#include "runtime/file_source.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

// A file that is made while it is read, so that it can be larger than memory.
struct FakeContent {
  std::uint64_t size = 0;
  std::function<char(std::uint64_t)> byte_at;
  std::size_t step = std::size_t{1} << 30U;  // The most that one read gives.
};

class FakeFile final : public ReadableFile {
 public:
  explicit FakeFile(const FakeContent& content) : content_(content) {}
  Result<std::size_t> read(std::span<std::byte> buffer) override {
    const std::size_t count = static_cast<std::size_t>(
        std::min<std::uint64_t>({buffer.size(), content_.step, content_.size - offset_}));
    for (std::size_t i = 0; i < count; ++i) {
      buffer[i] = static_cast<std::byte>(content_.byte_at(offset_ + i));
    }
    offset_ += count;
    return count;
  }
  Result<void> seek(std::uint64_t offset) override {
    offset_ = offset;
    return {};
  }
  std::uint64_t size() const override { return content_.size; }
  std::optional<FileIdentity> identity() const override { return FileIdentity{1, 1}; }

 private:
  const FakeContent& content_;
  std::uint64_t offset_ = 0;
};

class FakeFileSystem final : public FileSystem {
 public:
  explicit FakeFileSystem(FakeContent content) : content_(std::move(content)) {}
  explicit FakeFileSystem(std::string text, std::size_t step = 1000)
      : content_{text.size(), [text](std::uint64_t at) { return text[at]; }, step} {}
  Result<std::unique_ptr<ReadableFile>> open(const std::string&) override {
    return std::unique_ptr<ReadableFile>(std::make_unique<FakeFile>(content_));
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string&) override {
    return Error{ErrorCode::kUnsupported, "read only"};
  }

 private:
  FakeContent content_;
};

// "number@offset:bytes", or "number@offset!length" if oversized.
std::string shown(const Record& record) {
  const std::string where = std::to_string(record.number) + "@" + std::to_string(record.offset);
  if (record.oversized) return where + "!" + std::to_string(record.length);
  // Behind each record must be readable bytes; AddressSanitizer watches.
  volatile char sum = 0;
  for (std::size_t i = 0; i < kRecordPadding; ++i) {
    sum = static_cast<char>(sum + record.bytes.data()[record.bytes.size() + i]);
  }
  EXPECT_GE(record.length, record.bytes.size());
  return where + ":" + std::string(record.bytes);
}

using Shown = std::vector<std::string>;

Shown read_all(SplitReader& reader, std::size_t max_records = 1000) {
  Shown all;
  std::vector<Record> batch;
  while (true) {
    const auto state = reader.read(batch, max_records);
    if (!state) {
      ADD_FAILURE() << state.error().message;
      return all;
    }
    EXPECT_LE(batch.size(), max_records);
    EXPECT_EQ(batch.empty(), *state != ReadState::kRecords);
    for (const Record& record : batch) all.push_back(shown(record));
    if (*state != ReadState::kRecords) return all;
  }
}

std::unique_ptr<SplitReader> open(FileSystem& files, FileSourceOptions options) {
  return std::move(open_file_source(files, std::move(options))).value();
}

Shown lines(std::string text, FileSourceOptions options = {.path = "f"}) {
  FakeFileSystem files(std::move(text));
  return read_all(*open(files, std::move(options)));
}

TEST(FileLines, EndInLineFeedsOrTheEnd) {
  EXPECT_EQ(lines("a\nbb\n\nc"), (Shown{"1@0:a", "2@2:bb", "3@5:", "4@6:c"}));
  EXPECT_EQ(lines("a\n"), (Shown{"1@0:a"}));
  EXPECT_EQ(lines("\n"), (Shown{"1@0:"}));
  EXPECT_EQ(lines(""), (Shown{}));
}

TEST(FileLines, LoseTheirCarriageReturn) {
  EXPECT_EQ(lines("a\r\n\r\nb\rc\r\r\n"), (Shown{"1@0:a", "2@3:", "3@5:b\rc\r"}));
  EXPECT_EQ(lines("a\r"), (Shown{"1@0:a\r"}));
}

TEST(FileLines, KeepNulBytes) {
  using std::string_literals::operator""s;
  EXPECT_EQ(lines("a\0b\n\0"s), (Shown{"1@0:a\0b"s, "2@4:\0"s}));
}

TEST(FileLines, PassOverAByteOrderMark) {
  EXPECT_EQ(lines("\xEF\xBB\xBF"
                  "a\n\xEF\xBB\xBF"
                  "b"),
            (Shown{"1@0:a",
                   "2@5:\xEF\xBB\xBF"
                   "b"}));
}

TEST(FileLines, AreTheSameHoweverTheyAreRead) {
  std::mt19937_64 random(2);  // NOLINT(cert-msc51-cpp): a run must repeat.
  std::string text;
  Shown expected;
  for (int i = 0; i < 300; ++i) {
    const std::string line(random() % 80, static_cast<char>('a' + i % 26));
    const std::string where = std::to_string(i + 1) + "@" + std::to_string(text.size());
    expected.push_back(line.size() > 50 ? where + "!" + std::to_string(line.size())
                                        : where + ":" + line);
    text += line + (random() % 2 == 0 ? "\n" : "\r\n");
  }
  for (const std::size_t step : {1U, 2U, 7U, 50U, 51U, 52U, 1000U, 100000U}) {
    for (const std::size_t max_records : {1U, 3U, 1000U}) {
      FakeFileSystem files(text, step);
      const auto reader = open(files, {.path = "f", .max_record_bytes = 50});
      ASSERT_EQ(read_all(*reader, max_records), expected) << step << ' ' << max_records;
    }
  }
}

TEST(FileLines, AtTheLimitAreWholeAndAboveItOversized) {
  const FileSourceOptions options{.path = "f", .max_record_bytes = 3};
  EXPECT_EQ(lines("abc\nabcd\nabc\r\nabcd\r\nabc", options),
            (Shown{"1@0:abc", "2@4!4", "3@9:abc", "4@14!4", "5@20:abc"}));
  EXPECT_EQ(lines("abcdef", options), (Shown{"1@0!6"}));
}

TEST(FileLines, OfAnyLengthNeedLittleMemory) {
  constexpr std::uint64_t kLength = 100'000'000;
  FakeFileSystem files(FakeContent{kLength + 3, [](std::uint64_t at) {
                                     return at == kLength || at == kLength + 2 ? '\n' : 'x';
                                   }});
  const auto reader = open(files, {.path = "f", .max_record_bytes = 1000});
  EXPECT_EQ(read_all(*reader), (Shown{"1@0!100000000", "2@100000001:x"}));
}

TEST(FileLines, GoOnAtAnyPosition) {
  const std::string text = "one\ntwo\r\nthree\nfour";
  FakeFileSystem files(text, 5);
  const Shown whole = lines(text);
  const auto first = open(files, {.path = "f"});
  std::vector<Record> batch;
  for (std::size_t taken = 0; taken <= whole.size(); ++taken) {
    const auto second = open(files, {.path = "f"});
    ASSERT_TRUE(second->seek(first->position()));
    EXPECT_EQ(second->position(), first->position());
    EXPECT_EQ(read_all(*second),
              Shown(whole.begin() + static_cast<std::ptrdiff_t>(taken), whole.end()));
    ASSERT_TRUE(first->read(batch, 1));
  }
  ASSERT_TRUE(first->seek({}));
  EXPECT_EQ(read_all(*first), whole);
}

TEST(FileLines, CannotGoOnBehindTheEnd) {
  FakeFileSystem files("abc");
  const auto reader = open(files, {.path = "f"});
  EXPECT_EQ(reader->seek({4, 1}).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(reader->size_hint(), 3U);
}

Shown csv(std::string text, std::size_t limit = 1000, std::size_t step = 1000) {
  FakeFileSystem files(std::move(text), step);
  return read_all(*open(files, {.path = "f",
                                .framing = Framing::kCsvLines,
                                .csv_delimiter = ';',
                                .max_record_bytes = limit}));
}

TEST(FileCsv, KeepsLineEndsInQuotes) {
  const std::string text = "a;\"b\nc\"\r\nd;5\" e\n\"\n\";f";
  for (const std::size_t step : {1U, 3U, 1000U}) {
    EXPECT_EQ(csv(text, 1000, step), (Shown{"1@0:a;\"b\nc\"", "3@9:d;5\" e", "4@16:\"\n\";f"}));
  }
}

TEST(FileCsv, LosesOneLineByAQuoteThatDoesNotClose) {
  EXPECT_EQ(csv("a\n\"b;c\nd\ne\n"), (Shown{"1@0:a", "2@2:\"b;c", "3@7:d", "4@9:e"}));
  EXPECT_EQ(csv("\"b;c\nd\nlonger;x\ne\n", 10),
            (Shown{"1@0:\"b;c", "2@5:d", "3@7:longer;x", "4@16:e"}));
}

TEST(FileCsv, PassesOverALongRecordWithWholeQuotes) {
  for (const std::size_t step : {1U, 9U, 1000U}) {
    EXPECT_EQ(csv("\"a\nb\";cccc\nd\n", 6, step), (Shown{"1@0!10", "3@11:d"}));
  }
}

TEST(FileCsv, PassesOverALongLineAsAWhole) {
  EXPECT_EQ(csv("\"aaaaaaaaaaaa\nb\n", 5), (Shown{"1@0!13", "2@14:b"}));
}

TEST(FileDocument, IsOneRecord) {
  FakeFileSystem files("{\n}\n", 2);
  const auto reader = open(files, {.path = "f", .framing = Framing::kDocument});
  EXPECT_EQ(read_all(*reader), (Shown{"0@0:{\n}\n"}));
  EXPECT_EQ(reader->position(), (SplitPosition{4, 0}));
  const auto again = open(files, {.path = "f", .framing = Framing::kDocument});
  ASSERT_TRUE(again->seek(reader->position()));
  EXPECT_EQ(read_all(*again), (Shown{}));
  ASSERT_TRUE(again->seek({}));
  EXPECT_EQ(read_all(*again), (Shown{"0@0:{\n}\n"}));
  EXPECT_EQ(lines("", {.path = "f", .framing = Framing::kDocument}), (Shown{}));
}

TEST(FileDocument, AboveTheLimitIsOversized) {
  const auto document = [](std::size_t length) {
    return lines(std::string(length, 'x'),
                 {.path = "f", .framing = Framing::kDocument, .max_document_bytes = 600000});
  };
  EXPECT_EQ(document(600000), (Shown{"0@0:" + std::string(600000, 'x')}));
  EXPECT_EQ(document(600001), (Shown{"0@0!600001"}));
  EXPECT_EQ(document(5000000), (Shown{"0@0!5000000"}));
}

TEST(FileDocument, CannotBeFollowed) {
  FakeFileSystem files("");
  const auto made =
      open_file_source(files, {.path = "f", .framing = Framing::kDocument, .follow = true});
  EXPECT_EQ(made.error().code, ErrorCode::kInvalidArgument);
}

TEST(FileSource, SaysThatTheFileIsMissing) {
  PosixFileSystem files;
  const auto made = open_file_source(files, {.path = testing::TempDir() + "no_such_file"});
  EXPECT_EQ(made.error().code, ErrorCode::kNotFound);
}

// A real file that a test writes while a reader follows it.
class FollowedFile {
 public:
  explicit FollowedFile(const std::string& name) : path_(testing::TempDir() + "followed_" + name) {
    write("w", "");
    reader_ = open(files_, {.path = path_, .follow = true});
  }

  void append(std::string_view text) { write("a", text); }
  void replace(std::string_view text) { write("w", text); }
  void rotate() { ASSERT_EQ(std::rename(path_.c_str(), (path_ + ".1").c_str()), 0); }
  void append_to_rotated(std::string_view text) { write("a", text, ".1"); }
  Shown read() { return read_all(*reader_); }
  SplitReader& reader() { return *reader_; }
  PosixFileSystem& files() { return files_; }
  const std::string& path() const { return path_; }

 private:
  void write(const char* mode, std::string_view text, const char* suffix = "") {
    std::FILE* file = std::fopen((path_ + suffix).c_str(), mode);
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(std::fwrite(text.data(), 1, text.size(), file), text.size());
    ASSERT_EQ(std::fclose(file), 0);
  }

  PosixFileSystem files_;
  std::string path_;
  std::unique_ptr<SplitReader> reader_;
};

TEST(FollowedFile, HoldsALineUntilItEnds) {
  FollowedFile file("partial");
  EXPECT_EQ(file.read(), (Shown{}));
  file.append("a\nb");
  EXPECT_EQ(file.read(), (Shown{"1@0:a"}));
  EXPECT_EQ(file.reader().position(), (SplitPosition{2, 1}));
  file.append("b");
  EXPECT_EQ(file.read(), (Shown{}));
  file.append("\nc\n");
  EXPECT_EQ(file.read(), (Shown{"2@2:bb", "3@5:c"}));
}

TEST(FollowedFile, StartsAgainWhenItShrank) {
  FollowedFile file("truncated");
  file.append("long line\nhalf");
  EXPECT_EQ(file.read(), (Shown{"1@0:long line"}));
  file.replace("new\n");
  EXPECT_EQ(file.read(), (Shown{"1@0:new"}));
  EXPECT_EQ(file.reader().position(), (SplitPosition{4, 1}));
}

TEST(FollowedFile, IsReadToItsEndBeforeTheOneThatReplacesIt) {
  FollowedFile file("rotated");
  file.append("a\n");
  EXPECT_EQ(file.read(), (Shown{"1@0:a"}));
  file.append("b\nlast");
  file.rotate();
  EXPECT_EQ(file.read(), (Shown{"2@2:b"}));  // Nothing has its name yet.
  file.append_to_rotated(" words");
  file.append("new\n");
  EXPECT_EQ(file.read(), (Shown{"3@4:last words", "1@0:new"}));
  file.append("more\n");
  EXPECT_EQ(file.read(), (Shown{"2@4:more"}));
}

TEST(FollowedFile, StartsAgainWhenItIsShorterThanThePosition) {
  FollowedFile file("restored");
  file.append("ab\n");
  const auto later = open(file.files(), {.path = file.path(), .follow = true});
  ASSERT_TRUE(later->seek({1000, 50}));
  EXPECT_EQ(read_all(*later), (Shown{"1@0:ab"}));
}

}  // namespace
}  // namespace lymer::runtime
