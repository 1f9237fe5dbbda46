// An operator's state by key: named states of five kinds, for the key and namespace that are
// current.
//
//   KeyedState state(backend, clock);
//   ValueState<std::int64_t> count = state.value<std::int64_t>("count");   // Once, when it opens.
//   ...
//   state.set_key(hash, key);                                             // For each event.
//   count.update(count.get().value_or(0) + 1);
//
// Snapshots hold each state by key group and name, so whoever restores at another parallelism hands
// out key groups and need not know what is in them. After Flink's ValueState, ListState, MapState,
// ReducingState and AggregatingState.
// Not here: lifetimes (runtime/state/state_ttl.h), which key an event has (runtime/key_reader.h).
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/byte_codec.h"
#include "runtime/base/check.h"
#include "runtime/base/clock.h"
#include "runtime/base/result.h"
#include "runtime/state/state_codec.h"
#include "runtime/state/state_column.h"
#include "runtime/state/state_table.h"
#include "runtime/state/state_ttl.h"
#include "runtime/state_snapshot.h"

namespace lymer::runtime {

// The bytes of a value of state.
template <StateValue T>
[[nodiscard]] std::vector<std::byte> state_bytes(const T& value) {
  ByteWriter writer;
  StateCodec<T>::write(writer, value);
  return std::move(writer).take();
}
// Numbers of eight bytes, which need no writer: they are what is read and written most.
template <typename T>
concept StateNumber = std::integral<T> && sizeof(T) == sizeof(std::int64_t) &&
                      std::endian::native == std::endian::little;
// The same in place of what is there.
template <StateValue T>
void put_state(std::vector<std::byte>& bytes, const T& value) {
  if constexpr (StateNumber<T>) {
    bytes.resize(sizeof(value));
    std::memcpy(bytes.data(), &value, sizeof(value));
  } else {
    bytes = state_bytes(value);
  }
}
// Requires bytes that is_state() accepts.
template <StateValue T>
[[nodiscard]] T from_state(StateBytes bytes) {
  if constexpr (StateNumber<T>) {
    T value{};
    if (bytes.size() >= sizeof(value)) std::memcpy(&value, bytes.data(), sizeof(value));
    return value;
  }
  ByteReader reader(bytes);
  return StateCodec<T>::read(reader);
}
template <StateValue T>
[[nodiscard]] bool is_state(StateBytes bytes) {
  ByteReader reader(bytes);
  const T value = StateCodec<T>::read(reader);
  return reader.ok() && std::ranges::equal(state_bytes(value), bytes);
}

// Handles refer to their KeyedState, which must outlive them.
template <StateValue T>
class ValueState {
 public:
  explicit ValueState(ValueColumn& column) : column_(&column) {}
  [[nodiscard]] std::optional<T> get() {
    const auto bytes = column_->get();
    return bytes ? std::optional(from_state<T>(*bytes)) : std::nullopt;
  }
  void update(const T& value) { column_->put(state_bytes(value)); }
  void clear() { column_->clear(); }

 private:
  ValueColumn* column_;
};

template <StateValue T>
class ListState {
 public:
  explicit ListState(ListColumn& column) : column_(&column) {}
  void add(const T& element) { column_->add(state_bytes(element)); }
  [[nodiscard]] std::vector<T> get() {
    std::vector<T> elements;
    column_->for_each([&](StateBytes each) {
      elements.push_back(from_state<T>(each));
      return true;
    });
    return elements;
  }
  void update(const std::vector<T>& elements) {
    column_->clear();
    for (const T& each : elements) add(each);
  }
  [[nodiscard]] bool is_empty() { return column_->is_empty(); }
  void clear() { column_->clear(); }

 private:
  ListColumn* column_;
};

// Entries are walked in the order of the bytes of their keys.
template <StateValue Key, StateValue T>
class MapState {
 public:
  explicit MapState(MapColumn& column) : column_(&column) {}
  [[nodiscard]] std::optional<T> get(const Key& key) {
    const auto bytes = column_->get(state_bytes(key));
    return bytes ? std::optional(from_state<T>(*bytes)) : std::nullopt;
  }
  void put(const Key& key, const T& value) { column_->put(state_bytes(key), state_bytes(value)); }
  void remove(const Key& key) { column_->erase(state_bytes(key)); }
  [[nodiscard]] bool contains(const Key& key) { return column_->get(state_bytes(key)).has_value(); }
  [[nodiscard]] std::vector<std::pair<Key, T>> entries() {
    std::vector<std::pair<Key, T>> entries;
    column_->for_each({}, [&](StateBytes key, StateBytes value) {
      entries.emplace_back(from_state<Key>(key), from_state<T>(value));
      return true;
    });
    return entries;
  }
  [[nodiscard]] bool is_empty() { return column_->is_empty(); }
  void clear() { column_->clear(); }

 private:
  MapColumn* column_;
};

// Keeps what `reduce` makes of all that was added.
template <StateValue T>
class ReducingState {
 public:
  using Reduce = std::function<T(const T&, const T&)>;
  ReducingState(ValueColumn& column, Reduce reduce) : value_(column), reduce_(std::move(reduce)) {}
  [[nodiscard]] std::optional<T> get() { return value_.get(); }
  void add(const T& value) {
    const std::optional<T> so_far = value_.get();
    value_.update(so_far ? reduce_(*so_far, value) : value);
  }
  void clear() { value_.clear(); }

 private:
  ValueState<T> value_;
  Reduce reduce_;
};

// How values of one type are gathered into another (Flink: AggregateFunction).
template <typename In, StateValue Accumulator, typename Out>
struct Aggregate {
  std::function<Accumulator()> create;
  std::function<void(Accumulator&, const In&)> add;
  std::function<Out(const Accumulator&)> result;
};

template <typename In, StateValue Accumulator, typename Out>
class AggregatingState {
 public:
  AggregatingState(ValueColumn& column, Aggregate<In, Accumulator, Out> aggregate)
      : value_(column), aggregate_(std::move(aggregate)) {}
  [[nodiscard]] std::optional<Out> get() {
    const std::optional<Accumulator> so_far = value_.get();
    return so_far ? std::optional(aggregate_.result(*so_far)) : std::nullopt;
  }
  void add(const In& value) {
    std::optional<Accumulator> so_far = value_.get();
    if (!so_far) so_far = aggregate_.create();
    aggregate_.add(*so_far, value);
    value_.update(*so_far);
  }
  void clear() { value_.clear(); }

 private:
  ValueState<Accumulator> value_;
  Aggregate<In, Accumulator, Out> aggregate_;
};

class KeyedState {
 public:
  // Both must outlive the state.
  KeyedState(StateBackend& backend, Clock& clock) : around_{backend, clock} {}
  KeyedState(const KeyedState&) = delete;
  KeyedState& operator=(const KeyedState&) = delete;
  KeyedState(KeyedState&&) = delete;
  KeyedState& operator=(KeyedState&&) = delete;
  ~KeyedState() = default;

  // What follows is about this key, without namespace. The bytes must stay until the next call.
  void set_key(std::uint64_t hash, StateBytes key) { around_.current = {hash, key, {}}; }
  // Of this key, about this namespace. Likewise.
  void set_namespace(StateBytes name_space) { around_.current.name_space = name_space; }
  [[nodiscard]] const StateAddress& current() const noexcept { return around_.current; }

  // Each makes a state of a name that is not taken yet; before restore().
  template <StateValue T>
  [[nodiscard]] ValueState<T> value(const std::string& name, const StateTtl& ttl = {}) {
    return ValueState<T>(values(name, ttl, is_state<T>));
  }
  template <StateValue T>
  [[nodiscard]] ListState<T> list(const std::string& name, const StateTtl& ttl = {}) {
    return ListState<T>(lists(name, ttl, is_state<T>));
  }
  template <StateValue Key, StateValue T>
  [[nodiscard]] MapState<Key, T> map(const std::string& name, const StateTtl& ttl = {}) {
    return MapState<Key, T>(maps(name, ttl, is_state<Key>, is_state<T>));
  }
  template <StateValue T>
  [[nodiscard]] ReducingState<T> reducing(const std::string& name,
                                          typename ReducingState<T>::Reduce reduce,
                                          const StateTtl& ttl = {}) {
    return ReducingState<T>(values(name, ttl, is_state<T>), std::move(reduce));
  }
  template <typename In, StateValue Accumulator, typename Out>
  [[nodiscard]] AggregatingState<In, Accumulator, Out> aggregating(
      const std::string& name, Aggregate<In, Accumulator, Out> aggregate,
      const StateTtl& ttl = {}) {
    return {values(name, ttl, is_state<Accumulator>), std::move(aggregate)};
  }
  // Bytes as such, for operators that have forms of their own.
  [[nodiscard]] ValueColumn& values(const std::string& name, const StateTtl& ttl,
                                    IsWellFormed is_well_formed);
  [[nodiscard]] ListColumn& lists(const std::string& name, const StateTtl& ttl,
                                  IsWellFormed is_well_formed);
  [[nodiscard]] MapColumn& maps(const std::string& name, const StateTtl& ttl, IsWellFormed is_entry,
                                IsWellFormed is_value);

  // Writes all states. Returns what went wrong in the backend, now or before.
  [[nodiscard]] Result<void> snapshot(StateSnapshot& snapshot) const;
  // Takes them back into states that are empty. Returns kCorrupt for bytes that no state has
  // written, and kUnsupported for states of another kind, or of names that nobody has made.
  [[nodiscard]] Result<void> restore(const StateSnapshot& snapshot);
  // See StateBackend::status().
  [[nodiscard]] Result<void> status() const { return around_.backend.status(); }

 private:
  template <typename Column>
  [[nodiscard]] Column& add(std::unique_ptr<Column> column) {
    Column& added = *column;
    for (const auto& each : columns_) {
      LYMER_CHECK(each->name() != added.name(), "two states of one name: " + added.name());
    }
    columns_.push_back(std::move(column));
    return added;
  }

  StateSurroundings around_;
  std::vector<std::unique_ptr<StateColumn>> columns_;
};

}  // namespace lymer::runtime
