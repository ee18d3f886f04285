#include "node/inquiry.h"

#include <utility>

#include "base/check.h"
#include "node/core.h"

namespace sluice::node {

void Inquiry::arrive(Core& here) {
  if (answering) {
    here.come_home(*this);
    return;
  }
  here.on_the_way[origin].fetch_sub(1, std::memory_order_relaxed);
  here.decider.serve(*this);
}

void Inquiry::concluded(Core& here, Conclusion conclusion) {
  if (host != nullptr) {
    here.wheel.remove(alarm);
    --here.parked;
    host = nullptr;
  }
  answer = std::move(conclusion.answer);
  if (conclusion.lane != nullptr && !conclusion.lane->is_durable(conclusion.waits_for)) {
    if (conclusion.lane->journal().failed()) {
      answer = refuse(Reason::unknown_outcome);
    } else {
      held = true;
      conclusion.lane->hold(conclusion.waits_for, *this);
    }
  }
  if (answer && *answer && !(*answer)->wanted.empty()) {
    read_wanted(here, *conclusion.lane);
  }
  leave_if_ready(here);
}

// While the reply waits for the flush, what it wants of the log is read.
void Inquiry::read_wanted(Core& here, Lane& lane) {
  machines::Reply& reply = **answer;
  reply.bytes.resize(reply.wanted.size());
  std::string bytes;
  for (std::size_t at = 0; at < reply.wanted.size(); ++at) {
    if (lane.journal().read_now(reply.wanted[at], bytes)) {
      reply.bytes[at] = std::exchange(bytes, {});
      continue;
    }
    ++reads_pending;
    ++here.pending;
    lane.journal().read(reply.wanted[at], [this, &here, at](std::optional<std::string> got) {
      const Turn turn(here);
      here.ended();
      --reads_pending;
      if (answer) {
        (*answer)->bytes[at] = std::move(got);
      }
      leave_if_ready(here);
    });
  }
}

void Inquiry::released(Core& here, bool durable) {
  held = false;
  if (!durable) {
    answer = refuse(Reason::unknown_outcome);
  }
  leave_if_ready(here);
}

void Inquiry::leave_if_ready(Core& here) {
  if (held || reads_pending > 0) {
    return;
  }
  answering = true;
  command.reset();
  if (here.index == origin) {
    here.come_home(*this);
  } else {
    here.send(*this, origin);
  }
}

// Whoever waited, waited for that machine; whoever comes now may make another of the name.
void Inquiry::machine_gone(Core& here, Host& its_host) {
  if (host == nullptr) {
    here.decider.serve(*this);
  } else {
    concluded(here, {refuse(Reason::not_found), &its_host.lane, its_host.last_sequence});
  }
}

Matter::Parks Inquiry::parks(Core& here, Host& its_host, Milliseconds at_most) {
  if (host != nullptr) {
    return Parks::waits;  // it waited already, and keeps its time
  }
  const Milliseconds span = wait.value_or(at_most);
  if (span <= Milliseconds(0) || here.is_stopping()) {
    return Parks::cannot;
  }
  if (here.parked >= here.shared.limits.waiting_max) {
    return Parks::no_room;
  }
  host = &its_host;
  std::string().swap(name);  // a hundred thousand of them may wait, and the host is known now
  ++here.parked;
  here.wheel.set(alarm, here.monotonic_milliseconds() + static_cast<std::uint64_t>(span.count()) + 1);
  return Parks::waits;
}

void Inquiry::give_up(Core& here) {
  if (list == nullptr) {
    return;  // decided already; what it did stays done
  }
  list->remove(*this);
  concluded(here, {refuse(Reason::unavailable), nullptr, 0});
}

void Inquiry::time_is_over(Core& here) {
  last_chance = true;
  if (list != &host->waiting) {
    return;  // it waits for a block, and is decided as soon as that is there
  }
  list->remove(*this);
  here.decider.consult(*host, *this);
}

// At the machine's core the question is dropped if it still waits; the cancellation then goes home as well.
void Cancellation::arrive(Core& here) {
  if (here.index != inquiry.origin) {
    inquiry.give_up(here);
    here.send(*this, inquiry.origin);
    return;
  }
  inquiry.cancellation_away = false;
  here.retire_if_done(inquiry);
}

Inquiry& Inquiries::take() {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(all_.size()));
    all_.push_back(std::make_unique<Inquiry>(core_, free_.back()));
  }
  Inquiry& taken = *all_[free_.back()];
  free_.pop_back();
  ++taken.generation;
  taken.under_way = true;
  taken.home = false;
  taken.answering = false;
  return taken;
}

void Inquiries::give_back(Inquiry& inquiry) {
  check(inquiry.under_way && inquiry.list == nullptr && inquiry.host == nullptr, "an inquiry that ends is nowhere");
  inquiry.under_way = false;
  inquiry.answered = nullptr;
  inquiry.answer = Answer{};
  free_.push_back(inquiry.slot);
}

Inquiry* Inquiries::find(Ticket ticket) const {
  const std::uint64_t place = (ticket & 0xffff'ffff) - 1;
  if (place >= all_.size()) {
    return nullptr;
  }
  Inquiry& found = *all_[place];
  return found.under_way && found.generation == ticket >> 32 ? &found : nullptr;
}

}  // namespace sluice::node
