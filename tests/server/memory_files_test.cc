// Files in memory over real ones.
// Not here: what is tried with them (trial_test.cc).
#include "server/memory_files.h"

#include <array>
#include <span>

#include <gtest/gtest.h>

#include "tests/support/temp_files.h"

namespace lymer::server {
namespace {

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(MemoryFiles, ReadsWhatWasPutAndWritten) {
  PosixFileSystem system;
  MemoryFiles files(system);
  EXPECT_EQ(*files.read_all(files.put("rows", "one\ntwo\n"), 100), "one\ntwo\n");
  EXPECT_EQ((*files.status(MemoryFiles::path_of("rows")))->size, 8U);
  auto file = files.create(MemoryFiles::path_of("out"));
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->append(bytes("a")));
  ASSERT_TRUE((*file)->append(bytes("b")));
  EXPECT_EQ(files.text("out"), "ab");
  ASSERT_TRUE(files.create(MemoryFiles::path_of("out")));
  EXPECT_EQ(files.text("out"), "");
  EXPECT_EQ(files.text("other"), "");
}

TEST(MemoryFiles, SeeksInWhatItReads) {
  PosixFileSystem system;
  MemoryFiles files(system);
  auto file = files.open(files.put("rows", "abcdef"));
  ASSERT_TRUE((*file)->seek(4));
  std::array<std::byte, 8> buffer{};
  EXPECT_EQ(*(*file)->read(buffer), 2U);
  EXPECT_EQ(buffer[0], std::byte{'e'});
  EXPECT_EQ(*(*file)->read(buffer), 0U);
}

TEST(MemoryFiles, ReadsOtherFilesAndNeverWritesThem) {
  support::TempFiles disk;
  PosixFileSystem system;
  MemoryFiles files(system);
  const std::string path = disk.write("real", "text");
  EXPECT_EQ(*files.read_all(path, 100), "text");
  EXPECT_FALSE(files.create(path));
  EXPECT_EQ(disk.read("real"), "text");
}

}  // namespace
}  // namespace lymer::server
