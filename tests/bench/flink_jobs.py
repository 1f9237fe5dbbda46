#!/usr/bin/env python3
"""Runs the jobs of stream_bench side by side with the same jobs in Flink's MiniCluster.

Prints a line a run on standard error and, at the end, a Markdown table: the median of events per
CPU-second of both, whether they gave the same results, Lymer's ratio to Flink, peak memory.

The two take turns, so that whatever else the machine does falls on both. Input is decoded before
the time begins; CPU time is that of the whole process. Flink runs each job twice to get warm and is
measured the third time, from its first event to the end of its last sink, with object reuse, the
heap state backend and the parallel collector, which suits these jobs better than G1; Lymer runs
cold. Results are equal if their number and the sum over them are, which does not depend on order.

Flink 1.20 comes from Maven Central into build/flink_jobs at the first use (Java 17, Maven).

Examples:
  flink_jobs.py --bench build/release/bin/stream_bench        all workloads, 3 rounds
  flink_jobs.py --workloads window_join --rounds 5            one of them
  flink_jobs.py --rounds 1 --events 100000                    a look whether it works
  flink_jobs.py --json figures.json > table.md                each run as well

Ends with 77, which ctest reads as skipped, where Java or Maven is absent.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = pathlib.Path(__file__).resolve().parent / "flink"
SKIPPED = 77
WORKLOADS = ("map_filter", "keyed_exchange_1", "keyed_exchange_2", "tumbling_count_1m",
             "sliding_60_1", "interval_join", "window_join")
ENGINES = ("lymer", "flink")
JAVA_OPTIONS = ("-Xmx4g", "-XX:+UseParallelGC")
# A run that takes longer counts as failed.
LONGEST_SECONDS = 900


def say(text):
    print(text, file=sys.stderr, flush=True)


def is_newer(source, built):
    return not built.exists() or built.stat().st_mtime < source.stat().st_mtime


def build_flink(source, target):
    """Fetches the jars and compiles the jobs, both where they are not up to date."""
    target.mkdir(parents=True, exist_ok=True)
    jars, classes = target / "lib", target / "classes"
    if is_newer(source / "pom.xml", target / "pom.xml") or not jars.is_dir():
        say(f"fetching Flink into {target}")
        subprocess.run(["mvn", "-q", "-B", "-f", source / "pom.xml",
                        "dependency:copy-dependencies", f"-DoutputDirectory={jars}"],
                       check=True, stdout=sys.stderr)
        shutil.copyfile(source / "pom.xml", target / "pom.xml")
    java = source / "src" / "StreamJobs.java"
    if is_newer(java, classes / "StreamJobs.class"):
        classes.mkdir(exist_ok=True)
        subprocess.run(["javac", "-nowarn", "-Xlint:none", "--release", "17", "-cp", f"{jars}/*",
                        "-d", classes, java], check=True, stdout=sys.stderr)


def command(engine, options, target):
    if engine == "lymer":
        return [options.bench]
    return ["java", *JAVA_OPTIONS, "-cp", f"{target}/classes:{target}/lib/*", "StreamJobs"]


def run(program, workload, events):
    """Returns what the program says of the run, or {"error": ...}."""
    try:
        done = subprocess.run([*program, workload, str(events)], stdout=subprocess.PIPE, text=True,
                              timeout=LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        return {"error": "it took too long"}
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        return {"error": "it failed"}
    return json.loads(lines[-1])


def measure(options, target):
    """Returns {workload: {engine: [run]}}. An engine that failed once is not asked again."""
    runs = {workload: {engine: [] for engine in ENGINES} for workload in options.workloads}
    for round_number in range(1, options.rounds + 1):
        for workload in options.workloads:
            for engine in ENGINES:
                earlier = runs[workload][engine]
                if earlier and "error" in earlier[-1]:
                    continue
                found = run(command(engine, options, target), workload, options.events)
                earlier.append(found)
                told = found.get("error") or f"{short(found['events_per_cpu_s'])}/s, " \
                                             f"{found['results']:,} results"
                say(f"round {round_number} {workload} {engine}: {told}")
    return runs


def summarize(engines):
    """Turns {engine: [run]} of a workload into {engine: {...}}, "equal" and "ratio"."""
    row = {}
    for engine, runs in engines.items():
        good = [each for each in runs if "error" not in each]
        if not good:
            row[engine] = {"error": runs[-1]["error"]}
            continue
        row[engine] = {
            "events_per_cpu_second": round(statistics.median(
                each["events_per_cpu_s"] for each in good)),
            "results": good[-1]["results"],
            "answers": sorted({(each["results"], each["checksum"]) for each in good}),
            "peak_mib": round(max(each["peak_kib"] for each in good) / 1024)}
    ours, theirs = row["lymer"], row["flink"]
    if "error" in ours or "error" in theirs:
        return {**row, "equal": None, "ratio": None}
    # One answer, whichever run of whichever engine gave it.
    equal = len({*ours.pop("answers"), *theirs.pop("answers")}) == 1
    ratio = ours["events_per_cpu_second"] / theirs["events_per_cpu_second"]
    return {**row, "equal": equal, "ratio": round(ratio, 2)}


def short(rate):
    """4321000 -> 4.32 M."""
    for unit, sign in ((1e6, " M"), (1e3, " k")):
        if rate >= unit:
            return f"{rate / unit:.3g}{sign}"
    return f"{rate:.3g}"


def table(summary):
    """Returns the lines of a Markdown table; events per CPU-second, then what else is known."""
    columns = ["workload", *ENGINES, "lymer / flink", "results", "equal",
               "peak of lymer, MiB", "peak of flink, MiB"]
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for workload, row in summary.items():
        def cell(engine, name, form, row=row):
            return "-" if "error" in row[engine] else form(row[engine][name])
        equal = {True: "yes", False: "NO", None: ""}[row["equal"]]
        cells = [workload, *(cell(each, "events_per_cpu_second", short) for each in ENGINES),
                 "" if row["ratio"] is None else f"{row['ratio']:g}",
                 cell("lymer", "results", "{:,}".format), equal,
                 *(cell(each, "peak_mib", str) for each in ENGINES)]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def read_options():
    def words(text):
        given = text.split(",")
        for each in given:
            if each not in WORKLOADS:
                raise argparse.ArgumentTypeError(f"{each} is none of {', '.join(WORKLOADS)}")
        return given
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=pathlib.Path, metavar="PROGRAM",
                        default=ROOT / "build/release/bin/stream_bench")
    parser.add_argument("--target", type=pathlib.Path, metavar="DIR",
                        default=ROOT / "build/flink_jobs", help="where Flink and the jobs go")
    parser.add_argument("--workloads", metavar="W,W", default=list(WORKLOADS), type=words)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=0, help="0: each workload's own number")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write each run to FILE")
    return parser.parse_args()


def main():
    options = read_options()
    for tool in ("java", "javac", "mvn"):
        if shutil.which(tool) is None:
            say(f"flink_jobs.py: there is no Flink to compare with: {tool} is not installed")
            return SKIPPED
    if not options.bench.is_file():
        say(f"flink_jobs.py: {options.bench} is not built; build the target stream_bench (--bench)")
        return 1
    try:
        build_flink(SOURCE, options.target)
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"flink_jobs.py: Flink could not be built in {options.target}: {error}")
        return 1
    runs = measure(options, options.target)
    summary = {workload: summarize(engines) for workload, engines in runs.items()}
    print("\n".join(table(summary)))
    if options.json:
        options.json.write_text(json.dumps({"summary": summary, "runs": runs}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
