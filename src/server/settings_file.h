#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

namespace sluice::server {

/// A setting as a file gives it: its value as one would write it in a flag (lists joined by ',').
struct FileSetting {
  std::string name;
  std::string value;
  std::int64_t line = 0;
};

/// A queue that a file wants there. Attributes and tags by their names on the wire; those that it does not name stay
/// as they are.
struct QueueDeclaration {
  std::string name;
  std::string account{};  ///< empty: that of the settings
  std::string region{};
  std::map<std::string, std::string> attributes{};
  std::map<std::string, std::string> tags{};
  std::string dead_letter_queue{};  ///< in the same account and region; empty: none is named
  std::int64_t receives_max = 0;    ///< after which a message goes there
  std::string place{};              ///< "FILE, line N": where errors are looked for
};

/// Somebody who may call, with what lets and forbids.
struct UserDeclaration {
  std::string name;
  std::string account{};                   ///< empty: that of the settings
  std::vector<std::string> access_keys{};  ///< ID:SECRET
  std::vector<std::string> policies{};     ///< documents, or files that hold one; none: may do everything
  std::string principal_id{};              ///< empty: made from account and name
  std::string arn{};                       ///< empty: arn:aws:iam::{account}:user/{name}
  std::string organization{};              ///< aws:PrincipalOrgID
  std::map<std::string, std::string> tags{};
  std::string place{};  ///< "FILE, line N"
};

/// A key of the key service whose answers are imitated.
struct KeyDeclaration {
  std::string name;       ///< its id, or its ARN
  std::string account{};  ///< empty: that of the ARN, else of the settings
  std::string region{};
  std::vector<std::string> aliases{};  ///< "alias/orders"
  std::string state{};                 ///< empty: enabled
  std::string place{};                 ///< "FILE, line N"
};

/// What a file of settings says.
struct SettingsFile {
  std::vector<FileSetting> settings{};
  std::vector<QueueDeclaration> queues{};
  std::vector<UserDeclaration> users{};
  std::vector<KeyDeclaration> keys{};
  std::vector<std::string> notes{};  ///< what it says that has no meaning here: sentences for the user
};

/// The error is a sentence with file and line.
using FileReading = std::expected<SettingsFile, std::string>;

/// Reads a file of settings: TOML, unless its name says that it is another's (settings_file.cc has the table). A file
/// that only its owner should read (it holds secrets) may be readable by others: not our business.
FileReading read_settings_file(const std::string& path);

/// The same for another server's alone: our own may say more than can be written again.
FileReading read_foreign_file(const std::string& path);

/// Our own format.
FileReading read_toml(const std::string& path);

}  // namespace sluice::server
