#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "doors/aws/iam/gatekeeper.h"
#include "doors/aws/iam/identity.h"
#include "io/socket.h"
#include "server/config.h"
#include "wire/sigv4.h"

namespace sluice::server {

/// The endpoints of `listen`, numeric; the error is a sentence for the user.
std::expected<std::vector<io::Endpoint>, std::string> endpoints_of(const std::vector<std::string>& listen);

/// The access keys of the settings and of their file; the error is a sentence for the user and holds no secret.
std::expected<wire::AccessKeys, std::string> access_keys_of(const Config& config);

/// "ID:SECRET"; nullopt when it is not.
struct AccessKey {
  std::string_view id;
  std::string_view secret;
};
std::optional<AccessKey> read_access_key(std::string_view text);

/// All access keys, those of users too, and who stands behind each.
struct Credentials {
  wire::AccessKeys keys;
  iam::Identities identities;
};
/// The error as above.
std::expected<Credentials, std::string> credentials_of(const Config& config);

/// Do policies count (`auth`)?
iam::Mode auth_mode_of(const Config& config, const wire::AccessKeys& keys);

/// May it be served like this? Without keys only on loopback, unless open. The error says what to do.
std::expected<void, std::string> check_openness(const Config& config, const wire::AccessKeys& keys,
                                                const std::vector<io::Endpoint>& endpoints);

}  // namespace sluice::server
