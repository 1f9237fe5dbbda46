// Rows: the flat bytes of one event's fields, the same in channels, in state and in snapshots.
//
//   [null bits, 8 bytes per 64 fields][8 bytes per field][variable part]
//
// Numbers, times and booleans stand in their 8 bytes; strings, lists and addresses put
// {offset, length} there, counted from the row's start, so a row can be copied anywhere.
// Not here: the event's time, origin and key (runtime/event.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/schema.h"
#include "runtime/value.h"

namespace lymer::runtime {

// The 8 bytes of a bool, int, float, time or duration, and the value that they are.
[[nodiscard]] std::uint64_t fixed_word(const Value& value);
[[nodiscard]] Value value_of_word(TypeKind kind, std::uint64_t word);

// Reads fields of a row. Does not own the bytes. `field_count` is that of the row's schema.
class RowView {
 public:
  RowView() = default;
  RowView(std::span<const std::byte> bytes, std::size_t field_count)
      : bytes_(bytes), null_words_((field_count + 63) / 64) {}

  // Requires a slot of the row's schema and the field's declared type.
  [[nodiscard]] Value get(Slot slot, Type type) const {
    if (type.kind != TypeKind::kInt) return get_any(slot, type);
    return is_null(slot) ? Value() : Value::of(static_cast<std::int64_t>(fixed(slot)));
  }
  [[nodiscard]] bool is_null(Slot slot) const {
    return ((word(slot / 64) >> (slot % 64)) & 1U) == 0;
  }
  // The 8 bytes of a bool, int, float, time or duration, for those who test many rows; not null.
  [[nodiscard]] std::uint64_t fixed(Slot slot) const { return word(null_words_ + slot); }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

 private:
  [[nodiscard]] Value get_any(Slot slot, Type type) const;
  [[nodiscard]] std::uint64_t word(std::size_t index) const {
    std::uint64_t word = 0;
    LYMER_DCHECK((index + 1) * sizeof(word) <= bytes_.size(), "a row is shorter than its schema");
    std::memcpy(&word, bytes_.data() + index * sizeof(word), sizeof(word));
    return word;
  }

  std::span<const std::byte> bytes_;
  std::size_t null_words_ = 0;
};

// Fills one row after another for the same schema; keeps its memory between rows.
class RowBuilder {
 public:
  explicit RowBuilder(SchemaRef schema);

  // Starts a new row with every field null.
  void reset();
  // Starts a row that is a copy of another one of the schema.
  void copy(const RowView& row) { bytes_.assign(row.bytes().begin(), row.bytes().end()); }
  // Sets a field; the value's kind must be the field's, or null. String and list bytes are copied.
  void set(Slot slot, const Value& value) {
    if (value.kind() == TypeKind::kInt) {
      set_int(slot, value.as_int());
    } else {
      set_any(slot, value);
    }
  }
  // Gives the row so far, also for reading fields while later ones are computed.
  [[nodiscard]] RowView view() const { return RowView(bytes_, schema_->size()); }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  [[nodiscard]] const Schema& schema() const noexcept { return *schema_; }

 private:
  void set_word(std::size_t index, std::uint64_t word) {
    std::memcpy(bytes_.data() + index * sizeof(word), &word, sizeof(word));
  }
  void set_int(Slot slot, std::int64_t value) {
    LYMER_DCHECK(schema_->fields()[slot].type.kind == TypeKind::kInt, schema_->fields()[slot].name);
    std::uint64_t present = 0;
    std::memcpy(&present, bytes_.data() + slot / 64 * sizeof(present), sizeof(present));
    set_word(slot / 64, present | (std::uint64_t{1} << (slot % 64)));
    set_word(null_words_ + slot, static_cast<std::uint64_t>(value));
  }
  void set_any(Slot slot, const Value& value);
  std::uint64_t append(std::span<const std::byte> bytes);

  SchemaRef schema_;
  std::size_t null_words_;
  std::vector<std::byte> bytes_;
};

// Appends one element of a list in the form that ListView reads. All elements of a list have one
// kind, or are null.
void append_list_element(std::vector<std::byte>& out, const Value& element);

// Reads the element at `cursor` and moves it past the element.
[[nodiscard]] Value read_list_element(std::span<const std::byte> bytes, TypeKind element,
                                      std::size_t& cursor);

// Tells whether `bytes` is a well-formed row of `schema`: every offset inside, every list whole.
// For bytes that come back from disk.
[[nodiscard]] bool is_valid_row(std::span<const std::byte> bytes, const Schema& schema);

}  // namespace lymer::runtime
