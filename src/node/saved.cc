#include "node/saved.h"

#include "base/digest.h"

namespace sluice::node {
namespace {

constexpr std::uint8_t machine_version = 1;
constexpr std::size_t checksum_bytes = 4;

template <class Fill>
std::string sealed(Fill fill) {
  std::string item;
  Writer out(item);
  out.u32(0);
  fill(out);
  out.patch_u32(0, crc32c(std::string_view(item).substr(checksum_bytes)));
  return item;
}

void write_machine(Writer& out, machines::Kind kind, std::string_view name, const machines::Machine& machine) {
  out.u8(machine_version);
  out.u8(static_cast<std::uint8_t>(kind));
  out.text(name);
  machine.save(out);
}

}  // namespace

std::string saved_time(Time time) {
  return sealed([&](Writer& out) { out.i64(to_milliseconds(time)); });
}

std::string saved_cell(const Cell& cell) {
  return sealed([&](Writer& out) { cell.save(out); });
}

std::string saved_machine(const Host& host) {
  return sealed([&](Writer& out) { write_machine(out, host.kind, host.name, *host.machine); });
}

std::string saved_unborn(machines::Kind kind, std::string_view name, const machines::Machine& fresh) {
  return sealed([&](Writer& out) { write_machine(out, kind, name, fresh); });
}

std::optional<std::string_view> unsealed(std::string_view item) {
  Reader in(item);
  const std::uint32_t checksum = in.u32();
  const std::string_view rest = in.rest();
  if (!in.ok() || crc32c(rest) != checksum) {
    return std::nullopt;
  }
  return rest;
}

std::optional<SavedMachine> read_saved_machine(std::string_view unsealed_item) {
  Reader in(unsealed_item);
  SavedMachine saved;
  const bool known = in.u8() == machine_version;
  saved.kind = static_cast<machines::Kind>(in.u8());
  saved.name = in.text();
  saved.state = in.rest();
  return known && in.ok() ? std::optional(saved) : std::nullopt;
}

}  // namespace sluice::node
