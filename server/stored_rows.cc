// Tags and severity are those of the rule as the job knows it.
// Not here: which results a rule has (cep/result.h).
#include "server/stored_rows.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cep/result.h"
#include "runtime/base/byte_codec.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/hash.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"
#include "server/results/result_sink.h"

namespace lymer::server {
namespace {

using results::ResultKind;
using results::StoredResult;
using runtime::EventBatch;
using runtime::EventHeader;

// What a result takes from its rule.
struct RuleWords {
  std::string severity;
  std::vector<std::string> tags;
  bool keeps_timeouts = false;
};

using AllRuleWords = std::map<std::string, RuleWords, std::less<>>;

// Those of the rules as they are now. Thread-safe.
class CurrentWords {
 public:
  using StoresTimeouts = std::function<bool(const rules::RulePlan&)>;
  explicit CurrentWords(StoresTimeouts stores) : stores_(std::move(stores)) {}

  void set(const rules::RuleSet& rules) {
    auto words = std::make_shared<AllRuleWords>();
    for (const rules::RulePlan& each : rules.rules) {
      (*words)[each.name] = {each.severity, each.tags, stores_(each)};
    }
    const std::lock_guard lock(mutex_);
    words_ = std::move(words);
  }
  [[nodiscard]] std::shared_ptr<const AllRuleWords> get() const {
    const std::lock_guard lock(mutex_);
    return words_;
  }

 private:
  const StoresTimeouts stores_;
  mutable std::mutex mutex_;
  std::shared_ptr<const AllRuleWords> words_;
};

std::optional<StoredResult> result_of(const EventBatch& batch, std::size_t index,
                                      const AllRuleWords& rules) {
  const auto bytes = batch.bytes(batch.headers()[index].row);
  const runtime::RowView row(bytes, cep::result_schema()->size());
  const cep::ResultOrigin origin = cep::origin_of(row);
  const auto words = rules.find(origin.rule);
  const bool is_known = words != rules.end();
  if (origin.is_timeout && is_known && !words->second.keeps_timeouts) return std::nullopt;
  StoredResult result{.kind = origin.is_timeout ? ResultKind::kTimeout : ResultKind::kMatch,
                      .id = std::string(origin.id),
                      .rule = std::string(origin.rule),
                      .key = std::string(origin.key),
                      .time = origin.time,
                      .events = std::string(origin.events)};
  if (is_known) {
    result.severity = words->second.severity;
    result.tags = words->second.tags;
  }
  cep::append_result_json(result.body, row);
  return result;
}

// The same for the same record of the same source.
std::string late_id(std::string_view stream, const runtime::EventId& id) {
  ByteWriter writer;
  writer.put_string(stream);
  writer.put_u32(id.split.value());
  writer.put_u64(id.offset);
  const auto hash = hash128(writer.bytes());
  return text("{:016x}{:016x}", hash[0], hash[1]);
}

StoredResult late_event_of(const EventBatch& batch, std::size_t index,
                           const rules::RuleSet& rules) {
  const EventHeader& header = batch.headers()[index];
  const runtime::Schema& schema = *rules.streams[header.schema.value()].schema;
  StoredResult result{.kind = ResultKind::kLate,
                      .id = late_id(schema.name(), header.id),
                      .rule = schema.name(),
                      .time = header.time};
  result.body = text("{{\"id\":\"{}\",\"stream\":", result.id);
  runtime::append_json_string(result.body, schema.name());
  append_text(result.body, ",\"time\":\"{}\",\"event\":", to_rfc3339(header.time));
  runtime::append_json_row(result.body, runtime::RowView(batch.bytes(header.row), schema.size()),
                           schema);
  result.body += '}';
  return result;
}

JobParts::SinkMaker sink_maker(const KeepOptions& options, const char* name,
                               results::ResultSink::Convert convert) {
  const results::ResultSinkOptions sink{.name = text("default/{}", name),
                                        .start = options.start,
                                        .commits_at_once = !options.is_checkpointed};
  return [store = options.store, sink, convert = std::move(convert)](runtime::SourceShare) {
    return std::make_unique<results::ResultSink>(*store, sink, convert);
  };
}

}  // namespace

void keep_results(JobParts& parts, const rules::RuleSet& rules, const KeepOptions& options) {
  parts.stores_timeouts = [all = options.keeps_all_timeouts](const rules::RulePlan& rule) {
    return all || rule.on_timeout.has_value();
  };
  const auto words = std::make_shared<CurrentWords>(parts.stores_timeouts);
  words->set(rules);
  if (parts.live_rules != nullptr) {
    parts.live_rules->on_change([words](const rules::RuleSet& now) { words->set(now); });
  }
  const auto convert = [words](const EventBatch& batch, std::size_t index) {
    return result_of(batch, index, *words->get());
  };
  parts.stored_matches = sink_maker(options, "matches", convert);
  parts.stored_timeouts = sink_maker(options, "timeouts", convert);
  parts.stored_late =
      sink_maker(options, "late", [&rules](const EventBatch& batch, std::size_t index) {
        return std::optional(late_event_of(batch, index, rules));
      });
}

}  // namespace lymer::server
