#include "machines/queue/deduplication.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "base/digest.h"

namespace sluice::queue {
namespace {

using Record = Deduplication::Record;

// Pages dropped with one fact: a few milliseconds' worth. The others go with the next.
constexpr std::size_t pages_forgotten_max = 64;

// Of a page in a snapshot, its tags aside.
constexpr std::size_t saved_page_bytes_max = 128;

// Ordinals count round: those of what is there are far apart from their beginning.
constexpr std::uint32_t ordinal_mask = 0x7fff'ffff;

std::uint32_t tag_of(const Digest& digest) { return static_cast<std::uint32_t>(digest[0]); }
std::uint32_t tag_of(const DeduplicationKey& key, DeduplicationScope scope) {
  return tag_of(scope == DeduplicationScope::queue ? key.id : key.in_group);
}

/// docs/formats/queue-facts.md, Deduplication ids.
void write_records(Writer& out, const std::deque<Record>& records, std::size_t count) {
  out.varint(count);
  Record last;
  for (std::size_t i = 0; i < count; ++i) {
    const Record& record = records[i];
    write_key(out, record.key);
    out.svarint(static_cast<std::int64_t>(record.number - last.number));
    out.svarint(static_cast<std::int64_t>(record.body.sequence - last.body.sequence));
    out.varint(record.body.offset);
    out.varint(record.body.length);
    out.svarint((record.at - last.at).count());
    last = record;
  }
}

/// Whether it was well formed.
template <class Use>
bool read_records(Reader& in, Use use) {
  const std::uint64_t count = in.varint();
  Record record;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    record.key = read_key(in);
    record.number += static_cast<std::uint64_t>(in.svarint());
    record.body.sequence += static_cast<std::uint64_t>(in.svarint());
    record.body.offset = static_cast<std::uint32_t>(in.varint());
    record.body.length = static_cast<std::uint32_t>(in.varint());
    record.at += Milliseconds(in.svarint());
    if (in.ok()) {
      use(record);
    }
  }
  return in.ok();
}

/// As they are, so that millions are saved and read without a look at each.
void write_tags(Writer& out, const std::vector<std::uint32_t>& tags) {
  out.varint(tags.size());
  out.raw({reinterpret_cast<const char*>(tags.data()), tags.size() * sizeof(std::uint32_t)});
}

std::vector<std::uint32_t> read_tags(Reader& in) {
  const std::uint64_t count = in.varint();
  const std::string_view bytes = in.raw(count > in.remaining() ? count : count * sizeof(std::uint32_t));
  std::vector<std::uint32_t> tags(bytes.size() / sizeof(std::uint32_t));
  if (!tags.empty()) {
    std::memcpy(tags.data(), bytes.data(), tags.size() * sizeof(std::uint32_t));
  }
  return tags;
}

/// Up to version 5 of the snapshot: each relative to the one before.
std::vector<std::uint32_t> read_relative_tags(Reader& in) {
  const std::uint64_t count = in.varint();
  std::vector<std::uint32_t> tags;
  tags.reserve(std::min<std::uint64_t>(count, in.remaining()));
  std::uint32_t last = 0;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    last += static_cast<std::uint32_t>(in.varint());
    tags.push_back(last);
  }
  return tags;
}

}  // namespace

Digest digest(std::string_view text) {
  const Sha256 all = sha256(text);
  Digest half;
  std::memcpy(half.data(), all.data(), sizeof half);
  return half;
}

DeduplicationKey deduplication_key(std::string_view id, std::string_view group) {
  std::string both;
  both.reserve(id.size() + group.size() + 1);
  both.append(group).push_back('\0');  // neither may hold one
  both.append(id);
  return {digest(id), digest(both)};
}

void write_digest(Writer& out, const Digest& digest) {
  out.u64(digest[0]);
  out.u64(digest[1]);
}

Digest read_digest(Reader& in) {
  const std::uint64_t first = in.u64();
  return {first, in.u64()};
}

void write_key(Writer& out, const DeduplicationKey& key) {
  write_digest(out, key.id);
  write_digest(out, key.in_group);
}

DeduplicationKey read_key(Reader& in) {
  const Digest id = read_digest(in);
  return {id, read_digest(in)};
}

Deduplication::Found Deduplication::find(const DeduplicationKey& key, DeduplicationScope scope, Time now,
                                         const machines::Blocks& blocks) const {
  Found found;
  const auto consider = [&](const Record& record) {
    if (!found.first && !record.over(now) && record.key.matches(key, scope)) {
      found.first = record;
    }
  };
  if (scope == scope_) {
    record_tags_.each(tag_of(key, scope),
                      [&](std::uint32_t ordinal) { consider(records_[(ordinal - records_gone_) & ordinal_mask]); });
  } else {
    std::ranges::for_each(records_, consider);
  }
  if (found.first || pages_.empty()) {
    return found;
  }
  for (const std::size_t at : candidates(key, scope)) {
    const Page& page = pages_[at];
    const auto block = blocks.find(page.id);
    if (page.over(now)) {
      continue;
    }
    if (block == blocks.end()) {
      found.needs = {page.id, page.where};
      return found;
    }
    Reader in(block->second);
    read_records(in, consider);
    if (found.first) {
      return found;
    }
  }
  return found;
}

std::vector<std::size_t> Deduplication::candidates(const DeduplicationKey& key, DeduplicationScope scope) const {
  std::vector<std::size_t> at;
  const auto in_table = [&](std::uint32_t tag) {
    page_tags_[tag >> (32 - table_bits)].each(
        tag, [&](std::uint32_t ordinal) { at.push_back((ordinal - pages_gone_) & ordinal_mask); });
  };
  if (scope == DeduplicationScope::queue || pages_by_group_ < pages_.size()) {
    in_table(tag_of(key.id));
  }
  if (scope == DeduplicationScope::group && pages_by_group_ > 0) {
    in_table(tag_of(key.in_group));
  }
  if (scope == DeduplicationScope::queue && pages_by_group_ > 0) {
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      if (std::ranges::binary_search(pages_[i].id_tags, tag_of(key.id))) {
        at.push_back(i);
      }
    }
  }
  std::ranges::sort(at);
  return at;
}

void Deduplication::add(const Record& record, DeduplicationScope scope) {
  if (scope != scope_) {
    index_records(scope);
  }
  record_tags_.add(tag_of(record.key, scope_),
                   (records_gone_ + static_cast<std::uint32_t>(records_.size())) & ordinal_mask);
  records_.push_back(record);
}

void Deduplication::index_records(DeduplicationScope scope) {
  scope_ = scope;
  record_tags_.clear();
  std::uint32_t ordinal = records_gone_;
  for (const Record& record : records_) {
    record_tags_.add(tag_of(record.key, scope_), ordinal++ & ordinal_mask);
  }
}

void Deduplication::drop_first_record() {
  record_tags_.remove(tag_of(records_.front().key, scope_), records_gone_ & ordinal_mask);
  records_.pop_front();
  ++records_gone_;
}

void Deduplication::forget(Time now) {
  for (std::size_t dropped = 0; dropped < pages_forgotten_max && !pages_.empty() && pages_.front().over(now);
       ++dropped) {
    drop_first_page();
  }
  while (!records_.empty() && records_.front().over(now)) {
    drop_first_record();
  }
}

void Deduplication::clear() { *this = Deduplication(); }

Time Deduplication::due() const {
  if (!pages_.empty()) {
    return pages_.front().newest + deduplication_window;
  }
  return records_.empty() ? never : records_.front().at + deduplication_window;
}

std::string Deduplication::page(std::size_t count) const {
  std::string bytes;
  Writer out(bytes);
  write_records(out, records_, count);
  return bytes;
}

void Deduplication::page_out(std::uint64_t id, const Reference& where, std::size_t count) {
  check(count > 0 && count <= records_.size(), "a page takes ids that are in memory");
  const Reference& first = records_.front().body;
  Page page{.id = id,
            .where = where,
            .count = static_cast<std::uint32_t>(count),
            .scope = scope_,
            .newest = records_[count - 1].at,
            .sequence_min = first.sequence,
            .sequence_max = first.sequence,
            .tags = {},
            .id_tags = {}};
  for (std::size_t i = 0; i < count; ++i) {
    const Record& record = records_.front();
    page.sequence_min = std::min(page.sequence_min, record.body.sequence);
    page.sequence_max = std::max(page.sequence_max, record.body.sequence);
    page.body_bytes += record.body.length;
    page.tags.push_back(tag_of(record.key, scope_));
    if (scope_ == DeduplicationScope::group) {
      page.id_tags.push_back(tag_of(record.key.id));
    }
    drop_first_record();
  }
  std::ranges::sort(page.tags);
  std::ranges::sort(page.id_tags);
  keep_page(std::move(page));
}

void Deduplication::keep_page(Page page) {
  page_tags_.resize(tables);
  const std::uint32_t ordinal = (pages_gone_ + static_cast<std::uint32_t>(pages_.size())) & ordinal_mask;
  for (const std::uint32_t tag : page.tags) {
    table_of(tag).add(tag, ordinal);
  }
  pages_by_group_ += page.scope == DeduplicationScope::group ? 1 : 0;
  pages_.push_back(std::move(page));
}

/// Of all pages together table by table, each of which a core's cache holds: a start with millions of ids waits less.
void Deduplication::index_pages() {
  std::vector<std::size_t> begin(pages_.size(), 0), end(pages_.size(), 0);
  for (std::size_t table = 0; table < page_tags_.size(); ++table) {
    const auto is_before = [table](std::uint32_t tag) { return tag >> (32 - table_bits) <= table; };
    std::size_t size = 0;
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      const std::vector<std::uint32_t>& tags = pages_[i].tags;
      begin[i] = end[i];
      end[i] = static_cast<std::size_t>(std::ranges::partition_point(tags, is_before) - tags.begin());
      size += end[i] - begin[i];
    }
    page_tags_[table].reserve(size);
    for (std::size_t i = 0; i < pages_.size(); ++i) {
      for (std::size_t at = begin[i]; at < end[i]; ++at) {
        page_tags_[table].add(pages_[i].tags[at], (pages_gone_ + static_cast<std::uint32_t>(i)) & ordinal_mask);
      }
    }
  }
}

void Deduplication::drop_first_page() {
  const Page& page = pages_.front();
  for (const std::uint32_t tag : page.tags) {
    table_of(tag).remove(tag, pages_gone_ & ordinal_mask);
  }
  pages_by_group_ -= page.scope == DeduplicationScope::group ? 1 : 0;
  pages_.pop_front();
  ++pages_gone_;
}

void Deduplication::save(Writer& out) const {
  out.u8(static_cast<std::uint8_t>(scope_));
  write_records(out, records_, records_.size());
  out.varint(pages_.size());
  std::size_t bytes = 0;
  for (const Page& page : pages_) {
    bytes += saved_page_bytes_max + (page.tags.size() + page.id_tags.size()) * sizeof(std::uint32_t);
  }
  out.out().reserve(out.size() + bytes);  // millions of tags are not moved again and again
  for (const Page& page : pages_) {
    out.varint(page.id);
    out.varint(page.where.sequence);
    out.varint(page.where.offset);
    out.varint(page.where.length);
    out.varint(page.count);
    out.u8(static_cast<std::uint8_t>(page.scope));
    out.svarint(to_milliseconds(page.newest));
    out.varint(page.sequence_min);
    out.varint(page.sequence_max - page.sequence_min);
    out.varint(page.body_bytes);
    write_tags(out, page.tags);
    write_tags(out, page.id_tags);
  }
}

bool Deduplication::load(Reader& in, bool tags_are_relative) {
  clear();
  scope_ = static_cast<DeduplicationScope>(in.u8());
  if (!read_records(in, [this](const Record& record) { records_.push_back(record); })) {
    return false;
  }
  index_records(scope_);
  const std::uint64_t pages = in.varint();
  for (std::uint64_t i = 0; i < pages && in.ok(); ++i) {
    Page page;
    page.id = in.varint();
    page.where.sequence = in.varint();
    page.where.offset = static_cast<std::uint32_t>(in.varint());
    page.where.length = static_cast<std::uint32_t>(in.varint());
    page.count = static_cast<std::uint32_t>(in.varint());
    page.scope = static_cast<DeduplicationScope>(in.u8());
    page.newest = from_milliseconds(in.svarint());
    page.sequence_min = in.varint();
    page.sequence_max = page.sequence_min + in.varint();
    page.body_bytes = in.varint();
    page.tags = tags_are_relative ? read_relative_tags(in) : read_tags(in);
    page.id_tags = tags_are_relative ? read_relative_tags(in) : read_tags(in);
    pages_by_group_ += page.scope == DeduplicationScope::group ? 1 : 0;
    pages_.push_back(std::move(page));
  }
  if (!in.ok()) {
    return false;
  }
  page_tags_.resize(pages_.empty() ? 0 : tables);
  index_pages();
  return true;
}

void Deduplication::live(const std::function<void(const machines::LiveRange&)>& tell) const {
  for (const Record& record : records_) {
    tell({record.body.sequence, record.body.sequence, record.body.length});
  }
  for (const Page& page : pages_) {
    tell({page.where.sequence, page.where.sequence, page.where.length});
    tell({page.sequence_min, page.sequence_max, page.body_bytes});
  }
}

bool Deduplication::references(const machines::LiveRange& within,
                               const std::function<std::optional<std::string>(const Reference&)>& read,
                               const std::function<void(const Reference&)>& tell) const {
  for (const Record& record : records_) {
    tell(record.body);
  }
  for (const Page& page : pages_) {
    tell(page.where);
    if (page.sequence_max < within.first || page.sequence_min > within.last) {
      continue;
    }
    const std::optional<std::string> bytes = read(page.where);
    if (!bytes) {
      return false;
    }
    Reader in(*bytes);
    if (!read_records(in, [&](const Record& record) { tell(record.body); })) {
      return false;
    }
  }
  return true;
}

void Deduplication::invariants(std::uint64_t block_next) const {
  check(record_tags_.size() == records_.size(), "every id in memory has its tag");
  check(std::ranges::is_sorted(records_, {}, &Record::at), "ids stand in the order of their times");
  std::size_t tags = 0, by_group = 0;
  for (const Page& page : pages_) {
    check(page.id < block_next, "a page has a number that was given");
    check(page.tags.size() == page.count, "every id in a page has its tag");
    tags += page.tags.size();
    by_group += page.scope == DeduplicationScope::group ? 1 : 0;
  }
  for (const TagTable& table : page_tags_) {
    tags -= table.size();
  }
  check(tags == 0, "the table has the tags of the pages");
  check(by_group == pages_by_group_, "pages by group are counted");
}

}  // namespace sluice::queue
