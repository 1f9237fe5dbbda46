// How values become the bytes of state, and back.
//
//   template <> struct StateCodec<Visit> {
//     static void write(ByteWriter& writer, const Visit& visit) { ... }
//     static Visit read(ByteReader& reader) { ... }
//   };
//
// A reader that is not ok() gives anything; whoever asked for the value looks at that. What is
// written here stands in snapshots: a type's bytes never change their meaning.
// Not here: rows, which are bytes already (runtime/row.h).
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/byte_codec.h"
#include "runtime/base/time.h"

namespace lymer::runtime {

template <typename T>
struct StateCodec;

template <typename T>
concept StateValue = requires(ByteWriter& writer, ByteReader& reader, const T& value) {
  StateCodec<T>::write(writer, value);
  { StateCodec<T>::read(reader) } -> std::same_as<T>;
};

template <std::integral T>
struct StateCodec<T> {
  static void write(ByteWriter& writer, T value) {
    writer.put_i64(static_cast<std::int64_t>(value));
  }
  static T read(ByteReader& reader) { return static_cast<T>(reader.i64()); }
};

template <>
struct StateCodec<bool> {
  static void write(ByteWriter& writer, bool value) { writer.put_u8(value ? 1 : 0); }
  static bool read(ByteReader& reader) { return reader.u8() != 0; }
};

template <>
struct StateCodec<double> {
  static void write(ByteWriter& writer, double value) {
    writer.put_u64(std::bit_cast<std::uint64_t>(value));
  }
  static double read(ByteReader& reader) { return std::bit_cast<double>(reader.u64()); }
};

template <>
struct StateCodec<std::string> {
  static void write(ByteWriter& writer, const std::string& value) { writer.put_string(value); }
  static std::string read(ByteReader& reader) { return std::string(reader.string()); }
};

template <>
struct StateCodec<EventTime> {
  static void write(ByteWriter& writer, EventTime value) { writer.put_time(value); }
  static EventTime read(ByteReader& reader) { return reader.time(); }
};

template <>
struct StateCodec<std::vector<std::byte>> {
  static void write(ByteWriter& writer, const std::vector<std::byte>& value) {
    writer.put_bytes(value);
  }
  static std::vector<std::byte> read(ByteReader& reader) {
    const auto bytes = reader.bytes();
    return {bytes.begin(), bytes.end()};
  }
};

template <StateValue A, StateValue B>
struct StateCodec<std::pair<A, B>> {
  static void write(ByteWriter& writer, const std::pair<A, B>& value) {
    StateCodec<A>::write(writer, value.first);
    StateCodec<B>::write(writer, value.second);
  }
  static std::pair<A, B> read(ByteReader& reader) {
    A first = StateCodec<A>::read(reader);
    B second = StateCodec<B>::read(reader);
    return {std::move(first), std::move(second)};
  }
};

template <StateValue T>
struct StateCodec<std::vector<T>> {
  static void write(ByteWriter& writer, const std::vector<T>& value) {
    writer.put_u32(static_cast<std::uint32_t>(value.size()));
    for (const T& each : value) StateCodec<T>::write(writer, each);
  }
  static std::vector<T> read(ByteReader& reader) {
    const std::uint32_t count = reader.count(1);
    std::vector<T> value;
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
      value.push_back(StateCodec<T>::read(reader));
    }
    return value;
  }
};

}  // namespace lymer::runtime
