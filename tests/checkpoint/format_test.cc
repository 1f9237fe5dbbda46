// The format as it is documented, and checkpoints that earlier versions wrote: both are read.
// Not here: what is refused (tests/checkpoint/manifest_test.cc, checkpoint_reader_test.cc).
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "checkpoint/checkpoint_reader.h"
#include "checkpoint/checkpoint_writer.h"
#include "checkpoint/coordinator.h"
#include "runtime/exec/overtaken.h"
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

runtime::OvertakenChannel documented_channel() {
  using runtime::EventBatch;
  runtime::OvertakenChannel channel{.channel = {.edge = {"rows", "orders", runtime::kMainPort, 0},
                                                .partitioning = runtime::Partitioning::kHash,
                                                .receiver = 1,
                                                .receivers = 2},
                                    .time = EventTime::from_millis(1769817600000),
                                    .elements = {}};
  runtime::EventHeader header;
  header.time = EventTime::from_millis(1769817600005);
  header.id = {runtime::SplitId(3), 70};
  header.schema = runtime::SchemaId(2);
  EventBatch batch;
  batch.append(header, bytes("row"), "raw");
  batch.set_key_hash(0, 0x0123456789abcdefU);
  channel.elements.emplace_back(std::move(batch));
  channel.elements.emplace_back(runtime::Watermark{EventTime::from_millis(1769817600004)});
  return channel;
}

TEST(Format, TheDocumentedExampleIsRead) {
  const std::vector<std::string> documented = documented_files();
  ASSERT_EQ(documented.size(), 3U) << "run in the root of the source tree";
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
  ASSERT_EQ(documented.size(), 3U);
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

TEST(Format, TheDocumentedOvertakenBatchIsWhatIsWritten) {
  const std::vector<std::string> documented = documented_files();
  ASSERT_EQ(documented.size(), 3U);
  EXPECT_EQ(runtime::encode_overtaken(std::vector{documented_channel()}), bytes(documented[2]));
}

// As above, of the first program whose barriers could overtake.
TEST(Format, OvertakenBatchesOfVersionOneAreRead) {
  PosixFileSystem files;
  const auto reader = CheckpointReader::open(files, "tests/checkpoint/fixtures/overtaken_1");
  ASSERT_TRUE(reader) << failure(reader);
  const auto read = reader->read();
  ASSERT_TRUE(read) << failure(read);
  const auto find = find_overtaken_in(*read);
  ASSERT_TRUE(find) << failure(find);
  const auto* found = (*find)("orders");
  ASSERT_NE(found, nullptr);
  ASSERT_EQ(found->size(), 1U);
  const runtime::OvertakenChannel& channel = found->front();
  EXPECT_EQ(channel.channel, documented_channel().channel);
  EXPECT_EQ(channel.time, documented_channel().time);
  ASSERT_EQ(channel.elements.size(), 2U);
  const auto& batch = std::get<runtime::EventBatch>(channel.elements[0]);
  EXPECT_EQ(batch.raw(0), "raw");
  EXPECT_EQ(batch.headers()[0].id.offset, 70U);
  EXPECT_EQ(batch.headers()[0].key_hash, 0x0123456789abcdefU);
  EXPECT_EQ(std::get<runtime::Watermark>(channel.elements[1]).time.to_millis(), 1769817600004);
}

}  // namespace
}  // namespace lymer::checkpoint
