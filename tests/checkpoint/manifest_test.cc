// The table of contents: round trip, every cut and flip, and contradictions under a good checksum.
// Not here: the files that it names (tests/checkpoint/checkpoint_reader_test.cc).
#include "checkpoint/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/base/byte_codec.h"
#include "tests/checkpoint/sample_snapshot.h"

namespace lymer::checkpoint {
namespace {

using runtime::KeyGroup;
using ::testing::HasSubstr;

Manifest whole() {
  Manifest manifest{.epoch = runtime::Epoch(5),
                    .made_at = EventTime::from_millis(-7),
                    .is_savepoint = true,
                    .parallelism = {{"a", 1}, {"b", 3}, {"idle", 9}},
                    .files = {}};
  manifest.files.push_back({{{"b", 0, {{KeyGroup(0), 10, 1}, {KeyGroup(127), 20, 2}}},
                             {"a", 0, {{std::nullopt, 30, 3}}}}});
  manifest.files.push_back({{{"b", 2, {}}}});
  return manifest;
}

// A manifest with one operator `a` of one subtask and no files yet.
ByteWriter head(std::uint8_t kind = 0, std::uint32_t parallelism = 1) {
  ByteWriter writer;
  writer.put_u64(1);
  writer.put_i64(2);
  writer.put_u8(kind);
  writer.put_u32(1);
  writer.put_string("a");
  writer.put_u32(parallelism);
  return writer;
}

std::string refusal(const ByteWriter& writer, std::uint16_t version = 1) {
  return failure(read_manifest(seal("LYCM", version, writer.bytes())));
}

struct PartNumbers {
  std::uint32_t index = 0;
  std::uint32_t subtask = 0;
};

// One file of parts with one block each.
std::string refusal_of_parts(std::initializer_list<PartNumbers> parts, std::uint32_t group = 0,
                             std::uint64_t length = 10) {
  ByteWriter writer = head();
  writer.put_u32(1);
  writer.put_u32(static_cast<std::uint32_t>(parts.size()));
  for (const PartNumbers part : parts) {
    writer.put_u32(part.index);
    writer.put_u32(part.subtask);
    writer.put_u32(1);
    writer.put_u32(group);
    writer.put_u64(length);
    writer.put_u64(0);
  }
  return refusal(writer);
}

TEST(Manifest, ComesBackFromItsBytes) {
  EXPECT_EQ(read_manifest(write_manifest(whole())).value(), whole());
  EXPECT_EQ(read_manifest(write_manifest(Manifest())).value(), Manifest());
}

TEST(Manifest, SumsUpTheLengthsOfFiles) {
  EXPECT_EQ(whole().files[0].length(), kStateFileHeader.size() + 60);
  EXPECT_EQ(whole().files[1].length(), kStateFileHeader.size());
  EXPECT_EQ(state_file_name(12), "state-12");
}

TEST(Manifest, RefusesEveryCutAndEveryFlip) {
  const std::vector<std::byte> written = write_manifest(whole());
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto cut = read_manifest(std::span(written).first(i));
    ASSERT_FALSE(cut) << "cut to " << i;
    EXPECT_EQ(cut.error().code, ErrorCode::kCorrupt) << "cut to " << i;
    std::vector<std::byte> flipped = written;
    flipped[i] ^= std::byte{0x10};
    const auto changed = read_manifest(flipped);
    ASSERT_FALSE(changed) << "flipped at " << i;
    // Also in the number of the version: it does not turn into that of a newer program.
    EXPECT_EQ(changed.error().code, ErrorCode::kCorrupt) << "flipped at " << i;
  }
  std::vector<std::byte> longer = written;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(read_manifest(longer));
}

TEST(Manifest, RefusesANewerVersionAndSaysSo) {
  EXPECT_EQ(refusal(head(), 2),
            "not supported: LYCM state has format version 2, this program reads up to 1");
}

TEST(Manifest, RefusesCountsThatCannotBe) {
  ByteWriter operators;
  operators.put_u64(1);
  operators.put_i64(2);
  operators.put_u8(0);
  operators.put_u32(0xffffffffU);
  EXPECT_THAT(refusal(operators), HasSubstr("ends too early or holds an impossible count"));
  ByteWriter files = head();
  files.put_u32(0xffffffffU);
  EXPECT_THAT(refusal(files), HasSubstr("impossible count"));
  ByteWriter parts = head();
  parts.put_u32(1);
  parts.put_u32(0xffffffffU);
  parts.put_u64(0);
  parts.put_u64(0);
  EXPECT_THAT(refusal(parts), HasSubstr("impossible count"));
  ByteWriter blocks = head();
  blocks.put_u32(1);
  blocks.put_u32(1);
  blocks.put_u64(0);
  blocks.put_u32(0xffffffffU);
  EXPECT_THAT(refusal(blocks), HasSubstr("impossible count"));
  ByteWriter name;
  name.put_u64(1);
  name.put_i64(2);
  name.put_u8(0);
  name.put_u32(1);
  name.put_u32(0xfffffff0U);
  name.put_u32(0);
  EXPECT_THAT(refusal(name), HasSubstr("ends too early"));
}

TEST(Manifest, RefusesWhatContradictsItself) {
  EXPECT_THAT(refusal(head(2)), HasSubstr("is of kind 2, which is none"));
  EXPECT_THAT(refusal(head(0, 0)), HasSubstr("gives operator `a` no subtask"));
  EXPECT_THAT(refusal_of_parts({{1, 0}}), HasSubstr("has 1 operators and speaks of number 1"));
  EXPECT_THAT(refusal_of_parts({{0, 1}}), HasSubstr("subtask 1 of operator `a`, which has 1"));
  EXPECT_THAT(refusal_of_parts({{0, 0}, {0, 0}}), HasSubstr("subtask 0 of operator `a` twice"));
  EXPECT_THAT(refusal_of_parts({{0, 0}}, 128), HasSubstr("speaks of key group 128"));
  EXPECT_THAT(refusal_of_parts({{0, 0}}, 0, kBlockBytesMax + 1), HasSubstr("the limit is"));
  EXPECT_EQ(refusal_of_parts({{0, 0}}), "succeeded");

  ByteWriter empty_file = head();
  for (const std::uint32_t number : {1U, 0U, 0U, 0U, 0U, 0U}) empty_file.put_u32(number);
  EXPECT_THAT(refusal(empty_file), HasSubstr("has a file for nothing"));
  ByteWriter more = head();
  more.put_u32(0);
  more.put_u8(0);
  EXPECT_THAT(refusal(more), HasSubstr("goes on behind its end, for 1 bytes"));
}

TEST(Manifest, RefusesWhatIsTwiceOrOutOfOrder) {
  ByteWriter operators;
  operators.put_u64(1);
  operators.put_i64(2);
  operators.put_u8(0);
  operators.put_u32(2);
  for (int i = 0; i < 2; ++i) {
    operators.put_string("a");
    operators.put_u32(1);
  }
  EXPECT_THAT(refusal(operators), HasSubstr("names operator `a` twice or out of order"));
  for (const std::uint32_t second : {4U, 5U}) {
    ByteWriter blocks = head();
    for (const std::uint32_t number : {1U, 1U, 0U, 0U, 2U}) blocks.put_u32(number);
    for (const std::uint32_t group : {5U, second}) {
      blocks.put_u32(group);
      blocks.put_u64(1);
      blocks.put_u64(1);
    }
    EXPECT_THAT(refusal(blocks), HasSubstr("of operator `a` twice or out of order"));
  }
}

}  // namespace
}  // namespace lymer::checkpoint
