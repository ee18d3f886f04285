// The words of this room and their flags: from here come help, completion and man page.
#include "cli/messages.h"
#include "cli/peek.h"
#include "cli/queues.h"
#include "cli/redrive.h"
#include "cli/stats.h"
#include "cli/word.h"

namespace sluice::cli {
namespace {

constexpr Flag shared[] = {
    {"--endpoint", "URL", "the server; else SLUICE_ENDPOINT, AWS_ENDPOINT_URL, http://127.0.0.1:4566"},
    {"--region", "NAME", "else AWS_REGION, AWS_DEFAULT_REGION, us-east-1"},
    {"--ca-bundle", "FILE", "authorities to trust over TLS (PEM); else AWS_CA_BUNDLE, the system's"},
    {"--json", "", "JSON for scripts instead of a table"},
};
constexpr Flag of_queues[] = {
    {"--names", "", "the names alone, one a line"},
};
constexpr Flag of_peek[] = {
    {"--state", "visible|in-flight|delayed", "only those"},
    {"--limit", "NUMBER", "at most so many [10]"},
};
constexpr Flag of_send[] = {
    {"--lines", "", "every line of the input is a message"},
    {"--delay", "SECONDS", "not to be received before"},
    {"--group", "ID", "message group"},
    {"--deduplication-id", "ID", "of a FIFO queue's message"},
    {"--attribute", "NAME=VALUE", "a message attribute; NAME:Number=VALUE for another type; may be repeated"},
};
constexpr Flag of_receive[] = {
    {"--count", "NUMBER", "at most so many [1]"},
    {"--wait", "SECONDS", "for the first to come [0]"},
    {"--visibility", "SECONDS", "hidden from others for so long; else as the queue says"},
    {"--delete", "", "delete what was received"},
    {"--bodies", "", "the bodies alone, one a line"},
};
constexpr Flag of_redrive[] = {
    {"--to", "QUEUE", "all of them there; else each where it came from"},
    {"--rate", "NUMBER", "at most so many a second"},
    {"--wait", "", "until it is done"},
    {"--status", "", "how far the newest tasks are"},
    {"--cancel", "", "end the one that runs"},
};
constexpr Flag of_purge[] = {
    {"--yes", "", "without a question"},
};

constexpr Word all[] = {
    {"queues", "[PREFIX]", "queues and their counts", queues, of_queues, shared},
    {"peek", "QUEUE", "look at messages without receiving them", peek, of_peek, shared},
    {"send", "QUEUE [BODY]", "send a message; without BODY, what stdin holds", send, of_send, shared},
    {"receive", "QUEUE", "receive messages, as a consumer would", receive, of_receive, shared},
    {"redrive", "QUEUE", "move a dead-letter queue's messages back", redrive, of_redrive, shared},
    {"purge", "QUEUE…", "delete all messages of queues", purge, of_purge, shared},
    {"stats", "[QUEUE…]", "numbers of the server, or all attributes of queues", stats, {}, shared},
};

}  // namespace

std::span<const Word> words() { return all; }

}  // namespace sluice::cli
