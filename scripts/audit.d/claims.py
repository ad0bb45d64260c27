#!/usr/bin/env python3
"""Spoils a folder of measured claims and looks whether the verdicts follow.

    scripts/audit.d/claims.py WIREBENCH [FOLDER]

WIREBENCH is the program, FOLDER one that `wirebench claims --out` wrote
(results/claims by default), which is left as it is: each spoiling is done to a
copy, which is judged again. The program exits 1 if a spoiling that has to change
a claim leaves its verdict, its figures' verdicts and its agreement as they were.
"""

import csv
import pathlib
import shutil
import subprocess
import sys
import tempfile

LATENCIES = ("p50_us", "p90_us", "p99_us", "p999_us", "max_us", "mean_us", "deviation_us")

# Claims whose judged or predicted figures have to notice each spoiling.
NOTICED_BY = {
    "bytes x5": "kaazing-headers bth-payload framing deflate-hello shared-connection brotli-streams",
    "WebSocket bytes x5": "abril-5-updates bth-payload shared-connection",
    "latency x3": "kaazing-latency rfc6202-model shortpoll-uniform bozdag-coherence wrk2-stall browser-cap",
    "long poll CPU x20": "bozdag-coherence",
    "facts x1.5": "kaazing-headers bth-payload framing deflate-hello browser-cap seventh-tab",
    "cuts and peaks x3, half of the readers in": "serverless-cuts held-worker jitter-width eviction-storm",
    "polls x3": "fleet-polls",
}


def rows_of(path):
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        return reader.fieldnames, list(reader)


def change(folder, name, alter):
    """Alters each row of all files of this name beneath a folder."""
    for path in folder.rglob(name):
        fields, rows = rows_of(path)
        for row in rows:
            alter(row)
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, fields, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def times(row, column, factor, whole=True):
    if row.get(column):
        value = float(row[column]) * factor
        row[column] = str(round(value)) if whole else repr(value)


def fact(row, factor, unit=None):
    if row["subject"] != "setting" and unit in (None, row["unit"]):
        times(row, "value", factor, whole=False)


def more_bytes(folder):
    change(folder, "ledger.csv", lambda row: times(row, "bytes", 5))
    change(folder, "facts.csv", lambda row: fact(row, 5, "B"))


def more_of_websocket(folder):
    def alter(row):
        if row["transport"] == "websocket":
            times(row, "bytes", 5)

    change(folder, "ledger.csv", alter)


def slower(folder):
    change(folder, "runs.csv", lambda row: [times(row, name, 3) for name in LATENCIES])
    change(folder, "ladder.csv", lambda row: times(row, "latency_us", 3))
    change(folder, "facts.csv", lambda row: fact(row, 3, "ms"))


def busier(folder):
    def alter(row):
        if row["transport"] == "long_poll":
            times(row, "server_cpu_us_per_delivery", 20, whole=False)

    change(folder, "runs.csv", alter)


def otherwise_limited(folder):
    def alter(row):
        times(row, "cut_connections", 3)
        times(row, "reconnect_peak_per_s", 3)
        times(row, "opened_readers", 0.5)

    change(folder, "runs.csv", alter)


def more_polls(folder):
    change(folder, "runs.csv", lambda row: times(row, "exchanges", 3))


def other_facts(folder):
    change(folder, "facts.csv", lambda row: fact(row, 1.5))


SPOILINGS = {
    "bytes x5": more_bytes,
    "WebSocket bytes x5": more_of_websocket,
    "latency x3": slower,
    "long poll CPU x20": busier,
    "facts x1.5": other_facts,
    "cuts and peaks x3, half of the readers in": otherwise_limited,
    "polls x3": more_polls,
}


def judged(program, folder):
    """What is said of each claim: its verdict, and of each figure."""
    command = [program, "claims", "--again", "--quiet", "--out", str(folder)]
    code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
    if code not in (0, 3):
        sys.exit(f"{' '.join(command)} ended with {code}")
    said = {}
    for row in rows_of(folder / "claims.csv")[1]:
        said.setdefault(row["claim"], []).append(
            (row["claim_verdict"], row["verdict"], row["agrees"])
        )
    return said


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    program = str(pathlib.Path(sys.argv[1]).resolve())
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) == 3 else "results/claims")
    unnoticed = 0
    with tempfile.TemporaryDirectory() as scratch:
        plain = pathlib.Path(scratch) / "plain"
        shutil.copytree(folder, plain)
        before = judged(program, plain)
        for name, spoil in SPOILINGS.items():
            spoiled = pathlib.Path(scratch) / name.replace(" ", "-")
            shutil.copytree(folder, spoiled)
            spoil(spoiled)
            after = judged(program, spoiled)
            moved = [claim for claim in before if before[claim] != after.get(claim)]
            still = [
                claim
                for claim in NOTICED_BY[name].split()
                if claim in before and claim not in moved
            ]
            unnoticed += len(still)
            print(f"{name}: changes {', '.join(moved) or 'nothing'}")
            for claim in still:
                print(f"  NOT NOTICED by {claim}")
    sys.exit(1 if unnoticed else 0)


if __name__ == "__main__":
    main()
