// Depth first; a name that is met again on the way down closes a circle.
// Not here: names that do not exist; their own binders report them.
#include "rules/binding_order.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::rules {
namespace {

const Name& name_of(const Bindable& each) {
  return std::visit([](const auto* decl) -> const Name& { return decl->name; }, each);
}

bool is_rule(const Bindable& each) { return std::holds_alternative<const RuleDecl*>(each); }

// What a declaration names: streams and rules.
struct Named {
  std::vector<std::string> streams;
  std::vector<std::string> rules;
};

struct NamesIn {
  Named operator()(const StreamDecl*) const { return {}; }
  Named operator()(const RuleDecl* rule) const {
    Named named;
    for (const InputDecl& each : rule->inputs) named.streams.push_back(each.stream.text);
    return named;
  }
  Named operator()(const DerivedDecl* derived) const { return std::visit(*this, derived->query); }
  Named operator()(const FromQuery& query) const { return {{query.stream.text}, {}}; }
  Named operator()(const UnionQuery& query) const {
    Named named;
    for (const Name& each : query.streams) named.streams.push_back(each.text);
    return named;
  }
  Named operator()(const JoinQuery& query) const {
    return {{query.left.stream.text, query.right.stream.text}, {}};
  }
  Named operator()(const ResultQuery& query) const {
    // What is late may be so for a rule or for a stream.
    if (query.word == ResultWord::kLate) return {{query.of.text}, {query.of.text}};
    return {{}, {query.of.text}};
  }
};

// Streams and rules one behind the other; what is built of them is as deep.
constexpr std::size_t kMostLevels = 100;

class Walk {
 public:
  Walk(const std::vector<Bindable>& all, Declarations& declarations)
      : all_(all),
        declarations_(declarations),
        state_(all.size(), State::kNew),
        levels_(all.size()) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      // Those without a name are named by nobody.
      if (!name_of(all[i]).text.empty())
        (is_rule(all[i]) ? rules_ : streams_)[name_of(all[i]).text] = i;
    }
  }

  std::vector<Bindable> run() {
    for (std::size_t i = 0; i < all_.size(); ++i) visit(i);
    return std::move(order_);
  }

 private:
  enum class State { kNew, kOnTheWay, kDone, kLeftOut };

  void visit(std::size_t index) {
    if (state_[index] == State::kOnTheWay) report_circle(index);
    if (state_[index] != State::kNew) return;
    if (way_.size() == kMostLevels) return leave_out_deep(index);
    state_[index] = State::kOnTheWay;
    way_.push_back(index);
    std::size_t levels = 0;
    for (const std::size_t next : named_by(index)) {
      visit(next);
      levels = std::max(levels, levels_[next]);
    }
    way_.pop_back();
    levels_[index] = levels + 1;
    if (levels >= kMostLevels) leave_out_deep(index);
    if (state_[index] == State::kLeftOut) return;
    state_[index] = State::kDone;
    order_.push_back(all_[index]);
  }

  // One message for a chain, however long.
  void leave_out_deep(std::size_t index) {
    state_[index] = State::kLeftOut;
    levels_[index] = 0;
    declarations_.has_nameless = true;  // What names it finds nothing.
    if (std::exchange(is_deep_, true)) return;
    const Name& name = name_of(all_[index]);
    declarations_.report(
        Code::kTooDeep, name.span,
        text("more than {} streams and rules are made one of the other", kMostLevels));
  }

  [[nodiscard]] std::vector<std::size_t> named_by(std::size_t index) const {
    Named named = std::visit(NamesIn{}, all_[index]);
    // Who names both means the rule.
    if (!named.rules.empty() && rules_.contains(named.rules.front())) named.streams.clear();
    std::vector<std::size_t> found;
    const auto find = [&](const std::vector<std::string>& names,
                          const std::map<std::string, std::size_t>& where) {
      for (const std::string& name : names) {
        if (const auto entry = where.find(name); entry != where.end()) {
          found.push_back(entry->second);
        }
      }
    };
    find(named.streams, streams_);
    find(named.rules, rules_);
    return found;
  }

  void report_circle(std::size_t index) {
    const auto first = std::ranges::find(way_, index);
    std::string circle;
    for (auto each = first; each != way_.end(); ++each) {
      circle += text("{} -> ", name_of(all_[*each]).text);
      state_[*each] = State::kLeftOut;
    }
    declarations_.has_nameless = true;  // What names them finds nothing.
    const Name& name = name_of(all_[index]);
    declarations_.report(
        Code::kCircle, name.span,
        text("{} `{}` is made of itself", is_rule(all_[index]) ? "rule" : "stream", name.text), "",
        {circle + name.text});
  }

  const std::vector<Bindable>& all_;
  Declarations& declarations_;
  std::vector<State> state_;
  std::vector<std::size_t> levels_;  // How many are one behind the other, up to this one.
  bool is_deep_ = false;
  std::map<std::string, std::size_t> streams_;
  std::map<std::string, std::size_t> rules_;
  std::vector<std::size_t> way_;
  std::vector<Bindable> order_;
};

}  // namespace

std::vector<Bindable> binding_order(const std::vector<Bindable>& all, Declarations& declarations) {
  return Walk(all, declarations).run();
}

}  // namespace lymer::rules
