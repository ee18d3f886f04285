#include "machines/queue/state.h"

#include <algorithm>

#include "base/check.h"
#include "machines/queue/settings.h"

namespace sluice::queue {
namespace {

// 1: without move tasks; 2: without order; 3: without returned; 4: without chains apart; 5: without arrivals in blocks,
// tags relative to each other
constexpr std::uint8_t snapshot_version = 6;

}  // namespace

const Chain* State::chain(std::uint64_t key) const {
  if (key == ready_key || key == returned_key) {
    return key == ready_key ? &ready : &returned;
  }
  const std::map<std::uint64_t, Chain>& chains = is_apart(key) ? apart : delayed;
  const auto at = chains.find(key);
  return at == chains.end() ? nullptr : &at->second;
}

Chain& State::chain_made(std::uint64_t key) {
  if (key == ready_key || key == returned_key) {
    return key == ready_key ? ready : returned;
  }
  return is_apart(key) ? apart[key] : delayed[key];
}

void State::drop_if_empty(std::uint64_t key) {
  std::map<std::uint64_t, Chain>& chains = is_apart(key) ? apart : delayed;
  if (const auto at = chains.find(key); at != chains.end() && at->second.empty()) {
    chains.erase(at);
  }
}

Counts State::counts(Time at) const {
  Counts counts{visible(), leases.in_flight(), 0};
  if (order && settings.delay.count() > 0) {
    const Time limit = at - settings.delay;
    const auto due = [limit](const Waiting& message) { return message.joined <= limit; };
    const std::uint64_t waiting =
        static_cast<std::uint64_t>(std::ranges::count_if(ready.head(), due)) + ready.due_beyond_head(limit);
    counts.visible = leases.visible() + waiting;
    counts.delayed = ready.count() - waiting;
  }
  for (const auto& [delay, chain] : delayed) {
    const std::uint64_t due = chain.due_beyond_head(at - Milliseconds(delay));
    counts.visible += due;
    counts.delayed += chain.count() - due;
  }
  return counts;
}

Time State::expiry_limit(Time at) const { return at - settings.retention; }

/// The ready chain keeps its head window; a delayed one too, as long as all of them together are small.
Page State::page_due(std::uint64_t key) const {
  const Chain* found = chain(key);
  if (found == nullptr) {
    return {};
  }
  const std::size_t wanted = order ? order->head_wanted : 0;
  Page page = found->page_due(std::max(options.head_messages, wanted), options.block_messages);
  if (is_apart(key)) {
    return found->page_due(options.apart_messages, options.block_messages);
  }
  if (!is_delay(key)) {
    return page;
  }
  if (page.count == 0 && derived.delayed_in_memory > options.delayed_messages) {
    page = found->page_due(options.small_block_messages, options.small_block_messages);
  }
  // What would be read back at once is not written.
  const bool soon = page.count > 0 && found->at(page).joined + Milliseconds(key) - options.read_ahead <= now;
  return soon ? Page{} : page;
}

std::size_t State::ids_page_due() const {
  return order && order->ids.in_memory() >= 2 * options.ids_in_page ? options.ids_in_page : 0;
}

std::size_t State::returned_due() const {
  return !order && leases.visible() >= options.returned_messages + options.block_messages ? options.block_messages : 0;
}

bool State::gives() const {
  if (!order) {
    return visible() > 0;
  }
  const Groups& groups = order->groups;
  const bool has_room = leases.size() < options.in_flight_max;
  return !groups.returned().empty() ||
         (has_room && (!groups.fresh().empty() || order->may_read_on(*this, options.locked_messages_max, now)));
}

Time State::expiry_due() const {
  return oldest_joined == never ? never
                                : std::max(oldest_joined + settings.retention, expiry_looked_at + options.expiry_pause);
}

Time State::deadline() const {
  if (!exists) {
    return keeps_name(now) ? name_kept_until : never;
  }
  if (any_page_due() || returned_due() > 0) {
    return now;
  }
  const Time due = std::min(
      {leases.next_deadline(), derived.delayed_due, derived.read_ahead_due, expiry_due(), move_deadline(*this)});
  if (!order) {
    return due;
  }
  const Time ids_due = order->ids.due();
  return std::min({due, order->due(*this), ids_due == never ? never : ids_due + options.ids_pause});
}

void State::join(const Waiting& message, Milliseconds delay) {
  oldest_joined = std::min(oldest_joined, message.joined);
  if (delay.count() == 0 || order) {
    join_visible(message);
    return;
  }
  const std::uint64_t key = static_cast<std::uint64_t>(delay.count());
  delayed[key].push(message);
  ++derived.delayed_in_memory;
  derived.delayed_due = std::min(derived.delayed_due, message.joined + delay);
  derived.delayed_page_due |= page_due(key).count > 0;
}

void State::join_visible(const Waiting& message) {
  if (message.group != 0 && !apart.empty()) {
    const std::uint64_t key = apart_key(message.group);
    if (const auto at = apart.find(key); at != apart.end()) {
      at->second.push(message);
      ++derived.apart_messages;
      derived.apart_page_due |= page_due(key).count > 0;
      return;
    }
  }
  ready.push(message);
}

void State::pass_time(Time to) {
  check(to >= now, "time does not go back");
  now = to;
  const Leases::Order::const_iterator came_back = leases.end();
  leases.advance(to);
  if (order) {
    order->time_passed(*this, came_back);
  }
}

void State::move_due(Time to) {
  std::vector<std::pair<Due, Waiting>> due;
  for (auto at = delayed.begin(); at != delayed.end();) {
    auto& [delay, chain] = *at;
    while (!chain.head().empty() && chain.head().front().joined + Milliseconds(delay) <= to) {
      const Waiting message = chain.take(chain.head().front().number);
      due.push_back({{message.joined + Milliseconds(delay), message.number}, message});
    }
    at = chain.empty() ? delayed.erase(at) : std::next(at);
  }
  std::ranges::sort(due, {}, &std::pair<Due, Waiting>::first);
  for (const auto& [when, message] : due) {
    join_visible(message);
  }
}

void State::look_for_expired(Time at) {
  expiry_looked_at = at;
  const Time limit = expiry_limit(at);
  const std::size_t before = ready.count() + leases.size();
  if (order) {
    leases.each([&](const Held& held) {
      if (held.message.expired(limit)) {
        order->attempts.touched(held.message.number);
      }
    });
  }
  ready.expire(limit);
  returned.expire(limit);
  leases.expire(limit);
  oldest_joined = std::min({ready.oldest(), returned.oldest(), leases.oldest()});
  for (auto& [delay, chain] : delayed) {
    chain.expire(limit);
    oldest_joined = std::min(oldest_joined, chain.oldest());
  }
  for (auto& [key, chain] : apart) {
    chain.expire(limit);
    oldest_joined = std::min(oldest_joined, chain.oldest());
  }
  std::erase_if(delayed, [](const auto& entry) { return entry.second.empty(); });
  std::erase_if(apart, [](const auto& entry) { return entry.second.empty(); });
  if (order && ready.count() + leases.size() < before) {
    order->rebuild(*this, order->groups.turns());
  }
}

void State::derive() {
  derived = {};
  Time wanted_due = never;
  for (const auto& [delay, chain] : delayed) {
    derived.delayed_in_memory += chain.in_memory();
    if (!chain.head().empty()) {
      derived.delayed_due = std::min(derived.delayed_due, chain.head().front().joined + Milliseconds(delay));
    }
    if (chain.blocks().empty() || chain.head().size() >= options.block_messages / 2) {
      continue;
    }
    const Time due = chain.blocks().front().joined_min + Milliseconds(delay);
    if (due - options.read_ahead > now) {
      derived.read_ahead_due = std::min(derived.read_ahead_due, due - options.read_ahead);
    } else if (due < wanted_due) {
      wanted_due = due;
      derived.wanted_delayed = delay;
    }
  }
  for (const auto& [key, chain] : apart) {
    derived.apart_messages += chain.count();
    derived.apart_page_due |= page_due(key).count > 0;
  }
  for (auto at = delayed.begin(); at != delayed.end() && !derived.delayed_page_due; ++at) {
    derived.delayed_page_due = page_due(at->first).count > 0;
  }
}

void State::clear_messages() {
  ready.clear();
  returned.clear();
  delayed.clear();
  apart.clear();
  leases.clear();
  if (order) {
    order->clear();
  }
  for (auto& [token, message] : leaving) {
    message.purged = true;
  }
  oldest_joined = never;
  derive();
}

Waiting State::take_waiting(std::uint64_t number) {
  if (ready.starts_with(number)) {
    return ready.take(number);
  }
  for (Chain* chain : {&returned, &ready}) {
    if (chain->find(number) != nullptr) {
      return chain->take(number);
    }
  }
  for (auto& [key, chain] : apart) {
    if (chain.find(number) != nullptr) {
      const Waiting message = chain.take(number);
      --derived.apart_messages;
      drop_if_empty(key);
      return message;
    }
  }
  for (auto at = delayed.begin(); at != delayed.end(); ++at) {
    if (at->second.find(number) != nullptr) {
      const Waiting message = at->second.take(number);
      if (at->second.empty()) {
        delayed.erase(at);
      }
      derive();
      return message;
    }
  }
  check(false, "a message that is taken waits in memory");
  return {};
}

Held State::take_any(std::uint64_t number, Time at) {
  return leases.find(number) != nullptr ? leases.take(number) : held_of(take_waiting(number), at);
}

void State::save(Writer& out) const {
  out.u8(snapshot_version);
  out.u8(exists ? 1 : 0);
  write(out, as_change(settings));
  write(out, tags);
  out.svarint(to_milliseconds(created_at));
  out.svarint(to_milliseconds(changed_at));
  out.u8(purged_at ? 1 : 0);
  out.svarint(to_milliseconds(purged_at.value_or(Time{})));
  out.svarint(to_milliseconds(name_kept_until));
  out.svarint(to_milliseconds(now));
  out.varint(number_next);
  out.varint(block_next);
  out.u8(returned_next ? 1 : 0);
  out.i64(to_milliseconds(oldest_joined));
  out.svarint(to_milliseconds(expiry_looked_at));
  ready.save(out);
  out.varint(delayed.size());
  for (const auto& [delay, chain] : delayed) {
    out.varint(delay);
    chain.save(out);
  }
  leases.save(out);
  out.varint(leaving.size());
  for (const auto& [token, message] : leaving) {
    IndexWriter(out).add(message.held.message);
    out.svarint(to_milliseconds(message.held.received_at));
    out.varint(message.held.epoch);
    out.varint(message.held.count);
    out.varint(message.held.count_on_arrival);
    out.u8(message.purged ? 1 : 0);
  }
  moves.save(out);
  out.u8(order ? 1 : 0);
  if (order) {
    order->save(out);
  }
  returned.save(out);
  out.u8(static_cast<std::uint8_t>(fair_turn));
  out.varint(apart.size());
  for (const auto& [key, chain] : apart) {
    out.u64(key);
    chain.save(out);
  }
}

bool State::load_delayed(Reader& in, bool tells_arrivals) {
  const std::uint64_t chains = in.varint();
  for (std::uint64_t i = 0; i < chains && in.ok(); ++i) {
    if (!delayed[in.varint()].load(in, tells_arrivals)) {
      return false;
    }
  }
  return in.ok();
}

void State::load_leaving(Reader& in) {
  const std::uint64_t leavers = in.varint();
  for (std::uint64_t i = 0; i < leavers && in.ok(); ++i) {
    Leaving message;
    message.held.message = IndexReader(in).next();
    message.held.received_at = from_milliseconds(in.svarint());
    message.held.epoch = static_cast<std::uint32_t>(in.varint());
    message.held.count = static_cast<std::uint32_t>(in.varint());
    message.held.count_on_arrival = static_cast<std::uint32_t>(in.varint());
    message.purged = in.u8() != 0;
    leaving[message.held.message.number] = message;
  }
}

bool State::load_apart(Reader& in, bool tells_arrivals) {
  fair_turn = in.u8();
  const std::uint64_t groups = in.varint();
  for (std::uint64_t i = 0; i < groups && in.ok(); ++i) {
    if (!apart[in.u64()].load(in, tells_arrivals)) {
      return false;
    }
  }
  return in.ok();
}

bool State::load(Reader& in) {
  const std::uint8_t version = in.u8();
  if (version == 0 || version > snapshot_version) {
    return false;
  }
  exists = in.u8() != 0;
  std::optional<SettingsChange> saved = read_change(in);
  if (!saved) {
    return false;
  }
  settings = {};
  apply(*saved, settings);
  tags = read_texts(in);
  created_at = from_milliseconds(in.svarint());
  changed_at = from_milliseconds(in.svarint());
  const bool was_purged = in.u8() != 0;
  const Time purged = from_milliseconds(in.svarint());
  purged_at = was_purged ? std::optional(purged) : std::nullopt;
  name_kept_until = from_milliseconds(in.svarint());
  now = from_milliseconds(in.svarint());
  number_next = in.varint();
  block_next = in.varint();
  returned_next = in.u8() != 0;
  oldest_joined = from_milliseconds(in.i64());
  expiry_looked_at = from_milliseconds(in.svarint());
  const bool tells_arrivals = version >= 6;
  if (!ready.load(in, tells_arrivals) || !load_delayed(in, tells_arrivals) || !leases.load(in, now)) {
    return false;
  }
  load_leaving(in);
  if (version >= 2 && !moves.load(in)) {
    return false;
  }
  if (version >= 3 && in.u8() != 0) {
    order = std::make_unique<Order>();
    leases.count_no_groups();
    if (!order->load(in, *this, version <= 5)) {
      return false;
    }
  }
  if (version >= 4 && !returned.load(in, tells_arrivals)) {
    return false;
  }
  if (version >= 5 && !load_apart(in, tells_arrivals)) {
    return false;
  }
  derive();
  return in.ok();
}

void State::invariants() const {
  ready.invariants();
  returned.invariants();
  leases.invariants();
  const auto given = [this](const Waiting& message) {
    check(message.number > 0 && message.number < number_next, "a message has a number that was given");
    check(message.joined >= oldest_joined, "the oldest sent time is a lower bound");
    check(message.body.length > 0, "a message's envelope lies in the log");
  };
  std::size_t in_memory = 0;
  for (const auto& [delay, chain] : delayed) {
    check(delay > 0, "a delayed chain has a delay");
    check(!chain.empty(), "an empty delayed chain is dropped");
    chain.invariants();
    in_memory += chain.in_memory();
    std::ranges::for_each(chain.head(), given);
    std::ranges::for_each(chain.tail(), given);
    check(std::ranges::is_sorted(chain.head(), {}, &Waiting::joined),
          "a delayed chain is in the order of its due times");
    check(chain.head().empty() || derived.delayed_due <= chain.head().front().joined + Milliseconds(delay),
          "the next due time is known");
  }
  check(in_memory == derived.delayed_in_memory, "what delayed chains keep in memory is counted");
  std::uint64_t apart_messages = 0;
  for (const auto& [key, chain] : apart) {
    check(is_apart(key) && !chain.empty() && !order, "a noisy group of a standard queue stands apart");
    chain.invariants();
    std::ranges::for_each(chain.head(), given);
    std::ranges::for_each(chain.tail(), given);
    apart_messages += chain.count();
  }
  check(apart.size() <= apart_max, "groups that stand apart are bounded");
  check(apart_messages == derived.apart_messages, "what stands apart is counted");
  std::ranges::for_each(ready.head(), given);
  std::ranges::for_each(ready.tail(), given);
  std::ranges::for_each(returned.head(), given);
  std::ranges::for_each(returned.tail(), given);
  check(!order || returned.empty(), "what came back to an ordered queue stays in its group");
  leases.each([&](const Held& held) {
    given(held.message);
    check(held.message.receive_count > 0 || held.epoch == 0, "a receive that is known was counted");
    check(!leaving.contains(held.message.number), "a message that leaves is not held");
  });
  check(!exists || settings.ordered == (order != nullptr), "an ordered queue has an order");
  if (order) {
    order->invariants(*this);
  }
  check(exists || (ready.empty() && returned.empty() && delayed.empty() && leases.size() == 0),
        "what does not exist holds nothing");
  for (const auto& [token, message] : leaving) {
    check(token == message.held.message.number, "a token is the message's number");
  }
  moves.invariants();
  for (const auto& [token, task] : moves.under_way) {
    check(leaving.contains(token), "what a task sent away is leaving");
  }
  for (const Chain* chain : {&ready}) {
    check(chain->blocks().empty() || chain->blocks().back().id < block_next, "a block has a number that was given");
  }
}

}  // namespace sluice::queue
