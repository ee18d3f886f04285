#pragma once

#include <string_view>

namespace sluice::server {

#ifndef SLUICE_VERSION
#define SLUICE_VERSION "unversioned"
#endif
/// As CMakeLists.txt's project() says.
inline constexpr std::string_view version = SLUICE_VERSION;

}  // namespace sluice::server
