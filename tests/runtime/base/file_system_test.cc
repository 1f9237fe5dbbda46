// The real file system in a temporary directory.
// Not here: lines and following (tests/runtime/file_source_test.cc).
#include "runtime/base/file_system.h"

#include <array>
#include <cstdio>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

// A directory of the test's own, empty at its start and gone at its end.
class Directories : public testing::Test {
 protected:
  Directories() {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~Directories() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  [[nodiscard]] std::string in_root(const std::string& name) const { return root_ + "/" + name; }

  PosixFileSystem files_;
  std::string root_ = path_of("root_" + std::to_string(::getpid()));
};

TEST_F(Directories, ListsNamesInOrder) {
  EXPECT_THAT(files_.list(root_).value(), IsEmpty());
  write(in_root("b"), "");
  write(in_root("c"), "");
  ASSERT_TRUE(files_.make_directory(in_root("a")));
  EXPECT_THAT(files_.list(root_).value(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(files_.list(in_root("none")).error().code, ErrorCode::kNotFound);
  EXPECT_THAT(files_.list(in_root("b")).error().message, HasSubstr("root_"));
}

TEST_F(Directories, TellsWhatIsAtAPath) {
  write(in_root("file"), "12345");
  ASSERT_EQ(::symlink(root_.c_str(), in_root("link").c_str()), 0);
  const auto file = files_.status(in_root("file")).value();
  ASSERT_TRUE(file);
  EXPECT_EQ(file->kind, FileKind::kRegular);
  EXPECT_EQ(file->size, 5U);
  EXPECT_EQ(files_.status(root_).value()->kind, FileKind::kDirectory);
  EXPECT_EQ(files_.status(in_root("link")).value()->kind, FileKind::kOther);
  EXPECT_EQ(files_.status(in_root("link/")).value()->kind, FileKind::kDirectory);
  EXPECT_FALSE(files_.status(in_root("none")).value());
  const auto below_file = files_.status(in_root("file/name"));
  ASSERT_FALSE(below_file);
  EXPECT_THAT(below_file.error().message, HasSubstr("file/name` failed: Not a directory"));
}

TEST_F(Directories, MakesADirectoryOnce) {
  ASSERT_TRUE(files_.make_directory(in_root("made")));
  const auto again = files_.make_directory(in_root("made"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kIo);
  EXPECT_THAT(again.error().message, HasSubstr("made` failed: File exists"));
  EXPECT_EQ(files_.make_directory(in_root("none/made")).error().code, ErrorCode::kNotFound);
}

TEST_F(Directories, MakesThoseAboveThatAreMissing) {
  ASSERT_TRUE(files_.make_directories(in_root("a/b/c")));
  ASSERT_TRUE(files_.make_directories(in_root("a/b/c/")));
  ASSERT_TRUE(files_.make_directories(in_root("a/b//d/")));
  EXPECT_THAT(files_.list(in_root("a/b")).value(), ElementsAre("c", "d"));
  ASSERT_EQ(::symlink(in_root("a").c_str(), in_root("link").c_str()), 0);
  ASSERT_TRUE(files_.make_directories(in_root("link/e")));
  ASSERT_TRUE(files_.make_directories(in_root("link")));
  EXPECT_FALSE(files_.make_directories(""));
  write(in_root("file"), "");
  EXPECT_FALSE(files_.make_directories(in_root("file")));
  EXPECT_FALSE(files_.make_directories(in_root("file/below")));
}

TEST_F(Directories, MovesFilesAndDirectories) {
  write(in_root("old"), "old");
  write(in_root("new"), "new");
  ASSERT_TRUE(files_.rename(in_root("new"), in_root("old")));
  EXPECT_EQ(files_.read_all(in_root("old"), 10).value(), "new");
  ASSERT_TRUE(files_.make_directories(in_root("full")));
  write(in_root("full/file"), "");
  ASSERT_TRUE(files_.make_directories(in_root("other")));
  write(in_root("other/file"), "");
  const auto taken = files_.rename(in_root("full"), in_root("other"));
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("other` failed: Directory not empty"));
  EXPECT_EQ(files_.rename(in_root("none"), in_root("x")).error().code, ErrorCode::kNotFound);
  EXPECT_THAT(files_.list(root_).value(), ElementsAre("full", "old", "other"));
}

TEST_F(Directories, RemovesFilesAndEmptyDirectories) {
  ASSERT_TRUE(files_.make_directory(in_root("a")));
  write(in_root("a/file"), "");
  EXPECT_THAT(files_.remove_directory(in_root("a")).error().message, HasSubstr("not empty"));
  ASSERT_TRUE(files_.remove_file(in_root("a/file")));
  ASSERT_TRUE(files_.remove_directory(in_root("a")));
  EXPECT_EQ(files_.remove_file(in_root("a")).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(files_.remove_directory(in_root("a")).error().code, ErrorCode::kNotFound);
}

TEST_F(Directories, RemovesATreeButNotWhatItsLinksPointTo) {
  ASSERT_TRUE(files_.make_directories(in_root("tree/a/b")));
  ASSERT_TRUE(files_.make_directories(in_root("kept")));
  write(in_root("tree/a/b/file"), "");
  write(in_root("kept/file"), "");
  ASSERT_EQ(::symlink(in_root("kept").c_str(), in_root("tree/link").c_str()), 0);
  ASSERT_TRUE(files_.remove_tree(in_root("tree")));
  EXPECT_THAT(files_.list(root_).value(), ElementsAre("kept"));
  EXPECT_THAT(files_.list(in_root("kept")).value(), ElementsAre("file"));
  ASSERT_TRUE(files_.remove_tree(in_root("kept/file")));
  EXPECT_EQ(files_.remove_tree(in_root("tree")).error().code, ErrorCode::kNotFound);
}

TEST_F(Directories, SyncsADirectoryAndNothingElse) {
  EXPECT_TRUE(files_.sync_directory(root_));
  write(in_root("file"), "");
  EXPECT_THAT(files_.sync_directory(in_root("file")).error().message, HasSubstr("Not a directory"));
  EXPECT_EQ(files_.sync_directory(in_root("none")).error().code, ErrorCode::kNotFound);
}

TEST(ParentDirectory, IsWhereTheLastNameStands) {
  EXPECT_EQ(parent_directory("name"), ".");
  EXPECT_EQ(parent_directory("name/"), ".");
  EXPECT_EQ(parent_directory("a/b"), "a");
  EXPECT_EQ(parent_directory("a//b//"), "a");
  EXPECT_EQ(parent_directory("/a"), "/");
  EXPECT_EQ(parent_directory("/"), "/");
  EXPECT_EQ(parent_directory(""), ".");
}

// Reads only, as most fakes do.
class ReadOnlyFiles final : public FileSystem {
 public:
  Result<std::unique_ptr<ReadableFile>> open(const std::string&) override {
    return Error{ErrorCode::kNotFound, "nothing here"};
  }
  Result<std::unique_ptr<WritableFile>> create(const std::string&) override {
    return Error{ErrorCode::kUnsupported, "read only"};
  }
};

TEST(FileSystem, SaysWhatAnImplementationDoesNotDo) {
  ReadOnlyFiles files;
  EXPECT_EQ(files.status("/x").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(files.list("/x").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(files.make_directory("/x").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(files.make_directories("/x").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(files.rename("/x", "/y").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(files.remove_file("/x").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(files.remove_directory("/x").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(files.remove_tree("/x").error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(files.sync_directory("/x").error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(files.list("/x").error().message, HasSubstr("`/x`"));
}

}  // namespace
}  // namespace lymer
