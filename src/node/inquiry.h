#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "node/matter.h"
#include "node/wheel.h"

namespace sluice::node {

struct Inquiry;

/// "The asker is gone", on its way to the core where the question is; it keeps the inquiry alive until it is back.
struct Cancellation final : Letter {
  explicit Cancellation(Inquiry& what) : inquiry(what) {}
  void arrive(Core& here) override;
  Inquiry& inquiry;
};

/// One question under way, from `ask` to its answer. Made and ended by the core that was asked; the members of the
/// second group belong to the core where it is at the time.
struct Inquiry final : Matter {
  Inquiry(std::uint16_t origin_core, std::uint32_t place) : origin(origin_core), slot(place), cancellation(*this) {}

  void arrive(Core& here) override;
  void released(Core& here, bool durable) override;
  void concluded(Core& here, Conclusion conclusion) override;
  void machine_gone(Core& here, Host& host) override;
  Parks parks(Core& here, Host& host, Milliseconds at_most) override;

  /// Nobody listens any more: if it still waits for its machine, it is not carried out. On the machine's core.
  void give_up(Core& here);
  /// Its time to wait is over: the machine answers now.
  void time_is_over(Core& here);

  // The asker's core's own.
  std::move_only_function<void(Answer)> answered;  ///< empty: nobody listens any more
  const std::uint16_t origin;
  const std::uint32_t slot;
  std::uint32_t generation = 0;
  bool under_way = false;
  bool home = false;  ///< answered, back and handed out
  bool cancellation_away = false;

  // Travels with it.
  std::string name;
  std::uint64_t name_hash = 0;
  std::optional<machines::Kind> make;
  std::optional<machines::MachineId> only;
  std::optional<Milliseconds> wait;
  Answer answer;
  bool answering = false;  ///< it goes home with `answer`

  // The machine's core's own.
  Host* host = nullptr;  ///< while it is parked
  Alarm alarm{Alarm::Rings::inquiry, this};
  std::uint32_t reads_pending = 0;
  bool held = false;  ///< by the lane, until its sequence is durable

  Cancellation cancellation;

 private:
  void read_wanted(Core& here, Lane& lane);
  /// Goes home once nothing holds it any more.
  void leave_if_ready(Core& here);
};

/// Inquiries of one core, used again and again; a ticket names one of them for one use. One thread.
class Inquiries {
 public:
  explicit Inquiries(std::uint16_t core) : core_(core) {}

  Inquiry& take();
  void give_back(Inquiry& inquiry);
  Ticket ticket(const Inquiry& inquiry) const {
    return (static_cast<Ticket>(inquiry.generation) << 32) | (inquiry.slot + 1);
  }
  /// Null when that use has ended.
  Inquiry* find(Ticket ticket) const;
  std::size_t under_way() const { return all_.size() - free_.size(); }

 private:
  std::uint16_t core_;
  std::vector<std::unique_ptr<Inquiry>> all_;
  std::vector<std::uint32_t> free_;
};

}  // namespace sluice::node
