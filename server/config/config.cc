// Entries of all sources in their order, each put where the table says.
// Not here: reading TOML (server/config/toml_file.cc).
#include "server/config/config.h"

#include <cctype>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/base/text.h"
#include "runtime/format/json_writer.h"
#include "server/config/reference.h"
#include "server/config/toml_file.h"

namespace lymer::server {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20U;
constexpr std::string_view kPrefix = "LYMER_";

// `LYMER_HTTP__TLS__CERT` is http.tls.cert.
std::string name_of(std::string_view variable) {
  variable.remove_prefix(kPrefix.size());
  std::string name;
  while (!variable.empty()) {
    const bool is_dot = variable.starts_with("__");
    name += is_dot ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(variable[0])));
    variable.remove_prefix(is_dot ? 2 : 1);
  }
  return name;
}

std::vector<std::string> split_list(const std::string& value) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin < value.size()) {
    const std::size_t comma = std::min(value.find(',', begin), value.size());
    if (comma > begin) parts.push_back(value.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return parts;
}

bool is_list(const Setting& setting) {
  return std::holds_alternative<std::vector<std::string> Settings::*>(setting.place);
}

std::vector<ConfigEntry> entries_of(const std::map<std::string, std::string>& environment) {
  std::vector<ConfigEntry> entries;
  for (const auto& [variable, value] : environment) {
    if (!variable.starts_with(kPrefix)) continue;
    ConfigEntry entry{.name = name_of(variable), .texts = {value}, .place = variable};
    const Setting* const setting = find_setting(entry.name);
    if (setting == nullptr && variable.find("__") == std::string::npos) continue;
    if (setting != nullptr && is_list(*setting)) {
      entry.texts = split_list(value);
      entry.is_list = true;
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string shown_as_given(const ConfigEntry& entry) {
  std::vector<std::string> all;
  for (const std::string& each : entry.texts) {
    std::string out;
    runtime::append_json_string(out, each);
    all.push_back(std::move(out));
  }
  const std::string joined = text("{}", fmt::join(all, ", "));
  return entry.is_list ? "[" + joined + "]" : joined;
}

// Takes the entries in turn and remembers all that is wrong with them.
class Loading {
 public:
  Loading(FileSystem& files, const ConfigSources& sources) : files_(files), sources_(sources) {
    config_.settings = sources.defaults;
  }

  void take(const std::vector<ConfigEntry>& entries) {
    for (const ConfigEntry& each : entries) {
      if (const auto taken = take(each); !taken) {
        wrong_.push_back(text("{}: {}", each.place, taken.error().to_string()));
      }
    }
  }
  Result<Config> end() && {
    if (wrong_.empty()) return std::move(config_);
    return Error{ErrorCode::kInvalidArgument, text("{}", fmt::join(wrong_, "\n"))};
  }

 private:
  Result<void> take(const ConfigEntry& entry) {
    const Setting* const setting = find_setting(entry.name);
    if (setting == nullptr) {
      const std::string hint = setting_suggestion(entry.name);
      return Error{ErrorCode::kInvalidArgument,
                   text("there is no setting `{}`{}", entry.name, hint.empty() ? "" : "; " + hint)};
    }
    bool refers = false;
    std::vector<std::string> expanded;
    for (const std::string& each : entry.texts) {
      LYMER_ASSIGN_OR_RETURN(std::string full,
                             expand_references(each, sources_.environment, files_));
      refers = refers || full != each;
      expanded.push_back(std::move(full));
    }
    if (entry.is_list && !is_list(*setting)) {
      return Error{ErrorCode::kInvalidArgument, text("`{}` is one value, no list", entry.name)};
    }
    LYMER_RETURN_IF_ERROR(set(config_.settings, *setting, expanded));
    config_.origins.insert_or_assign(
        entry.name,
        Origin{entry.place, refers ? shown_as_given(entry) : shown(config_.settings, *setting)});
    return {};
  }

  FileSystem& files_;
  const ConfigSources& sources_;
  Config config_;
  std::vector<std::string> wrong_;
};

}  // namespace

Result<Config> load_config(FileSystem& files, const ConfigSources& sources) {
  Loading loading(files, sources);
  if (!sources.path.empty()) {
    LYMER_ASSIGN_OR_RETURN(const std::string content, files.read_all(sources.path, kMostBytes));
    LYMER_ASSIGN_OR_RETURN(const auto entries, parse_toml(sources.path, content));
    loading.take(entries);
  }
  loading.take(entries_of(sources.environment));
  loading.take(sources.flags);
  return std::move(loading).end();
}

std::string show_config(const Config& config) {
  std::string out;
  for (const Setting& each : all_settings()) {
    const auto origin = config.origins.find(each.name);
    const bool is_default = origin == config.origins.end();
    append_text(out, "{} = {}  # {}\n", each.name,
                is_default ? shown(config.settings, each) : origin->second.shown,
                is_default ? "default" : origin->second.place);
  }
  return out;
}

}  // namespace lymer::server
