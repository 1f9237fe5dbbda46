// Tests of looking names up at one place.
// Not here: what is said of names that are not there (expression_binder_test.cc).
#include "rules/scope.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lymer::rules {
namespace {

using ::testing::ElementsAre;

const std::vector<runtime::Field> kFields = {{"user", {runtime::TypeKind::kString}},
                                             {"$ts", {runtime::TypeKind::kInt}, true, true},
                                             {"at", {runtime::TypeKind::kTime}}};

Scope sample() {
  Scope scope;
  scope.stream.fields = &kFields;
  scope.stages = {{.name = "fails", .repeated = true}, {.name = "entry"}};
  scope.elements = {{"x", {runtime::TypeKind::kInt}}, {"x", {runtime::TypeKind::kString}}};
  return scope;
}

TEST(Scope, FindsFieldsThatAreShown) {
  const Scope scope = sample();
  EXPECT_EQ(scope.field("user"), 0U);
  EXPECT_EQ(scope.field("at"), 2U);
  EXPECT_FALSE(scope.field("$ts"));
  EXPECT_FALSE(scope.field("User"));
  EXPECT_THAT(scope.field_names(), ElementsAre("user", "at"));
}

TEST(Scope, FindsEarlierFieldsOnlyInComputedOnes) {
  Scope scope = sample();
  scope.fields_before = 2;
  EXPECT_TRUE(scope.field("user"));
  EXPECT_FALSE(scope.field("at"));
  EXPECT_THAT(scope.field_names(), ElementsAre("user"));
}

TEST(Scope, HasNoFieldsWithoutAStream) {
  const Scope scope;
  EXPECT_FALSE(scope.field("user"));
  EXPECT_THAT(scope.field_names(), ElementsAre());
}

TEST(Scope, FindsStagesWhetherVisibleOrNot) {
  const Scope scope = sample();
  EXPECT_EQ(scope.stage("entry"), 1U);
  EXPECT_FALSE(scope.stage("exit"));
  EXPECT_THAT(scope.stage_names(), ElementsAre("fails", "entry"));
}

TEST(Scope, FindsTheInnermostVariable) {
  const Scope scope = sample();
  EXPECT_EQ(scope.element("x"), 1U);
  EXPECT_FALSE(scope.element("y"));
}

TEST(Scope, HidesVariablesAroundTheCallOfAMacro) {
  Scope scope = sample();
  scope.first_element = 2;
  scope.parameters["p"];
  EXPECT_FALSE(scope.element("x"));
  EXPECT_FALSE(scope.is_local("x"));
  EXPECT_TRUE(scope.is_local("p"));
  scope.elements.push_back({"x", {runtime::TypeKind::kBool}});
  EXPECT_EQ(scope.element("x"), 2U);
}

}  // namespace
}  // namespace lymer::rules
