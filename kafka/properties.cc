// A table says what may not be set, and why.
// Not here: which properties there are; librdkafka knows.
#include "kafka/properties.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <utility>

#include "runtime/base/text.h"

namespace lymer::kafka {
namespace {

constexpr std::string_view kOpen = "${";
constexpr std::string_view kFile = "${file:";
constexpr std::string_view kEnvironment = "${env:";
constexpr std::string_view kHidden = "***";
constexpr std::size_t kSecretBytesMax = std::size_t{64} << 10U;

bool is_any(std::string_view) { return true; }
bool is_true(std::string_view value) { return value == "true" || value == "1" || value == "t"; }
bool is_false(std::string_view value) { return value == "false" || value == "0" || value == "f"; }
bool is_uncommitted(std::string_view value) { return value == "read_uncommitted"; }
bool is_not_all(std::string_view value) { return value != "all" && value != "-1"; }

// What cannot be together with what Lymer does.
struct Ban {
  std::string_view name;
  bool (*is_banned)(std::string_view value);
  Guarantee from;  // With this guarantee and stronger ones.
  std::string_view why;
};

constexpr std::array kBans = {
    Ban{"bootstrap.servers", is_any, Guarantee::kNone, "the brokers are named once for all"},
    Ban{"metadata.broker.list", is_any, Guarantee::kNone, "the brokers are named once for all"},
    Ban{"transactional.id", is_any, Guarantee::kNone,
        "it is made from the job, so that no other process takes its transactions"},
    Ban{"enable.auto.commit", is_true, Guarantee::kNone,
        "offsets are committed with checkpoints, not before"},
    Ban{"auto.commit.enable", is_true, Guarantee::kNone,
        "offsets are committed with checkpoints, not before"},
    Ban{"enable.auto.offset.store", is_true, Guarantee::kNone,
        "offsets are committed with checkpoints, not before"},
    Ban{"enable.partition.eof", is_false, Guarantee::kNone,
        "reading to the end of a partition needs it"},
    Ban{"enable.idempotence", is_false, Guarantee::kAtLeastOnce,
        "a retry could write a record twice or in another order; --kafka-guarantee none does "
        "without"},
    Ban{"acks", is_not_all, Guarantee::kAtLeastOnce,
        "a record that not all replicas have may be lost; --kafka-guarantee none does without"},
    Ban{"request.required.acks", is_not_all, Guarantee::kAtLeastOnce,
        "a record that not all replicas have may be lost; --kafka-guarantee none does without"},
    Ban{"acks", is_any, Guarantee::kExactlyOnce, "a transaction sets it itself"},
    Ban{"request.required.acks", is_any, Guarantee::kExactlyOnce, "a transaction sets it itself"},
    Ban{"isolation.level", is_uncommitted, Guarantee::kExactlyOnce,
        "what is never committed would be read"},
};

bool is_sensitive(std::string_view name) {
  const bool is_named = name.find("password") != std::string_view::npos ||
                        name.find("secret") != std::string_view::npos || name.ends_with(".pem");
  return is_named || name == "sasl.oauthbearer.config";
}

bool has_reference(std::string_view value) { return value.find(kOpen) != std::string_view::npos; }

Error refused(std::string_view name, std::string_view why) {
  return Error{ErrorCode::kInvalidArgument, text("Kafka property `{}`: {}", name, why)};
}

// A value is a reference or none: parts would make it hard to say what is a secret.
Result<void> check_reference(std::string_view name, std::string_view value) {
  if (!has_reference(value)) return {};
  const bool begins = value.starts_with(kFile) || value.starts_with(kEnvironment);
  const bool ends = value.find('}') == value.size() - 1;
  const bool is_empty = value.find(':') + 2 >= value.size();
  if (begins && ends && !is_empty) return {};
  return refused(name, "a reference is all of the value, `${file:PATH}` or `${env:NAME}`");
}

Result<std::string> read_secret(FileSystem& files, const std::string& path) {
  LYMER_ASSIGN_OR_RETURN(std::string secret, files.read_all(path, kSecretBytesMax));
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  return secret;
}

Result<std::string> look_up(FileSystem& files, const std::string& name, std::string_view value) {
  if (value.starts_with(kFile)) {
    const std::string path(value.substr(kFile.size(), value.size() - kFile.size() - 1));
    auto secret = read_secret(files, path);
    if (!secret) return secret.error().within(text("Kafka property `{}`", name));
    return secret;
  }
  const std::string variable(
      value.substr(kEnvironment.size(), value.size() - kEnvironment.size() - 1));
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody here changes the environment.
  const char* found = std::getenv(variable.c_str());
  if (found == nullptr) return refused(name, text("there is no variable `{}`", variable));
  return std::string(found);
}

Result<void> check_banned(const std::string& name, const std::string& value, Guarantee guarantee) {
  for (const Ban& each : kBans) {
    const bool applies = name == each.name && guarantee >= each.from;
    if (applies && each.is_banned(value)) return refused(name, each.why);
  }
  return {};
}

}  // namespace

Result<Properties> Properties::parse(const KafkaSettings& settings) {
  Properties properties;
  for (const std::string& each : settings.properties) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos || equals == 0) {
      // What stands there may be a password with its name forgotten.
      return Error{ErrorCode::kInvalidArgument, "a Kafka property is NAME=VALUE"};
    }
    const std::string name = each.substr(0, equals);
    const std::string value = each.substr(equals + 1);
    LYMER_RETURN_IF_ERROR(check_banned(name, value, settings.guarantee));
    LYMER_RETURN_IF_ERROR(check_reference(name, value));
    if (!properties.values_.emplace(name, value).second) return refused(name, "is given twice");
  }
  properties.set("bootstrap.servers", settings.brokers);
  return properties;
}

void Properties::set_default(const std::string& name, const std::string& value) {
  values_.try_emplace(name, value);
}

void Properties::set(const std::string& name, std::string value) {
  values_.insert_or_assign(name, std::move(value));
}

const std::string* Properties::find(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

Result<std::vector<ResolvedProperty>> Properties::resolve(FileSystem& files) const {
  std::vector<ResolvedProperty> resolved;
  for (const auto& [name, value] : values_) {
    if (!has_reference(value)) {
      resolved.push_back({name, value, is_sensitive(name)});
      continue;
    }
    LYMER_ASSIGN_OR_RETURN(std::string secret, look_up(files, name, value));
    resolved.push_back({name, std::move(secret), true});
  }
  return resolved;
}

std::string Properties::to_string() const {
  std::string all;
  for (const auto& [name, value] : values_) {
    const bool is_hidden = is_sensitive(name) && !has_reference(value);
    append_text(all, "{}{}={}", all.empty() ? "" : ", ", name,
                is_hidden ? kHidden : std::string_view(value));
  }
  return all;
}

std::string without_secrets(std::string message, const std::vector<ResolvedProperty>& properties) {
  for (const ResolvedProperty& each : properties) {
    if (!each.is_secret || each.value.empty()) continue;
    for (std::size_t at = message.find(each.value); at != std::string::npos;
         at = message.find(each.value, at + kHidden.size())) {
      message.replace(at, each.value.size(), kHidden);
    }
  }
  return message;
}

}  // namespace lymer::kafka
