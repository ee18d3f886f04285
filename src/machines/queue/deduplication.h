#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "machines/machine.h"
#include "machines/queue/commands.h"
#include "machines/queue/tags.h"

namespace sluice::queue {

/// A strong hash: two things that are not the same never have the same.
using Digest = std::array<std::uint64_t, 2>;
Digest digest(std::string_view text);

/// A deduplication id, alone and together with its message group.
struct DeduplicationKey {
  Digest id{}, in_group{};
  bool operator==(const DeduplicationKey&) const = default;
  bool matches(const DeduplicationKey& other, DeduplicationScope scope) const {
    return scope == DeduplicationScope::queue ? id == other.id : in_group == other.in_group;
  }
};
DeduplicationKey deduplication_key(std::string_view id, std::string_view group);

void write_digest(Writer& out, const Digest& digest);
Digest read_digest(Reader& in);
void write_key(Writer& out, const DeduplicationKey& key);
DeduplicationKey read_key(Reader& in);

/// The ids under which messages were accepted within the deduplication window, and where those messages' envelopes lie.
/// The newest are in memory; the others are in pages in the log, and memory keeps four bytes and a table's place of
/// each, which tell nearly always that a page need not be read.
class Deduplication {
 public:
  struct Record {
    DeduplicationKey key;
    std::uint64_t number = 0;
    Reference body;
    Time at;  ///< when it was accepted

    bool over(Time now) const { return at + deduplication_window <= now; }
    bool operator==(const Record&) const = default;
  };
  struct Found {
    std::optional<Record> first;
    std::optional<machines::NeedsBlock> needs;  ///< without it that cannot be told
  };

  Found find(const DeduplicationKey& key, DeduplicationScope scope, Time now, const machines::Blocks& blocks) const;
  /// `scope`: the one in force, by which most will be looked for.
  void add(const Record& record, DeduplicationScope scope);
  /// Drops what is over, of many pages some.
  void forget(Time now);
  void clear();

  std::size_t in_memory() const { return records_.size(); }
  std::size_t pages() const { return pages_.size(); }
  /// When something can be forgotten; `never` when empty.
  Time due() const;
  /// The oldest `count` in memory, as a page's content.
  std::string page(std::size_t count) const;
  void page_out(std::uint64_t id, const Reference& where, std::size_t count);

  void save(Writer& out) const;
  /// `tags_are_relative`: of a snapshot up to version 5.
  bool load(Reader& in, bool tags_are_relative);
  void live(const std::function<void(const machines::LiveRange&)>& tell) const;
  bool references(const machines::LiveRange& within,
                  const std::function<std::optional<std::string>(const Reference&)>& read,
                  const std::function<void(const Reference&)>& tell) const;
  void invariants(std::uint64_t block_next) const;

 private:
  struct Page {
    std::uint64_t id = 0;
    Reference where;
    std::uint32_t count = 0;
    DeduplicationScope scope = DeduplicationScope::queue;
    Time newest;
    std::uint64_t sequence_min = 0, sequence_max = 0, body_bytes = 0;
    std::vector<std::uint32_t> tags;  ///< by its scope, sorted; they are in the table
    std::vector<std::uint32_t>
        id_tags;  ///< of a page by group: those of the ids alone, sorted, should the scope change

    bool over(Time now) const { return newest + deduplication_window <= now; }
  };

  static constexpr unsigned table_bits = 6;
  static constexpr std::size_t tables = std::size_t{1} << table_bits;

  void index_records(DeduplicationScope scope);
  void drop_first_record();
  void keep_page(Page page);
  void index_pages();
  void drop_first_page();
  TagTable& table_of(std::uint32_t tag) { return page_tags_[tag >> (32 - table_bits)]; }
  /// The pages that may hold it, as their places in `pages_`.
  std::vector<std::size_t> candidates(const DeduplicationKey& key, DeduplicationScope scope) const;

  std::deque<Record> records_;      ///< in the order of their times
  std::uint32_t records_gone_ = 0;  ///< a record's ordinal is this and its place
  TagTable record_tags_;            ///< by `scope_`, to ordinals
  DeduplicationScope scope_ = DeduplicationScope::queue;

  std::deque<Page> pages_;
  std::uint32_t pages_gone_ = 0;
  std::vector<TagTable> page_tags_;  ///< by the tag's highest bits, so that none grows in one long step
  std::size_t pages_by_group_ = 0;
};

}  // namespace sluice::queue
