// Rows of random values are read back as they were written, and damaged bytes are never read
// outside (run under AddressSanitizer, which sees what a comparison does not).
// Not here: rows out of input (tests/runtime/format/).
#include "runtime/row.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>

#include <gtest/gtest.h>

namespace lymer::runtime {
namespace {

constexpr TypeKind kScalars[] = {TypeKind::kBool,    TypeKind::kInt, TypeKind::kFloat,
                                 TypeKind::kString,  TypeKind::kIp,  TypeKind::kTime,
                                 TypeKind::kDuration};

// Makes random values and owns the bytes they point into.
class RandomValues {
 public:
  explicit RandomValues(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  Type type() {
    const TypeKind kind = kScalars[below(std::size(kScalars))];
    return below(4) == 0 ? Type::list_of(kind) : Type{kind};
  }

  Value value(Type type) {
    if (below(5) == 0) return Value::null();
    if (type.kind != TypeKind::kList) return scalar(type.kind);
    const auto count = static_cast<std::uint32_t>(below(5));
    std::vector<std::byte> bytes;
    for (std::uint32_t i = 0; i < count; ++i) append_list_element(bytes, value({type.element}));
    lists_.push_back(std::make_unique<std::vector<std::byte>>(std::move(bytes)));
    return Value::of(ListView(type.element, count, *lists_.back()));
  }

 private:
  Value scalar(TypeKind kind) {
    switch (kind) {
      case TypeKind::kBool:
        return Value::of(below(2) == 1);
      case TypeKind::kInt:
        return Value::of(static_cast<std::int64_t>(random_()));
      case TypeKind::kFloat:
        return Value::of(static_cast<double>(random_()) / 3.0);
      case TypeKind::kIp: {
        IpAddress address;
        for (auto& byte : address.bytes) byte = static_cast<std::uint8_t>(random_());
        return Value::of(address);
      }
      case TypeKind::kTime:
        return Value::of(EventTime::from_millis(static_cast<std::int64_t>(random_())));
      case TypeKind::kDuration:
        return Value::of(Duration::millis(static_cast<std::int64_t>(random_())));
      default:
        texts_.push_back(std::make_unique<std::string>(below(40), '?'));
        for (char& letter : *texts_.back()) letter = static_cast<char>(random_());
        return Value::of(*texts_.back());
    }
  }

  std::mt19937_64 random_;
  std::vector<std::unique_ptr<std::string>> texts_;
  std::vector<std::unique_ptr<std::vector<std::byte>>> lists_;
};

bool same(const Value& left, const Value& right) {
  if (left.is_null() || right.is_null()) return left.is_null() && right.is_null();
  return left.kind() == right.kind() && compare(left, right) == std::partial_ordering::equivalent;
}

SchemaRef random_schema(RandomValues& random, std::size_t size) {
  std::vector<Field> fields;
  for (std::size_t i = 0; i < size; ++i) {
    fields.push_back({"f" + std::to_string(i), random.type(), true});
  }
  return std::make_shared<const Schema>("random", std::move(fields));
}

// Touches every byte that a valid row gives access to.
std::size_t read_all(std::span<const std::byte> bytes, const Schema& schema) {
  const RowView row(bytes, schema.size());
  std::size_t sum = 0;
  const auto read = [&sum](const Value& value) {
    if (value.kind() != TypeKind::kString) return;
    for (const char letter : value.as_string()) sum += static_cast<std::uint8_t>(letter);
  };
  for (Slot slot = 0; slot < schema.size(); ++slot) {
    const Value value = row.get(slot, schema.fields()[slot].type);
    read(value);
    if (value.kind() != TypeKind::kList) continue;
    value.as_list().for_each([&](const Value& element) {
      read(element);
      return true;
    });
  }
  return sum;
}

TEST(Row, ReadsBackRandomValues) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    RandomValues random(seed);
    // Above 64 fields the null bits take two words.
    const SchemaRef schema = random_schema(random, 1 + random.below(130));
    RowBuilder builder(schema);
    for (int round = 0; round < 3; ++round) {
      builder.reset();
      std::vector<Value> values;
      for (Slot slot = 0; slot < schema->size(); ++slot) {
        values.push_back(random.value(schema->fields()[slot].type));
        builder.set(slot, values.back());
      }
      // A copy elsewhere: offsets must not depend on the place.
      const std::vector<std::byte> copy(builder.bytes().begin(), builder.bytes().end());
      ASSERT_TRUE(is_valid_row(copy, *schema));
      const RowView row(copy, schema->size());
      for (Slot slot = 0; slot < schema->size(); ++slot) {
        ASSERT_TRUE(same(row.get(slot, schema->fields()[slot].type), values[slot])) << slot;
        ASSERT_EQ(row.is_null(slot), values[slot].is_null());
      }
    }
  }
}

TEST(Row, StartsWithEveryFieldNull) {
  RandomValues random(1);
  const SchemaRef schema = random_schema(random, 70);
  RowBuilder builder(schema);
  builder.set(3, Value::null());
  for (Slot slot = 0; slot < 70; ++slot) EXPECT_TRUE(builder.view().is_null(slot));
}

TEST(Row, ForgetsAFieldThatIsSetToNull) {
  const auto schema = std::make_shared<const Schema>(
      "s", std::vector<Field>{{"n", {TypeKind::kInt}, true}, {"t", {TypeKind::kString}, true}});
  RowBuilder builder(schema);
  builder.set(0, Value::of(std::int64_t{5}));
  builder.set(1, Value::of("text"));
  builder.set(1, Value::null());
  EXPECT_EQ(builder.view().get(0, {TypeKind::kInt}).as_int(), 5);
  EXPECT_TRUE(builder.view().is_null(1));
}

TEST(Row, OfNoFieldsIsEmptyAndValid) {
  const auto schema = std::make_shared<const Schema>("none", std::vector<Field>{});
  const RowBuilder builder(schema);
  EXPECT_TRUE(builder.bytes().empty());
  EXPECT_TRUE(is_valid_row(builder.bytes(), *schema));
}

TEST(IsValidRow, NeverLetsDamagedBytesBeReadOutside) {
  std::size_t accepted = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    RandomValues random(seed);
    const SchemaRef schema = random_schema(random, 1 + random.below(8));
    RowBuilder builder(schema);
    for (Slot slot = 0; slot < schema->size(); ++slot) {
      builder.set(slot, random.value(schema->fields()[slot].type));
    }
    const std::vector<std::byte> whole(builder.bytes().begin(), builder.bytes().end());
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::vector<std::byte> cut(whole.begin(),
                                       whole.begin() + static_cast<std::ptrdiff_t>(size));
      if (is_valid_row(cut, *schema)) accepted += read_all(cut, *schema) > 0 ? 1 : 0;
    }
    for (int flip = 0; flip < 400; ++flip) {
      std::vector<std::byte> damaged = whole;
      const std::size_t at = random.below(damaged.size());
      damaged[at] = static_cast<std::byte>(random.below(256));
      if (is_valid_row(damaged, *schema)) accepted += read_all(damaged, *schema) > 0 ? 1 : 0;
    }
  }
  EXPECT_GT(accepted, 0U);  // Flips within a text are no damage; the test reached its reads.
}

TEST(IsValidRow, RefusesOffsetsThatWouldWrap) {
  const auto schema =
      std::make_shared<const Schema>("s", std::vector<Field>{{"t", {TypeKind::kString}, true}});
  RowBuilder builder(schema);
  builder.set(0, Value::of("abc"));
  std::vector<std::byte> bytes(builder.bytes().begin(), builder.bytes().end());
  const std::uint64_t huge = 0xffffffffffffffffU;
  std::memcpy(bytes.data() + 8, &huge, sizeof(huge));
  EXPECT_FALSE(is_valid_row(bytes, *schema));
}

}  // namespace
}  // namespace lymer::runtime
