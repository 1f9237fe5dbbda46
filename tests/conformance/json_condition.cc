// A tree of closures, one a node of the JSON: slow, but the meaning of each word stands in one
// place.
#include "tests/conformance/json_condition.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "runtime/base/check.h"
#include "tests/conformance/case.h"

namespace lymer::conformance {
namespace {

using nlohmann::json;

// `histories` is null in a condition that reads none.
using Test = std::function<bool(const runtime::RowView& row, runtime::Histories* histories)>;
using Names = std::vector<std::string>;

double v_of(const runtime::RowView& row) {
  return row.get(kVSlot, {runtime::TypeKind::kFloat}).as_float();
}

bool compares(std::string_view word, double left, double right) {
  if (word == "gt") return left > right;
  if (word == "ge") return left >= right;
  if (word == "lt") return left < right;
  if (word == "le") return left <= right;
  LYMER_CHECK(word == "eq", word);
  return left == right;
}

// None for a stage that the pattern does not have: it holds no events.
std::optional<runtime::HistoryIndex> history_of(const json& given, const Names& stages) {
  const auto found = std::ranges::find(stages, given.at("of").get<std::string>());
  if (found == stages.end()) return std::nullopt;
  return static_cast<runtime::HistoryIndex>(found - stages.begin());
}

std::vector<double> values_of(std::optional<runtime::HistoryIndex> history,
                              runtime::Histories& histories) {
  std::vector<double> values;
  if (!history) return values;
  for (std::size_t i = 0; i < histories.count(*history); ++i) {
    values.push_back(v_of(histories.row(*history, i)));
  }
  return values;
}

double aggregate(std::string_view function, const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  if (function == "count") return count;
  double sum = 0;
  double least = std::numeric_limits<double>::infinity();
  double greatest = -least;
  for (const double value : values) {
    sum += value;
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  if (function == "sum") return sum;
  if (function == "min") return least;
  if (function == "max") return greatest;
  LYMER_CHECK(function == "avg", function);
  return values.empty() ? 0 : sum / count;
}

Test aggregate_test(const json& given, const Names& stages) {
  return [function = given.at("fn").get<std::string>(), history = history_of(given, stages),
          word = given.at("cmp").get<std::string>(), bound = given.at("value").get<double>(),
          with_current = given.value("withCurrent", false)](const runtime::RowView& row,
                                                            runtime::Histories* histories) {
    std::vector<double> values = values_of(history, *histories);
    if (with_current) values.push_back(v_of(row));
    return compares(word, aggregate(function, values), bound);
  };
}

Test last_test(const json& given, const Names& stages) {
  return [history = history_of(given, stages), word = given.at("cmp").get<std::string>()](
             const runtime::RowView& row, runtime::Histories* histories) {
    const std::vector<double> values = values_of(history, *histories);
    return values.empty() || compares(word, v_of(row), values.back());
  };
}

Test make_test(const json& given, const Names& stages);

// `ends` is the operand that decides alone: false for `and`, true for `or`.
Test chain_test(const json& operands, const Names& stages, bool ends) {
  std::vector<Test> tests;
  for (const json& each : operands) tests.push_back(make_test(each, stages));
  return
      [tests = std::move(tests), ends](const runtime::RowView& row, runtime::Histories* histories) {
        const auto decides = [&](const Test& test) { return test(row, histories) == ends; };
        return std::ranges::any_of(tests, decides) == ends;
      };
}

Test make_test(const json& given, const Names& stages) {
  LYMER_CHECK_EQ(given.size(), 1U);
  const std::string word = given.begin().key();
  const json& value = given.begin().value();
  if (word == "true") {
    return [](const runtime::RowView&, runtime::Histories*) { return true; };
  }
  if (word == "type") {
    return [type = value.get<std::string>()](const runtime::RowView& row, runtime::Histories*) {
      return row.get(kTypeSlot, {runtime::TypeKind::kString}).as_string() == type;
    };
  }
  if (word == "v") {
    return
        [compare = std::string(value.begin().key()), bound = value.begin().value().get<double>()](
            const runtime::RowView& row, runtime::Histories*) {
          return compares(compare, v_of(row), bound);
        };
  }
  if (word == "not") {
    return [test = make_test(value, stages)](const runtime::RowView& row,
                                             runtime::Histories* histories) {
      return !test(row, histories);
    };
  }
  if (word == "and" || word == "or") return chain_test(value, stages, word == "or");
  if (word == "agg") return aggregate_test(value, stages);
  LYMER_CHECK(word == "cmpLast", word);
  return last_test(value, stages);
}

bool reads_histories(const json& given) {
  if (given.contains("agg") || given.contains("cmpLast")) return true;
  if (given.contains("not")) return reads_histories(given.at("not"));
  for (const char* word : {"and", "or"}) {
    if (given.contains(word)) return std::ranges::any_of(given.at(word), reads_histories);
  }
  return false;
}

}  // namespace

cep::ConditionRef json_condition(const json& given, const Names& stages) {
  Test test = make_test(given, stages);
  if (!reads_histories(given)) {
    return cep::simple_condition(
        [test = std::move(test)](const runtime::RowView& row) { return test(row, nullptr); },
        given.dump());
  }
  return cep::iterative_condition(
      [test = std::move(test)](cep::ConditionContext& context) {
        return test(context.row, &context.histories);
      },
      given.dump());
}

}  // namespace lymer::conformance
