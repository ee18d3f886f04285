#pragma once

#include <cstdint>

namespace sluice {

/// What a command does to the disk, in the order in which a full one stops them (design.md, Journal): sends and
/// incoming transfers first, then receives and changes of visibility, then deletes; what reclaiming needs is never
/// refused.
enum class Need : std::uint8_t { grows, changes, shrinks, reclaims };

}  // namespace sluice
