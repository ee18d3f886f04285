#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "machines/queue/commands.h"

/// Settings in facts and snapshots. Format: docs/formats/queue-facts.md, Settings.
namespace sluice::queue {

void write(Writer& out, const SettingsChange& change);
/// Nullopt when malformed.
std::optional<SettingsChange> read_change(Reader& in);

void apply(const SettingsChange& change, Settings& settings);
/// A change that makes any settings these.
SettingsChange as_change(const Settings& settings);
/// The name of the first given setting whose present value is another.
std::optional<std::string> first_difference(const SettingsChange& given, const Settings& present);

void write(Writer& out, const std::map<std::string, std::string>& texts);
std::map<std::string, std::string> read_texts(Reader& in);

}  // namespace sluice::queue
