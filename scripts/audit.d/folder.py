#!/usr/bin/env python3
"""Checks that the files of a results folder agree with each other.

    folder.py [--busy] DIR...

For each run of each folder:
  - `runs.csv` equals the sum of `timeline.csv` (deliveries, bytes in both
    directions, the server's processor time);
  - `latency.hlog`, read by the decoder below, which shares no code with
    wirebench, has the percentiles of `runs.csv` and every rung of `ladder.csv`;
  - the accounts of `ledger.csv` in the window add up to the bytes of `runs.csv`
    (those of polls but for `on_their_way`; not where readers change their way, nor
    where accounts are kept for a sample of the people). `--busy` is for runs on a
    machine that had other work.

Prints a line per folder and exits with 1 where something differs.
"""
import base64
import csv
import json
import pathlib
import struct
import sys
import urllib.parse
import zlib

# hdrhistogram, V2: cookie, payload length, normalising offset, significant
# digits, lowest, highest, conversion ratio.
HEAD = struct.Struct(">iiiiqqd")
V2_COOKIE, V2_COMPRESSED = 0x1C849303, 0x1C849304


def rows(folder, name):
    path = folder / name
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def key(row):
    return row["transport"], row["variant"], row["cell"], row["repeat"]


def zigzags(payload):
    """Yields the signed numbers of a ZigZag LEB128-64b9B stream."""
    at = 0
    while at < len(payload):
        value, shift = 0, 0
        while True:
            byte = payload[at]
            at += 1
            if shift == 56:
                value |= byte << shift
                break
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield (value >> 1) ^ -(value & 1)


class Histogram:
    """A decoded histogram: pairs of highest equivalent value and count."""

    def __init__(self, text):
        data = base64.b64decode(text)
        cookie, length = struct.unpack_from(">ii", data)
        assert cookie & 0xFFFFFFFF & ~0xF0 == V2_COMPRESSED & ~0xF0, hex(cookie)
        raw = zlib.decompress(data[8 : 8 + length])
        cookie, size, _, digits, lowest, _, _ = HEAD.unpack_from(raw)
        assert cookie & 0xFFFFFFFF & ~0xF0 == V2_COOKIE & ~0xF0, hex(cookie)
        self.unit = max(lowest, 1).bit_length() - 1
        self.half_bits = (2 * 10**digits - 1).bit_length() - 1
        self.counts = []
        index = 0
        for number in zigzags(raw[HEAD.size : HEAD.size + size]):
            if number < 0:
                index -= number
            else:
                if number:
                    self.counts.append((self.highest(index), number))
                index += 1
        self.total = sum(count for _, count in self.counts)

    def highest(self, index):
        """Returns the largest value that falls into the bucket `index`."""
        half = 1 << self.half_bits
        bucket = (index >> self.half_bits) - 1
        sub = (index & (half - 1)) + half
        if bucket < 0:
            sub, bucket = sub - half, 0
        shift = bucket + self.unit
        return ((sub + 1) << shift) - 1

    def at(self, quantile):
        """Returns the value at `quantile`, by rank ceil(q * n), at least 1."""
        # Whole numbers: a product of floats may lie a hair above the rank.
        parts = 10**9
        rank = max(1, -(-round(quantile * parts) * self.total // parts))
        seen = 0
        for value, count in self.counts:
            seen += count
            if seen >= rank:
                return value
        return 0

    def up_to(self, limit):
        return sum(count for value, count in self.counts if value <= limit)


def histograms(folder):
    """Returns the histograms of `latency.hlog` by run and clock."""
    found = {}
    path = folder / "latency.hlog"
    if not path.exists():
        return found
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("Tag="):
            continue
        # The tag may not hold a comma; the histogram is what follows the last.
        tag = dict(part.split("=", 1) for part in line[4 : line.index(",")].split(";"))
        # A blank is written as %20.
        run = tuple(urllib.parse.unquote(tag[part]) for part in ("transport", "variant", "cell", "repeat"))
        found[run, tag["clock"]] = Histogram(line.rsplit(",", 1)[1])
    return found


def timeline(folder, complaints):
    checked = 0
    sums = {}
    for row in rows(folder, "timeline.csv"):
        into = sums.setdefault(key(row), dict.fromkeys(("delivered", "bytes_up", "bytes_down", "server_cpu_us"), 0))
        for column in into:
            into[column] += int(row[column] or 0)
    for run in rows(folder, "runs.csv"):
        if key(run) not in sums or run["valid"] != "true":
            continue
        of_run = sums[key(run)]
        for column in ("delivered", "bytes_up", "bytes_down"):
            checked += 1
            if int(run[column]) != of_run[column]:
                complaints.append(f"{key(run)}: {column} is {run[column]} in runs.csv, {of_run[column]} in timeline.csv")
        if run["server_cpu_us_per_delivery"]:
            checked += 1
            delivered = int(run["delivered"])
            cpu = float(run["server_cpu_us_per_delivery"]) * delivered
            # Three decimals of the column, and a microsecond a row of the timeline.
            slack = 0.0005 * delivered + 1 + int(run["window_ms"] or 0) // 1000 + 1
            if abs(cpu - of_run["server_cpu_us"]) > slack:
                complaints.append(f"{key(run)}: server CPU is {cpu:.0f} us in runs.csv, {of_run['server_cpu_us']} in timeline.csv")
    return checked


def hlog(folder, complaints):
    found, checked = histograms(folder), 0
    columns = {
        "due": {"p50_us": 0.5, "p90_us": 0.9, "p99_us": 0.99, "p999_us": 0.999, "max_us": 1.0},
        "sent": {"sent_p50_us": 0.5, "sent_p99_us": 0.99},
    }
    for run in rows(folder, "runs.csv"):
        for clock, quantiles in columns.items():
            histogram = found.get((key(run), clock))
            if histogram is None:
                if found and clock == "due" and run["p50_us"]:
                    complaints.append(f"{key(run)}: latency.hlog has no histogram of it")
                continue
            for column, quantile in quantiles.items():
                if run.get(column):
                    checked += 1
                    if int(run[column]) != histogram.at(quantile) // 1000:
                        complaints.append(f"{key(run)}: {column} is {run[column]}, latency.hlog has {histogram.at(quantile) // 1000}")
    for rung in rows(folder, "ladder.csv"):
        histogram = found.get((key(rung), rung["clock"]))
        if histogram is None:
            continue
        checked += 1
        value = histogram.at(float(rung["quantile"]))
        if int(rung["latency_us"]) != value // 1000 or int(rung["count"]) != histogram.up_to(value):
            complaints.append(f"{key(rung)} {rung['clock']} {rung['quantile']}: the rung differs from latency.hlog")
    return checked


def is_whole(folder):
    """Whether accounts were kept for all people."""
    path = folder / "manifest.json"
    plans = json.loads(path.read_text(encoding="utf-8")).get("plans", []) if path.exists() else []
    # Manifests of before have the key beside `swarm`.
    of = lambda plan: plan.get("accounting", plan.get("swarm", {}).get("accounting", "all"))
    return all(of(plan) == "all" for plan in plans)


def on_their_way(run, busy):
    """Returns how many questions the accounts of a run may have more or fewer than its sockets.

    A question belongs to the window in which it is answered, so those that are on their way at an
    edge of the window make the difference: one of each reader where they are held, or where the
    machine is busy. One that is answered at once is on its way for a ten-thousandth of its
    interval, and of a hundred readers at most one has such a question.
    """
    readers = int(run["clients"])
    if run["transport"] == "long_poll" or (run["transport"] == "short_poll" and busy):
        return readers
    return -(-readers // 100) if run["transport"] == "short_poll" else 0


def ledger(folder, complaints, busy):
    checked = 0
    if not is_whole(folder):
        return checked
    sums = {}
    for row in rows(folder, "ledger.csv"):
        if row["window"] == "measure" and row["layer"] != "tcp_ip":
            both = sums.setdefault(key(row), {"up": 0, "down": 0})
            both[row["direction"]] += int(row["bytes"])
    for run in rows(folder, "runs.csv"):
        changes = int(run.get("churn_changed") or 0) > 0
        if changes or key(run) not in sums or run["valid"] != "true":
            continue
        questions, exchanges = on_their_way(run, busy), int(run["exchanges"] or 0)
        for direction, column in (("up", "bytes_up"), ("down", "bytes_down")):
            checked += 1
            # So many times the mean size of one, rounded up.
            slack = questions * -(-int(run[column]) // exchanges) if exchanges else 0
            if abs(sums[key(run)][direction] - int(run[column])) > slack:
                complaints.append(f"{key(run)}: {column} is {run[column]}, the accounts add up to {sums[key(run)][direction]}")
    return checked


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    bad, busy = False, "--busy" in sys.argv
    for name in (name for name in sys.argv[1:] if name != "--busy"):
        folder = pathlib.Path(name)
        complaints = []
        counts = [timeline(folder, complaints), hlog(folder, complaints), ledger(folder, complaints, busy)]
        if not rows(folder, "runs.csv"):
            complaints.append("runs.csv has no row")
        print(f"{name}: {counts[0]} sums of timeline.csv, {counts[1]} percentiles of latency.hlog, "
              f"{counts[2]} sums of ledger.csv compared; {len(complaints)} differ")
        for complaint in complaints[:20]:
            print(f"  {complaint}")
        bad = bad or bool(complaints)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
