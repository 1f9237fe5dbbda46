// One block a command, as in command_line.cc.
// Not here: what commands do (serve.cc, config.cc, token.cc beside this file).
#include "server/cli/server_commands.h"

#include <CLI/CLI.hpp>

#include "server/cli/config.h"
#include "server/cli/serve.h"
#include "server/cli/token.h"

namespace lymer::server {
namespace {

constexpr const char* kServeExamples = R"(
Examples:
  lymer serve --rules rules.d
  lymer serve -c /etc/lymer/lymer.toml
  LYMER_HTTP__LISTEN=127.0.0.1:0 lymer serve

Matches go to standard output, or to results.output. The log and the checkpoints are in --data;
without it in $STATE_DIRECTORY, $XDG_STATE_HOME/lymer, /var/lib/lymer of the superuser, or
~/.local/state/lymer. While another server has that directory this one waits for it. SIGTERM and
SIGINT end the server in good order, a second one at once.)";

void add_sources(CLI::App& command, ConfigOptions& options) {
  command.add_option("-c,--config", options.path,
                     "FILE: settings in TOML (/etc/lymer/lymer.toml if it is there)");
  command.add_option("--data", options.data_dir, "DIR: data_dir");
  command.add_option("--listen", options.listen, "HOST:PORT: http.listen");
  command.add_option("--rules", options.rules, "PATH...: rules.paths");
}

}  // namespace

void ServerCommands::add_to(CLI::App& app) {
  CLI::App* serve = app.add_subcommand("serve", "Run rules for good, with an HTTP API");
  serve->footer(kServeExamples);
  add_sources(*serve, config_);
  CLI::App* config = app.add_subcommand("config", "Show or check the settings of the server");
  config->require_subcommand(1);
  add_sources(*config->add_subcommand("show", "All settings, and where each comes from"), config_);
  add_sources(*config->add_subcommand("check", "What is wrong with them"), config_);
  CLI::App* token = app.add_subcommand("token", "Make tokens for the HTTP API");
  token->require_subcommand(1);
  CLI::App* made = token->add_subcommand("new", "Make a token and print it, once");
  made->add_option("--role", token_.role, "viewer, operator, author or admin (viewer)")
      ->check(CLI::IsMember({"viewer", "operator", "author", "admin"}))
      ->option_text("ROLE");
  made->add_option("--name", token_.name, "Who gets it, for people");
  made->add_option("--file", token_.path,
                   "The tokens file to add it to; else its line is printed to standard error");
}

std::optional<int> ServerCommands::run(const CLI::App& app, FileSystem& files, Clock& clock) const {
  if (app.got_subcommand("serve")) return serve(config_, files, clock);
  if (app.got_subcommand("token")) return make_token(token_, files);
  if (!app.got_subcommand("config")) return std::nullopt;
  const bool shows = app.get_subcommand("config")->got_subcommand("show");
  return shows ? config_show(config_, files) : config_check(config_, files);
}

}  // namespace lymer::server
