// The conditions of the cases as cep conditions.
//
//   {"and":[{"type":"a"},{"cmpLast":{"of":"p","cmp":"gt"}}]}
//
// Not here: stages and quantifiers (case.h).
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cep/condition.h"

namespace lymer::conformance {

// Makes the condition of a JSON COND (see the README of the cases). `stages` names the histories.
// It is a simple one where it reads none, so that both kinds are exercised.
[[nodiscard]] cep::ConditionRef json_condition(const nlohmann::json& given,
                                               const std::vector<std::string>& stages);

}  // namespace lymer::conformance
