#pragma once

#include "doors/admin/desk.h"

namespace sluice::server {

/// Those of the numbers that the operating system knows of this process; 0 where it does not say.
admin::Numbers process_numbers();

}  // namespace sluice::server
