// Slots are used again once nothing refers to their event, and not before.
// Not here: who refers to events (tests/cep/pattern_operator_test.cc).
#include "cep/event_store.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

using support::at;

TEST(EventStore, KeepsRowKeyAndOrigin) {
  const runtime::EventBatch batch = keyed({at(1, {"u", "a"}), at(5, {"v", "b"}).from(3, 77)});
  EventStore store;
  const StoredEvent& event = store.get(store.add(batch, 1));
  EXPECT_EQ(event.time, support::ms(5));
  EXPECT_EQ(event.id, (runtime::EventId{runtime::SplitId(3), 77}));
  EXPECT_EQ(event.key_group, batch.headers()[1].key_group);
  EXPECT_TRUE(std::ranges::equal(event.key(), support::key_of({"v"})));
  EXPECT_TRUE(std::ranges::equal(event.row(), support::row_of(letter_schema(), {"v", "b"})));
}

TEST(EventStore, FreesAnEventThatNothingRefersTo) {
  EventStore store;
  const runtime::EventBatch batch = keyed({at(1, {"u", "a"})});
  const nfa::EventRef event = store.add(batch, 0);
  EXPECT_EQ(store.size(), 1U);
  store.references().release(event);
  store.collect();
  EXPECT_EQ(store.size(), 0U);
  EXPECT_EQ(store.add(batch, 0), event);  // The slot is used again.
  EXPECT_EQ(store.size(), 1U);
}

TEST(EventStore, KeepsAnEventThatWasTakenAgain) {
  EventStore store;
  const runtime::EventBatch batch = keyed({at(1, {"u", "a"})});
  const nfa::EventRef event = store.add(batch, 0);
  store.references().release(event);
  store.references().retain(event);
  store.collect();
  EXPECT_EQ(store.size(), 1U);
  store.references().release(event);
  store.collect();
  EXPECT_EQ(store.size(), 0U);
}

TEST(EventStore, FreesAnEventOnceHoweverOftenItWasReleased) {
  EventStore store;
  const runtime::EventBatch batch = keyed({at(1, {"u", "a"}), at(2, {"u", "b"})});
  const nfa::EventRef event = store.add(batch, 0);
  store.references().release(event);
  store.references().retain(event);
  store.references().release(event);
  store.collect();
  EXPECT_EQ(store.size(), 0U);
  EXPECT_NE(store.add(batch, 0), store.add(batch, 1));
  EXPECT_EQ(store.size(), 2U);
}

TEST(EventStore, GivesASlotToFill) {
  EventStore store;
  const nfa::EventRef ref = store.make();
  StoredEvent& event = store.get(ref);
  const std::vector<std::byte> row = support::row_of(letter_schema(), {"u", "a"});
  event.bytes.assign(row.begin(), row.end());
  event.row_length = static_cast<std::uint32_t>(row.size());
  EXPECT_TRUE(event.key().empty());
  EXPECT_EQ(store.references().count(ref), 1U);
  EXPECT_EQ(store.size(), 1U);
}

}  // namespace
}  // namespace lymer::cep
