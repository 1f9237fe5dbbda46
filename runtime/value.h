// What a field can hold and what an expression can yield: a small tagged value.
//
// A Value of kind string or list does not own its bytes; it points into a row, a constant or the
// scratch space of one evaluation and lives as long as that. Types are static: an expression's
// Type is known when a rule is loaded, and at run time its Value has that kind or is null.
// Not here: names of fields (runtime/schema.h) and how rows are laid out (runtime/row.h).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/check.h"
#include "runtime/base/ip_address.h"
#include "runtime/base/time.h"

namespace lymer::runtime {

// The numbers reach state formats: never reuse one.
enum class TypeKind : std::uint8_t {
  kNull = 0,  // Only the literal `null`; fits everywhere.
  kBool = 1,
  kInt = 2,    // 64-bit signed.
  kFloat = 3,  // IEEE double.
  kString = 4,
  kIp = 5,
  kNetwork = 6,  // Only constants on the right of `in`.
  kTime = 7,
  kDuration = 8,
  kList = 9,   // Of scalars.
  kJson = 10,  // Text that already is JSON; made by results, never by a decoder.
};

// A static type; `element` matters for lists only.
struct Type {
  TypeKind kind = TypeKind::kNull;
  TypeKind element = TypeKind::kNull;

  [[nodiscard]] static constexpr Type list_of(TypeKind element) {
    return Type{TypeKind::kList, element};
  }
  friend bool operator==(const Type&, const Type&) = default;
};

// Names a type as rule files write it: `int`, `[string]`.
[[nodiscard]] std::string to_string(Type type);

class Value;

// A list in flat form: `count` encoded elements back to back (see append_list in row.h).
class ListView {
 public:
  ListView() = default;
  ListView(TypeKind element, std::uint32_t count, std::span<const std::byte> bytes)
      : bytes_(bytes.data()),
        size_(static_cast<std::uint32_t>(bytes.size())),
        count_(count),
        element_(element) {}

  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
  [[nodiscard]] TypeKind element() const noexcept { return element_; }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {bytes_, size_}; }
  // Calls `visit(Value)` for each element in order until it returns false.
  template <typename Visit>
  void for_each(Visit visit) const;

 private:
  // Decodes the element at `cursor` and moves it on.
  [[nodiscard]] Value read(std::size_t& cursor) const;

  const std::byte* bytes_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t count_ = 0;
  TypeKind element_ = TypeKind::kNull;
};

class Value {
 public:
  Value() : kind_(TypeKind::kNull) {}
  [[nodiscard]] static Value null() { return {}; }
  [[nodiscard]] static Value of(bool value);
  [[nodiscard]] static Value of(std::int64_t value) {
    Value made;
    made.kind_ = TypeKind::kInt;
    made.payload_.integer = value;
    return made;
  }
  [[nodiscard]] static Value of(double value);
  [[nodiscard]] static Value of(std::string_view value);
  [[nodiscard]] static Value of(const std::string& value) { return of(std::string_view(value)); }
  // Without this a string literal would become a bool.
  [[nodiscard]] static Value of(const char* value) { return of(std::string_view(value)); }
  [[nodiscard]] static Value json(std::string_view value);
  [[nodiscard]] static Value of(const IpAddress& value);
  [[nodiscard]] static Value of(const IpNetwork& value);
  [[nodiscard]] static Value of(EventTime value);
  [[nodiscard]] static Value of(Duration value);
  [[nodiscard]] static Value of(const ListView& value);

  [[nodiscard]] TypeKind kind() const noexcept { return kind_; }
  [[nodiscard]] bool is_null() const noexcept { return kind_ == TypeKind::kNull; }

  // Each accessor requires its kind.
  [[nodiscard]] bool as_bool() const { return require(TypeKind::kBool).payload_.boolean; }
  [[nodiscard]] std::int64_t as_int() const { return require(TypeKind::kInt).payload_.integer; }
  [[nodiscard]] double as_float() const { return require(TypeKind::kFloat).payload_.number; }
  [[nodiscard]] std::string_view as_string() const;
  [[nodiscard]] IpAddress as_ip() const { return require(TypeKind::kIp).payload_.address; }
  [[nodiscard]] IpNetwork as_network() const;
  [[nodiscard]] EventTime as_time() const;
  [[nodiscard]] Duration as_duration() const;
  [[nodiscard]] const ListView& as_list() const { return require(TypeKind::kList).payload_.list; }
  // True only for a non-null true: what `where` asks.
  [[nodiscard]] bool is_true() const noexcept {
    return kind_ == TypeKind::kBool && payload_.boolean;
  }

 private:
  [[nodiscard]] const Value& require(TypeKind kind) const {
    LYMER_DCHECK(kind_ == kind, "a Value was read as another kind");
    (void)kind;
    return *this;
  }
  struct Text {
    const char* data;
    std::size_t size;
  };
  union Payload {
    Payload() : integer(0) {}
    bool boolean;
    std::int64_t integer;
    double number;
    Text text;
    IpAddress address;
    ListView list;
  } payload_;
  TypeKind kind_;
  std::uint8_t prefix_bits_ = 0;
};

template <typename Visit>
void ListView::for_each(Visit visit) const {
  std::size_t cursor = 0;
  for (std::uint32_t i = 0; i < count_; ++i) {
    if (!visit(read(cursor))) return;
  }
}

// Orders two values of one kind, int and float mixed too; neither may be null. A NaN is neither
// less, equal nor greater. Lists are not ordered and only equal element by element.
[[nodiscard]] std::partial_ordering compare(const Value& left, const Value& right);

}  // namespace lymer::runtime
