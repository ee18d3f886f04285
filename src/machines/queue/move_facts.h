#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "machines/queue/facts.h"

/// The facts of move tasks (docs/formats/queue-facts.md).
namespace sluice::queue {

/// A task begins: it moves what has a number by now.
struct MoveStartedFact {
  std::string_view id, destination;
  std::uint32_t rate_max = 0;

  void write(Writer& out) const {
    out.text(id);
    out.text(destination);
    out.varint(rate_max);
  }
  static MoveStartedFact read(std::string_view payload) {
    Reader in(payload);
    MoveStartedFact started;
    started.id = in.text();
    started.destination = in.text();
    started.rate_max = static_cast<std::uint32_t>(in.varint());
    check_whole(in);
    return started;
  }
};

/// These left for their destination; no other does for `pause`.
struct MovedOutFact {
  Milliseconds pause{0};

  void write(Writer& out, const std::vector<std::uint64_t>& numbers) const {
    out.varint(milliseconds_of(pause));
    Numbers::write(out, numbers);
  }
  template <class Take>
  static MovedOutFact read(std::string_view payload, Take take) {
    Reader in(payload);
    const MovedOutFact moved_out{Milliseconds(in.varint())};
    Numbers::read(in.rest(), take);
    check_whole(in);
    return moved_out;
  }
};

/// The running task runs no more.
struct MoveEndedFact {
  MoveStatus status = MoveStatus::completed;
  MoveFailure failure = MoveFailure::none;

  void write(Writer& out) const {
    out.u8(static_cast<std::uint8_t>(status));
    out.u8(static_cast<std::uint8_t>(failure));
  }
  static MoveEndedFact read(std::string_view payload) {
    Reader in(payload);
    MoveEndedFact ended;
    ended.status = static_cast<MoveStatus>(in.u8());
    ended.failure = static_cast<MoveFailure>(in.u8());
    check_whole(in);
    return ended;
  }
};

}  // namespace sluice::queue
