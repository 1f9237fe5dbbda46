// Two indexes answer as one index of all conditions does.
// Not here: one index by itself (predicate_index_test.cc).
#include "cep/layered_predicates.h"

#include <map>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cep/letters.h"

namespace lymer::cep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LayeredPredicatesTest : public ::testing::Test {
 protected:
  std::vector<std::uint32_t> held(LayeredPredicates& predicates, const std::string& letter) {
    const std::vector<std::byte> row = support::row_of(letter_schema(), {"u", letter});
    const runtime::RowView view(row, 2);
    place = predicates.look_up(view, 1);
    name = predicates.test(view, support::ms(1), 1);
    return predicates.held();
  }

  const ConditionRef a = is_letter("a");
  const ConditionRef b = is_letter("b");
  const ConditionRef c = is_letter("c");
  std::size_t place = 0;
  AnswersIndex name;
};

TEST_F(LayeredPredicatesTest, NumbersThoseThatCameLaterBehindTheOthers) {
  LayeredPredicates predicates({a.get(), b.get()}, runtime::SchemaId(0), *letter_schema());
  EXPECT_THAT(held(predicates, "b"), ElementsAre(1));
  EXPECT_THAT(held(predicates, "c"), IsEmpty());
  const std::vector<const Condition*> later{c.get(), b.get()};
  predicates.set_later(later);
  EXPECT_THAT(held(predicates, "b"), ElementsAre(1, 3));
  EXPECT_THAT(held(predicates, "c"), ElementsAre(2));
  predicates.set_later({});
  EXPECT_THAT(held(predicates, "b"), ElementsAre(1));
  EXPECT_THAT(held(predicates, "c"), IsEmpty());
}

TEST_F(LayeredPredicatesTest, EqualPlacesAndNamesMeanEqualAnswers) {
  LayeredPredicates predicates({a.get(), b.get()}, runtime::SchemaId(0), *letter_schema());
  const std::vector<const Condition*> later{c.get()};
  predicates.set_later(later);
  std::map<std::size_t, std::vector<std::uint32_t>> by_place;
  std::map<std::uint32_t, std::vector<std::uint32_t>> by_name;
  for (const char* const letter : {"a", "b", "c", "d", "a", "c", "e"}) {
    const std::vector<std::uint32_t> answers = held(predicates, letter);
    ASSERT_LT(place, predicates.places());
    ASSERT_NE(name, kUnnamedAnswers);
    EXPECT_EQ(by_place.try_emplace(place, answers).first->second, answers);
    EXPECT_EQ(by_name.try_emplace(name.value(), answers).first->second, answers);
  }
  EXPECT_EQ(by_name.size(), 4U);  // a, b, c, none.
}

}  // namespace
}  // namespace lymer::cep
