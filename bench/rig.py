"""What every group of the benchmark uses: the built rkt, podman in a directory of its own, timing, tables, the results file."""
import datetime
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RKT = os.environ.get("RKT", str(ROOT / "build/rkt/bin/rkt"))
PREAMBLE = ("# Benchmark results\n\nWritten by `bench/run`; see `bench/README.md`. Absolute times drift from machine to machine: "
            "compare the ratios of one run.\n")


def have(command):
    return shutil.which(command) is not None


def sh(argv, **kwargs):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)


def timed(argv, **kwargs):
    """Wall-clock milliseconds of one command; a failing command ends the benchmark with its own words."""
    return measured(argv, **kwargs)[0]


def measured(argv, **kwargs):
    """Wall-clock milliseconds, peak resident KiB of the command itself, CPU seconds."""
    start = time.perf_counter()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kwargs)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = (time.perf_counter() - start) * 1000
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"bench: {' '.join(argv)} failed ({process.returncode}): {said.decode(errors='replace')}")
    return elapsed, usage.ru_maxrss, usage.ru_utime + usage.ru_stime


def seconds(values):
    return f"{statistics.median(values) / 1000:.2f} s"


class Rig:
    """One scratch directory on the real disk, and the tables of the groups that ran."""

    def __init__(self, work, rounds, quick):
        self.work = pathlib.Path(work)
        self.rounds = rounds
        self.quick = quick
        self.tables = []
        self.notes = {}

    def rkt(self, *args, runtime=None, data="rkt"):
        config = [f"--local-config={self.work}/config-{runtime}"] if runtime else []
        return [RKT, f"--dir={self.work}/{data}", *config, "--insecure-options=image,http", *args]

    def podman(self, *args, runtime="crun"):
        return ["podman", f"--root={self.work}/podman", f"--runroot={self.work}/podman-run",
                f"--tmpdir={self.work}/podman-tmp", "--cgroup-manager=cgroupfs", "--events-backend=file",
                f"--runtime={shutil.which(runtime)}", *args]

    def forget(self, *names):
        """Removes what a round made, and waits for the disk: the next one shall not pay for it."""
        for name in names:
            shutil.rmtree(self.work / name, ignore_errors=True)
        os.sync()

    def compare(self, title, contenders, note=""):
        """Interleaved rounds, so that a slow minute of the machine hits everybody; the first contender is the base of the ratios."""
        samples = {name: [] for name, _ in contenders}
        for name, argv in contenders:
            timed(argv)
        for _ in range(self.rounds):
            for name, argv in contenders:
                samples[name].append(timed(argv))
        base = statistics.median(samples[contenders[0][0]])
        rows = []
        for name, _ in contenders:
            median = statistics.median(samples[name])
            rows.append((name, f"{median:.1f} ms", f"{min(samples[name]):.1f} ms", f"{median / base:.2f}"))
        self.table(title, ("what", "median", "best", f"of {contenders[0][0]}"), rows, note)

    def table(self, title, header, rows, note=""):
        lines = [f"### {title}", ""]
        if note:
            lines += [note, ""]
        lines += ["| " + " | ".join(header) + " |", "| " + " | ".join("---" for _ in header) + " |"]
        lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
        text = "\n".join(lines) + "\n"
        print(text, flush=True)
        self.tables.append(text)


def machine():
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
    return f"{datetime.date.today()}, {os.cpu_count()} cores ({cpu}), Linux {platform.release().split('-')[0]}"


def versions(commands):
    said = [sh([command, "--version"]).stdout.decode().splitlines()[0] for command in commands if have(command)]
    return "; ".join(said)


def write(path, group, tables, rounds, peers):
    """Replaces one group's section of the results."""
    path = pathlib.Path(path)
    old = path.read_text() if path.exists() else PREAMBLE
    parts = re.split(r"(?m)^(?=## )", old)
    sections = {part.split("\n", 1)[0]: part for part in parts[1:]}
    text = f"## {group}\n\n{machine()}, {rounds} rounds. Peers: {versions(peers)}.\n\n" + "\n".join(tables) + "\n"
    sections[f"## {group}"] = text
    path.write_text((PREAMBLE + "\n" + "\n".join(part.rstrip() + "\n" for part in sections.values())).rstrip() + "\n")
