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

TEST(EventStore, KeepsRowAndOrigin) {
  const runtime::EventBatch batch = keyed({at(1, {"u", "a"}), at(5, {"v", "b"}).from(3, 77)});
  EventStore store;
  const StoredEvent& event = store.get(store.add(batch, 1));
  EXPECT_EQ(event.time, support::ms(5));
  EXPECT_EQ(event.id, (runtime::EventId{runtime::SplitId(3), 77}));
  EXPECT_TRUE(std::ranges::equal(event.row, support::row_of(letter_schema(), {"v", "b"})));
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
  event.row.assign(row.begin(), row.end());
  store.filled(ref);
  EXPECT_GE(store.held_bytes(), row.size());
  EXPECT_EQ(store.references().count(ref), 1U);
  EXPECT_EQ(store.size(), 1U);
}

}  // namespace
}  // namespace lymer::cep
