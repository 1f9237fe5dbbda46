// The engine shows the rows of the rule's streams; those of the key go through the teller.
// Not here: the engine (server/engine.h).
#include "server/key_story.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <nlohmann/json.hpp>

#include "cep/compiler/compiler.h"
#include "cep/event_comparator.h"
#include "runtime/base/check.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/format/decoder.h"
#include "server/engine.h"

namespace lymer::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kKeysShown = 8;

// A row of one of the rule's streams, as it came.
struct Row {
  std::size_t stream = 0;
  std::size_t rank = 0;  // Of the stream in `on`.
  EventTime time;
  std::uint16_t key_mask = 0;
  std::string json;
  std::vector<std::byte> bytes;
};

// Lets all fields be seen and be null, so that what is shown can be read back.
void open_schemas(rules::RuleSet& set) {
  for (rules::StreamPlan& each : set.streams) {
    std::vector<runtime::Field> fields = each.schema->fields();
    for (runtime::Field& field : fields) field.hidden = false;
    each.schema = std::make_shared<runtime::Schema>(each.name, std::move(fields));
    if (auto* source = std::get_if<rules::SourcePlan>(&each.origin)) source->follow = false;
  }
  for (rules::RulePlan& each : set.rules) {
    each.match_logs.clear();
    each.timeout_logs.clear();
  }
}

std::vector<Json> lines_of(std::string_view text) {
  std::vector<Json> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.push_back(Json::parse(text.substr(0, end), nullptr, false));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string plain(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// The key as people write it; nothing where a field of it is null.
std::optional<std::string> key_of(const Json& row, const runtime::KeyExpression& key,
                                  const runtime::Schema& schema) {
  std::string out;
  for (const runtime::Slot slot : key) {
    const auto value = row.find(schema.fields()[slot].name);
    if (value == row.end() || value->is_null()) return std::nullopt;
    out += (slot == key.front() && out.empty() ? "" : ",") + plain(*value);
  }
  return out;
}

class RowReader final : private runtime::DecodeSink {
 public:
  explicit RowReader(const runtime::Schema& shown) {
    std::vector<runtime::Field> fields = shown.fields();
    std::vector<runtime::FieldSource> sources;
    for (runtime::Slot slot = 0; slot < fields.size(); ++slot) {
      fields[slot].nullable = true;
      sources.push_back({.slot = slot, .path = {fields[slot].name}});
    }
    auto made = runtime::make_json_decoder(
        std::make_shared<runtime::Schema>(shown.name(), std::move(fields)), {}, std::move(sources));
    LYMER_CHECK(made.has_value(), "rows can be read back");
    decoder_ = std::move(*made);
  }
  std::vector<std::byte> read(std::string json) {
    const std::size_t length = json.size();
    json.append(64, ' ');  // kRecordPadding
    decoder_->decode(std::string_view(json).substr(0, length), *this);
    return std::move(bytes_);
  }

 private:
  void on_row(runtime::RowBuilder& row) override {
    bytes_.assign(row.bytes().begin(), row.bytes().end());
  }
  void on_skip() override {}
  void on_reject(runtime::RejectReason, std::string detail) override {
    LYMER_CHECK(detail.empty(), "a row that was shown is refused");
  }

  std::unique_ptr<runtime::Decoder> decoder_;
  std::vector<std::byte> bytes_;
};

// What came too late is among the rows too: of equal ones the last.
void drop_late(std::vector<Json>& rows, const std::vector<Json>& late) {
  for (const Json& each : late) {
    const auto same = std::find_if(rows.rbegin(), rows.rend(), [&](const Json& row) {
      return row["stream"] == each["stream"] && row["time"] == each["time"] &&
             row["event"] == each["event"];
    });
    if (same != rows.rend()) rows.erase(std::next(same).base());
  }
}

class KeyTeller {
 public:
  KeyTeller(const rules::RuleSet& set, std::size_t rule, const std::string& key)
      : set_(set), rule_(set.rules[rule]), key_(key) {}

  // Keeps the rows of the key; the others tell which keys there are.
  void take(const std::vector<Json>& rows) {
    for (const Json& each : rows) {
      for (std::size_t rank = 0; rank < rule_.inputs.size(); ++rank) take(each, rank);
    }
    std::ranges::stable_sort(rows_, [&](const Row& left, const Row& right) {
      if (left.time != right.time) return left.time < right.time;
      if (comes_before(left, right)) return true;
      return !comes_before(right, left) && left.rank < right.rank;
    });
  }

  void tell(KeyStory& story) {
    std::vector<runtime::SchemaRef> schemas;
    for (const rules::StreamPlan& each : set_.streams) schemas.push_back(each.schema);
    const cep::CompiledPattern compiled = cep::compile(rule_.pattern);
    cep::RunTeller teller(compiled, schemas);
    Result<void> told;
    for (const Row& each : rows_) {
      story.events.push_back({set_.streams[each.stream].name, each.time, each.json});
      runtime::EventHeader header;
      header.time = each.time;
      header.schema = runtime::SchemaId(static_cast<std::uint16_t>(each.stream));
      header.key_mask = each.key_mask;
      if (told) told = teller.add(header, each.bytes);
    }
    if (told) told = teller.finish();
    if (!told) story.failure = told.error().to_string();
    story.runs = teller.stories();
    story.begun_nothing = teller.begun_nothing();
    if (rows_.empty()) story.some_keys.assign(keys_.begin(), keys_.end());
  }

 private:
  void take(const Json& line, std::size_t rank) {
    const rules::RuleInput& input = rule_.inputs[rank];
    const rules::StreamPlan& stream = set_.streams[input.stream];
    if (line["stream"] != stream.name) return;
    Row row{.stream = input.stream, .rank = rank, .time = {}, .json = {}, .bytes = {}};
    for (std::size_t i = 0; i < input.keys.size(); ++i) {
      const auto key = key_of(line["event"], input.keys[i], *stream.schema);
      if (key && keys_.size() < kKeysShown) keys_.insert(*key);
      if (key == key_) row.key_mask = static_cast<std::uint16_t>(row.key_mask | (1U << i));
    }
    if (row.key_mask == 0) return;
    const auto time = parse_rfc3339(line["time"].get<std::string>());
    LYMER_CHECK(time.has_value(), "rows have a time");
    row.time = *time;
    row.json = line["event"].dump();
    auto reader = readers_.find(input.stream);
    if (reader == readers_.end()) {
      reader = readers_.emplace(input.stream, std::make_unique<RowReader>(*stream.schema)).first;
    }
    row.bytes = reader->second->read(row.json);
    rows_.push_back(std::move(row));
  }

  // By `order by`.
  [[nodiscard]] bool comes_before(const Row& left, const Row& right) const {
    if (rule_.order.empty()) return false;
    std::vector<cep::OrderField> fields;
    for (const rules::OrderPlan& each : rule_.order) {
      fields.push_back({.slots = std::vector<runtime::Slot>(set_.streams.size()),
                        .type = each.type,
                        .is_descending = each.is_descending});
      for (std::size_t i = 0; i < rule_.inputs.size(); ++i) {
        fields.back().slots[rule_.inputs[i].stream] = each.slots[i];
      }
    }
    const auto compared = [&](const Row& row) {
      return cep::ComparedEvent{
          .schema = runtime::SchemaId(static_cast<std::uint16_t>(row.stream)),
          .row = runtime::RowView(row.bytes, set_.streams[row.stream].schema->size())};
    };
    return cep::by_fields(std::move(fields))(compared(left), compared(right));
  }

  const rules::RuleSet& set_;
  const rules::RulePlan& rule_;
  const std::string& key_;
  std::map<std::size_t, std::unique_ptr<RowReader>> readers_;  // By stream.
  std::vector<Row> rows_;
  std::set<std::string> keys_;
};

// The key of a result.
std::string key_text(const Json& key) {
  std::string out;
  for (const auto& [name, value] : key.items()) out += (out.empty() ? "" : ",") + plain(value);
  return out;
}

}  // namespace

Result<KeyStory> tell_key(rules::RuleSet set, std::size_t rule, const std::string& key,
                          std::map<std::string, std::string> inputs, MemoryFiles& files,
                          Clock& clock) {
  open_schemas(set);
  const std::string name = set.rules[rule].name;
  EngineOptions options;
  options.inputs = std::move(inputs);
  options.results_path = MemoryFiles::path_of("matches");
  options.late_path = MemoryFiles::path_of("late");
  for (const rules::RuleInput& each : set.rules[rule].inputs) {
    options.shown_streams.push_back(set.streams[each.stream].name);
  }
  LYMER_ASSIGN_OR_RETURN(const auto engine, Engine::make(set, std::move(options), files, clock));
  LYMER_RETURN_IF_ERROR(engine->run([] { return false; }));
  KeyStory story;
  std::vector<Json> rows;
  for (Json& each : lines_of(files.text("matches"))) {
    if (each.contains("stream")) {
      rows.push_back(std::move(each));
    } else if (each["rule"] == name && key_text(each["key"]) == key) {
      ++story.engine_matches;
    }
  }
  const std::size_t all = rows.size();
  drop_late(rows, lines_of(files.text("late")));
  story.late = all - rows.size();
  KeyTeller teller(set, rule, key);
  teller.take(rows);
  teller.tell(story);
  return story;
}

}  // namespace lymer::server
