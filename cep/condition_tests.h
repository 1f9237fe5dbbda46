// A condition taken apart into tests that all must hold.
//
// Comparisons of a field with constants, and regular expressions on a field, can be told together
// for many conditions; the rest has to be evaluated.
// Not here: testing events (cep/predicate_index.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cep/condition.h"
#include "cep/field_cells.h"
#include "runtime/event.h"
#include "runtime/expression/expression.h"
#include "runtime/schema.h"
#include "runtime/value.h"

namespace lymer::cep {

// A comparison of a field with constants: it holds with any of them.
struct Comparison {
  runtime::Slot slot = 0;
  runtime::TypeKind kind = runtime::TypeKind::kNull;
  Compare compare = Compare::kEqual;
  std::vector<runtime::Value> constants = {};
};

// Everything points into the condition.
struct ConditionTests {
  bool never = false;      // No event of the schema meets it.
  std::uint16_t keys = 0;  // Bits that the event's key mask must have.
  std::vector<Comparison> comparisons = {};
  std::vector<const runtime::Expression*> patterns = {};  // kMatches on a field.
  std::vector<const runtime::Expression*> expressions = {};
  std::vector<const Condition*> conditions = {};
};

// Takes a condition apart for events of the schema with this id.
[[nodiscard]] ConditionTests take_apart(const Condition& condition, runtime::SchemaId schema);

}  // namespace lymer::cep
