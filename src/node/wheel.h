#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace sluice::node {

/// Something that rings at a time. Lives in its owner, which outlives its stay in the wheel or removes it.
struct Alarm {
  enum class Rings : std::uint8_t { host, inquiry };
  Alarm(Rings what, void* whose) : owner(whose), rings(what) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  bool set() const { return next != nullptr; }

  Alarm* previous = nullptr;
  Alarm* next = nullptr;
  std::uint64_t at_milliseconds = 0;
  void* const owner;  ///< of the kind that `rings` says
  const Rings rings;
  std::uint8_t level = 0, slot = 0;  // where the wheel keeps it
};

/// A hierarchical timing wheel: levels of 64 slots, a millisecond each on the lowest, enough for any time. Adding and
/// removing cost a few instructions whatever it holds; nothing is scanned. One thread.
class Wheel {
 public:
  static constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();

  explicit Wheel(std::uint64_t now_milliseconds);
  Wheel(const Wheel&) = delete;
  Wheel& operator=(const Wheel&) = delete;

  /// Sets or moves it. A time that is over rings at the next millisecond.
  void set(Alarm& alarm, std::uint64_t at_milliseconds);
  void remove(Alarm& alarm);

  /// Nothing rings before this time (it may be early by the width of a slot); `none` when nothing is set.
  std::uint64_t earliest() const;
  /// Goes on to `now` and takes out what is due, one alarm per call; null when nothing more is.
  Alarm* next_due(std::uint64_t now_milliseconds);

 private:
  static constexpr unsigned slot_bits = 6, slots = 1U << slot_bits, levels = 11;
  static constexpr std::uint8_t due_level = levels;
  struct Level {
    std::uint64_t used = 0;  // a bit per slot
    std::array<Alarm*, slots> first{};
  };

  void place(Alarm& alarm);
  void empty(unsigned level, unsigned slot);
  unsigned lowest_used() const;

  std::uint64_t now_;
  std::array<Level, levels> levels_{};
  Alarm due_{Alarm::Rings::host, nullptr};  // ring of those taken out of their slots and due
};

}  // namespace sluice::node
