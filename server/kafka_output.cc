// Names of checkpoints to commit records and back; results to records.
// Not here: when (checkpoint/coordinator.cc).
#include "server/kafka_output.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string_view>

#include "cep/result.h"
#include "runtime/base/text.h"
#include "runtime/row.h"

namespace lymer::server {
namespace {

constexpr std::string_view kIdName = "job-id";
constexpr std::size_t kIdDigits = 16;

using Topics = std::map<std::string, std::vector<std::string>, std::less<>>;  // By rule.

const std::vector<std::string>& topics_of(const rules::RulePlan& rule, bool of_timeouts) {
  return of_timeouts ? rule.timeout_topics : rule.match_topics;
}

bool is_id(std::string_view id) {
  return id.size() == kIdDigits &&
         id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::vector<std::string> topics_of(const rules::RuleSet& rules) {
  std::vector<std::string> topics;
  for (const rules::RulePlan& rule : rules.rules) {
    for (const bool of_timeouts : {false, true}) {
      const std::vector<std::string>& some = topics_of(rule, of_timeouts);
      topics.insert(topics.end(), some.begin(), some.end());
    }
  }
  std::ranges::sort(topics);
  const auto repeated = std::ranges::unique(topics);
  topics.erase(repeated.begin(), repeated.end());
  return topics;
}

kafka::KafkaSink::ToRecords result_records(const rules::RuleSet& rules, bool of_timeouts) {
  Topics topics;
  for (const rules::RulePlan& rule : rules.rules) topics[rule.name] = topics_of(rule, of_timeouts);
  const runtime::SchemaRef schema = cep::result_schema();
  const auto slot = [&](std::string_view name) {
    const auto& fields = schema->fields();
    return static_cast<runtime::Slot>(std::ranges::find(fields, name, &runtime::Field::name) -
                                      fields.begin());
  };
  return [topics = std::move(topics), schema, rule = slot("rule"), key = slot("key")](
             const runtime::EventBatch& batch, std::size_t index,
             std::vector<kafka::Record>& records) {
    const runtime::RowView row(batch.bytes(batch.headers()[index].row), schema->size());
    const auto& fields = schema->fields();
    const auto found = topics.find(row.get(rule, fields[rule].type).as_string());
    if (found == topics.end()) return;
    for (const std::string& topic : found->second) {
      kafka::Record record{.topic = topic};
      record.key = std::string(row.get(key, fields[key].type).as_string());
      cep::append_result_json(record.value, row);
      records.push_back(std::move(record));
    }
  };
}

Result<std::string> job_id_in(FileSystem& files, const std::string& directory,
                              std::uint64_t random) {
  const std::string path = text("{}/{}", directory, kIdName);
  LYMER_ASSIGN_OR_RETURN(const auto there, files.status(path));
  if (there) {
    LYMER_ASSIGN_OR_RETURN(const auto file, files.open(path));
    std::array<std::byte, kIdDigits + 1> buffer{};
    LYMER_ASSIGN_OR_RETURN(const std::size_t count, file->read(buffer));
    std::string id;
    for (const std::byte each : std::span(buffer).first(count)) id += static_cast<char>(each);
    if (is_id(id)) return id;
    return Error{ErrorCode::kCorrupt, text("`{}` does not hold the id of a job", path)};
  }
  const std::string id = text("{:016x}", random);
  const std::string partial = path + ".partial";
  LYMER_RETURN_IF_ERROR(files.make_directories(directory));
  LYMER_ASSIGN_OR_RETURN(const auto file, files.create(partial));
  LYMER_RETURN_IF_ERROR(file->append(std::as_bytes(std::span(id))));
  LYMER_RETURN_IF_ERROR(file->sync());
  LYMER_RETURN_IF_ERROR(file->close());
  LYMER_RETURN_IF_ERROR(files.rename(partial, path));
  LYMER_RETURN_IF_ERROR(files.sync_directory(directory));
  return id;
}

Result<std::optional<checkpoint::DecidedCheckpoint>> KafkaOutput::begin() {
  LYMER_ASSIGN_OR_RETURN(const auto record, output_->begin());
  if (!record) return std::optional<checkpoint::DecidedCheckpoint>();
  return std::optional(checkpoint::DecidedCheckpoint{record->epoch, record->checkpoint});
}

Result<void> KafkaOutput::prepare(runtime::Epoch epoch) {
  return decides() ? Result<void>() : output_->flush(epoch);
}

Result<void> KafkaOutput::decide(runtime::Epoch epoch, const std::string& name) {
  return output_->decide({epoch, name});
}

}  // namespace lymer::server
