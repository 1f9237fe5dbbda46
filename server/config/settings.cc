// The table, and one way to read and to write each type.
// Not here: expanding `${env:X}` (server/config/reference.cc).
#include "server/config/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>
#include <utility>

#include "rules/diagnostic.h"
#include "runtime/base/civil_time.h"
#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"

namespace lymer::server {
namespace {

using S = Settings;

constexpr std::array<Setting, 45> kSettings = {{
    {"data_dir", &S::data_dir,
     "Directory that the server has for itself; empty: none, and nothing is kept"},
    {"http.listen", &S::http_listen,
     "HOST:PORT; port 0 takes any that is free. Beyond loopback it needs auth.tokens_file or "
     "http.insecure"},
    {"http.insecure", &S::http_insecure, "Let everybody who reaches the port do everything"},
    {"http.tls.cert", &S::http_tls_cert, "Chain of certificates in PEM; TLS if it is set"},
    {"http.tls.key", &S::http_tls_key, "Its key in PEM"},
    {"http.tls.client_ca", &S::http_tls_client_ca,
     "Let in only clients with a certificate of these authorities"},
    {"http.io_threads", &S::http_io_threads, "Threads that wait for connections", 1, 64},
    {"http.handler_threads", &S::http_handler_threads, "Threads that answer", 1, 256},
    {"http.max_waiting", &S::http_max_waiting, "Requests that wait for these; beyond: 503", 1,
     1'000'000},
    {"http.max_connections", &S::http_max_connections, "Connections; beyond: 503 and closed", 1,
     1'000'000},
    {"http.max_header_fields", &S::http_max_header_fields, "Headers of a request; beyond: 431", 1,
     10'000},
    {"http.max_target", &S::http_max_target, "Path with query; longer: 414", 1, 1U << 20U},
    {"http.max_header", &S::http_max_header, "All headers; longer: 431", 256, 1U << 24U},
    {"http.max_body", &S::http_max_body, "Body, also expanded; longer: 413"},
    {"http.header_timeout", &S::http_header_timeout, "For all headers to come; then closed"},
    {"http.body_timeout", &S::http_body_timeout, "For all of a body to come; then closed"},
    {"http.idle_timeout", &S::http_idle_timeout, "Between two requests; then closed"},
    {"http.write_timeout", &S::http_write_timeout, "For a client to take 64 KiB; then closed"},
    {"auth.tokens_file", &S::auth_tokens_file, "Who may what; made by `lymer token new`"},
    {"rules.paths", &S::rules_paths, "Rule files, and directories of .cep files"},
    {"rules.watch", &S::rules_watch,
     "How often these are looked at for changes, which the job then makes; 0s: never"},
    {"kafka.brokers", &S::kafka_brokers,
     "HOST:PORT,...: where topics of rules are; empty: nowhere"},
    {"kafka.properties", &S::kafka_properties,
     "NAME=VALUE: properties of librdkafka, also ${file:PATH} and ${env:NAME} for secrets"},
    {"kafka.guarantee", &S::kafka_guarantee,
     "Of results in topics: exactly-once (needs data_dir), at-least-once or none"},
    {"results.output", &S::results_output,
     "Where matches go: - for standard output; with data_dir a directory of files that come whole, "
     "else a file"},
    {"results.retention.matches", &S::results_matches_age, "How long matches are kept in data_dir"},
    {"results.retention.timeouts", &S::results_timeouts_age, "How long timeouts are"},
    {"results.retention.late", &S::results_late_age, "How long late events are"},
    {"results.max_bytes.matches", &S::results_matches_bytes,
     "Of matches that are kept; beyond: the oldest go. 0: no bound"},
    {"results.max_bytes.timeouts", &S::results_timeouts_bytes, "Of timeouts"},
    {"results.max_bytes.late", &S::results_late_bytes, "Of late events"},
    {"results.all_timeouts", &S::results_all_timeouts,
     "Keep timeouts of all rules, not only of those that say `on timeout`"},
    {"results.max_followers", &S::results_max_followers, "Clients that follow results; beyond: 503",
     1, 1'000'000},
    {"runtime.workers", &S::runtime_workers, "Threads of the job", 1, 128},
    {"checkpoint.interval", &S::checkpoint_interval,
     "Between two checkpoints; results for the log wait for one"},
    {"checkpoint.allow_non_restored_state", &S::checkpoint_allow_non_restored_state,
     "Go on also where a checkpoint has state of operators that the rules no longer make"},
    {"restart.strategy", &S::restart_strategy,
     "What the job does after a failure: as --restart-strategy of `lymer run`"},
    {"log.group_wait", &S::log_group_wait, "How long an append waits for others to share its sync"},
    {"log.max_waiting", &S::log_max_waiting, "Bytes that wait to be appended; beyond: 503", 1},
    {"log.idempotency_keys", &S::log_idempotency_keys,
     "How many of the last Idempotency-Keys of a stream are remembered", 1, 10'000'000},
    {"log.idempotency_time", &S::log_idempotency_time, "How long they are remembered"},
    {"log.keep_time", &S::log_keep_time, "Older events of the log are removed"},
    {"log.keep_bytes", &S::log_keep_bytes,
     "Of a stream of the log; the oldest events beyond it are removed; 0: no bound"},
    {"ingest.max_event", &S::ingest_max_event, "An event that is posted; longer ones are rejected",
     2, std::uint64_t{1} << 30U},
    {"shutdown.timeout", &S::shutdown_timeout, "For requests to end when told to stop"},
}};

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array<Unit, 5> kUnits = {{{"TiB", std::uint64_t{1} << 40U},
                                         {"GiB", std::uint64_t{1} << 30U},
                                         {"MiB", std::uint64_t{1} << 20U},
                                         {"KiB", std::uint64_t{1} << 10U},
                                         {"", 1}}};

Error wrong(const Setting& setting, std::string_view wanted, std::string_view given) {
  return Error{ErrorCode::kInvalidArgument,
               text("`{}` is {}, not `{}`", setting.name, wanted, given)};
}

Result<std::uint64_t> number(const Setting& setting, const std::string& given) {
  std::uint64_t read = 0;
  const auto end = given.data() + given.size();
  const auto [stopped, failed] = std::from_chars(given.data(), end, read);
  if (failed != std::errc() || stopped != end || read < setting.minimum || read > setting.maximum) {
    return wrong(setting, text("a whole number from {} to {}", setting.minimum, setting.maximum),
                 given);
  }
  return read;
}

Result<bool> truth(const Setting& setting, const std::string& given) {
  if (given == "true") return true;
  if (given == "false") return false;
  return wrong(setting, "true or false", given);
}

Result<ByteCount> bytes(const Setting& setting, const std::string& given) {
  const auto read = parse_bytes(given);
  if (!read || read->value < setting.minimum || read->value > setting.maximum) {
    return wrong(setting, "a size such as 64KiB or 8MiB, within its limits", given);
  }
  return *read;
}

Result<Duration> duration(const Setting& setting, const std::string& given) {
  const auto read = parse_duration(given);
  if (!read || *read <= Duration{}) return wrong(setting, "a duration such as 30s or 1h30m", given);
  return *read;
}

// Gives the value of the type that the setting has.
template <typename T>
Result<T> parsed(const Setting& setting, const std::vector<std::string>& texts) {
  if constexpr (std::is_same_v<T, std::vector<std::string>>) return texts;
  if (texts.size() != 1) return wrong(setting, "one value", text("{} values", texts.size()));
  if constexpr (std::is_same_v<T, std::string>) return texts.front();
  if constexpr (std::is_same_v<T, bool>) return truth(setting, texts.front());
  if constexpr (std::is_same_v<T, std::uint64_t>) return number(setting, texts.front());
  if constexpr (std::is_same_v<T, ByteCount>) return bytes(setting, texts.front());
  if constexpr (std::is_same_v<T, Duration>) return duration(setting, texts.front());
}

std::string quoted(std::string_view value) {
  std::string out;
  runtime::append_json_string(out, value);  // TOML's basic strings have the same escapes.
  return out;
}

std::string written(const std::string& value) { return quoted(value); }
std::string written(bool value) { return value ? "true" : "false"; }
std::string written(std::uint64_t value) { return std::to_string(value); }
std::string written(ByteCount value) { return quoted(to_string(value)); }
std::string written(Duration value) { return quoted(to_string(value)); }
std::string written(const std::vector<std::string>& values) {
  std::vector<std::string> all;
  for (const std::string& each : values) all.push_back(quoted(each));
  return text("[{}]", fmt::join(all, ", "));
}

}  // namespace

std::span<const Setting> all_settings() noexcept { return kSettings; }

const Setting* find_setting(std::string_view name) noexcept {
  const auto all = all_settings();
  const auto found = std::ranges::find(all, name, &Setting::name);
  return found == all.end() ? nullptr : &*found;
}

std::string setting_suggestion(std::string_view name) {
  std::vector<std::string> names;
  for (const Setting& each : all_settings()) names.emplace_back(each.name);
  return rules::suggestion(name, names);
}

Result<void> set(Settings& settings, const Setting& setting,
                 const std::vector<std::string>& texts) {
  return std::visit(
      [&](auto place) -> Result<void> {
        using T = std::remove_reference_t<decltype(settings.*place)>;
        LYMER_ASSIGN_OR_RETURN(settings.*place, parsed<T>(setting, texts));
        return {};
      },
      setting.place);
}

std::string shown(const Settings& settings, const Setting& setting) {
  return std::visit([&settings](auto place) { return written(settings.*place); }, setting.place);
}

Result<ByteCount> parse_bytes(std::string_view given) {
  std::uint64_t count = 0;
  const auto [stopped, failed] = std::from_chars(given.data(), given.data() + given.size(), count);
  if (failed == std::errc()) {
    const std::string_view unit = given.substr(static_cast<std::size_t>(stopped - given.data()));
    for (const Unit& each : kUnits) {
      std::uint64_t product = 0;
      if (unit == each.name && !__builtin_mul_overflow(count, each.bytes, &product)) {
        return ByteCount{product};
      }
    }
  }
  return Error{ErrorCode::kInvalidArgument, text("`{}` is no size such as 64MiB", given)};
}

std::string to_string(ByteCount bytes_to_write) {
  for (const Unit& each : kUnits) {
    if (bytes_to_write.value >= each.bytes && bytes_to_write.value % each.bytes == 0) {
      return text("{}{}", bytes_to_write.value / each.bytes, each.name);
    }
  }
  return "0";
}

}  // namespace lymer::server
