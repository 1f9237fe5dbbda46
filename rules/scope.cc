// Looking names up; the lists are short.
// Not here: what is said when a name is not found (rules/expression_binder.cc).
#include "rules/scope.h"

namespace lymer::rules {

std::optional<runtime::Slot> Scope::field(std::string_view name) const {
  if (stream.fields == nullptr) return std::nullopt;
  const auto count = static_cast<runtime::Slot>(stream.fields->size());
  for (runtime::Slot slot = 0; slot < count; ++slot) {
    const runtime::Field& field = (*stream.fields)[slot];
    if (field.name != name || field.hidden) continue;
    if (!fields_before || slot < *fields_before) return slot;
  }
  return std::nullopt;
}

std::optional<std::size_t> Scope::element(std::string_view name) const {
  for (std::size_t depth = elements.size(); depth-- > first_element;) {
    if (elements[depth].name == name) return depth;
  }
  return std::nullopt;
}

bool Scope::is_local(std::string_view name) const {
  return element(name).has_value() || parameters.contains(name);
}

std::optional<std::size_t> Scope::stage(std::string_view name) const {
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].name == name) return i;
  }
  return std::nullopt;
}

std::vector<std::string> Scope::field_names() const {
  std::vector<std::string> names;
  if (stream.fields == nullptr) return names;
  for (const runtime::Field& each : *stream.fields) {
    if (!each.hidden && field(each.name)) names.push_back(each.name);
  }
  return names;
}

std::vector<std::string> Scope::stage_names() const {
  std::vector<std::string> names;
  for (const ScopeStage& stage : stages) names.push_back(stage.name);
  return names;
}

}  // namespace lymer::rules
