// Gives events their key and key group.
//
// A key is made of fields; its hash travels with the event. An event may have several keys, one for
// each expression: it goes on under every distinct one, and says under each which expressions gave
// it. A key with a null field is none; an event without any key is dropped and counted.
// Not here: reading keys (runtime/key_reader.h), their encoding (runtime/key_group.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event.h"
#include "runtime/key_reader.h"
#include "runtime/operator.h"
#include "runtime/schema.h"

namespace lymer::runtime {

class KeyBy final : public Operator {
 public:
  // The most expressions that one stream can have; EventHeader::key_mask has a bit for each.
  static constexpr std::size_t kMaxExpressions = 16;

  // The slots are fields of `schema`, all of scalar types; the batch's events must have that
  // schema. At least one expression, at most kMaxExpressions. `marks_copies` where the same events
  // go through another KeyBy as well, which lets them pass as the first ones.
  KeyBy(SchemaRef schema, const std::vector<KeyExpression>& keys, bool marks_copies = false);

  [[nodiscard]] Result<void> open(const OperatorContext& context) override;
  void update_metrics() override;
  [[nodiscard]] Result<Progress> on_batch(EventBatch batch, Collector& out) override;

  // Counts the events dropped for want of a key.
  [[nodiscard]] std::uint64_t null_keys() const noexcept { return null_keys_; }

 private:
  void key_in_place(EventBatch& batch);
  [[nodiscard]] EventBatch deliver(const EventBatch& batch);

  SchemaRef schema_;
  std::vector<KeyReader> keys_;
  bool marks_copies_;
  std::vector<std::vector<std::byte>> encoded_;  // Scratch, by expression.
  std::vector<std::uint16_t> masks_;             // Scratch: 0 where there is no key of its own.
  std::uint64_t null_keys_ = 0;
  std::shared_ptr<MetricGroup> metrics_;  // Since open().
};

// Says of events behind a KeyBy that they are the input of this number, for an operator that has
// several inputs of one schema (runtime/keyed_operator.h).
class MarkInput final : public Operator {
 public:
  // Requires a number below KeyBy::kMaxExpressions.
  explicit MarkInput(unsigned number) : mask_(static_cast<std::uint16_t>(1U << number)) {}
  [[nodiscard]] Result<Progress> on_batch(EventBatch batch, Collector& out) override;

 private:
  std::uint16_t mask_;
};

// Says of all events what their rows look like.
class MarkSchema final : public Operator {
 public:
  explicit MarkSchema(SchemaId schema) : schema_(schema) {}
  [[nodiscard]] Result<Progress> on_batch(EventBatch batch, Collector& out) override;

 private:
  SchemaId schema_;
};

}  // namespace lymer::runtime
