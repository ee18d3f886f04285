#pragma once

#include <expected>
#include <memory>
#include <string>

#include "io/tls.h"
#include "server/config.h"

namespace sluice::server {

/// The certificate and key that the settings name, or that are made in the data directory on request; nullptr when no
/// TLS is wanted. The error is a sentence for the user.
std::expected<std::unique_ptr<io::TlsContext>, std::string> tls_of(const Config& config);

}  // namespace sluice::server
