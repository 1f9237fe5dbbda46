// One check for each oddity of Flink that the default dialect mends (cep-semantics: O1, O2 ...).
// Not here: what is refused in one of the dialects (cep/pattern.cc).
#include "cep/dialect_lint.h"

#include <utility>

namespace lymer::cep {
namespace {

class Lint {
 public:
  explicit Lint(const PatternSpec& spec) : spec_(spec) {}

  std::vector<DialectDifference> run() {
    std::size_t next = 0;
    check_chain(spec_.stages, next);
    return std::move(found_);
  }

 private:
  void add(std::size_t element, std::string in_default, std::string in_flink) {
    found_.push_back({element, std::move(in_default), std::move(in_flink)});
  }

  void check_chain(const std::vector<Stage>& chain, std::size_t& next) {
    const bool is_whole = &chain == &spec_.stages;
    for (std::size_t i = 0; i < chain.size(); ++i) {
      const Stage& each = chain[i];
      const std::size_t number = next++;
      const bool is_last = i + 1 == chain.size();
      check_windows(each, number);
      if (!is_whole) check_member(each, number, i == 0, is_last);
      if (each.contiguity == Contiguity::kNotFollowedBy) {
        if (is_whole && is_last) check_closing_not(chain, number);
        if (!is_last && chain[i + 1].is_group() && chain[i + 1].quantifier.optional) {
          add(number, "a `notFollowedBy` before an optional group holds until the group begins",
              "a `notFollowedBy` before an optional group holds until an event is passed over");
        }
      }
      check_chain(each.group, next);
    }
  }

  // O1, O2, O4.
  void check_windows(const Stage& each, std::size_t number) {
    if (each.quantifier.gap) {
      add(number, "`gap` limits each step between the events of the stage",
          "`gap` limits the step to the stage's first event, and not all between its events");
    }
    if (each.within_previous) {
      add(number, "`within ... of previous` always holds, and its end is a deadline",
          "`within ... of previous` is forgotten on some ways, and its end noticed at the next "
          "event");
    }
  }

  // O8, O9.
  void check_member(const Stage& each, std::size_t number, bool is_first, bool is_last) {
    if (is_first && each.quantifier.inner != Inner::kRelaxed) {
      add(number, "the first stage of a group keeps its `consecutive` or `allowCombinations`",
          "the first stage of a group loses its `consecutive` or `allowCombinations`");
    }
    if (is_last && each.contiguity == Contiguity::kNotFollowedBy) {
      add(number, "a `notFollowedBy` that ends a group holds until the event behind the group",
          "a `notFollowedBy` that ends a group is forgotten");
    }
  }

  // O13, O37, and several of them.
  void check_closing_not(const std::vector<Stage>& chain, std::size_t number) {
    add(number, "a match that the end of the window completes has the time of that end",
        "a match that the end of the window completes has the time to which the watermark jumped");
    const Stage* before = nullptr;
    std::size_t nots = 0;
    for (const Stage& each : chain) {
      if (each.contiguity != Contiguity::kNotFollowedBy) before = &each;
      nots = each.contiguity == Contiguity::kNotFollowedBy ? nots + 1 : 0;
    }
    if (nots > 1) {
      add(number, "every `notFollowedBy` at the end holds",
          "only the last `notFollowedBy` at the end holds");
    }
    if (before != nullptr && !before->quantifier.is_single()) {
      add(number, "the end of the window completes matches of every length",
          "the end of the window completes the shorter matches, and the longest times out");
    }
  }

  const PatternSpec& spec_;
  std::vector<DialectDifference> found_;
};

}  // namespace

std::vector<DialectDifference> dialect_differences(const PatternSpec& spec) {
  return Lint(spec).run();
}

}  // namespace lymer::cep
