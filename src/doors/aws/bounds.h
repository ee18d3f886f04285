#pragma once

#include <cstddef>

namespace sluice::aws {

/// Items of all lists and entries of all maps in one request, in JSON and CBOR: two bytes of a body make a struct of
/// hundreds, so the body's own bound is none for memory. No request that a service takes has nearly as many.
inline constexpr std::size_t request_items_max = 20'000;

}  // namespace sluice::aws
