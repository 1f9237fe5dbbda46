// The process's surroundings as sources of settings.
// Not here: their order (server/config/config.cc).
#include "server/cli/config.h"

#include <cstdio>
#include <string>
#include <unistd.h>
#include <utility>

#include "kafka/settings.h"
#include "runtime/base/text.h"
#include "runtime/exec/restart_strategy.h"
#include "server/config/listen_address.h"
#include "server/data_directory.h"

namespace lymer::server {
namespace {

constexpr const char* kUsualPath = "/etc/lymer/lymer.toml";

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> all;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string pair = *each;
    const std::size_t equals = pair.find('=');
    if (equals != std::string::npos) all[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return all;
}

}  // namespace

Result<Config> config_of(const ConfigOptions& options, FileSystem& files) {
  ConfigSources sources{
      .defaults = {}, .path = options.path, .environment = environment(), .flags = {}};
  sources.defaults.data_dir = usual_data_directory(sources.environment, ::geteuid() == 0);
  if (sources.path.empty()) {
    LYMER_ASSIGN_OR_RETURN(const auto usual, files.status(kUsualPath));
    if (usual) sources.path = kUsualPath;
  }
  const auto add = [&sources](const char* name, const char* flag, std::vector<std::string> texts,
                              bool is_list) {
    if (texts.empty() || texts.front().empty()) return;
    sources.flags.push_back({name, std::move(texts), is_list, flag});
  };
  add("data_dir", "--data", {options.data_dir}, false);
  add("http.listen", "--listen", {options.listen}, false);
  add("rules.paths", "--rules", options.rules, true);
  return load_config(files, sources);
}

std::string config_conflicts(const Settings& settings) {
  std::string out;
  const auto address = parse_listen_address(settings.http_listen);
  if (!address) append_text(out, "http.listen: {}\n", address.error().message);
  if (address && !address->is_loopback && settings.auth_tokens_file.empty() &&
      !settings.http_insecure) {
    append_text(out,
                "http.listen: `{}` can be reached by others, and nobody needs a token; set "
                "auth.tokens_file (see `lymer token new`), or http.insecure = true\n",
                settings.http_listen);
  }
  const bool has_cert = !settings.http_tls_cert.empty();
  if (has_cert == settings.http_tls_key.empty()) {
    out += "http.tls.cert and http.tls.key need each other\n";
  }
  if (!settings.http_tls_client_ca.empty() && !has_cert) {
    out += "http.tls.client_ca needs http.tls.cert\n";
  }
  if (!kafka::parse_guarantee(settings.kafka_guarantee)) {
    append_text(out, "kafka.guarantee: `{}` is none of exactly-once, at-least-once and none\n",
                settings.kafka_guarantee);
  }
  if (const auto restart = runtime::parse_restart(settings.restart_strategy); !restart) {
    append_text(out, "restart.strategy: {}\n", restart.error().message);
  }
  return out;
}

ExitCode config_show(const ConfigOptions& options, FileSystem& files) {
  const auto config = config_of(options, files);
  if (!config) {
    std::fprintf(stderr, "lymer: %s\n", config.error().to_string().c_str());
    return config.error().code == ErrorCode::kInvalidArgument ? kFindings : kInputOutput;
  }
  std::fputs(show_config(*config).c_str(), stdout);
  return kGood;
}

ExitCode config_check(const ConfigOptions& options, FileSystem& files) {
  const auto config = config_of(options, files);
  if (!config) {
    std::fprintf(stderr, "lymer: %s\n", config.error().to_string().c_str());
    return config.error().code == ErrorCode::kInvalidArgument ? kFindings : kInputOutput;
  }
  std::string wrong = config_conflicts(config->settings);
  for (const std::string* path :
       {&config->settings.http_tls_cert, &config->settings.http_tls_key,
        &config->settings.http_tls_client_ca, &config->settings.auth_tokens_file}) {
    if (path->empty()) continue;
    if (const auto opened = files.open(*path); !opened) wrong += opened.error().to_string() + "\n";
  }
  if (wrong.empty()) {
    std::puts("the configuration is good");
    return kGood;
  }
  std::fputs(wrong.c_str(), stderr);
  return kFindings;
}

}  // namespace lymer::server
