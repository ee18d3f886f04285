#include "mutation.h"

#include <map>
#include <string>
#include <utility>

#include "machines/queue/facts.h"
#include "node/entry.h"

namespace sluice::simulation {
namespace {

/// The entry without the facts for which `drops` says so.
template <class Drops>
std::string without(std::string_view entry, Drops drops) {
  std::string kept(entry.substr(0, node::entry_header_bytes));
  node::Frames frames(entry, node::entry_header_bytes);
  for (node::Frame frame; frames.next(frame);) {
    if (!drops(frame)) {
      const std::size_t begin = frame.offset - node::fact_frame_bytes;
      kept.append(entry.substr(begin, node::fact_frame_bytes + frame.payload.size()));
    }
  }
  return kept;
}

bool is_inbox_fact(const node::Frame& frame) {
  return node::number_in_cell(frame.machine) == 0 && frame.kind == static_cast<std::uint16_t>(node::CellFact::arrived);
}
bool is_deletion(const node::Frame& frame) {
  return node::number_in_cell(frame.machine) != 0 && frame.kind == static_cast<std::uint16_t>(queue::FactKind::deleted);
}

/// The entry with what `spoils` makes of the payload of each message that an ordered queue accepts.
template <class Spoil>
std::string spoiled(std::string_view entry, Spoil spoils) {
  std::string bytes(entry);
  node::Frames frames(entry, node::entry_header_bytes);
  for (node::Frame frame; frames.next(frame);) {
    if (node::number_in_cell(frame.machine) != 0 &&
        frame.kind == static_cast<std::uint16_t>(queue::FactKind::accepted_in_order)) {
      spoils(bytes, frame.offset);
    }
  }
  return bytes;
}

/// Of a fact accepted_in_order, the bytes at `offset` of an entry.
void forget_id(std::string& entry, std::size_t offset) {
  Reader in(std::string_view(entry).substr(offset));
  in.varint();
  in.u64();
  entry[offset + in.position() + 1] ^= 1;                          // the first byte of the id's digest
  entry[offset + in.position() + 1 + sizeof(queue::Digest)] ^= 1;  // and of that in its group
}

class MutatedJournal final : public journal::Journal {
 public:
  MutatedJournal(journal::Journal& journal, Mutation mutation) : journal_(journal), mutation_(mutation) {}

  std::uint16_t number() const override { return journal_.number(); }
  std::uint32_t epoch() const override { return journal_.epoch(); }
  Position next() const override { return journal_.next(); }
  Position append(std::string_view entry) override {
    if (mutation_ == Mutation::forget_inbox) {
      return journal_.append(without(entry, is_inbox_fact));
    }
    if (mutation_ == Mutation::forget_deletes) {
      return journal_.append(without(entry, is_deletion));
    }
    if (mutation_ == Mutation::forget_ids) {
      return journal_.append(spoiled(entry, forget_id));
    }
    return journal_.append(entry);
  }
  std::uint64_t durable() const override {
    return mutation_ == Mutation::reply_before_flush ? journal_.next().sequence - 1 : journal_.durable();
  }
  bool failed() const override { return journal_.failed(); }
  void on_progress(std::function<void()> told) override { journal_.on_progress(std::move(told)); }
  bool admits(Need need) const override { return journal_.admits(need); }
  bool disk_full() const override { return journal_.disk_full(); }
  std::size_t unflushed_bytes() const override { return journal_.unflushed_bytes(); }
  bool read_now(const Reference& reference, std::string& into) override {
    const bool there = journal_.read_now(reference, into);
    if (there) {
      spoil(into);
    }
    return there;
  }
  void read(const Reference& reference, std::function<void(std::optional<std::string>)> done) override {
    journal_.read(reference, [this, done = std::move(done)](std::optional<std::string> got) {
      if (got) {
        spoil(*got);
      }
      done(std::move(got));
    });
  }

 private:
  void spoil(std::string& bytes) {
    if (mutation_ == Mutation::torn_body && ++reads_ % 100 == 0 && !bytes.empty()) {
      bytes[bytes.size() / 2] ^= 1;
    }
  }

  journal::Journal& journal_;
  Mutation mutation_;
  std::uint64_t reads_ = 0;
};

/// Claims that the state saved is newer than it is, so that a replay leaves facts out.
class EarlySnapshot final : public journal::Store::Snapshot {
 public:
  explicit EarlySnapshot(std::unique_ptr<Snapshot> snapshot) : snapshot_(std::move(snapshot)) {}
  void put(journal::SnapshotItem item) override {
    if (item.key != ~std::uint64_t{0} && node::number_in_cell({item.key}) != 0) {
      item.position.sequence += 3;
    }
    snapshot_->put(std::move(item));
  }
  void finish(std::function<void(bool)> done) override { snapshot_->finish(std::move(done)); }

 private:
  std::unique_ptr<Snapshot> snapshot_;
};

class MutatedStore final : public journal::Store {
 public:
  MutatedStore(std::unique_ptr<Store> store, Mutation mutation) : store_(std::move(store)), mutation_(mutation) {}

  std::uint16_t journals() const override { return store_->journals(); }
  io::Outcome<void> read_snapshots(const std::function<void(std::uint16_t, journal::SnapshotItem&&)>& take) override {
    return store_->read_snapshots(take);
  }
  io::Outcome<void> replay(const std::vector<std::uint64_t>& from,
                           const std::function<void(Position, std::string_view)>& take) override {
    return store_->replay(from, take);
  }
  io::Outcome<void> claim(const std::vector<io::Loop*>& loops) override { return store_->claim(loops); }
  journal::Journal& journal(std::uint16_t number) override {
    auto& mutant = journals_[number];
    if (mutant == nullptr) {
      mutant = std::make_unique<MutatedJournal>(store_->journal(number), mutation_);
    }
    return *mutant;
  }
  std::unique_ptr<Snapshot> start_snapshot(std::uint16_t journal) override {
    auto snapshot = store_->start_snapshot(journal);
    if (mutation_ == Mutation::early_snapshot) {
      return std::make_unique<EarlySnapshot>(std::move(snapshot));
    }
    return snapshot;
  }
  std::uint64_t bytes_since_snapshot(std::uint16_t journal) const override {
    return store_->bytes_since_snapshot(journal);
  }
  std::vector<journal::SegmentInfo> segments() const override { return store_->segments(); }
  void drop(std::uint64_t segment, io::Loop& loop, std::function<void(bool)> done) override {
    store_->drop(segment, loop, std::move(done));
  }
  void rewrite(std::uint64_t segment, std::vector<std::pair<std::uint16_t, Reference>> live, io::Loop& loop,
               std::function<void(bool)> done) override {
    store_->rewrite(segment, std::move(live), loop, std::move(done));
  }
  std::string_view secret() const override { return store_->secret(); }
  void close() override { store_->close(); }

 private:
  std::unique_ptr<Store> store_;
  Mutation mutation_;
  std::map<std::uint16_t, std::unique_ptr<MutatedJournal>> journals_;
};

}  // namespace

const std::vector<MutationRow>& mutations() {
  static const std::vector<MutationRow> rows = {
      {Mutation::reply_before_flush, "reply-before-flush"},
      {Mutation::forget_inbox, "forget-inbox"},
      {Mutation::forget_deletes, "forget-deletes"},
      {Mutation::early_snapshot, "early-snapshot"},
      {Mutation::live_looks_dead, "live-looks-dead"},
      {Mutation::half_rewritten, "half-rewritten"},
      {Mutation::deaf, "deaf"},
      {Mutation::forget_groups, "forget-groups"},
      {Mutation::forget_ids, "forget-ids"},
      {Mutation::torn_body, "torn-body"},
      {Mutation::moved_stays, "moved-stays"},
      {Mutation::move_drops, "move-drops"},
      {Mutation::move_hurries, "move-hurries"},
  };
  return rows;
}

std::optional<Mutation> mutation_of(std::string_view name) {
  for (const MutationRow& row : mutations()) {
    if (row.name == name) {
      return row.mutation;
    }
  }
  return std::nullopt;
}

std::unique_ptr<journal::Store> mutated(std::unique_ptr<journal::Store> store, Mutation mutation) {
  if (mutation == Mutation::none) {
    return store;
  }
  return std::make_unique<MutatedStore>(std::move(store), mutation);
}

}  // namespace sluice::simulation
