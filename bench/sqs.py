"""SQS under load: Sluice durable on disk, the floor program, ElasticMQ and GoAWS, the same load in the same run.

The machine may be shared with other work, so the figures that count are the servers' CPU microseconds, and the ratios
between servers that took turns within seconds.
"""

import argparse
import json
import statistics
import subprocess
import sys

import servers

standard = ("send", "send_batch", "cycle", "cycle_batch")
scenarios = (*standard, *(f"fifo_{name}" for name in standard))
titles = {"send": "send", "send_batch": "send x10", "cycle": "send-receive-delete",
          "cycle_batch": "send-receive-delete x10"}
titles |= {f"fifo_{name}": f"FIFO {title}" for name, title in titles.items()}
peers = {"ElasticMQ": servers.start_elasticmq, "GoAWS": servers.start_goaws}
fifo_times_max = 1.5  # a FIFO queue's CPU, times the standard queue's
# CPU microseconds per message (a whole cycle counts as one), and times the floor: signed, 256 B, 64 connections.
targets = {"send": (25, 2.0), "send_batch": (6, None), "cycle": (70, None), "cycle_batch": (12, None)}


def read_arguments(words):
    parser = argparse.ArgumentParser(prog="bench/run sqs", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, 64 connections, 256 B")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2.0, help="measured, for each load and server")
    parser.add_argument("--scenario", action="append", choices=scenarios)
    parser.add_argument("--queues", type=int, default=1, help="queues the connections are spread over")
    parser.add_argument("--without", action="append", default=[], choices=("floor", *peers))
    parser.add_argument("--durability", default="disk", choices=("disk", "os", "memory"))
    parser.add_argument("--json", help="write every single result into this file")
    return parser.parse_args(words)


def serves(server, scenario):
    return server.name != "floor" or not scenario.startswith("fifo_")  # the floor knows no groups


def one_load(server, scenario, connections, body, seconds, queues, warm_up=0.7):
    command = [servers.tool("bench_load"), "--server", server.address, "--pid", str(server.pid), "--scenario", scenario,
               "--connections", str(connections), "--body", str(body), "--seconds", str(seconds),
               "--warm-up", str(warm_up), "--queues", str(queues), "--protocol", server.protocol]
    if server.keys:
        command += ["--keys", server.keys]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if not done.stdout:
        raise SystemExit(f"the load on {server.name} failed: {' '.join(command)}\n{server.last_words()}")
    return json.loads(done.stdout) | {"server": server.name}


def start(arguments, directories):
    starters = {"floor": servers.start_floor, **peers}
    started = [servers.start_sluice(directories.make("sluice"), "--durability", arguments.durability)]
    for name, starter in starters.items():
        server = None if name in arguments.without else starter(directories.make(name))
        if server:
            started.append(server)
        else:
            print(f"without {name}", file=sys.stderr)
    return started


class Directories:
    def __init__(self):
        self.made = []

    def make(self, name):
        self.made.append(servers.scratch(name.lower()))
        return self.made[-1]

    def remove(self):
        for directory in self.made:
            servers.remove(directory)


def measure(arguments, running):
    sizes = (256,) if arguments.quick else (256, 4096)
    counts = (64,) if arguments.quick else (64, 1)
    results = []
    for server in running:
        if server.name == "ElasticMQ":  # its compiler needs to have seen the work before
            for scenario in arguments.scenario or scenarios:
                one_load(server, scenario, 64, 256, 3, arguments.queues)
    for turn in range(1 if arguments.quick else arguments.rounds):
        for body in sizes:
            for connections in counts:
                for scenario in arguments.scenario or scenarios:
                    for server in (s for s in running if serves(s, scenario)):
                        results.append(one_load(server, scenario, connections, body, arguments.seconds,
                                                arguments.queues) | {"round": turn})
    return results


def middle(results, server, scenario, connections, body, figure):
    values = [r[figure] for r in results if (r["server"], r["scenario"], r["connections"], r["body_bytes"]) ==
              (server, scenario, connections, body)]
    return statistics.median(values) if values else None


def ratio(ours, theirs, digits=2):
    return f"{ours / theirs:.{digits}f}" if ours and theirs else "-"


def verdict(scenario, connections, body, cpu, floor, results):
    if scenario.startswith("fifo_"):
        plain = middle(results, "sluice", scenario.removeprefix("fifo_"), connections, body, "cpu_us_per_message")
        unordered = sum(r["out_of_order"] for r in results if r["server"] == "sluice")
        met = plain and cpu <= fifo_times_max * plain and not unordered
        return (f"<= {fifo_times_max} x standard: {ratio(cpu, plain)}, {unordered} out of order: "
                f"{'met' if met else 'MISSED'}" if plain else "")
    if connections != 64 or body != 256 or scenario not in targets:
        return ""
    most, times = targets[scenario]
    text = f"<= {most} us" + (f", <= {times:g} x floor" if times else "")
    met = cpu <= most and (not times or not floor or cpu <= times * floor)
    return f"{text}: {'met' if met else 'MISSED'}"


def against(name, results, load, ours, ours_rate):
    """A peer's cells: its CPU, and of ours to its the ratio of CPU and of rate; and its messages out of order."""
    cpu, rate = (middle(results, name, *load, figure) for figure in ("cpu_us_per_message", "messages_per_second"))
    unordered = sum(r["out_of_order"] for r in results
                    if (r["server"], r["scenario"], r["body_bytes"], r["connections"]) == (name, load[0], load[2], load[1]))
    return (f"{cpu:.1f}" if cpu else "-", ratio(ours, cpu, 3), ratio(ours_rate, rate, 1), str(unordered) if cpu else "-")


def table(results):
    shown = [name for name in peers if any(r["server"] == name for r in results)]
    heads = ("load", "body", "conns", "ops/s", "msgs/s", "us/op", "us/msg", "p50 us", "p99 us", "floor us", "x floor",
             *(head.format(name) for name in shown for head in ("{} us", "x", "rate x", "unordered")), "target per message")
    rows = [heads]
    keys = dict.fromkeys((r["scenario"], r["body_bytes"], r["connections"]) for r in results)
    for scenario, body, connections in sorted(keys, key=lambda k: (k[1], -k[2], scenarios.index(k[0]))):
        def figure(name, server="sluice"):
            return middle(results, server, scenario, connections, body, name)
        cpu, floor, rate = figure("cpu_us_per_message"), figure("cpu_us_per_message", "floor"), figure("messages_per_second")
        beside = (against(name, results, (scenario, connections, body), cpu, rate) for name in shown)
        rows.append((titles[scenario], str(body), str(connections), f"{figure('operations_per_second'):.0f}", f"{rate:.0f}",
                     f"{figure('cpu_us_per_operation'):.1f}", f"{cpu:.1f}", f"{figure('p50_us'):.0f}",
                     f"{figure('p99_us'):.0f}", f"{floor:.1f}" if floor else "-", ratio(cpu, floor),
                     *(cell for cells in beside for cell in cells), verdict(scenario, connections, body, cpu, floor, results)))
    widths = [max(len(row[i]) for row in rows) for i in range(len(heads))]
    for row in rows:
        print("  ".join(cell.ljust(width) if i in (0, len(heads) - 1) else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(row, widths))).rstrip())


def main(words):
    arguments = read_arguments(words)
    servers.build_targets("bench_load", "bench_floor")
    directories, running = Directories(), []
    try:
        running = start(arguments, directories)
        results = measure(arguments, running)
    finally:
        for server in running:
            server.stop()
        directories.remove()
    print(f"Server CPU is counted from each process's own accounting. Sluice --durability {arguments.durability}, signed;"
          " the floor signed and flushed; ElasticMQ and GoAWS (over Query, all it speaks) in memory, unsigned.\n"
          "A send-receive-delete counts three operations and one message. Columns x: our CPU to theirs; rate x: our rate.")
    table(results)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(results, file, indent=1)
    refused = {name: sum(r["failures"] for r in results if r["server"] == name) for name in ("sluice", "floor", *peers)}
    for name, count in refused.items():
        if count:
            print(f"{count} requests were refused by {name}")
    return 1 if refused["sluice"] else 0
