// The only place that includes toml++.
// Not here: values of settings, which are read from text (server/config/settings.cc).
#include "server/config/toml_file.h"

#include <optional>
#include <utility>

#include <toml++/toml.h>

#include "runtime/base/text.h"

namespace lymer::server {
namespace {

std::string place_of(const std::string& path, const toml::source_region& region) {
  return text("{}:{}:{}", path, region.begin.line, region.begin.column);
}

std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* value = node.as_string()) return value->get();
  if (const auto* value = node.as_boolean()) return value->get() ? "true" : "false";
  if (const auto* value = node.as_integer()) return std::to_string(value->get());
  if (const auto* value = node.as_floating_point()) return text("{}", value->get());
  return std::nullopt;
}

std::optional<std::vector<std::string>> texts_of(const toml::node& node) {
  std::vector<std::string> texts;
  if (const toml::array* list = node.as_array()) {
    for (const toml::node& each : *list) {
      auto one = text_of(each);
      if (!one) return std::nullopt;
      texts.push_back(*std::move(one));
    }
    return texts;
  }
  auto one = text_of(node);
  if (!one) return std::nullopt;
  texts.push_back(*std::move(one));
  return texts;
}

// toml++ bounds how deep tables are nested.
// NOLINTNEXTLINE(misc-no-recursion)
Result<void> flatten(const std::string& path, const toml::table& table, const std::string& prefix,
                     std::vector<ConfigEntry>& entries) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      LYMER_RETURN_IF_ERROR(flatten(path, *inner, name + ".", entries));
      continue;
    }
    auto texts = texts_of(node);
    const std::string place = place_of(path, node.source());
    if (!texts) {
      return Error{ErrorCode::kInvalidArgument,
                   text("{}: `{}` is no text, number, truth value or list of these", place, name)};
    }
    entries.push_back({name, *std::move(texts), node.is_array(), place});
  }
  return {};
}

}  // namespace

Result<std::vector<ConfigEntry>> parse_toml(const std::string& path, std::string_view content) {
  const toml::parse_result parsed = toml::parse(content);
  if (!parsed) {
    return Error{
        ErrorCode::kInvalidArgument,
        text("{}: {}", place_of(path, parsed.error().source()), parsed.error().description())};
  }
  std::vector<ConfigEntry> entries;
  LYMER_RETURN_IF_ERROR(flatten(path, parsed.table(), "", entries));
  return entries;
}

}  // namespace lymer::server
