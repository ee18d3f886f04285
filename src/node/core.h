#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "io/loop.h"
#include "journal/store.h"
#include "node/cell.h"
#include "node/decider.h"
#include "node/inquiry.h"
#include "node/journal_clock.h"
#include "node/lane.h"
#include "node/mailbox.h"
#include "node/node.h"
#include "node/placement.h"
#include "node/reclaim.h"
#include "node/registry.h"
#include "node/snapshots.h"
#include "node/transfers.h"
#include "node/wheel.h"

namespace sluice::node {

class Core;

/// What the cores of one node share. Does not change while the loops run.
struct Shared {
  Limits limits;
  journal::Store& store;
  const io::Clock& clock;
  machines::Factory factory;
  Placement placement;
  std::unique_ptr<std::atomic<std::uint64_t>[]> replay_from;  ///< by journal: by its newest snapshot that counts
  std::vector<std::unique_ptr<Core>> cores;
};

/// One core: its gate, its cells and machines, its journals' lanes, its timers and its mailbox. Everything on the
/// thread of its loop, except `deliver`.
class Core final : public Gate {
 public:
  Core(Shared& shared, std::size_t index, io::Loop& loop, std::uint64_t seed);
  ~Core() override;

  // Gate
  Ticket ask(Question question, std::move_only_function<void(Answer)> answered) override;
  void cancel(Ticket ticket) override;
  void list(Listing listing, std::move_only_function<void(Result<std::vector<std::string>>)> answered) override;
  Condition condition() const override;
  Time now() const override { return clock_.now(); }
  Random& random() override { return random_; }
  std::string_view secret() const override { return shared.store.secret(); }

  /// The state is recovered, the journals are claimed, the loops are about to run.
  void begin(Time last_record);
  /// The clock was moved ahead: what has become due is done now.
  void clock_moved();
  /// No new questions; those parked get their last chance. `quiet` is called once, when nothing asked here is under
  /// way.
  void stop(std::function<void()> quiet);

  /// Sends a letter to another core (or to this one: it arrives in a later turn).
  void send(Letter& letter, std::size_t core);
  /// Puts a letter into this core's mailbox and wakes it if need be. Any thread.
  void deliver(Letter& letter);

  /// An inquiry that is answered is back where it was asked.
  void come_home(Inquiry& inquiry);
  /// Both it and its cancellation must be back before it is used again.
  void retire_if_done(Inquiry& inquiry);

  std::uint64_t monotonic_milliseconds() const;
  Cell& cell(std::uint16_t number) { return *cells[number]; }
  Lane& lane_of_cell(std::uint16_t number) { return *lanes[shared.placement.journal_of(number)]; }
  bool is_stopping() const { return stopping_; }
  /// Something that was begun here and is not an inquiry has ended (see `pending`).
  void ended();

  Shared& shared;
  const std::size_t index;
  io::Loop& loop;

  std::vector<std::unique_ptr<Lane>> lanes;  ///< by journal; null where another core owns it
  std::vector<std::unique_ptr<Cell>> cells;  ///< by number; null where another core owns it
  Registry hosts;
  Wheel wheel;
  Decider decider;
  Transfers transfers;
  Snapshots snapshots;
  Reclaim reclaim;                                        ///< core 0's is the one at work
  std::size_t parked = 0;                                 ///< inquiries that wait for a machine of this core
  std::size_t pending = 0;                                ///< begun here and not ended: transfers away, listings, reads
  std::map<const void*, std::shared_ptr<void>> listings;  ///< asked here and under way
  std::unique_ptr<std::atomic<std::uint32_t>[]> on_the_way;  ///< questions in this mailbox, by the core they came from

 private:
  friend class Turn;
  void collect();
  void end_turn();
  void hand_out();
  void arm();
  void ring();
  void progress(Lane& lane);
  void fail(Lane& lane);
  void refuse_here(Inquiry& inquiry, Reason reason);
  void quiet_if_done();

  mutable JournalClock clock_;
  Random random_;
  Mailbox mailbox_;
  Inquiries inquiries_;
  std::vector<Inquiry*> answers_;  // home, to be handed out at the end of the turn
  std::size_t turns_ = 0;
  io::TimerId timer_ = 0;
  std::uint64_t timer_at_ = Wheel::none;
  bool stopping_ = false;
  std::function<void()> quiet_;
};

/// While one lives, what the core does is one piece: answers are handed out, machines that changed are tended and
/// machines that are gone are freed when the outermost ends. So no door's code runs in the middle of a decision.
class Turn {
 public:
  explicit Turn(Core& core) : core_(core) { ++core_.turns_; }
  ~Turn() { core_.end_turn(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Core& core_;
};

}  // namespace sluice::node
