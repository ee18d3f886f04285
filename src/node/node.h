#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/loop.h"
#include "journal/store.h"
#include "machines/machine.h"

/// Where cells live: finds the cell, lets the machine decide, applies, appends, answers when durable, wakes it at its
/// deadline, carries transfers between cells. Knows no noun, no protocol and no file.
namespace sluice::node {

using Answer = Result<std::unique_ptr<machines::Reply>>;
/// Names a question under way on the core that asked it; 0 is none.
using Ticket = std::uint64_t;

struct Question {
  std::string name;  ///< the machine's (an ARN)
  std::unique_ptr<machines::Command> command;
  /// A machine of this kind is made when there is none of that name (the command makes it exist, or it is dropped).
  std::optional<machines::Kind> make = std::nullopt;
  /// How long the command may wait when the machine has nothing to give; zero: an answer at once; unset: as long as the
  /// machine says (Waits::at_most).
  std::optional<Milliseconds> wait = Milliseconds{0};
  /// The name's machine must still be this one, else not_found. Unset: whichever has the name.
  std::optional<machines::MachineId> only = std::nullopt;
};

struct Listing {
  machines::Kind kind = machines::Kind::queue;
  std::string prefix = {};  ///< of the name
  std::string after = {};   ///< names greater than this
  std::size_t count_max = 1000;
  std::string refers_to = {};  ///< if set: only machines that refer to that name
};

/// What can be done for whoever asks this core.
enum class Condition : std::uint8_t {
  well,
  full,      ///< the disk: sends are refused, the rest goes on
  stopping,  ///< what is asked now is refused
  failed,    ///< a journal is final: everything to it is refused until a restart
};

/// One core's face of the node: doors on that core use it, from its thread only. Answers come on that thread too,
/// possibly before `ask` returns.
class Gate {
 public:
  virtual ~Gate() = default;
  virtual Ticket ask(Question question, std::move_only_function<void(Answer)> answered) = 0;
  /// The asker is gone: the answer is dropped, and a command that still waits is not carried out.
  virtual void cancel(Ticket ticket) = 0;
  /// Names in order, from all cells, as of now.
  virtual void list(Listing listing, std::move_only_function<void(Result<std::vector<std::string>>)> answered) = 0;
  virtual Condition condition() const = 0;
  virtual Time now() const = 0;  ///< journal time
  virtual Random& random() = 0;
  virtual std::string_view secret() const = 0;  ///< of the data directory
};

struct Limits {
  std::size_t unflushed_bytes_max = 64U << 20;      ///< per journal; past it `full`
  std::size_t waiting_max = 100'000;                ///< commands parked per core (long polls); past it `full`
  std::size_t entry_bytes_goal = 1U << 20;          ///< a decision over many blocks goes on in another entry past it
  std::size_t mailbox_max = 16'384;                 ///< messages from one core to another
  std::size_t departures_max = 1'024;               ///< per outbox of a cell
  std::size_t block_cache_bytes_max = 4U << 20;     ///< per machine: blocks read back
  std::uint64_t snapshot_after_bytes = 256U << 20;  ///< appended to a journal since its last snapshot
  std::size_t step_machines_max = 64;               ///< saved or surveyed between two requests (about 1 ms at most)
#ifdef NDEBUG
  bool check_invariants = false;  ///< every machine's and cell's, after each apply
#else
  bool check_invariants = true;
#endif
};

/// All cores of one process over one store. Made before the loops run, ended after they stopped.
class Node {
 public:
  virtual ~Node() = default;
  /// Loads snapshots, replays, claims; faults are fatal to the start. `loops[i]` is core i's. All outlive the node.
  static io::Outcome<std::unique_ptr<Node>> start(const Limits& limits, journal::Store& store,
                                                  std::vector<io::Loop*> loops, const io::Clock& clock,
                                                  machines::Factory factory, std::uint64_t seed);
  virtual Gate& gate(std::size_t core) = 0;
  /// Ends waiting commands with their last chance and refuses new ones with `unavailable`; `done` runs (on core 0) when
  /// nothing is under way any more. From any thread, once.
  virtual void stop(std::function<void()> done) = 0;
  /// The clock that the node was given was moved ahead: what has become due is done at once. From any thread.
  virtual void clock_moved() = 0;

  /// For the operator: machines set aside in replay, and why.
  virtual std::vector<std::string> set_aside() const = 0;
};

/// `co_await ask(gate, question, ticket)`: the same for a Task. The place that `ticket` points to holds the ticket
/// while the question is under way, so that a connection that closes can cancel it; a cancelled one never resumes.
struct Asking {
  Gate& gate;
  Question question;
  Ticket* ticket;
  std::optional<Answer> answer = std::nullopt;
  bool suspended = false;

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> self) {
    const Ticket given = gate.ask(std::move(question), [this, self](Answer got) {
      answer.emplace(std::move(got));
      if (suspended) {
        self.resume();
      }
    });
    if (answer) {
      return false;
    }
    if (ticket != nullptr) {
      *ticket = given;
    }
    suspended = true;
    return true;
  }
  Answer await_resume() {
    if (ticket != nullptr) {
      *ticket = 0;
    }
    return std::move(*answer);
  }
};

inline Asking ask(Gate& gate, Question question, Ticket* ticket = nullptr) {
  return {gate, std::move(question), ticket};
}

/// `co_await ask_all(gate, questions)`: the answers, in the order of the questions. Cannot be cancelled.
struct AskingAll {
  Gate& gate;
  std::vector<Question> questions;
  std::vector<Answer> answers = {};
  std::size_t away = 0;
  bool suspended = false;

  bool await_ready() const { return questions.empty(); }
  bool await_suspend(std::coroutine_handle<> self) {
    away = questions.size();
    answers.resize(away);
    for (std::size_t at = 0; at < questions.size(); ++at) {
      gate.ask(std::move(questions[at]), [this, self, at](Answer got) {
        answers[at] = std::move(got);
        if (--away == 0 && suspended) {
          self.resume();
        }
      });
    }
    suspended = away > 0;
    return suspended;
  }
  std::vector<Answer> await_resume() { return std::move(answers); }
};

inline AskingAll ask_all(Gate& gate, std::vector<Question> questions) { return {gate, std::move(questions)}; }

/// `co_await list(gate, listing)`: Gate::list for a Task.
struct Enumerating {
  Gate& gate;
  Listing listing;
  std::optional<Result<std::vector<std::string>>> answer = std::nullopt;
  bool suspended = false;

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> self) {
    gate.list(std::move(listing), [this, self](Result<std::vector<std::string>> got) {
      answer.emplace(std::move(got));
      if (suspended) {
        self.resume();
      }
    });
    suspended = !answer.has_value();
    return suspended;
  }
  Result<std::vector<std::string>> await_resume() { return std::move(*answer); }
};

inline Enumerating list(Gate& gate, Listing listing) { return {gate, std::move(listing)}; }

}  // namespace sluice::node
