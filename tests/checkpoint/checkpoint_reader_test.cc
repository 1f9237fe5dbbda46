// Checkpoints read whole and by key group, and all that can be wrong with their files.
// Not here: the records of the manifest (tests/checkpoint/manifest_test.cc).
#include "checkpoint/checkpoint_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "checkpoint/checkpoint_writer.h"
#include "runtime/base/hash.h"
#include "tests/checkpoint/sample_snapshot.h"
#include "tests/support/faulty_file_system.h"

namespace lymer::checkpoint {
namespace {

using runtime::KeyGroup;
using support::FaultyFileSystem;
using support::FileOperation;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kDirectory = "/c";

std::string path_of(std::string_view name) {
  return std::string(kDirectory) + "/" + std::string(name);
}

Result<Snapshot> read(FileSystem& files) {
  LYMER_ASSIGN_OR_RETURN(const CheckpointReader reader,
                         CheckpointReader::open(files, std::string(kDirectory)));
  return reader.read();
}

class CheckpointFiles : public testing::Test {
 protected:
  CheckpointFiles() { write(sample(1)); }

  void write(const Snapshot& snapshot) {
    if (files_.status(std::string(kDirectory)).value()) {
      EXPECT_TRUE(files_.remove_tree(std::string(kDirectory)));
    }
    EXPECT_TRUE(files_.make_directories(std::string(kDirectory)));
    const auto written = write_checkpoint(files_, std::string(kDirectory), snapshot);
    EXPECT_TRUE(written) << failure(written);
  }
  // Rewrites the manifest with a good checksum.
  void change_manifest(const std::function<void(Manifest&)>& change) {
    const std::string old = files_.content(path_of("manifest"));
    Manifest manifest = read_manifest(std::as_bytes(std::span(old))).value();
    change(manifest);
    const auto changed = write_manifest(manifest);
    files_.set_content(path_of("manifest"),
                       {reinterpret_cast<const char*>(changed.data()), changed.size()});
  }

  FaultyFileSystem files_;
};

TEST_F(CheckpointFiles, ComeBack) {
  const auto back = read(files_);
  ASSERT_TRUE(back) << failure(back);
  EXPECT_EQ(*back, sample(1));
}

TEST_F(CheckpointFiles, ComeBackWithNothingInThem) {
  Snapshot empty;
  write(empty);
  EXPECT_EQ(read(files_).value(), empty);
  empty.parallelism = {{"a", 2}};
  empty.parts = {{"a", 0, {}}, {"a", 1, {}}};
  empty.is_savepoint = true;
  write(empty);
  EXPECT_EQ(read(files_).value(), empty);
}

TEST_F(CheckpointFiles, ComeBackInPiecesOfAnySize) {
  files_.limit_reads(1);
  EXPECT_EQ(read(files_).value(), sample(1));
}

TEST_F(CheckpointFiles, TellWhatIsInThem) {
  const auto reader = CheckpointReader::open(files_, std::string(kDirectory));
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->manifest().epoch, runtime::Epoch(1));
  EXPECT_EQ(reader->manifest().parallelism, sample(1).parallelism);
  std::uint64_t size = 0;
  for (const std::string name : {"manifest", "state-0", "state-1"}) {
    size += files_.content(path_of(name)).size();
  }
  EXPECT_EQ(reader->bytes(), size);
}

TEST_F(CheckpointFiles, GiveOneKeyGroupAlone) {
  const auto reader = CheckpointReader::open(files_, std::string(kDirectory));
  ASSERT_TRUE(reader);
  // Damage elsewhere in the same file does not matter.
  std::string content = files_.content(path_of("state-0"));
  content.back() = static_cast<char>(content.back() ^ 1);
  files_.set_content(path_of("state-0"), content);
  const auto state = reader->read_key_group("orders", 0, KeyGroup(7));
  ASSERT_TRUE(state) << failure(state);
  EXPECT_EQ(state->key_groups(), std::vector{KeyGroup(7)});
  EXPECT_EQ(std::ranges::equal(*state->get(KeyGroup(7), "runs"), bytes("seven x")), true);
  EXPECT_FALSE(state->get_operator_state("watermark"));
  EXPECT_TRUE(reader->read_key_group("orders", 1, KeyGroup(127)));
  EXPECT_EQ(failure(reader->read_key_group("orders", 1, KeyGroup(7))),
            "not found: `/c` has no state of key group 7 of operator `orders`, subtask 1");
  EXPECT_FALSE(reader->read_key_group("events", 0, KeyGroup(7)));
}

TEST_F(CheckpointFiles, AreLeftAloneIfNobodyNamesThem) {
  files_.set_content(path_of("state-2"), "somebody else's");
  files_.set_content(path_of("notes.txt"), "keep");
  EXPECT_TRUE(read(files_));
}

TEST_F(CheckpointFiles, AreRefusedWhateverByteIsFlipped) {
  for (const std::string name : {"manifest", "state-0", "state-1"}) {
    const std::string whole = files_.content(path_of(name));
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (const char bit : {'\x01', '\x80'}) {
        std::string flipped = whole;
        flipped[i] = static_cast<char>(flipped[i] ^ bit);
        files_.set_content(path_of(name), flipped);
        EXPECT_THAT(failure(read(files_)),
                    AllOf(StartsWith("corrupt data: `/c` cannot be restored: "),
                          HasSubstr(name.substr(0, 5)),
                          HasSubstr("; restore from another checkpoint or savepoint")))
            << name << " at " << i;
      }
    }
    files_.set_content(path_of(name), whole);
  }
  EXPECT_TRUE(read(files_));
}

TEST_F(CheckpointFiles, AreRefusedWhereverTheyAreCut) {
  for (const std::string name : {"manifest", "state-0", "state-1"}) {
    const std::string whole = files_.content(path_of(name));
    for (std::size_t i = 0; i < whole.size(); ++i) {
      files_.set_content(path_of(name), whole.substr(0, i));
      const auto back = read(files_);
      ASSERT_FALSE(back) << name << " cut to " << i;
      EXPECT_EQ(back.error().code, ErrorCode::kCorrupt) << name << " cut to " << i;
    }
    files_.set_content(path_of(name), whole + "x");
    EXPECT_FALSE(read(files_)) << name << " with a byte more";
    files_.set_content(path_of(name), whole);
  }
}

TEST_F(CheckpointFiles, AreNamedWithWhatIsWrong) {
  const std::string whole = files_.content(path_of("state-0"));
  files_.set_content(path_of("state-0"), whole.substr(0, 50));
  EXPECT_EQ(failure(read(files_)),
            "corrupt data: `/c` cannot be restored: `state-0` is 50 bytes long instead of " +
                std::to_string(whole.size()) + "; restore from another checkpoint or savepoint");
  std::string flipped = whole;
  flipped.back() = '?';
  files_.set_content(path_of("state-0"), flipped);
  EXPECT_THAT(failure(read(files_)),
              HasSubstr("`state-0` has a wrong checksum in operator state of operator `orders`, "
                        "subtask 0; restore"));
  flipped = whole;
  flipped[4] = 2;
  files_.set_content(path_of("state-0"), flipped);
  EXPECT_THAT(failure(read(files_)), HasSubstr("`state-0` does not begin as it must"));
  ASSERT_TRUE(files_.remove_file(path_of("state-0")));
  EXPECT_THAT(failure(read(files_)), HasSubstr("`state-0` is missing"));
  ASSERT_TRUE(files_.make_directory(path_of("state-0")));
  EXPECT_THAT(failure(read(files_)), HasSubstr("`state-0` is no regular file"));
}

TEST_F(CheckpointFiles, AreRefusedWithoutAManifest) {
  ASSERT_TRUE(files_.remove_file(path_of("manifest")));
  EXPECT_THAT(failure(read(files_)), HasSubstr("it has no file `manifest`, so it is no finished"));
  files_.set_content(path_of("manifest"), std::string(kManifestBytesMax + 1, 'x'));
  EXPECT_THAT(failure(read(files_)), HasSubstr("`manifest` is longer than"));
  ASSERT_TRUE(files_.remove_tree(std::string(kDirectory)));
  EXPECT_EQ(failure(read(files_)), "not found: there is no checkpoint or savepoint `/c`");
  files_.set_content(std::string(kDirectory), "a file");
  EXPECT_THAT(failure(read(files_)), HasSubstr("`/c` cannot be restored: it is no directory"));
}

TEST_F(CheckpointFiles, OfANewerVersionAreRefusedAsSuch) {
  std::string manifest = files_.content(path_of("manifest"));
  manifest[4] = 2;
  manifest.resize(manifest.size() - 8);
  const std::uint64_t checksum = hash64(std::as_bytes(std::span(manifest)));
  for (int i = 0; i < 8; ++i) manifest += static_cast<char>(checksum >> (8 * i));
  files_.set_content(path_of("manifest"), manifest);
  EXPECT_EQ(failure(read(files_)),
            "not supported: `/c` was written by a newer version: LYCM state has format version 2, "
            "this program reads up to 1; start that version, or restore from an older checkpoint");
}

TEST_F(CheckpointFiles, OfAnotherCheckpointAreRefused) {
  const std::string other = files_.content(path_of("state-0"));
  write(sample(2, "y"));
  ASSERT_EQ(files_.content(path_of("state-0")).size(), other.size());
  files_.set_content(path_of("state-0"), other);
  EXPECT_THAT(failure(read(files_)), HasSubstr("`state-0` has a wrong checksum"));
}

TEST_F(CheckpointFiles, AreLookedIntoEvenUnderGoodChecksums) {
  // Two blocks of one part change their places in the manifest, not in the file.
  change_manifest([](Manifest& manifest) {
    std::vector<Block>& blocks = manifest.files[0].parts[1].blocks;
    ASSERT_EQ(blocks.size(), 3U);
    blocks[0].group = KeyGroup(2);
  });
  EXPECT_THAT(failure(read(files_)), HasSubstr("`state-0` is wrong in key group 2 of operator "
                                               "`orders`, subtask 0: it holds other pieces"));
  write(sample(1));
  change_manifest([this](Manifest& manifest) {
    std::string file = files_.content(path_of("state-0"));
    ManifestPart& part = manifest.files[0].parts[1];
    const std::size_t at = kStateFileHeader.size() + manifest.files[0].parts[0].blocks[0].length;
    file.erase(at, part.blocks[0].length);
    files_.set_content(path_of("state-0"), file);
    part.blocks.erase(part.blocks.begin());
  });
  EXPECT_THAT(failure(read(files_)), HasSubstr("its piece `runs` of key group 3 is missing"));
}

TEST_F(CheckpointFiles, ThatClaimToBeHugeCostNoMemory) {
  change_manifest(
      [](Manifest& manifest) { manifest.files[0].parts[0].blocks[0].length = kBlockBytesMax; });
  EXPECT_THAT(failure(read(files_)), HasSubstr("bytes long instead of 4294967"));
}

TEST_F(CheckpointFiles, ThatCannotBeReadAreNotCalledDamaged) {
  for (const std::string name : {"manifest", "state-1"}) {
    for (const FileOperation operation : {FileOperation::kOpen, FileOperation::kRead}) {
      files_.inject({.operation = operation, .path_part = name, .reason = "Permission denied"});
      EXPECT_THAT(failure(read(files_)),
                  AllOf(StartsWith("input/output"), HasSubstr("Permission denied")))
          << name;
      files_.heal();
    }
  }
}

}  // namespace
}  // namespace lymer::checkpoint
