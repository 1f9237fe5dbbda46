// A hash table that is walked in the order of its hashes.
//
// What is put out at the end of a window, or written to a snapshot, should not depend on the past
// of a table: on what was in it before, or on whether it was restored. Here it cannot: entries
// stand sorted by hash, each as close behind its home as that allows, and the home of a hash is its
// upper bits. So equal contents are walked in one order, without sorting them first.
// After ordered linear probing (Amble and Knuth, 1974). Hashes that share their upper bits make it
// slow; it takes somebody who chooses keys with the hash in mind.
// A place holds but the upper half of a hash, as large tables take the time of the memory that they
// wait for; the few that share it are told apart by the owner, who knows the rest.
//
// Not here: the records, which the owner numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace lymer::runtime {

class HashOrder {
 public:
  using Record = std::uint32_t;

  // Finds a record of this hash; `is_it(record)` tells whether it is the one, also of some whose
  // hashes are not quite this one.
  template <typename IsIt>
  [[nodiscard]] std::optional<Record> find(std::uint64_t hash, IsIt is_it) const {
    const Upper upper = upper_of(hash);
    for (const Slot* slot = &slots_[home_of(upper)];; ++slot) {
      if (slot->upper < upper) continue;
      if (slot->upper > upper || slot->record == kNobody) return std::nullopt;
      if (is_it(slot->record)) return slot->record;
    }
  }
  // Fetches into the cache what find() looks at first, for those who know early what they will look
  // for. Inlined, as g++ takes a call of a function that only fetches for one that does nothing.
  [[gnu::always_inline]] void prefetch(std::uint64_t hash) const {
    __builtin_prefetch(&slots_[home_of(upper_of(hash))]);
  }
  // Gives a record that may be one of this hash; waits for the memory unless it was fetched.
  [[nodiscard]] std::optional<Record> likely(std::uint64_t hash) const {
    return find(hash, [](Record) { return true; });
  }
  // Adds a record that is not there yet. Among hashes that differ little or not at all it stands
  // where `goes_before(record)` first holds: where this hash is lower than the record's or, if they
  // are equal, by whatever depends on nothing but the records.
  template <typename GoesBefore>
  void insert(std::uint64_t hash, Record record, GoesBefore goes_before) {
    if (4 * (size_ + 1) > 3 * home_count()) grow();
    const Upper upper = upper_of(hash);
    std::size_t at = home_of(upper);
    while (slots_[at].upper < upper || (slots_[at].upper == upper && slots_[at].record != kNobody &&
                                        !goes_before(slots_[at].record))) {
      ++at;
    }
    if (shift_in(at, {upper, record})) {
      ++size_;
    } else {
      grow();
      insert(hash, record, goes_before);
    }
  }
  // Removes a record that is there.
  void erase(std::uint64_t hash, Record record) {
    std::size_t at = home_of(upper_of(hash));
    while (slots_[at].record != record) ++at;
    // The last place is nobody's.
    for (; slots_[at + 1].record != kNobody && home_of(slots_[at + 1].upper) != at + 1; ++at) {
      slots_[at] = slots_[at + 1];
    }
    slots_[at] = {};
    if (--size_ == 0 && slots_.size() > kKeptSlots) *this = HashOrder();
  }

  // Calls `visit(record)` for each, in order.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.record != kNobody) visit(slot.record);
    }
  }
  // Calls `visit(record)` for each from the place `cursor` on, in order, until it returns false;
  // then the cursor is behind that one. False if there are no more. Between calls nothing may
  // change. Calls `expect(record)` for those a few places ahead, whose memory it may fetch.
  template <typename Visit, typename Expect>
  bool go_on(std::size_t& cursor, Visit visit, Expect expect) const {
    while (cursor < slots_.size()) {
      const std::size_t ahead = cursor + kLookAhead;
      if (ahead < slots_.size() && slots_[ahead].record != kNobody) expect(slots_[ahead].record);
      const Record record = slots_[cursor++].record;
      if (record != kNobody && !visit(record)) return true;
    }
    return false;
  }
  // Looks at up to `count` places from `cursor` on and moves it on, round and round; for owners
  // that tidy up a little at a time.
  template <typename Visit>
  void walk(std::size_t& cursor, std::size_t count, Visit visit) const {
    count = std::min(count, slots_.size());
    for (std::size_t i = 0; i < count; ++i, ++cursor) {
      if (cursor >= slots_.size()) cursor = 0;
      if (slots_[cursor].record != kNobody) visit(slots_[cursor].record);
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t reserved_bytes() const noexcept {
    return slots_.capacity() * sizeof(Slot);
  }

 private:
  static constexpr Record kNobody = std::numeric_limits<Record>::max();
  static constexpr unsigned kLeastBits = 3;
  // An empty table keeps the memory of so many.
  static constexpr std::size_t kKeptSlots = 1024;
  // Long enough for memory to come, short enough for it to be still there.
  static constexpr std::size_t kLookAhead = 24;

  using Upper = std::uint32_t;
  static constexpr unsigned kUpperBits = 32;
  // An empty one is behind all others, so that whoever seeks comes to an end at it.
  struct Slot {
    Upper upper = std::numeric_limits<Upper>::max();
    Record record = kNobody;
  };

  [[nodiscard]] static Upper upper_of(std::uint64_t hash) {
    return static_cast<Upper>(hash >> kUpperBits);
  }
  [[nodiscard]] std::size_t home_count() const { return std::size_t{1} << bits_; }
  [[nodiscard]] std::size_t home_of(Upper upper) const { return upper >> (kUpperBits - bits_); }
  // Behind the last home there is room for those that it displaces, and a last place that stays
  // empty.
  [[nodiscard]] static std::size_t slots_for(unsigned bits) {
    return (std::size_t{1} << bits) + (std::size_t{1} << (bits - 2)) + 8;
  }
  // Puts the slot there and moves the others up; false if there is no room behind them.
  [[nodiscard]] bool shift_in(std::size_t at, Slot slot) {
    std::size_t end = at;
    while (slots_[end].record != kNobody) ++end;
    if (end + 1 == slots_.size()) return false;
    for (; end > at; --end) slots_[end] = slots_[end - 1];
    slots_[at] = slot;
    return true;
  }
  // Twice the homes; the order stays, so each entry goes behind the one before it.
  void grow() {
    const std::vector<Slot> before = std::exchange(slots_, {});
    for (bool fits = false; !fits;) {
      ++bits_;
      slots_.assign(slots_for(bits_), {});
      std::size_t next = 0;
      fits = true;
      for (const Slot& slot : before) {
        if (slot.record == kNobody) continue;
        next = std::max(next, home_of(slot.upper));
        fits = fits && next + 1 < slots_.size();
        if (!fits) break;
        slots_[next++] = slot;
      }
    }
  }

  unsigned bits_ = kLeastBits;
  std::vector<Slot> slots_ = std::vector<Slot>(slots_for(kLeastBits));
  std::size_t size_ = 0;
};

}  // namespace lymer::runtime
