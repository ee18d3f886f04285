#include "journal/birth.h"

#include <string>

#include "base/digest.h"
#include "journal/layout.h"
#include "journal/record.h"
#include "journal/scan.h"

namespace sluice::journal {
namespace {

constexpr std::uint32_t birth_magic = 0x31424c53;  // "SLB1"

struct BirthFile {
  std::uint32_t magic = birth_magic;
  std::uint32_t checksum = 0;  // of all that follows here
  std::uint16_t journals = 0;
  std::uint8_t version = format_version;
  char journal_class = 'q';
  std::uint32_t unused = 0;
  std::array<char, 32> secret{};
};
static_assert(sizeof(BirthFile) == 48);

std::uint32_t checksum_of(const BirthFile& file) { return crc32c(bytes_of(file).substr(8)); }

}  // namespace

io::Outcome<Birth> read_birth(io::Disk& disk) {
  io::Outcome<std::unique_ptr<io::File>> file = disk.open(birth_name, io::Disk::Mode::read_only);
  if (!file) {
    return std::unexpected(file.error());
  }
  std::string bytes;
  if (io::Outcome<void> read = (*file)->read(0, sizeof(BirthFile), bytes); !read) {
    return std::unexpected(read.error());
  }
  if (bytes.size() < sizeof(BirthFile)) {
    return std::unexpected(damage(birth_name, bytes.size(), "the file is too short"));
  }
  const auto birth = from_bytes<BirthFile>(bytes);
  if (birth.magic != birth_magic || birth.checksum != checksum_of(birth) || birth.journals == 0) {
    return std::unexpected(damage(birth_name, 0, "its checksum is wrong"));
  }
  if (birth.version > format_version) {
    return std::unexpected(too_new(birth_name));
  }
  return Birth{birth.journals, birth.secret};
}

io::Outcome<void> write_birth(io::Disk& disk, const Birth& birth) {
  BirthFile bytes;
  bytes.journals = birth.journals;
  bytes.secret = birth.secret;
  bytes.checksum = checksum_of(bytes);
  const std::string unfinished = std::string(birth_name) + unfinished_suffix;
  io::Outcome<std::unique_ptr<io::File>> file = disk.open(unfinished, io::Disk::Mode::create);
  if (!file) {
    return std::unexpected(file.error());
  }
  const std::string_view piece = bytes_of(bytes);
  io::Outcome<void> done = (*file)->write(0, {&piece, 1});
  if (done) {
    done = (*file)->sync();
  }
  if (done) {
    done = disk.rename(unfinished, birth_name);
  }
  return done ? disk.sync_directory("") : done;
}

}  // namespace sluice::journal
