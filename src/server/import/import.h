#pragma once

#include <string>

#include "server/import/tree.h"
#include "server/settings_file.h"

namespace sluice::server {

/// ElasticMQ's configuration (HOCON), as our settings and queues. `path` is said in errors and notes.
FileReading read_elasticmq(const std::string& path);

/// GoAWS' configuration (YAML). It holds several environments: "FILE#NAME" names one, else it is "Local", else the only
/// one.
FileReading read_goaws(const std::string& path);

/// The same from a tree that was read; for tests.
FileReading import_elasticmq(const Tree& tree, const std::string& path);
FileReading import_goaws(const Tree& tree, const std::string& path, const std::string& environment);

/// Our own file that says the same, notes as comments.
std::string to_toml(const SettingsFile& file);

}  // namespace sluice::server
