// Every choice is one draw; what does not fit together is thrown away as a whole.
// Not here: which patterns are sound (cep/pattern.cc).
#include "tests/reference/random_pattern.h"

#include <string>
#include <utility>
#include <vector>

namespace lymer::reference {
namespace {

using cep::Contiguity;

class Draw {
 public:
  Draw(const Numbers& numbers, const PatternShape& shape) : numbers_(numbers), shape_(shape) {}

  cep::PatternSpec spec(cep::Dialect dialect) {
    cep::PatternSpec made;
    made.dialect = dialect;
    made.stages = chain(1 + below(shape_.stages), 0);
    if (one_in(2)) made.window = Duration::millis(2 + below(12));
    made.after_match.kind = static_cast<cep::SkipStrategy::Kind>(below(5));
    made.after_match.target = "s" + std::to_string(below(names_));
    return made;
  }

 private:
  int below(int limit) { return static_cast<int>(numbers_() % static_cast<unsigned>(limit)); }
  bool one_in(int count) { return below(count) == 0; }

  std::vector<cep::Stage> chain(int length, int depth) {
    std::vector<cep::Stage> made;
    for (int i = 0; i < length; ++i) {
      made.push_back(element(i == 0, depth));
    }
    return made;
  }

  cep::Stage element(bool is_first, int depth) {
    cep::Stage made;
    const bool is_group = shape_.with_groups && depth < 2 && one_in(5);
    constexpr int kPositive = 3;
    const int words = is_group ? kPositive : kPositive + 2;
    made.contiguity = is_first ? Contiguity::kBegin : static_cast<Contiguity>(1 + below(words));
    if (is_group) {
      made.group = chain(1 + below(3), depth + 1);
    } else {
      made.name = "s" + std::to_string(names_++);
      made.where = condition();
    }
    if (!made.is_negated()) quantify(made);
    if (!is_group && one_in(12)) made.within_previous = Duration::millis(1 + below(4));
    return made;
  }

  cep::ConditionRef condition() {
    std::string letter(1, static_cast<char>('a' + below(4)));
    if (shape_.with_iterative && one_in(8)) letter += one_in(2) ? '#' : '>';
    return told(letter);
  }

  void quantify(cep::Stage& stage) {
    cep::Quantifier& times = stage.quantifier;
    if (one_in(2)) {
      times.minimum = static_cast<std::uint32_t>(1 + below(2));
      times.maximum = times.minimum + static_cast<std::uint32_t>(below(3));
      if (one_in(2)) times.maximum.reset();
      times.inner = static_cast<cep::Inner>(below(3));
      times.greedy = one_in(4);
      if (times.is_loop() && one_in(4)) stage.until = condition();
      if (!stage.is_group() && one_in(6)) times.gap = Duration::millis(1 + below(4));
    }
    times.optional = one_in(4);
  }

  const Numbers& numbers_;
  const PatternShape& shape_;
  int names_ = 0;
};

}  // namespace

cep::ConditionRef told(const std::string& text) {
  return cep::iterative_condition([](cep::ConditionContext&) { return false; }, text);
}

cep::PatternSpec draw_pattern(const Numbers& numbers, const PatternShape& shape,
                              cep::Dialect dialect) {
  return Draw(numbers, shape).spec(dialect);
}

cep::PatternSpec random_pattern(std::mt19937& random, const PatternShape& shape,
                                cep::Dialect dialect) {
  const Numbers numbers = [&] { return static_cast<std::uint32_t>(random()); };
  while (true) {
    cep::PatternSpec made = draw_pattern(numbers, shape, dialect);
    if (cep::Pattern::problems(made).empty()) return made;
  }
}

}  // namespace lymer::reference
