// The real file system in a temporary directory.
// Not here: lines and following (tests/runtime/file_source_test.cc).
#include "runtime/base/file_system.h"

#include <array>
#include <cstdio>
#include <sys/stat.h>

#include <gtest/gtest.h>

namespace lymer {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string path_of(const std::string& name) { return testing::TempDir() + "file_system_" + name; }

void write(const std::string& path, std::string_view text) {
  PosixFileSystem files;
  auto file = files.create(path);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_TRUE((*file)->append(bytes(text)));
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE((*file)->sync());
  ASSERT_TRUE((*file)->close());
}

TEST(FileSystem, ReadsBackWhatItWrote) {
  PosixFileSystem files;
  const std::string path = path_of("round_trip");
  const std::string text(300000, 'x');
  write(path, text);
  EXPECT_EQ(files.read_all(path, text.size()).value(), text);
  write(path, "short");
  EXPECT_EQ(files.read_all(path, 100).value(), "short");
  write(path, "");
  EXPECT_EQ(files.read_all(path, 0).value(), "");
}

TEST(FileSystem, SaysThatAFileIsMissing) {
  PosixFileSystem files;
  const auto opened = files.open(path_of("missing"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kNotFound);
  EXPECT_NE(opened.error().message.find("file_system_missing"), std::string::npos);
  EXPECT_NE(opened.error().message.find("No such file"), std::string::npos);
}

TEST(FileSystem, SaysThatAPathIsADirectory) {
  PosixFileSystem files;
  const auto opened = files.open(testing::TempDir());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kIo);
  EXPECT_NE(opened.error().message.find("directory"), std::string::npos);
  EXPECT_FALSE(files.create(testing::TempDir()));
}

TEST(FileSystem, RefusesToReadMoreThanTheLimit) {
  PosixFileSystem files;
  const std::string path = path_of("limit");
  write(path, "12345");
  EXPECT_TRUE(files.read_all(path, 5));
  EXPECT_EQ(files.read_all(path, 4).error().code, ErrorCode::kLimit);
}

TEST(ReadableFile, SeeksAndKnowsItsSize) {
  PosixFileSystem files;
  const std::string path = path_of("seek");
  write(path, "0123456789");
  auto file = std::move(files.open(path)).value();
  EXPECT_EQ(file->size(), 10U);
  ASSERT_TRUE(file->seek(7));
  std::array<std::byte, 16> buffer{};
  EXPECT_EQ(file->read(buffer).value(), 3U);
  EXPECT_EQ(buffer[0], std::byte{'7'});
  EXPECT_EQ(file->read(buffer).value(), 0U);
}

TEST(ReadableFile, TellsFilesApart) {
  PosixFileSystem files;
  const std::string path = path_of("identity");
  write(path, "old");
  const auto first = std::move(files.open(path)).value();
  const auto same = std::move(files.open(path)).value();
  EXPECT_TRUE(first->identity().has_value());
  EXPECT_EQ(first->identity(), same->identity());
  ASSERT_EQ(std::rename(path.c_str(), (path + ".1").c_str()), 0);
  write(path, "new");
  const auto other = std::move(files.open(path)).value();
  EXPECT_NE(first->identity(), other->identity());
}

TEST(ReadableFile, CannotSeekInAPipe) {
  PosixFileSystem files;
  const std::string path = path_of("pipe");
  (void)std::remove(path.c_str());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  // Opened both ways by a stream, so that opening the reader does not wait for a writer.
  std::FILE* writer = std::fopen(path.c_str(), "r+");
  ASSERT_NE(writer, nullptr);
  auto reader = std::move(files.open(path)).value();
  EXPECT_EQ(reader->seek(1).error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(reader->size(), 0U);
  EXPECT_FALSE(reader->identity().has_value());
  (void)std::fputs("hello", writer);
  (void)std::fflush(writer);
  std::array<std::byte, 16> buffer{};
  EXPECT_EQ(reader->read(buffer).value(), 5U);
  (void)std::fclose(writer);
}

}  // namespace
}  // namespace lymer
