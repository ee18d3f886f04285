// Peek: a page of the messages in one state, over what was received and the chains, blocks read where it comes to them.
#include <algorithm>

#include "machines/queue/decide.h"

namespace sluice::queue {
namespace {

// Of one page: those beyond it are the next page's, so that a command never reads without bound.
constexpr std::size_t blocks_per_page_max = 16;

constexpr std::uint64_t received_part = 0;
std::uint64_t part_of(std::uint64_t key) { return is_apart(key) ? key : key + 1; }

/// A piece of a chain, in order: its head, each block, its tail.
struct Piece {
  const Window* memory = nullptr;
  const Block* block = nullptr;
};

std::vector<Piece> pieces_of(const Chain& chain) {
  std::vector<Piece> pieces{{&chain.head(), nullptr}};
  for (const Block& block : chain.blocks()) {
    pieces.push_back({nullptr, &block});
  }
  pieces.push_back({&chain.tail(), nullptr});
  return pieces;
}

template <class Messages>
auto find_number(const Messages& messages, std::uint64_t number) {
  return std::ranges::find(messages, number, &Waiting::number);
}

/// In a chain most messages stand in the order of their numbers; those that came back do not, and where delayed ones
/// became visible they do not either.
bool rises(const Window& messages) { return messages.rises(); }
bool rises(const std::vector<Waiting>& messages) { return std::ranges::is_sorted(messages, {}, &Waiting::number); }

/// Where among messages of a chain a page goes on that ended with `number`; 0: it begins here. That message may have
/// been taken meanwhile, then it goes on with the first higher number, or where these do not rise begins anew.
template <class Messages>
auto behind(const Messages& messages, std::uint64_t number, std::uint64_t key) {
  const auto shown = number > 0 ? find_number(messages, number) : messages.end();
  if (shown != messages.end()) {
    return std::next(shown);
  }
  const auto is_later = [number](const Waiting& message) { return message.number > number; };
  return rises(messages) && key != returned_key ? std::ranges::find_if(messages, is_later) : messages.begin();
}

bool goes_on_in(const Piece& piece, std::uint64_t number, std::uint64_t key) {
  return piece.block != nullptr ? piece.block->number_max > number
                                : behind(*piece.memory, number, key) != piece.memory->end();
}

/// The piece in which a page goes on that ended at `place`. Of those that came back, a message that is nowhere was
/// taken, and with it, as they are taken at the front, what stood before it.
std::size_t piece_after(const std::vector<Piece>& pieces, const PeekPlace& place, std::uint64_t key) {
  for (std::size_t at = 0; at < pieces.size(); ++at) {
    const Piece& piece = pieces[at];
    const bool holds = piece.block != nullptr ? piece.block->id == place.block
                                              : find_number(*piece.memory, place.number) != piece.memory->end();
    if (holds) {
      return at;
    }
  }
  const auto index_of = [&](auto at) { return static_cast<std::size_t>(at - pieces.begin()); };
  const auto paged_out = std::ranges::find_if(
      pieces, [&](const Piece& piece) { return piece.block != nullptr && piece.block->may_hold(place.number); });
  if (paged_out != pieces.end() || key == returned_key) {
    return paged_out != pieces.end() ? index_of(paged_out) : 0;
  }
  return index_of(
      std::ranges::find_if(pieces, [&](const Piece& piece) { return goes_on_in(piece, place.number, key); }));
}

class Looking {
 public:
  Looking(const Peek& command, const Decision& decision)
      : command_(command),
        decision_(decision),
        state_(decision.state),
        now_(decision.moment.now),
        limit_(state_.expiry_limit(now_)) {}

  /// The block without which the page cannot be made, if any.
  std::optional<machines::NeedsBlock> look() {
    if (command_.state != PeekState::delayed && from_part() == received_part) {
      look_at_received();
    }
    if (command_.state == PeekState::in_flight) {
      return std::nullopt;
    }
    // In the order of their parts, so that a page goes on behind the one before.
    if (command_.state == PeekState::visible || state_.order) {
      look_at_chain(ready_key, state_.ready);
    }
    for (const auto& [delay, chain] : state_.delayed) {
      look_at_chain(delay, chain);
    }
    if (command_.state == PeekState::visible) {
      look_at_chain(returned_key, state_.returned);
      for (const auto& [key, chain] : state_.apart) {
        look_at_chain(key, chain);
      }
    }
    return needs_;
  }
  std::unique_ptr<Peeked> page() {
    page_->waits_for = 0;  // it shows messages that may still be on their way to the disk; nothing rests on it
    return std::move(page_);
  }

 private:
  std::uint64_t from_part() const { return command_.after ? command_.after->part : received_part; }
  bool done() const { return page_->next.has_value() || needs_.has_value(); }

  /// False: the page is full, and goes on after `place_`.
  bool show(const Waiting& message, Time visible_at, const PeekPlace& place) {
    if (page_->messages.size() >= command_.count_max || bytes_ >= command_.bytes_max) {
      page_->next = last_;
      return false;
    }
    page_->messages.push_back(
        {message.number, message.receive_count, message.sent, message.first_received, visible_at});
    page_->wanted.push_back(message.body);
    bytes_ += message.body.length;
    last_ = place;
    return true;
  }

  void look_at_received() {
    const Leases& leases = state_.leases;
    const bool visible = command_.state == PeekState::visible;
    auto at = visible ? leases.begin() : leases.end();
    if (command_.after) {
      const Due after{command_.after->due, command_.after->number};
      const auto behind = leases.after(after);
      at = at != leases.last() && after < *at ? at : behind;
    }
    for (; at != leases.last(); ++at) {
      if (visible != (at->first <= state_.now)) {
        return;
      }
      const Waiting& message = leases.find(at->second)->message;
      if (!message.expired(limit_) && !show(message, at->first, {received_part, 0, at->second, at->first})) {
        return;
      }
    }
  }

  void look_at_chain(std::uint64_t key, const Chain& chain) {
    if (done() || part_of(key) < from_part()) {
      return;
    }
    const std::vector<Piece> pieces = pieces_of(chain);
    const bool resumes = command_.after && command_.after->part == part_of(key);
    const std::size_t first = resumes ? piece_after(pieces, *command_.after, key) : 0;
    for (std::size_t at = first; at < pieces.size() && !done(); ++at) {
      const std::uint64_t after = resumes && at == first ? command_.after->number : 0;
      if (pieces[at].memory != nullptr) {
        look_at_messages(key, 0, *pieces[at].memory, after);
      } else if (concerns(key, *pieces[at].block)) {
        look_at_block(key, *pieces[at].block, after);
      }
    }
  }

  /// An ordered queue's messages are all in the ready chain.
  Milliseconds delay_of(std::uint64_t key) const {
    const Milliseconds of_queue = state_.order ? Milliseconds(state_.settings.delay) : Milliseconds(0);
    return is_delay(key) ? Milliseconds(static_cast<std::int64_t>(key)) : of_queue;
  }
  bool is_wanted(std::uint64_t key, const Waiting& message) const {
    const bool due = message.joined + delay_of(key) <= now_;
    return !message.expired(limit_) && due == (command_.state == PeekState::visible);
  }
  bool concerns(std::uint64_t key, const Block& block) const {
    if (block.joined_max <= limit_) {
      return false;
    }
    return command_.state == PeekState::visible ? block.joined_min + delay_of(key) <= now_
                                                : block.joined_max + delay_of(key) > now_;
  }

  template <class Messages>
  void look_at_messages(std::uint64_t key, std::uint64_t block, const Messages& messages, std::uint64_t after) {
    for (auto at = behind(messages, after, key); at != messages.end(); ++at) {
      const Time visible_at = delay_of(key).count() == 0 ? Time{} : at->joined + delay_of(key);
      if (is_wanted(key, *at) && !show(*at, visible_at, {part_of(key), block, at->number, Time{}})) {
        return;
      }
    }
  }

  void look_at_block(std::uint64_t key, const Block& block, std::uint64_t after) {
    if (blocks_ >= blocks_per_page_max) {
      page_->next = last_;
      return;
    }
    const auto found = decision_.moment.blocks.find(block.id);
    if (found == decision_.moment.blocks.end()) {
      needs_ = block.need();
      return;
    }
    ++blocks_;
    const std::optional<std::vector<Waiting>> all = read_index(std::string_view(found->second));
    if (!all || all->empty()) {
      return;  // malformed: what it lists is not served either
    }
    // The place is looked up among all of the block, so that one that was taken meanwhile still is one.
    std::vector<Waiting> rest(behind(*all, after, key), all->cend());
    look_at_messages(key, block.id, survivors(block, std::move(rest), limit_), 0);
    if (!page_->next) {
      last_ = {part_of(key), block.id, all->back().number, Time{}};
    }
  }

  const Peek& command_;
  const Decision& decision_;
  const State& state_;
  const Time now_, limit_;
  std::size_t bytes_ = 0, blocks_ = 0;
  PeekPlace last_;
  std::optional<machines::NeedsBlock> needs_;
  std::unique_ptr<Peeked> page_ = std::make_unique<Peeked>();
};

}  // namespace

Outcome decide(const Peek& command, const Decision& decision) {
  if (!decision.state.exists) {
    return Refusal{Reason::not_found, {}};
  }
  Looking looking(command, decision);
  if (const auto needs = looking.look()) {
    return *needs;
  }
  return looking.page();
}

}  // namespace sluice::queue
