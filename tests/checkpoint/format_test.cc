// The format as it is documented, and checkpoints that earlier versions wrote: both are read.
// Not here: what is refused (tests/checkpoint/manifest_test.cc, checkpoint_reader_test.cc).
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_writer.h"
#include "tests/checkpoint/sample_snapshot.h"
#include "tests/support/faulty_file_system.h"

namespace lymer::checkpoint {
namespace {

// The bytes of the blocks ```hex in checkpoint/FORMAT.md: on each line, those before the bar.
std::vector<std::string> documented_files() {
  std::ifstream document("checkpoint/FORMAT.md");
  std::vector<std::string> files;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("```")) {
      inside = line == "```hex";
      if (inside) files.emplace_back();
      continue;
    }
    if (!inside) continue;
    std::istringstream words(line.substr(0, line.find('|')));
    for (std::string word; words >> word;) {
      files.back() += static_cast<char>(std::stoul(word, nullptr, 16));
    }
  }
  return files;
}

Snapshot documented_snapshot() {
  Snapshot snapshot{.epoch = runtime::Epoch(5),
                    .made_at = EventTime::from_millis(1769817600000),
                    .is_savepoint = false,
                    .parallelism = {{"orders", 2}},
                    .parts = {{"orders", 1, {}}}};
  snapshot.parts[0].state.put(runtime::KeyGroup(3), "runs", bytes("abc"));
  snapshot.parts[0].state.put_operator_state("watermark", bytes("w"));
  return snapshot;
}

TEST(Format, TheDocumentedExampleIsRead) {
  const std::vector<std::string> documented = documented_files();
  ASSERT_EQ(documented.size(), 2U) << "run in the root of the source tree";
  support::FaultyFileSystem files;
  ASSERT_TRUE(files.make_directory("/example"));
  files.set_content("/example/manifest", documented[0]);
  files.set_content("/example/state-0", documented[1]);
  const auto reader = CheckpointReader::open(files, "/example");
  ASSERT_TRUE(reader) << failure(reader);
  const auto read = reader->read();
  ASSERT_TRUE(read) << failure(read);
  EXPECT_EQ(*read, documented_snapshot());
}

TEST(Format, TheDocumentedExampleIsWhatIsWritten) {
  const std::vector<std::string> documented = documented_files();
  ASSERT_EQ(documented.size(), 2U);
  support::FaultyFileSystem files;
  ASSERT_TRUE(files.make_directory("/example"));
  ASSERT_TRUE(write_checkpoint(files, "/example", documented_snapshot()));
  EXPECT_EQ(files.content("/example/manifest"), documented[0]);
  EXPECT_EQ(files.content("/example/state-0"), documented[1]);
}

// Written once by the program of that version; never written again.
TEST(Format, VersionOneIsRead) {
  PosixFileSystem files;
  const auto reader = CheckpointReader::open(files, "tests/checkpoint/fixtures/version_1");
  ASSERT_TRUE(reader) << failure(reader);
  const auto read = reader->read();
  ASSERT_TRUE(read) << failure(read);
  Snapshot expected = sample(12, "fixture");
  expected.is_savepoint = true;
  expected.parallelism["idle"] = 4;
  expected.parts.push_back({"idle", 3, {}});
  // By subtask, then by uid: `events` before `orders`.
  EXPECT_EQ(*read, expected);
  EXPECT_TRUE(reader->read_key_group("orders", 1, runtime::KeyGroup(127)));
}

}  // namespace
}  // namespace lymer::checkpoint
