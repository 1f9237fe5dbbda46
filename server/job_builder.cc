// A function for each kind of stream; streams are built when somebody first asks for them.
// Not here: rules as operators (server/rule_operators.cc).
#include "server/job_builder.h"

#include <algorithm>
#include <set>
#include <variant>

#include "cep/match_context.h"
#include "cep/result.h"
#include "runtime/base/text.h"
#include "runtime/join/window_join.h"
#include "runtime/select/join_select.h"
#include "runtime/select/window_select.h"
#include "runtime/window/evictor.h"
#include "runtime/window/trigger.h"
#include "server/reopened_source.h"
#include "server/rule_operators.h"

namespace lymer::server {

using runtime::SourceShare;
using runtime::Stream;

JobBuilder::JobBuilder(const rules::RuleSet& rules, JobParts parts, runtime::StreamJob& job)
    : rules_(rules), parts_(std::move(parts)), job_(job) {}

Result<void> JobBuilder::build() {
  // So that a stream's number is the id of its schema, which conditions of rules ask for.
  for (const rules::StreamPlan& each : rules_.streams) (void)job_.id_of(each.schema);
  find_keyings();
  LYMER_RETURN_IF_ERROR(find_row_outputs());
  find_tellers();
  for (std::size_t i = 0; i < keyings_.size(); ++i) LYMER_RETURN_IF_ERROR(keying(i));
  if (parts_.live_rules != nullptr) parts_.live_rules->set_part_of(part_maker());
  return connect_sinks();
}

Result<Stream> JobBuilder::stream(std::size_t index) {
  if (const auto known = streams_.find(index); known != streams_.end()) return known->second;
  LYMER_ASSIGN_OR_RETURN(Stream made,
                         std::visit([&](const auto& plan) { return make(index, plan); },
                                    rules_.streams[index].origin));
  streams_.emplace(index, made);
  return made;
}

Result<Stream> JobBuilder::make(std::size_t index, const rules::SourcePlan& plan) {
  (void)plan;
  if (parts_.reads_topics(index)) {
    LYMER_ASSIGN_OR_RETURN(auto maker, parts_.topic_source(index));
    return job_.from_source(rules_.streams[index].name, schema(index), std::move(maker))
        .parallelism(parts_.parallelism);
  }
  LYMER_ASSIGN_OR_RETURN(auto source, parts_.source(index));
  return job_.from_source(
      rules_.streams[index].name, schema(index),
      reopened_source(std::move(source), [open = parts_.source, index] { return open(index); }));
}

Stream JobBuilder::kept(const Stream& from, const std::optional<runtime::Expression>& where) const {
  if (!where) return from;
  return from.transform_each(
      "filter", from.schema(),
      [input = from.schema(), condition = expressions({*where})](const SourceShare&) {
        return std::make_unique<runtime::Filter>(input,
                                                 [condition](const runtime::EventView& event) {
                                                   return condition.hold(event.row, nullptr);
                                                 });
      });
}

Stream JobBuilder::selected(const Stream& from, std::size_t index, const rules::SelectPlan& select,
                            std::optional<std::uint64_t> branch) const {
  const runtime::SchemaRef& output = schema(index);
  return from.transform_each(
      rules_.streams[index].name, output,
      [input = from.schema(), output, id = job_.id_of(output), fields = expressions(select),
       branch](const SourceShare&) {
        return std::make_unique<runtime::Map>(
            input, output, id,
            [fields](const runtime::EventView& event, runtime::RowBuilder& row) {
              fields.fill(event.row, nullptr, row);
            },
            branch);
      });
}

Result<Stream> JobBuilder::make(std::size_t index, const rules::FilterPlan& plan) {
  LYMER_ASSIGN_OR_RETURN(const Stream from, stream(plan.stream));
  const Stream some = kept(from, plan.where);
  return plan.select ? selected(some, index, *plan.select) : some.marked(schema(index));
}

Result<Stream> JobBuilder::make(std::size_t index, const rules::UnionPlan& plan) {
  std::optional<Stream> all;
  std::set<std::size_t> seen;  // Where the members so far have their events from.
  for (std::size_t i = 0; i < plan.members.size(); ++i) {
    const rules::UnionPlan::Member& member = plan.members[i];
    LYMER_ASSIGN_OR_RETURN(const Stream from, stream(member.stream));
    std::optional<std::uint64_t> branch;
    for (const std::size_t root : roots_of(member.stream)) {
      // Unions of unions have branches of their own.
      if (!seen.insert(root).second) branch = (std::uint64_t{index} << 32U) | i;
    }
    const Stream one = selected(from, index, member.select, branch);
    all = all ? all->union_with(one) : one;
  }
  return *all;
}

// The streams that gave the events of a stream their ids.
std::set<std::size_t> JobBuilder::roots_of(std::size_t index) const {
  const rules::StreamOrigin& origin = rules_.streams[index].origin;
  if (const auto* filter = std::get_if<rules::FilterPlan>(&origin)) return roots_of(filter->stream);
  if (const auto* late = std::get_if<rules::LatePlan>(&origin)) {
    return roots_of(
        std::get<rules::WindowedPlan>(rules_.streams[late->stream].origin).input.stream);
  }
  if (const auto* results = std::get_if<rules::ResultPlan>(&origin)) {
    const rules::RulePlan& rule = rules_.rules[results->rule];
    if (results->kind == rules::ResultPlan::Kind::kLate) return roots_of(rule.inputs[0].stream);
    // All streams of one rule's matches hold the same.
    return {rules_.streams.size() + 2 * results->rule +
            (results->kind == rules::ResultPlan::Kind::kMatches ? 0 : 1)};
  }
  std::set<std::size_t> roots;
  if (const auto* all = std::get_if<rules::UnionPlan>(&origin)) {
    for (const rules::UnionPlan::Member& each : all->members) roots.merge(roots_of(each.stream));
  } else {
    roots.insert(index);
  }
  return roots;
}

Result<Stream> JobBuilder::make(std::size_t index, const rules::WindowedPlan& plan) {
  LYMER_ASSIGN_OR_RETURN(const Stream from, stream(plan.input.stream));
  const Stream some = kept(from, plan.where);
  std::vector<runtime::Field> key;
  for (const runtime::Slot slot : plan.input.key) key.push_back(from.schema()->fields()[slot]);
  const runtime::WindowSelect select{.window_row = runtime::window_row_schema(std::move(key)),
                                     .output = schema(index),
                                     .fields = expressions(plan.select)};
  const rules::WindowPlan& window = plan.window;
  runtime::WindowedStream windows = plan.input.key.empty()
                                        ? some.window_all(window.windows)
                                        : some.key_by(plan.input.key).window(window.windows);
  windows.lateness(window.lateness);
  const bool slides = window.count && window.every;
  if (const auto every = window.every ? window.every : window.count) {
    const bool purges = window.count && !window.every;
    windows.trigger([every = *every, purges] {
      auto trigger = runtime::each_count(every);
      return purges ? runtime::purging(std::move(trigger)) : std::move(trigger);
    });
  }
  if (slides) {
    windows.evictor(
        [count = static_cast<std::size_t>(*window.count)] { return runtime::keep_last(count); });
  }
  runtime::WindowFunction function = runtime::window_select(select);
  if (slides) function = runtime::window_select_of_events(select);
  Stream made = windows.aggregate(rules_.streams[index].name, schema(index), std::move(function));
  windowed_.emplace(index, made);
  return made;
}

Result<Stream> JobBuilder::make(std::size_t index, const rules::LatePlan& plan) {
  LYMER_RETURN_IF_ERROR(stream(plan.stream));
  return windowed_.at(plan.stream).side_output_as_it_is(plan.port).marked(schema(index));
}

Result<Stream> JobBuilder::make(std::size_t index, const rules::JoinPlan& plan) {
  LYMER_ASSIGN_OR_RETURN(const Stream left, stream(plan.left.stream));
  LYMER_ASSIGN_OR_RETURN(const Stream right, stream(plan.right.stream));
  const runtime::KeyedStream left_keyed = left.key_by(plan.left.key);
  const runtime::KeyedStream right_keyed = right.key_by(plan.right.key);
  std::vector<runtime::Expression> conditions;
  if (plan.where) conditions.push_back(*plan.where);
  const runtime::JoinSelect select{.output = schema(index),
                                   .conditions = expressions(std::move(conditions)),
                                   .fields = expressions(plan.select)};
  const std::string& name = rules_.streams[index].name;
  if (const auto* interval = std::get_if<runtime::JoinInterval>(&plan.by)) {
    return left_keyed.interval_join(name, right_keyed, *interval, schema(index),
                                    runtime::pair_select(select));
  }
  const auto& window = std::get<rules::WindowPlan>(plan.by);
  runtime::WindowProcess function =
      plan.is_co_group ? runtime::co_group(runtime::co_group_select(select))
                       : runtime::window_join(plan.kind, runtime::join_select(select));
  return left_keyed.window_with(right_keyed, window.windows)
      .lateness(window.lateness)
      .aggregate(name, schema(index), std::move(function));
}

Result<Stream> JobBuilder::make(std::size_t index, const rules::ResultPlan& plan) {
  LYMER_ASSIGN_OR_RETURN(const Stream found, keying(keying_of_[plan.rule]));
  const runtime::Port port = plan.kind == rules::ResultPlan::Kind::kLate
                                 ? cep::kLatePort
                                 : row_outputs_.at({plan.rule, plan.kind}).output.port;
  return found.side_output_as_it_is(port).marked(schema(index));
}

// ---- Rules -------------------------------------------------------------------------------------

void JobBuilder::find_keyings() {
  using Address = std::pair<std::vector<rules::RuleInput>, std::vector<rules::OrderPlan>>;
  std::map<Address, std::vector<std::size_t>> by_address;
  for (std::size_t i = 0; i < rules_.rules.size(); ++i) {
    by_address[{rules_.rules[i].inputs, rules_.rules[i].order}].push_back(i);
  }
  keying_of_.resize(rules_.rules.size());
  for (auto& [address, indexes] : by_address) {
    for (const std::size_t rule : indexes) keying_of_[rule] = keyings_.size();
    keyings_.push_back({.rules = std::move(indexes)});
  }
}

Result<void> JobBuilder::find_row_outputs() {
  for (const rules::StreamPlan& each : rules_.streams) {
    const auto* results = std::get_if<rules::ResultPlan>(&each.origin);
    if (results == nullptr || results->kind == rules::ResultPlan::Kind::kLate) continue;
    // Each operator has ports of its own.
    std::uint8_t& next = keyings_[keying_of_[results->rule]].next_port;
    const RowOutput rows{{runtime::Port(next), each.schema}, results->select};
    if (!row_outputs_.try_emplace({results->rule, results->kind}, rows).second) continue;
    if (++next == 0) {
      return Error{ErrorCode::kLimit,
                   text("`{}` is one stream too many of the results of rules that read the same: "
                        "there may be {}",
                        each.name, 255 - cep::kFirstSidePort.value())};
    }
  }
  return {};
}

// An event that is late may be so for several keyings of its stream: one of them tells of it, and
// those whose late events somebody reads.
void JobBuilder::find_tellers() {
  for (const rules::StreamPlan& each : rules_.streams) {
    const auto* results = std::get_if<rules::ResultPlan>(&each.origin);
    if (results == nullptr || results->kind != rules::ResultPlan::Kind::kLate) continue;
    keyings_[keying_of_[results->rule]].has_late_stream = true;
  }
  for (const bool has_late_stream : {true, false}) {
    for (std::size_t i = 0; i < keyings_.size(); ++i) {
      if (keyings_[i].has_late_stream != has_late_stream) continue;
      for (const rules::RuleInput& input : rules_.rules[keyings_[i].rules.front()].inputs) {
        tellers_.try_emplace(input.stream, i);
      }
    }
  }
}

// A rule with a stream of late events reads one stream only.
bool JobBuilder::repeats_late_events(std::size_t index) const {
  const rules::RuleInput& input = rules_.rules[keyings_[index].rules.front()].inputs.front();
  return keyings_[index].has_late_stream && tellers_.at(input.stream) != index;
}

Result<std::vector<Stream>> JobBuilder::keyed_inputs(std::size_t index) {
  std::vector<Stream> inputs;
  for (const rules::RuleInput& input : rules_.rules[keyings_[index].rules.front()].inputs) {
    LYMER_ASSIGN_OR_RETURN(const Stream from, stream(input.stream));
    const bool tells = keyings_[index].has_late_stream || tellers_.at(input.stream) == index;
    inputs.push_back(from.key_by_all(input.keys, !tells));
  }
  return inputs;
}

Result<Stream> JobBuilder::keying(std::size_t index) {
  if (keyings_[index].found) return *keyings_[index].found;
  LYMER_ASSIGN_OR_RETURN(const std::vector<Stream> inputs, keyed_inputs(index));
  keyings_[index].found =
      job_.transform(inputs, "pattern", cep::result_schema(), pattern_maker(keyings_[index]));
  return *keyings_[index].found;
}

LiveRules::PartOf JobBuilder::part_maker() const {
  return [limits = parts_.rule_limits, stores = parts_.stores_timeouts,
          tells_all = parts_.timeouts != nullptr, stores_some = parts_.stored_timeouts != nullptr,
          keeps_events = parts_.stored_matches != nullptr](const rules::RulePlan& plan) {
    const bool has_outputs = !plan.timeout_logs.empty() || !plan.timeout_topics.empty();
    return RuleOperatorPart{
        .plan = &plan,
        .limits = limits(plan),
        .tells_timeouts = tells_all || has_outputs || (stores_some && stores(plan)),
        .keeps_events = keeps_events};
  };
}

runtime::OperatorMaker JobBuilder::pattern_maker(const Keying& keying) const {
  const LiveRules::PartOf part_of = part_maker();
  std::vector<RuleOperatorPart> parts;
  for (const std::size_t index : keying.rules) {
    RuleOperatorPart part = part_of(rules_.rules[index]);
    const auto rows = [&](rules::ResultPlan::Kind kind) {
      const auto found = row_outputs_.find({index, kind});
      return found == row_outputs_.end() ? std::nullopt : std::optional(found->second);
    };
    part.match_rows = rows(rules::ResultPlan::Kind::kMatches);
    part.timeout_rows = rows(rules::ResultPlan::Kind::kTimeouts);
    parts.push_back(std::move(part));
  }
  const rules::RulePlan& first = rules_.rules[keying.rules.front()];
  cep::KeyLimit key_limit = parts_.key_limit(first);
  for (const std::size_t index : keying.rules) {
    if (parts_.key_limit(rules_.rules[index]).state_bytes == 0) key_limit = {};
  }
  if (parts_.live_rules != nullptr) {
    const std::size_t number = parts_.live_rules->add_operator(rules_, std::move(parts), key_limit);
    return [live = parts_.live_rules, number, told = parts_.on_operator](const SourceShare& share) {
      auto made = live->make_operator(number, share);
      told(*made);
      return made;
    };
  }
  return [rules = &rules_, &first, parts = std::move(parts), key_limit,
          told = parts_.on_operator](const SourceShare&) {
    auto made = make_rule_operator(*rules, first, parts, key_limit);
    told(*made);
    return made;
  };
}

// What reads a stream stands behind it, so those at the end are asked for first.
Result<void> JobBuilder::show_unread_streams() {
  for (std::size_t i = rules_.streams.size(); i-- > 0;) {
    const bool is_source = std::holds_alternative<rules::SourcePlan>(rules_.streams[i].origin);
    if (is_source || streams_.contains(i)) continue;
    LYMER_RETURN_IF_ERROR(stream(i));
    parts_.shown_streams.push_back(i);
  }
  std::ranges::sort(parts_.shown_streams);
  return {};
}

// A sink is one subtask, so that its lines do not mingle.
Result<void> JobBuilder::connect_sinks() {
  if (parts_.shows_unread_streams) LYMER_RETURN_IF_ERROR(show_unread_streams());
  std::vector<Stream> matches;
  std::vector<Stream> results;  // With rows that are shown among them.
  std::vector<Stream> timeouts;
  std::vector<Stream> late;
  for (std::size_t i = 0; i < keyings_.size(); ++i) {
    const Stream& found = *keyings_[i].found;
    matches.push_back(found);
    results.push_back(parts_.shown_streams.empty() ? found : found.marked(cep::result_schema()));
    timeouts.push_back(found.side_output_as_it_is(cep::kTimeoutPort));
    if (!repeats_late_events(i)) late.push_back(found.side_output_as_it_is(cep::kLatePort));
  }
  for (const std::size_t index : parts_.shown_streams) {
    LYMER_ASSIGN_OR_RETURN(const Stream one, stream(index));
    results.push_back(one);
  }
  const auto connect = [&](const std::string& name, const std::vector<Stream>& from,
                           const JobParts::SinkMaker& make, bool is_alone = true) {
    if (make == nullptr || from.empty()) return;
    const runtime::OperatorMaker op = [make](const SourceShare& share) {
      return std::make_unique<runtime::SinkOperator>(make(share));
    };
    Stream sink = job_.transform(from, name, from.front().schema(), op);
    if (is_alone) sink.parallelism(1);
  };
  connect("results", results, parts_.results);
  connect("timeouts", timeouts, parts_.timeouts);
  connect("late", late, parts_.late);
  connect("topics", matches, parts_.topics, false);
  connect("timeout topics", timeouts, parts_.timeout_topics, false);
  connect("stored matches", matches, parts_.stored_matches);
  connect("stored timeouts", timeouts, parts_.stored_timeouts);
  connect("stored late", late, parts_.stored_late);
  return connect_logs();
}

// One sink for each stream of the log, whichever rules write to it.
Result<void> JobBuilder::connect_logs() {
  std::map<std::string, LogOutput> outputs;
  std::map<std::string, std::set<std::pair<std::size_t, bool>>> inputs;  // Keying, is of timeouts.
  for (std::size_t i = 0; i < rules_.rules.size(); ++i) {
    const rules::RulePlan& rule = rules_.rules[i];
    for (const bool is_timeout : {false, true}) {
      for (const std::string& name : is_timeout ? rule.timeout_logs : rule.match_logs) {
        LogOutput& output = outputs.try_emplace(name, LogOutput{.name = name}).first->second;
        (is_timeout ? output.timeouts_of : output.matches_of).insert(rule.name);
        inputs[name].emplace(keying_of_[i], is_timeout);
      }
    }
  }
  for (const auto& [name, output] : outputs) {
    if (parts_.log_sink == nullptr) {
      return Error{
          ErrorCode::kInvalidArgument,
          text("rules emit to the log `{}`, and there is no log: it is part of the server", name)};
    }
    std::vector<Stream> from;
    for (const auto& [keying, is_timeout] : inputs[name]) {
      const Stream& found = *keyings_[keying].found;
      from.push_back(is_timeout ? found.side_output_as_it_is(cep::kTimeoutPort) : found);
    }
    const runtime::OperatorMaker op = [make = parts_.log_sink, output](const SourceShare& share) {
      return std::make_unique<runtime::SinkOperator>(make(output, share));
    };
    job_.transform(from, text("log {}", name), from.front().schema(), op).parallelism(1);
  }
  return {};
}

}  // namespace lymer::server
