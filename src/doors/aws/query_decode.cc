#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "base/digest.h"
#include "doors/aws/codec.h"
#include "doors/aws/query.h"

// Query parameters to structs. Parameters are sorted so that all of one member stand together; each step down is a
// narrower range of them: "Tag.1.Key" is looked for in "Tag.1", that in "Tag".
namespace sluice::aws {
namespace {

using Fields = std::span<wire::FormField>;

/// '.' sorts before everything, so that a name is followed by the names inside it and by nothing else.
bool comes_before(std::string_view a, std::string_view b) {
  return std::ranges::lexicographical_compare(
      a, b, {}, [](char c) { return c == '.' ? 0 : static_cast<unsigned char>(c) + 1; },
      [](char c) { return c == '.' ? 0 : static_cast<unsigned char>(c) + 1; });
}

bool is_inside(std::string_view name, std::string_view prefix) {
  return name.starts_with(prefix) && (name.size() == prefix.size() || name[prefix.size()] == '.');
}

/// One member's parameters: those that are `prefix` or begin with "prefix.".
struct Branch {
  Fields fields;
  std::string prefix;

  Branch below(std::string_view name) const {
    std::string inner = prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name);
    const auto first = std::lower_bound(fields.begin(), fields.end(), inner, [](const auto& field, const auto& wanted) {
      return comes_before(field.name, wanted);
    });
    auto last = first;
    while (last != fields.end() && is_inside(last->name, inner)) {
      ++last;
    }
    return {Fields(first, last), std::move(inner)};
  }
  bool absent() const { return fields.empty(); }
  /// The parameter that is exactly the prefix; it sorts first.
  wire::FormField* own() const { return !absent() && fields[0].name == prefix ? &fields[0] : nullptr; }
};

struct Numbered {
  std::uint32_t number;
  Branch branch;
};

/// The next part of a name behind the prefix and its dot.
std::string_view next_part(const Branch& branch, const wire::FormField& field) {
  const std::string_view rest = std::string_view(field.name).substr(branch.prefix.size() + 1);
  return rest.substr(0, rest.find('.'));
}

/// "Tag.3", "Tag.1", "Tag.0" in the order of their numbers; parts that are no number are passed over.
std::vector<Numbered> numbered(const Branch& branch) {
  std::vector<Numbered> found;
  for (std::size_t at = 0; at < branch.fields.size();) {
    if (branch.fields[at].name == branch.prefix) {
      ++at;
      continue;
    }
    const std::string_view part = next_part(branch, branch.fields[at]);
    Branch inner{branch.fields.subspan(at, 1), fmt::format("{}.{}", branch.prefix, part)};
    while (at + inner.fields.size() < branch.fields.size() &&
           is_inside(branch.fields[at + inner.fields.size()].name, inner.prefix)) {
      inner.fields = branch.fields.subspan(at, inner.fields.size() + 1);
    }
    at += inner.fields.size();
    std::uint32_t number = 0;
    const auto read = std::from_chars(part.data(), part.data() + part.size(), number);
    if (read.ec == std::errc() && read.ptr == part.data() + part.size()) {
      found.push_back({number, std::move(inner)});
    }
  }
  std::ranges::stable_sort(found, {}, &Numbered::number);
  return found;
}

class QueryDecoder {
 public:
  bool structure(const Shape& shape, const Branch& branch, void* target) {
    for (const Member& member : shape.members) {
      Branch inner = branch.below(member.query_name);
      if (inner.absent() && member.flattened && member.query_name != member.wire_name) {
        inner = branch.below(member.wire_name);  // the AWS SDK for Java v1 calls the tags of TagQueue "Tags.1.Key"
      }
      if (!inner.absent()) {
        void* place = member.shape->access->engage(static_cast<char*>(target) + member.offset);
        if (!any(*member.shape, inner, member.flattened, place)) {
          return false;
        }
      }
    }
    return true;
  }

  const std::string& problem() const { return problem_; }

 private:
  bool any(const Shape& shape, const Branch& branch, bool flattened, void* target) {
    switch (shape.type) {
      case Type::list:
        return list(shape, flattened ? branch : branch.below(shape.element_name), target);
      case Type::map:
        return map(shape, flattened ? branch : branch.below("entry"), target);
      case Type::structure:
        return structure(shape, branch, target);
      default:
        return branch.own() == nullptr || scalar(shape, *branch.own(), target);
    }
  }

  /// "Name.N", and "Name" alone for a list of one (old clients). "Name=" is how an empty list is sent.
  bool list(const Shape& shape, const Branch& branch, void* target) {
    if (wire::FormField* own = branch.own(); own != nullptr && !own->value.empty() && branch.fields.size() == 1) {
      return any(*shape.element, branch, false, shape.list->append(target));
    }
    for (const Numbered& element : numbered(branch)) {
      if (!any(*shape.element, element.branch, false, shape.list->append(target))) {
        return false;
      }
    }
    return true;
  }

  /// "Name.N.key" and "Name.N.value", and both without a number for a map of one (very old clients).
  bool map(const Shape& shape, const Branch& branch, void* target) {
    if (!branch.below(shape.key_name).absent()) {
      return entry(shape, branch, target);
    }
    for (const Numbered& element : numbered(branch)) {
      if (!entry(shape, element.branch, target)) {
        return false;
      }
    }
    return true;
  }

  bool entry(const Shape& shape, const Branch& branch, void* target) {
    const Branch key = branch.below(shape.key_name);
    const Branch value = branch.below(shape.element_name);
    const std::string_view name = key.own() ? std::string_view(key.own()->value) : std::string_view();
    void* place = shape.map->insert(target, name);
    return value.absent() || any(*shape.element, value, false, place);
  }

  bool scalar(const Shape& shape, wire::FormField& field, void* target) {
    switch (shape.type) {
      case Type::string:
        *static_cast<std::string*>(target) = std::move(field.value);
        return true;
      case Type::blob:
        return blob(field, *static_cast<std::string*>(target));
      case Type::boolean:
        return boolean(field, *static_cast<bool*>(target));
      case Type::integer:
        return number(field, *static_cast<std::int32_t*>(target), "an integer");
      case Type::long_integer:
        return number(field, *static_cast<std::int64_t*>(target), "an integer");
      case Type::floating:
        return number(field, *static_cast<double*>(target), "a number");
      default:
        return timestamp(field, *static_cast<Time*>(target));
    }
  }

  bool wrong(const wire::FormField& field, std::string_view wanted) {
    problem_ = fmt::format("The value of parameter {} must be {}.", field.name, wanted);
    return false;
  }

  bool blob(const wire::FormField& field, std::string& target) {
    auto bytes = base64_decode(field.value);
    if (!bytes) {
      return wrong(field, "valid base64");
    }
    target = std::move(*bytes);
    return true;
  }

  bool boolean(const wire::FormField& field, bool& target) {
    target = wire::equal_ignoring_case(field.value, "true");
    return target || wire::equal_ignoring_case(field.value, "false") || wrong(field, "true or false");
  }

  template <class Number>
  bool number(const wire::FormField& field, Number& target, std::string_view wanted) {
    const char* end = field.value.data() + field.value.size();
    const auto read = std::from_chars(field.value.data(), end, target);
    return (read.ec == std::errc() && read.ptr == end) || wrong(field, wanted);
  }

  bool timestamp(const wire::FormField& field, Time& target) {
    const auto time = read_iso8601(field.value);
    target = time.value_or(Time());
    return time.has_value() || wrong(field, "a time such as 2023-11-14T22:13:20Z");
  }

  std::string problem_;
};

/// The member that the URL of the request stands for, where the parameters do not say it.
void take_url(const Call& call, const wire::HttpRequest& request, void* input) {
  if (call.service->path_member.empty() || is_root(request.path)) {
    return;
  }
  const std::string_view host = request.header("Host");
  for (const Member& member : call.operation->input.shape->members) {
    void* field = static_cast<char*>(input) + member.offset;
    if (member.name == call.service->path_member && member.shape->access->get(field) == nullptr) {
      const std::string path = wire::percent_decode(request.path, false).value_or(std::string(request.path));
      *static_cast<std::string*>(member.shape->access->engage(field)) =
          host.empty() ? path : fmt::format("http://{}{}", host, path);  // which may name a region
    }
  }
}

}  // namespace

bool is_root(std::string_view path) { return path.empty() || path == "/"; }

std::optional<ServiceError> decode_query(const Incoming& incoming, const Call& call, void* input) {
  std::ranges::stable_sort(incoming.parameters, comes_before, &wire::FormField::name);
  QueryDecoder decoder;
  if (!decoder.structure(*call.operation->input.shape, {incoming.parameters, {}}, input)) {
    return ServiceError{&framework::serialization, decoder.problem()};
  }
  take_url(call, incoming.request, input);
  return std::nullopt;
}

}  // namespace sluice::aws
