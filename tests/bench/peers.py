#!/usr/bin/env python3
"""Runs the benchmark workloads side by side with Flink CEP, Esper and Siddhi.

Prints a line a run on standard error and, at the end, a Markdown table: the median of events per
CPU-second of each engine, whether it found what Lymer found, and Lymer's ratio to the peers.

The engines take turns within a round, so that whatever else the machine does falls on all of them.
Only the CPU time of the thread that drives an engine counts. A peer stops after --seconds of it
(the first 40 % are warm-up, not measured), Lymer, which runs cold, after a minute. So matches can
be compared only where both came to the end: `=` if equal, `!` if not, nothing otherwise.

The peers come from SHARED/peers. They are copied into build/peers and built there at the first use
(Java 17, Maven, g++; jars from Maven Central, 1.1 GB of streams); nothing is written into SHARED.

Examples:
  peers.py --bench build/release/bin/workload_bench            all workloads, 5 rounds
  peers.py --workloads W2n,W2s --engines esper,flink-op        some of them
  peers.py --workloads W3_10@flink --engines flink-op          in dialect flink
  peers.py --rounds 1 --seconds 2 --events 100000              a look whether it works
  peers.py --json figures.json > table.md                      each run as well

Ends with 77, which ctest reads as skipped, where SHARED/peers is absent.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77

WORKLOADS = ("W1_1", "W1_1000", "W1_100000", "W2n", "W2s", "W2a", "W3_1", "W3_10", "W3_60", "W4",
             "W5", "W6", "W7_1", "W7_10", "W7_100", "W7_1000", "W8_3_100", "W8_3_1000",
             "W8_12_100", "W8_24_10000")
# Behind a workload: Lymer runs it in dialect flink.
IN_FLINK = "@flink"
# Peer -> the kinds of workload that it has a form for: EPL patterns cannot skip, match_recognize
# cannot give every combination.
PEERS = {
    "flink-op": ("W1", "W2n", "W2s", "W2a", "W3", "W4", "W5", "W6", "W7", "W8"),
    "esper": ("W1", "W2n", "W2a", "W5", "W6", "W7", "W8"),
    "esper-mr": ("W1", "W2s", "W3", "W4"),
    "siddhi": ("W1", "W2n", "W2s", "W2a", "W3", "W4", "W5", "W6", "W7", "W8"),
}
LYMER_SECONDS = 60
# Seconds that a run may take beyond its CPU time before it counts as failed.
GRACE_SECONDS = 100


def say(text):
    print(text, file=sys.stderr, flush=True)


def kind(workload):
    return workload.split("_")[0]


def whole_stream(workload):
    """Returns how many events the stream of a workload has."""
    return 1_000_000 if kind(workload) == "W8" else 4_000_000


def copy_peers(source, target):
    """Copies what differs; returns whether anything did. Copies can be written, unlike SOURCE."""
    changed = False
    for path in sorted(each for each in source.rglob("*") if each.is_file()):
        copy = target / path.relative_to(source)
        if copy.exists() and copy.read_bytes() == path.read_bytes():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        copy.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
        changed = True
    return changed


def build_peers(source, target):
    built = target / "built"
    if not copy_peers(source, target) and built.exists():
        return
    say(f"building the peers in {target}")
    built.unlink(missing_ok=True)
    subprocess.run([target / "build.sh"], check=True, stdout=sys.stderr)
    built.touch()


def last_json(text):
    lines = [line for line in text.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else {"error": "no answer"}


def run_lymer(bench, workload, events):
    done = subprocess.run([bench, workload, str(events), str(LYMER_SECONDS)],
                          stdout=subprocess.PIPE, text=True)
    answer = last_json(done.stdout) if done.returncode == 0 else {"error": "it failed"}
    if "error" in answer:
        return answer
    return {"rate": answer["events_per_s"], "matches": answer["matches"],
            "events": answer["events"], "peak_mib": round(answer["peak_kib"] / 1024, 1)}


def run_peer(folder, engine, workload, events, seconds):
    workload = workload.removesuffix(IN_FLINK)
    environment = dict(os.environ, MAXSEC=str(seconds), N=str(events),
                       HARD=str(round(seconds * 2.5 + GRACE_SECONDS)))
    done = subprocess.run([folder / "run_one.sh", engine, workload], env=environment,
                          stdout=subprocess.PIPE, text=True)
    answer = last_json(done.stdout)
    if "error" in answer:
        return {"error": answer["error"] or "it failed or took too long"}
    if answer["measured_events"] == 0:
        return {"error": "it measured nothing within --seconds"}
    return {"rate": answer["events_per_cpu_s"], "matches": answer["matches"],
            "events": answer["events"], "peak_mib": answer["peak_mb"]}


def measure(options, peers_folder):
    """Returns {workload: {engine: [run]}}. An engine that failed once is not asked again."""
    runs = {workload: {} for workload in options.workloads}
    for round_number in range(1, options.rounds + 1):
        for workload in options.workloads:
            events = min(options.events or whole_stream(workload), whole_stream(workload))
            peers = [each for each in options.engines if kind(workload) in PEERS[each]]
            for engine in ["lymer", *peers]:
                earlier = runs[workload].setdefault(engine, [])
                if earlier and "error" in earlier[-1]:
                    continue
                if engine == "lymer":
                    run = run_lymer(options.bench, workload, events)
                else:
                    run = run_peer(peers_folder, engine, workload, events, options.seconds)
                run["whole"] = run.get("events") == events
                earlier.append(run)
                told = run.get("error") or f"{short(run['rate'])}/s, {run['events']:,} events, " \
                                           f"{run['matches']:,} matches"
                say(f"round {round_number} {workload} {engine}: {told}")
    return runs


def summarize(engines):
    """Turns {engine: [run]} of a workload into {engine: {...}} and two ratios."""
    row = {}
    for engine, runs in engines.items():
        good = [run for run in runs if "error" not in run]
        if not good:
            row[engine] = {"error": runs[-1]["error"]}
            continue
        row[engine] = {
            "events_per_cpu_second": round(statistics.median(run["rate"] for run in good)),
            "matches": good[-1]["matches"], "events": good[-1]["events"],
            "whole": all(run["whole"] for run in good),
            "peak_mib": max(run["peak_mib"] for run in good)}
    ours = row.get("lymer", {})
    for engine, found in row.items():
        if engine != "lymer" and ours.get("whole") and found.get("whole"):
            found["equal"] = found["matches"] == ours["matches"]

    def ratio(*peers):
        best = max((row.get(peer, {}).get("events_per_cpu_second", 0) for peer in peers))
        mine = ours.get("events_per_cpu_second", 0)
        return round(mine / best, 2) if best and mine else None
    return {"engines": row, "lymer/esper": ratio("esper", "esper-mr"),
            "lymer/flink-op": ratio("flink-op")}


def short(rate):
    """4321000 -> 4.32 M."""
    for unit, sign in ((1e6, " M"), (1e3, " k")):
        if rate >= unit:
            return f"{rate / unit:.3g}{sign}"
    return f"{rate:.3g}"


def table(summary, engines):
    """Returns the lines of a Markdown table; events per CPU-second, then matches."""
    columns = ["workload", "lymer", *engines, "lymer / better Esper", "lymer / flink-op",
               "matches of lymer", "peak of lymer, MiB"]
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]

    def cell(found):
        if not found:
            return ""
        if "error" in found:
            return "-"
        return short(found["events_per_cpu_second"]) + {True: " =", False: " !"}.get(
            found.get("equal"), "")
    for workload, row in summary.items():
        found = row["engines"]
        ours = found.get("lymer", {})
        cells = [workload, *(cell(found.get(engine)) for engine in ("lymer", *engines)),
                 *("" if row[name] is None else f"{row[name]:g}"
                   for name in ("lymer/esper", "lymer/flink-op")),
                 f"{ours['matches']:,}" if "matches" in ours else "", str(ours.get("peak_mib", ""))]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def read_options():
    def words(allowed, kinds=False):
        def parse(text):
            given = text.split(",")
            for each in given:
                if (kind(each) if kinds else each) not in allowed:
                    raise argparse.ArgumentTypeError(f"{each} is none of {', '.join(allowed)}")
            return given
        return parse
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=pathlib.Path, metavar="PROGRAM",
                        default=ROOT / "build/release/bin/workload_bench")
    parser.add_argument("--shared", type=pathlib.Path, metavar="DIR",
                        default=os.environ.get("LYMER_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--workloads", metavar="W,W", default=list(WORKLOADS),
                        type=words(PEERS["flink-op"], kinds=True))
    parser.add_argument("--engines", metavar="E,E", type=words(tuple(PEERS)), default=list(PEERS),
                        help="the peers: " + ", ".join(PEERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20, help="cap of a peer's CPU time")
    parser.add_argument("--events", type=int, help="only the first so many of each stream")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write each run to FILE")
    return parser.parse_args()


def main():
    options = read_options()
    source = options.shared / "peers"
    if not source.is_dir():
        say(f"peers.py: there are no peers to compare with: {source} is absent (--shared)")
        return SKIPPED
    if not options.bench.is_file():
        say(f"peers.py: {options.bench} is not built; build the target workload_bench (--bench)")
        return 1
    target = ROOT / "build" / "peers"
    try:
        build_peers(source, target)
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"peers.py: the peers could not be built in {target}: {error}")
        return 1
    runs = measure(options, target)
    summary = {workload: summarize(engines) for workload, engines in runs.items()}
    print("\n".join(table(summary, options.engines)))
    if options.json:
        options.json.write_text(json.dumps({"summary": summary, "runs": runs}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
