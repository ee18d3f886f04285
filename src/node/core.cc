#include "node/core.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace sluice::node {

Core::Core(Shared& whole, std::size_t number, io::Loop& its_loop, std::uint64_t seed)
    : shared(whole),
      index(number),
      loop(its_loop),
      lanes(whole.placement.journals()),
      cells(cells_max),
      wheel(monotonic_milliseconds()),
      decider(*this),
      transfers(*this),
      snapshots(*this),
      reclaim(*this),
      on_the_way(std::make_unique<std::atomic<std::uint32_t>[]>(whole.placement.cores())),
      clock_(whole.clock, Time{}),
      random_(seed),
      inquiries_(static_cast<std::uint16_t>(number)) {
  for (std::uint16_t journal = 0; journal < shared.placement.journals(); ++journal) {
    if (shared.placement.core_of_journal(journal) == index) {
      lanes[journal] = std::make_unique<Lane>(journal);
    }
  }
  for (std::uint16_t cell = 0; cell < cells_max; ++cell) {
    if (shared.placement.core_of(cell) == index) {
      cells[cell] = std::make_unique<Cell>(cell);
    }
  }
}

Core::~Core() = default;

std::uint64_t Core::monotonic_milliseconds() const {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<Milliseconds>(shared.clock.monotonic()).count());
}

// The gate

Ticket Core::ask(Question question, std::move_only_function<void(Answer)> answered) {
  const Turn turn(*this);
  Inquiry& inquiry = inquiries_.take();
  inquiry.answered = std::move(answered);
  inquiry.name = std::move(question.name);
  inquiry.name_hash = Placement::hash(inquiry.name);
  inquiry.command = std::move(question.command);
  inquiry.make = question.make;
  inquiry.only = question.only;
  inquiry.wait = question.wait;
  inquiry.last_chance = question.wait.has_value() && *question.wait <= Milliseconds(0);
  const Ticket ticket = inquiries_.ticket(inquiry);
  if (stopping_) {
    refuse_here(inquiry, Reason::unavailable);
    return ticket;
  }
  const std::uint16_t cell = Placement::cell_of(inquiry.name_hash);
  switch (shared.placement.owner(cell)) {
    case Owner::here:
      break;
  }
  const std::size_t core = shared.placement.core_of(cell);
  if (core == index) {
    decider.serve(inquiry);
    return ticket;
  }
  Core& other = *shared.cores[core];
  if (other.on_the_way[index].load(std::memory_order_relaxed) >= shared.limits.mailbox_max) {
    refuse_here(inquiry, Reason::full);
    return ticket;
  }
  other.on_the_way[index].fetch_add(1, std::memory_order_relaxed);
  other.deliver(inquiry);
  return ticket;
}

void Core::refuse_here(Inquiry& inquiry, Reason reason) {
  inquiry.command.reset();
  inquiry.answer = refuse(reason);
  come_home(inquiry);
}

Condition Core::condition() const {
  Condition worst = stopping_ ? Condition::stopping : Condition::well;
  for (const auto& lane : lanes) {
    if (lane == nullptr || !lane->is_open()) {
      continue;
    }
    if (lane->journal().failed()) {
      return Condition::failed;
    }
    if (!lane->journal().admits(Need::grows)) {
      worst = std::max(worst, Condition::full);
    }
  }
  return worst;
}

void Core::cancel(Ticket ticket) {
  const Turn turn(*this);
  Inquiry* const inquiry = inquiries_.find(ticket);
  if (inquiry == nullptr || !inquiry->answered) {
    return;
  }
  inquiry->answered = nullptr;
  const std::size_t core = shared.placement.core_of(Placement::cell_of(inquiry->name_hash));
  if (core == index) {
    inquiry->give_up(*this);
    return;
  }
  inquiry->cancellation_away = true;
  send(inquiry->cancellation, core);
}

// Letters

void Core::send(Letter& letter, std::size_t core) { shared.cores[core]->deliver(letter); }

void Core::deliver(Letter& letter) {
  if (mailbox_.put(letter)) {
    loop.post([this] { collect(); });
  }
}

void Core::collect() {
  const Turn turn(*this);
  Letter* letter = mailbox_.take();
  while (letter != nullptr) {
    Letter* const following = std::exchange(letter->next, nullptr);
    letter->arrive(*this);
    letter = following;
  }
}

void Core::come_home(Inquiry& inquiry) { answers_.push_back(&inquiry); }

void Core::retire_if_done(Inquiry& inquiry) {
  if (inquiry.home && !inquiry.cancellation_away) {
    inquiries_.give_back(inquiry);
    quiet_if_done();
  }
}

// Turns

void Core::end_turn() {
  if (turns_ > 1) {
    --turns_;
    return;
  }
  while (decider.tend_touched() || !answers_.empty()) {
    hand_out();
  }
  decider.bury();
  arm();
  --turns_;
}

// The doors' code runs here: it may ask again, which adds to what this turn has to do.
void Core::hand_out() {
  for (std::size_t at = 0; at < answers_.size(); ++at) {
    Inquiry& inquiry = *answers_[at];
    auto answered = std::exchange(inquiry.answered, nullptr);
    Answer answer = std::exchange(inquiry.answer, Answer{});
    inquiry.home = true;
    retire_if_done(inquiry);
    if (answered) {
      answered(std::move(answer));
    }
  }
  answers_.clear();
}

// Timers

void Core::arm() {
  const std::uint64_t earliest = wheel.earliest();
  if (earliest >= timer_at_) {
    return;
  }
  if (timer_ != 0) {
    loop.cancel(timer_);
  }
  const std::uint64_t now = monotonic_milliseconds();
  timer_at_ = earliest;
  timer_ = loop.after(Milliseconds(earliest > now ? earliest - now : 0), [this] { ring(); });
}

void Core::ring() {
  const Turn turn(*this);
  timer_ = 0;
  timer_at_ = Wheel::none;
  while (Alarm* const alarm = wheel.next_due(monotonic_milliseconds())) {
    if (alarm->rings == Alarm::Rings::inquiry) {
      static_cast<Inquiry*>(alarm->owner)->time_is_over(*this);
    } else if (!stopping_) {
      decider.tick(*static_cast<Host*>(alarm->owner));
    }
  }
}

void Core::clock_moved() {
  if (timer_ != 0) {
    loop.cancel(timer_);
  }
  ring();
}

// The log

void Core::begin(Time last_record) {
  clock_ = JournalClock(shared.clock, last_record);
  for (const auto& lane : lanes) {
    if (lane != nullptr) {
      lane->open(shared.store.journal(lane->number()));
      lane->journal().on_progress([this, its_lane = lane.get()] { progress(*its_lane); });
    }
  }
  loop.post([this] {
    const Turn turn(*this);
    for (const machines::MachineId id : hosts.ids([](const Host& host) { return host.machine != nullptr; })) {
      decider.touch(*hosts.find(id));
    }
    transfers.begin();
    if (index == 0) {
      reclaim.wake();
    }
  });
}

void Core::progress(Lane& lane) {
  const Turn turn(*this);
  const bool failed_before = lane.failed;
  lane.release(*this);
  if (lane.failed && !failed_before) {
    fail(lane);
    return;
  }
  if (lane.read_ahead_refused && lane.journal().admits(Need::shrinks)) {
    lane.read_ahead_refused = false;
    for (const machines::MachineId id : hosts.ids([&](const Host& host) { return &host.lane == &lane; })) {
      decider.touch(*hosts.find(id));
    }
  }
  transfers.flushed(lane);
  snapshots.consider(lane);
}

// The journal is final: nobody waits for anything of it any more.
void Core::fail(Lane& lane) {
  log(LogLevel::error, "the journal has failed: every request to it is refused until a restart");
  for (const machines::MachineId id : hosts.ids([&](const Host& host) { return &host.lane == &lane; })) {
    Host& host = *hosts.find(id);
    wheel.remove(host.alarm);
    while (!host.waiting.empty()) {
      host.waiting.pop_front().concluded(*this, {refuse(Reason::unavailable), nullptr, 0, false});
    }
  }
}

// The end

void Core::stop(std::function<void()> quiet) {
  const Turn turn(*this);
  stopping_ = true;
  quiet_ = std::move(quiet);
  snapshots.stop();
  for (const machines::MachineId id : hosts.ids([](const Host& host) { return host.machine != nullptr; })) {
    Host* host = hosts.find(id);
    while (host != nullptr && !host->waiting.empty()) {
      Matter& matter = host->waiting.pop_front();
      matter.last_chance = true;
      decider.consult(*host, matter);
      host = hosts.find(id);
    }
  }
  quiet_if_done();
}

void Core::ended() {
  check(pending > 0, "what ends was begun");
  --pending;
  quiet_if_done();
}

void Core::quiet_if_done() {
  if (stopping_ && quiet_ && pending == 0 && inquiries_.under_way() == 0) {
    std::exchange(quiet_, nullptr)();
  }
}

}  // namespace sluice::node
