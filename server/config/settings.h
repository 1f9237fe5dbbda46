// All settings of the server: what they are called, of what type they are, what they are for.
//
// The table names each setting once; files, environment and flags all go through it, so what is in
// no table is refused everywhere, and `lymer config show` cannot forget one.
// Not here: where values come from, and which comes first (server/config/config.h).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/base/time.h"

namespace lymer::server {

// Bytes, written as `64MiB`.
struct ByteCount {
  std::uint64_t value = 0;
  friend bool operator==(const ByteCount&, const ByteCount&) = default;
};

// A value each, with its default.
struct Settings {
  std::string data_dir = {};  // Empty: nothing is kept. What is usual: usual_data_directory().

  std::string http_listen = "127.0.0.1:8090";
  bool http_insecure = false;
  std::string http_tls_cert = {};
  std::string http_tls_key = {};
  std::string http_tls_client_ca = {};
  std::uint64_t http_io_threads = 2;
  std::uint64_t http_handler_threads = 4;
  std::uint64_t http_max_waiting = 256;
  std::uint64_t http_max_connections = 4096;
  std::uint64_t http_max_header_fields = 100;
  ByteCount http_max_target{std::uint64_t{8} << 10U};
  ByteCount http_max_header{std::uint64_t{32} << 10U};
  ByteCount http_max_body{std::uint64_t{8} << 20U};
  Duration http_header_timeout = Duration::seconds(10);
  Duration http_body_timeout = Duration::seconds(60);
  Duration http_idle_timeout = Duration::seconds(75);
  Duration http_write_timeout = Duration::seconds(30);

  std::string auth_tokens_file = {};

  std::vector<std::string> rules_paths = {};
  Duration rules_watch = Duration::seconds(1);
  std::string kafka_brokers = {};
  std::vector<std::string> kafka_properties = {};
  std::string kafka_guarantee = "exactly-once";

  std::string results_output = "-";
  Duration results_matches_age = Duration::hours(std::int64_t{24} * 30);
  Duration results_timeouts_age = Duration::hours(std::int64_t{24} * 7);
  Duration results_late_age = Duration::hours(std::int64_t{24} * 3);
  ByteCount results_matches_bytes{std::uint64_t{10} << 30U};
  ByteCount results_timeouts_bytes{std::uint64_t{2} << 30U};
  ByteCount results_late_bytes{std::uint64_t{1} << 30U};
  bool results_all_timeouts = false;
  std::uint64_t results_max_followers = 4000;

  std::uint64_t runtime_workers = 1;

  Duration checkpoint_interval = Duration::seconds(10);
  bool checkpoint_allow_non_restored_state = false;
  // As runtime::parse_restart() reads it: about twenty minutes of a disk that is full, and an end
  // where no restart helps.
  std::string restart_strategy = "exponential-delay:attempts-before-reset-backoff=30";

  Duration log_group_wait = Duration::millis(5);
  ByteCount log_max_waiting{std::uint64_t{256} << 20U};
  std::uint64_t log_idempotency_keys = 100'000;
  Duration log_idempotency_time = Duration::hours(24);
  Duration log_keep_time = Duration::hours(std::int64_t{24} * 7);
  ByteCount log_keep_bytes{0};  // No bound.
  ByteCount ingest_max_event{std::uint64_t{1} << 20U};

  Duration shutdown_timeout = Duration::seconds(60);
};

struct Setting {
  using Place = std::variant<std::string Settings::*, bool Settings::*, std::uint64_t Settings::*,
                             ByteCount Settings::*, Duration Settings::*,
                             std::vector<std::string> Settings::*>;
  std::string_view name;  // `section.key`.
  Place place;
  std::string_view doc;
  std::uint64_t minimum = 0;  // Of a number.
  std::uint64_t maximum = UINT64_MAX;
};

// All there are, in the order in which they are shown.
[[nodiscard]] std::span<const Setting> all_settings() noexcept;
// Gives null for a name that there is not.
[[nodiscard]] const Setting* find_setting(std::string_view name) noexcept;
// Gives "did you mean `x`?" for a name that there is not, or nothing.
[[nodiscard]] std::string setting_suggestion(std::string_view name);

// Sets from text; several texts only for lists. Returns kInvalidArgument, naming what would do.
[[nodiscard]] Result<void> set(Settings& settings, const Setting& setting,
                               const std::vector<std::string>& texts);
// Writes the value as TOML would have it.
[[nodiscard]] std::string shown(const Settings& settings, const Setting& setting);

// Reads `512`, `64KiB`, `8MiB`, `20GiB`, `1TiB`; nothing for all else.
[[nodiscard]] Result<ByteCount> parse_bytes(std::string_view text);
// Writes with the largest unit that leaves a whole number.
[[nodiscard]] std::string to_string(ByteCount bytes);

}  // namespace lymer::server
