// When an event counts as free, and that nothing is released twice.
// Not here: who holds events (shared_buffer_test.cc).
#include "nfa/event_references.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::nfa {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr EventRef kFirst{0};
constexpr EventRef kFar{1000};

TEST(EventReferences, ReportsAnEventWhenItsLastReferenceGoes) {
  EventReferences references;
  references.retain(kFar);
  references.retain(kFar);
  references.release(kFar);
  EXPECT_THAT(references.released(), IsEmpty());
  EXPECT_EQ(references.count(kFar), 1U);
  references.release(kFar);
  EXPECT_THAT(references.released(), ElementsAre(kFar));
  EXPECT_EQ(references.count(kFar), 0U);
}

TEST(EventReferences, CountsAnUnknownEventAsZero) { EXPECT_EQ(EventReferences().count(kFar), 0U); }

TEST(EventReferences, AReleasedEventMayBeRetainedAgain) {
  EventReferences references;
  references.retain(kFirst);
  references.release(kFirst);
  references.retain(kFirst);
  EXPECT_THAT(references.released(), ElementsAre(kFirst));
  EXPECT_EQ(references.count(kFirst), 1U);
}

TEST(EventReferencesDeathTest, RefusesToReleaseWhatNobodyHolds) {
  EventReferences references;
  EXPECT_DEATH(references.release(kFirst), "counts_");
}

}  // namespace
}  // namespace lymer::nfa
