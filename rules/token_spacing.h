// Whether a space stands between two tokens of one line.
//
// Not here: where lines end (rules/formatter.h).
#pragma once

#include <string_view>

#include "rules/token.h"

namespace lymer::rules {

// A token with what its spacing depends on.
struct SpacedToken {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text = {};
  bool starts_clause = false;
  bool is_sign = false;         // A minus of one operand.
  bool is_free_name = false;    // A word behind a point, whatever it means elsewhere.
  bool is_in_interval = false;  // In a clause `interval -5m .. 10m`.
};

// Tells whether an operand ends with this token, so that a minus behind it subtracts.
[[nodiscard]] bool ends_operand(const SpacedToken& token);

[[nodiscard]] bool has_space_between(const SpacedToken& left, const SpacedToken& right);

}  // namespace lymer::rules
