#!/usr/bin/env python3
"""Writes the C++ structs and descriptor tables of one service: generate.py MODELS SERVICE OUTPUT.

MODELS holds the published models (fetch.py), OUTPUT gets <service>.h and <service>.cc. shapes/overlay/<service>.json
adds what a model lacks; docs are in shapes/README.md. The tables' types are in src/doors/aws/shape.h.
"""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
BANNER = "// Made by shapes/generate.py from the published model; changes are lost.\n"
KEYWORDS = set("""alignas alignof and asm auto bool break case catch char class concept const continue default delete do
    double else enum explicit export extern false float for friend goto if inline int long mutable namespace new not
    operator or private protected public register requires return short signed sizeof static struct switch template this
    throw true try typedef typename union unsigned using virtual void volatile while xor errno linux unix""".split())
SCALARS = {"string": ("string", "std::string"), "blob": ("blob", "std::string"), "boolean": ("boolean", "bool"),
           "integer": ("integer", "std::int32_t"), "long": ("long_integer", "std::int64_t"),
           "double": ("floating", "double"), "float": ("floating", "double"), "timestamp": ("timestamp", "Time")}
PLACES = {None: "body", "header": "header", "uri": "path", "querystring": "query"}
TIMES = {None: "usual", "iso8601": "iso8601", "unixTimestamp": "unix_seconds"}
PROTOCOLS = {"json": "aws_json", "smithy-rpc-v2-cbor": "aws_json", "query": "query", "rest-json": "rest_json"}


def snake(name):
    """QueueOwnerAWSAccountId -> queue_owner_aws_account_id, ConsumerARNs -> consumer_arns."""
    name = re.sub(r"(ARN|URL|ID|VPC|SDK)s(?=[A-Z]|$)", lambda m: m.group(1).capitalize() + "s", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name.replace("MD5", "Md5").replace("OAuth", "Oauth"))
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()
    return name + "_" if name in KEYWORDS else name


def text(value):
    """A C++ string literal."""
    escaped = "".join(c if 32 <= ord(c) < 127 and c not in '"\\' else f"\\{ord(c):03o}" if ord(c) < 128
                      else "".join(f"\\{b:03o}" for b in c.encode()) for c in value)
    return f'"{escaped}"'


def flag(value):
    return "true" if value else "false"


class Model:
    def __init__(self, models, service):
        self.service = service
        self.file = service.replace("-", "_")
        model = json.loads((pathlib.Path(models) / f"{service}.json").read_text())
        overlay = HERE / "overlay" / f"{service}.json"
        self.overlay = json.loads(overlay.read_text()) if overlay.is_file() else {}
        self.metadata, self.operations, self.shapes = model["metadata"], model["operations"], model["shapes"]
        self.check_overlay()
        self.order = self.sorted_shapes()
        self.errors = sorted(n for n, s in self.shapes.items() if s.get("exception"))

    def check_overlay(self):
        """A row of the overlay that names nothing is a mistake."""
        for table, known in (("shapes", self.shapes), ("errors", self.shapes), ("operations", self.operations)):
            for name in self.overlay.get(table, {}):
                if name not in known:
                    sys.exit(f"overlay/{self.service}.json: {table} has no {name}")

    def references(self, name):
        shape = self.shapes[name]
        return [m["shape"] for m in shape.get("members", {}).values()] + [
            shape[k]["shape"] for k in ("member", "value") if k in shape]

    def sorted_shapes(self):
        """Every shape after those it is made of."""
        order, state = [], {}

        def visit(name):
            if state.get(name) == "open":
                sys.exit(f"{self.service}: {name} contains itself; std::optional cannot hold that")
            if name not in state:
                state[name] = "open"
                for reference in self.references(name):
                    visit(reference)
                state[name] = "done"
                order.append(name)

        for name in sorted(self.shapes):
            visit(name)
        return order

    def cpp(self, name):
        shape = self.shapes[name]
        if shape["type"] == "structure":
            return type_name(name)
        if shape["type"] == "list":
            return f"std::vector<{self.cpp(shape['member']['shape'])}>"
        if shape["type"] == "map":
            return f"std::map<std::string, {self.cpp(shape['value']['shape'])}>"
        return SCALARS[shape["type"]][1]

    # --- the header ---

    def header(self):
        out = [BANNER, "#pragma once\n\n#include <cstddef>\n#include <cstdint>\n#include <map>\n#include <optional>\n"
               "#include <string>\n#include <vector>\n\n#include \"base/time.h\"\n\n"
               "namespace sluice::aws {\nstruct ErrorShape;\nstruct Nothing;\nstruct Service;\n}  // namespace sluice::aws\n\n"
               f"namespace sluice::aws::{self.file} {{\n\n/// The tables of this service.\nconst Service& service();\n"]
        for name in self.order:
            if self.shapes[name]["type"] == "structure":
                members = "".join(f"  std::optional<{self.cpp(m['shape'])}> {snake(n)}{{}};\n"
                                  for n, m in self.shapes[name].get("members", {}).items())
                out.append(f"\nstruct {type_name(name)} {{\n{members}}};\n")
        out.append("\nnamespace error {\n")
        out += [f"extern const ErrorShape {snake(name)};\n" for name in self.errors]
        out.append("}  // namespace error\n\nnamespace operation {\n")
        for index, (name, operation) in enumerate(sorted(self.operations.items())):
            uses = [self.shape_of(operation, side) for side in ("input", "output")]
            kinds = [f"{self.file}::{type_name(u)}" if u else "Nothing" for u in uses]
            out.append(f"struct {name} {{\n  using Input = {kinds[0]};\n  using Output = {kinds[1]};\n"
                       f"  static constexpr std::size_t index = {index};\n"
                       f"  static const Service& service() {{ return {self.file}::service(); }}\n}};\n")
        out.append(f"}}  // namespace operation\n\n}}  // namespace sluice::aws::{self.file}\n")
        return "".join(out)

    @staticmethod
    def shape_of(operation, side):
        return operation.get(side, {}).get("shape")

    # --- the tables ---

    def limits(self, name, shape):
        """Lines that define the limits, and the reference to them."""
        if not any(k in shape for k in ("min", "max", "pattern", "enum")):
            return "", "nullptr"
        lines, fields = "", []
        if "min" in shape:
            fields.append(f".minimum = {int(shape['min'])}")
        if "max" in shape:
            fields.append(f".maximum = {int(shape['max'])}")
        if "pattern" in shape:
            fields.append(f".pattern = {text(shape['pattern'])}")
        if "enum" in shape:
            lines = f"constexpr std::string_view values_{name}[] = {{{', '.join(map(text, shape['enum']))}}};\n"
            fields.append(f".values = values_{name}")
        return f"{lines}constexpr Limits limits_{name}{{{', '.join(fields)}}};\n", f"&limits_{name}"

    def member(self, owner, name, member):
        target = self.shapes[member["shape"]]
        wire = member.get("locationName", name)
        flattened = member.get("flattened") or target.get("flattened")
        more = self.overlay.get("shapes", {}).get(member["shape"], {})
        query = wire
        if flattened:
            query = more.get("element") or target.get("member", {}).get("locationName") or wire
        place = "payload" if self.shapes[owner].get("payload") == name else PLACES[member.get("location")]
        required = name in self.shapes[owner].get("required", [])
        return (f"    {{{text(name)}, {text(wire)}, {text(query)}, &shape_{member['shape']}, "
                f"offsetof({type_name(owner)}, {snake(name)}), Place::{place}, {flag(required)}, {flag(flattened)}}},\n")

    def shape(self, name):
        shape, kind = self.shapes[name], self.shapes[name]["type"]
        lines, limits = self.limits(name, shape)
        more = self.overlay.get("shapes", {}).get(name, {})
        type_ = SCALARS[kind][0] if kind in SCALARS else kind
        fields = [f".name = {text(name)}", f".type = Type::{type_}"]
        if kind == "timestamp":
            fields.append(f".time_format = TimeFormat::{TIMES[shape.get('timestampFormat')]}")
        fields += [".streaming = true"] if shape.get("streaming") else []
        fields += [".event_stream = true"] if shape.get("eventstream") else []
        if kind != "structure" or name in self.nested:
            fields.append(f".access = &access_to<{self.cpp(name)}>")
        fields += [f".limits = {limits}"] if limits != "nullptr" else []
        if shape.get("members"):
            rows = "".join(self.member(name, n, m) for n, m in shape["members"].items())
            lines += f"constexpr Member members_{name}[] = {{\n{rows}}};\n"
            fields.append(f".members = members_{name}")
        if kind in ("list", "map"):
            side = shape["member" if kind == "list" else "value"]
            usual = "member" if kind == "list" else "value"
            wire = side.get("locationName", usual) if kind == "list" else more.get("value", side.get("locationName", usual))
            fields += [f".element = &shape_{side['shape']}", f".element_name = {text(wire)}"]
            if kind == "map":
                fields.append(f".key_name = {text(more.get('key', shape['key'].get('locationName', 'key')))}")
            fields.append(f".{kind} = &{kind}_of<{self.cpp(side['shape'])}>")
        if "rendered" in more:
            fields.append(f".rendered_name = {text(more['rendered'])}")
        return f"{lines}constexpr Shape shape_{name}{{{', '.join(fields)}}};\n"

    def error(self, name):
        shape, more = self.shapes[name], self.overlay.get("errors", {}).get(name, {})
        published = shape.get("error", {})
        status = more.get("status", published.get("httpStatusCode", 500 if shape.get("fault") else 400))
        return (f"const ErrorShape {snake(name)}{{{text(name)}, {text(more.get('namespace', ''))}, "
                f"{text(more.get('code', published.get('code', name)))}, {status}, {flag(status < 500)}, "
                f"{text(more.get('message', ''))}, {text(more.get('query_message', ''))}}};\n")

    def operation(self, name):
        operation, more = self.operations[name], self.overlay.get("operations", {}).get(name, {})
        sides = []
        for side in ("input", "output"):
            shape = self.shape_of(operation, side)
            sides.append(f"whole<{type_name(shape)}>(shape_{shape})" if shape else "Whole{}")
        wrapper = operation.get("output", {}).get("resultWrapper", "")
        if self.overlay.get("query_too") and self.shape_of(operation, "output"):
            wrapper = name + "Result"
        errors = f"errors_{name}" if operation.get("errors") else "{}"
        http = operation["http"]
        return (f"    {{{text(name)}, {text(http['method'])}, {text(http['requestUri'])}, {sides[0]}, {sides[1]}, "
                f"{text(wrapper)}, {errors}, {http.get('responseCode', 200)}, {flag(more.get('root_only'))}}},\n")

    def operation_errors(self, name):
        used = [f"&error::{snake(e['shape'])}" for e in self.operations[name].get("errors", [])]
        return f"constexpr const ErrorShape* errors_{name}[] = {{{', '.join(used)}}};\n" if used else ""

    def service_row(self):
        meta, more = self.metadata, self.overlay
        versions = more.get("versions", [meta["apiVersion"]])
        fields = [("id", text(self.service)), ("display_name", text(more.get("display_name", meta["serviceId"]))),
                  ("signing_name", text(meta.get("signingName", meta["endpointPrefix"]))),
                  ("protocol", f"Protocol::{PROTOCOLS[meta['protocol']]}"), ("query_too", flag(more.get("query_too"))),
                  ("json_version", text(meta.get("jsonVersion", ""))),
                  ("target_prefix", text(meta.get("targetPrefix", ""))), ("versions", "versions"),
                  ("xml_namespace", text(more.get("xml_namespace", meta.get("xmlNamespace", "")))),
                  ("error_namespace", text(more.get("error_namespace", ""))),
                  ("path_member", text(more.get("path_member", ""))),
                  ("unknown_action", text(more.get("unknown_action", ""))),
                  ("omit_empty", flag(more.get("omit_empty"))), ("operations", "operations"),
                  ("errors", "errors" if self.errors else "{}")]
        row = ",\n".join(f"    .{k} = {v}" for k, v in fields)
        return (f"constexpr std::string_view versions[] = {{{', '.join(map(text, versions))}}};\n\n"
                f"constexpr Service service_row{{\n{row},\n}};\n")

    def tables(self):
        self.nested = {r for n in self.shapes for r in self.references(n)}
        out = [BANNER, f"#include \"shapes/{self.file}.h\"\n\n#include \"doors/aws/shape.h\"\n\n"
               f"namespace sluice::aws::{self.file} {{\n\nnamespace error {{\n"]
        out += [self.error(name) for name in self.errors]
        out.append("}  // namespace error\n\nnamespace {\n\n")
        keys = {s["key"]["shape"] for s in self.shapes.values() if "key" in s} - self.nested
        out += [self.shape(name) for name in self.order if name not in keys and self.shapes[name]["type"] != "structure"
                or name in self.nested or self.is_whole(name)]
        out += [self.operation_errors(name) for name in sorted(self.operations)]
        out.append("\nconstexpr Operation operations[] = {\n")
        out += [self.operation(name) for name in sorted(self.operations)]
        out.append("};\n\n")
        if self.errors:
            errors = ", ".join(f"&error::{snake(name)}" for name in self.errors)
            out.append(f"constexpr const ErrorShape* errors[] = {{{errors}}};\n\n")
        out.append(f"{self.service_row()}\n}}  // namespace\n\nconst Service& service() {{ return service_row; }}\n\n"
                   f"}}  // namespace sluice::aws::{self.file}\n")
        return "".join(out)

    def is_whole(self, name):
        return any(self.shape_of(o, side) == name for o in self.operations.values() for side in ("input", "output"))


def type_name(name):
    """A struct's name: the model's, without leading underscores, in upper case first."""
    name = re.sub(r"[^A-Za-z0-9]", "", name)
    return name[0].upper() + name[1:]


def main():
    models, service, output = sys.argv[1:]
    model = Model(models, service)
    directory = pathlib.Path(output)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"{model.file}.h").write_text(model.header())
    (directory / f"{model.file}.cc").write_text(model.tables())


if __name__ == "__main__":
    main()
