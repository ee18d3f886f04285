#pragma once

#include <expected>
#include <string>
#include <vector>

#include "io/socket.h"
#include "server/config.h"
#include "wire/sigv4.h"

namespace sluice::server {

/// The endpoints of `listen`, numeric; the error is a sentence for the user.
std::expected<std::vector<io::Endpoint>, std::string> endpoints_of(const std::vector<std::string>& listen);

/// The access keys of the settings and of their file; the error is a sentence for the user and holds no secret.
std::expected<wire::AccessKeys, std::string> access_keys_of(const Config& config);

/// May it be served like this? Without keys only on loopback, unless open. The error says what to do.
std::expected<void, std::string> check_openness(const Config& config, const wire::AccessKeys& keys,
                                                const std::vector<io::Endpoint>& endpoints);

}  // namespace sluice::server
