// What a rule reads: its streams, their keys, and the order of events of equal time.
//
// Not here: what the rule says of the events (rules/rule_binder.h).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/ast.h"
#include "rules/declarations.h"
#include "rules/rule_set.h"
#include "rules/scope.h"

namespace lymer::rules {

// What a stage reads.
struct StageInput {
  std::size_t input = 0;
  std::size_t key = 0;  // Among the keys of the input.
  // Set where the input is a union and the stage wants events of this one of its members.
  std::optional<std::string> member = {};
};

class RuleInputs {
 public:
  // All must outlive this. `incomplete`: the parser lost a part of the rule.
  RuleInputs(const RuleDecl& decl, const std::vector<StreamPlan>& streams,
             Declarations& declarations, bool incomplete)
      : decl_(decl), streams_(streams), declarations_(declarations), incomplete_(incomplete) {}

  // Binds `on` and `order by`. False if there is a stream that is not known, so that nothing can be
  // said about the rest of the rule.
  bool bind();
  // Finds the stream of a stage and binds the `by` of its own. Nothing if one cannot tell.
  [[nodiscard]] std::optional<StageInput> bind_stage(const StageDecl& stage);

  // False once something was reported.
  [[nodiscard]] bool is_sound() const noexcept { return sound_; }
  [[nodiscard]] const std::vector<RuleInput>& inputs() const noexcept { return inputs_; }
  // Tells whether some stage has a key of its own.
  [[nodiscard]] bool has_stage_keys() const;
  [[nodiscard]] const std::vector<OrderPlan>& order() const noexcept { return order_; }
  [[nodiscard]] runtime::SchemaRef key_schema() const;

  // As expressions see it.
  [[nodiscard]] ScopeStream stream_of(std::size_t input) const;
  [[nodiscard]] std::vector<ScopeKey> keys_of(const StageInput& stage) const;
  // The key as a row of its own, for `emit`.
  [[nodiscard]] std::vector<ScopeKey> key_row() const;
  // False where a field of the key was refused.
  [[nodiscard]] bool key_is_known() const noexcept { return key_is_known_; }

 private:
  bool bind_input(const InputDecl& input);
  [[nodiscard]] std::optional<std::size_t> stream_named(const Name& name);
  [[nodiscard]] std::optional<StageInput> input_of(const StageDecl& stage);
  [[nodiscard]] std::optional<StageInput> input_with(const std::string& stream) const;
  [[nodiscard]] std::optional<runtime::KeyExpression> key_of(std::size_t stream,
                                                             const KeyDecl& key);
  bool check_key(std::size_t stream, const runtime::KeyExpression& key, Span span);
  void bind_order(const OrderDecl& order);
  [[nodiscard]] const runtime::Field& field(std::size_t stream, runtime::Slot slot) const;
  void report(Code code, Span span, std::string message, std::string label = {},
              std::vector<std::string> help = {});

  const RuleDecl& decl_;
  const std::vector<StreamPlan>& streams_;
  Declarations& declarations_;
  bool incomplete_;
  bool sound_ = true;
  bool key_is_known_ = true;
  std::vector<RuleInput> inputs_;
  std::vector<OrderPlan> order_;
};

}  // namespace lymer::rules
