#pragma once

#include <source_location>
#include <string_view>

namespace sluice {

/// Reports the broken invariant (words, file, line, and the innermost CheckContext of this thread) and ends the
/// process.
[[noreturn]] void check_failed(std::string_view words, std::source_location where);

/// Our own fault: stays on in release builds. `words` say what must hold, e.g. "a leased message has a deadline".
inline void check(bool condition, std::string_view words,
                  std::source_location where = std::source_location::current()) {
  if (!condition) [[unlikely]] {
    check_failed(words, where);
  }
}

/// Names what this thread works on (a machine, a position) for the report of a failed check. Strictly nested, cheap:
/// `describe` is called only when a check fails. `subject` must outlive the context.
class CheckContext {
 public:
  using Describe = void (*)(const void* subject, char* text, unsigned long text_bytes);
  CheckContext(Describe describe, const void* subject);
  ~CheckContext();
  CheckContext(const CheckContext&) = delete;
  CheckContext& operator=(const CheckContext&) = delete;

 private:
  friend void check_failed(std::string_view, std::source_location);
  Describe describe_;
  const void* subject_;
  CheckContext* outer_;
};

/// While one of these lives on a thread, a failed check on it throws CheckFailed instead of ending the process. Only
/// replay uses it (design: a machine that fails a check in replay is set aside), and tests.
class CheckTrap {
 public:
  CheckTrap();
  ~CheckTrap();
  CheckTrap(const CheckTrap&) = delete;
  CheckTrap& operator=(const CheckTrap&) = delete;
};

struct CheckFailed {
  std::string_view words;
};

}  // namespace sluice
