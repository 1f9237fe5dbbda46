// Gives events their key and key group.
//
// The key is made of fields; an event in which one of them is null has no key, is dropped and
// counted. The key travels with the batch, so it is encoded and hashed once.
// Not here: how keys are encoded (runtime/key_group.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/operator.h"
#include "runtime/schema.h"

namespace lymer::runtime {

class KeyBy final : public Operator {
 public:
  // `slots` are fields of `schema`, all of scalar types; the batch's events must have that schema.
  KeyBy(SchemaRef schema, std::vector<Slot> slots);

  [[nodiscard]] Result<Progress> on_batch(EventBatch batch, Collector& out) override;

  // Counts the events dropped for a null key.
  [[nodiscard]] std::uint64_t null_keys() const noexcept { return null_keys_; }

 private:
  SchemaRef schema_;
  std::vector<Slot> slots_;
  std::vector<std::byte> key_;  // Scratch.
  std::uint64_t null_keys_ = 0;
};

}  // namespace lymer::runtime
