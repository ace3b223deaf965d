"""rkt against podman, the bare OCI runtimes and systemd-nspawn: medians and ratios of one run. Started by bench/run."""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RKT = str(ROOT / "build/rkt/bin/rkt")
IMAGE = "example.com/hello"
# podman raises limits by default, which not every machine allows; low ones are always allowed.
LIMITS = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"]


def have(command):
    return shutil.which(command) is not None


def sh(argv, **kwargs):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)


def timed(argv):
    """Wall-clock milliseconds of one command; a failing command ends the benchmark with its own words."""
    start = time.perf_counter()
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    elapsed = (time.perf_counter() - start) * 1000
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(argv)} failed ({done.returncode}): {done.stderr.decode(errors='replace')}")
    return elapsed


class Bench:
    def __init__(self, work, rounds):
        self.work = pathlib.Path(work)
        self.rounds = rounds
        self.tables = []
        self.prepare()

    def rkt(self, *args, runtime="crun"):
        return [RKT, f"--dir={self.work}/rkt", f"--local-config={self.work}/config-{runtime}",
                "--insecure-options=image,http", *args]

    def podman(self, *args, runtime="crun"):
        return ["podman", f"--root={self.work}/podman", f"--runroot={self.work}/podman-run",
                f"--tmpdir={self.work}/podman-tmp", "--cgroup-manager=cgroupfs", "--events-backend=file",
                f"--runtime={shutil.which(runtime)}", *args]

    def prepare(self):
        rootfs = self.work / "rootfs"
        (rootfs / "bin").mkdir(parents=True)
        shutil.copy(shutil.which("busybox"), rootfs / "bin/busybox")
        for applet in ("sh", "echo", "true", "sleep"):
            (rootfs / "bin" / applet).symlink_to("busybox")
        for d in ("proc", "sys", "dev", "etc", "tmp", "usr"):
            (rootfs / d).mkdir()
        (rootfs / "etc/os-release").write_text("ID=hello\n")
        self.rootfs = rootfs
        for runtime in ("crun", "runc"):
            config = self.work / f"config-{runtime}/runtime.d"
            config.mkdir(parents=True)
            (config / "runtime.json").write_text(json.dumps(
                {"rktKind": "runtime", "rktVersion": "v1", "path": shutil.which(runtime)}))
        sh([RKT, "image", "build", str(rootfs), f"{self.work}/hello.aci", f"--name={IMAGE}", "--exec=/bin/echo", "--", "hello"])
        out = sh(self.rkt("fetch", "--full", f"{self.work}/hello.aci")).stdout.decode()
        self.image = out.split()[-1]
        if have("podman"):
            sh(["tar", "-C", str(rootfs), "-cf", f"{self.work}/hello.tar", "."])
            sh(self.podman("import", f"{self.work}/hello.tar", "localhost/hello:latest"))
        for runtime in ("crun", "runc"):
            bundle = self.work / f"bundle-{runtime}"
            bundle.mkdir()
            sh([runtime, "spec"], cwd=bundle)
            spec = json.loads((bundle / "config.json").read_text())
            spec["root"] = {"path": str(rootfs), "readonly": True}
            spec["process"]["terminal"] = False
            spec["process"]["args"] = ["/bin/echo", "hello"]
            spec["process"].pop("rlimits", None)
            (bundle / "config.json").write_text(json.dumps(spec))

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
        lines += ["| " + " | ".join(row) + " |" for row in rows]
        text = "\n".join(lines) + "\n"
        print(text, flush=True)
        self.tables.append(text)

    def group_run(self):
        for net in ("host", "none"):
            for runtime in ("crun", "runc"):
                contenders = []
                if have("podman"):
                    contenders.append((f"podman run --rm ({runtime})", self.podman(
                        "run", "--rm", *LIMITS, f"--network={net}", "localhost/hello:latest", "/bin/echo", "hello", runtime=runtime)))
                contenders.append((f"rkt run ({runtime})", self.rkt("run", f"--net={net}", self.image, runtime=runtime)))
                if net == "host":
                    bundle = str(self.work / f"bundle-{runtime}")
                    contenders.append((f"{runtime} run, bare", [runtime, f"--root={self.work}/state-{runtime}", "run", "--bundle", bundle, f"bare-{runtime}"]))
                    if have("systemd-nspawn") and runtime == "crun":
                        contenders.append(("systemd-nspawn", ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--as-pid2",
                                                              "-D", str(self.rootfs), "/bin/echo", "hello"]))
                contenders = [c for c in contenders if self.works(c)]
                self.compare(f"`run` of a stored hello image, {net} network, {runtime}", contenders)
                sh(self.rkt("gc", "--grace-period=0s"))

    def works(self, contender):
        name, argv = contender
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            print(f"bench: left out: {name}: {done.stderr.decode(errors='replace').strip()[-300:]}", file=sys.stderr)
            return "rkt" in name and sys.exit("bench: rkt itself failed") or False
        return True

    def group_look(self):
        for _ in range(20):
            sh(self.rkt("run", "--net=none", self.image))
        uuid = sh(self.rkt("list", "--full", "--no-legend")).stdout.decode().split()[0]
        contenders = []
        if have("podman"):
            for i in range(20):
                sh(self.podman("run", *LIMITS, "--network=none", "localhost/hello:latest", "/bin/echo", "hello"))
            contenders.append(("podman ps -a (20 containers)", self.podman("ps", "-a")))
        contenders += [("rkt list (20 pods)", self.rkt("list")), ("rkt status", self.rkt("status", uuid)),
                       ("rkt version", self.rkt("version")), ("rkt image list", self.rkt("image", "list")),
                       ("rkt help run", self.rkt("help", "run"))]
        self.compare("Looking", contenders)
        sh(self.rkt("gc", "--grace-period=0s"))
        if have("podman"):
            sh(self.podman("rm", "-a", "-f"))

    def group_memory(self):
        rows = []
        process = subprocess.Popen(self.rkt("run", "--net=host", self.image, "--exec=/bin/sleep", "--", "60"),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            self.wait_for(lambda: any("sleep" in comm for _, comm in self.tree(process.pid)))
            time.sleep(0.5)
            ours = [(pid, comm) for pid, comm in self.tree(process.pid) if "sleep" not in comm and "busybox" not in comm]
            for pid, comm in ours:
                rows.append((f"rkt: {comm}", *self.memory(pid)))
            total = sum(int(row[1].split()[0]) for row in rows)
            rows.append(("**rkt, per pod**", f"{total} KiB", ""))
        finally:
            process.terminate()
            process.wait(30)
        if have("podman"):
            cid = sh(self.podman("run", "-d", "--rm", *LIMITS, "--network=host", "localhost/hello:latest", "/bin/sleep", "60")).stdout.decode().strip()
            pid = sh(self.podman("inspect", "--format", "{{.ConmonPidFile}}", cid)).stdout.decode().strip()
            conmon = int(pathlib.Path(pid).read_text())
            rows.append(("podman: conmon", *self.memory(conmon)))
            sh(self.podman("rm", "-f", "-t", "0", cid))
        self.table("Memory per running pod", ("process", "private", "resident"), rows,
                   "Private_Clean + Private_Dirty and Rss of `/proc/PID/smaps_rollup`; the app itself is left out.")
        sh(self.rkt("gc", "--grace-period=0s"))

    @staticmethod
    def wait_for(condition, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                sys.exit("bench: the pod did not start")
            time.sleep(0.05)

    def tree(self, pid):
        out, todo = [], [pid]
        while todo:
            each = todo.pop()
            try:
                out.append((each, pathlib.Path(f"/proc/{each}/comm").read_text().strip()))
                for task in os.listdir(f"/proc/{each}/task"):
                    todo += [int(x) for x in pathlib.Path(f"/proc/{each}/task/{task}/children").read_text().split()]
            except (FileNotFoundError, ProcessLookupError):
                pass
        return out

    @staticmethod
    def memory(pid):
        private = rss = 0
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Private_"):
                private += int(line.split()[1])
            if line.startswith("Rss:"):
                rss = int(line.split()[1])
        return f"{private} KiB", f"{rss} KiB"

    def group_unpack(self):
        archive = ROOT / "build/cache/debian-nginx.tar"
        if not archive.exists():
            print("bench: no build/cache/debian-nginx.tar, unpacking is left out", file=sys.stderr)
            return
        size = archive.stat().st_size
        sh([RKT, "image", "build", str(archive), f"{self.work}/debian.aci", "--compression=none", "--name=example.com/debian", "--exec=/bin/true"])
        sh(["sh", "-c", f"gzip -1 -c {self.work}/debian.aci > {self.work}/debian-gzip.aci"])
        rows = []
        rounds = max(3, self.rounds // 5)
        for label, source in (("plain", f"{self.work}/debian.aci"), ("gzip", f"{self.work}/debian-gzip.aci")):
            contenders = {"GNU tar -x": [], "rkt fetch (hash, store, unpack)": []}
            for i in range(rounds):
                target = self.work / f"untar-{i}"
                target.mkdir()
                contenders["GNU tar -x"].append(timed(["tar", "-C", str(target), "--numeric-owner", "-xpf", source]))
                shutil.rmtree(target)
                data = f"{self.work}/unpack-{i}"
                contenders["rkt fetch (hash, store, unpack)"].append(
                    timed([RKT, f"--dir={data}", "--insecure-options=image", "fetch", source]))
                shutil.rmtree(data)
            base = statistics.median(contenders["GNU tar -x"])
            for name, values in contenders.items():
                median = statistics.median(values)
                rows.append((f"{name}, {label}", f"{median / 1000:.2f} s", f"{size / 1e6 / (median / 1000):.0f} MB/s", f"{median / base:.2f}"))
        self.table(f"Unpacking a Debian root filesystem with nginx ({size // 1000000} MB)", ("what", "median", "throughput", "of GNU tar"), rows,
                   "rkt also verifies, keeps the archive and makes everything durable; GNU tar only writes files.")

    def write(self, path):
        cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
        text = "# Benchmark results\n\n"
        text += "Written by `bench/run`; see `bench/README.md`. Absolute times drift from machine to machine: compare the ratios of one run.\n\n"
        text += f"{datetime.date.today()}, {os.cpu_count()} cores ({cpu}), Linux {platform.release().split('-')[0]}, {self.rounds} rounds.\n\n"
        versions = []
        for command in ("podman", "crun", "runc", "systemd-nspawn", "tar"):
            if have(command):
                versions.append(sh([command, "--version"]).stdout.decode().splitlines()[0])
        text += "Peers: " + "; ".join(versions) + ".\n\n" + "\n".join(self.tables)
        pathlib.Path(path).write_text(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--quick", action="store_true", help="few rounds, nothing written")
    parser.add_argument("groups", nargs="*", default=[])
    options = parser.parse_args()
    groups = options.groups or ["run", "look", "memory", "unpack"]
    work = tempfile.mkdtemp(prefix="bench-", dir=str(ROOT / "build"))
    try:
        bench = Bench(work, 5 if options.quick else options.rounds)
        for group in groups:
            getattr(bench, "group_" + group)()
        if not options.quick and not options.groups:
            bench.write(ROOT / "bench/results.md")
            print("written: bench/results.md")
    finally:
        subprocess.run(["umount", "-R", "-l", f"{work}/podman/overlay"], stderr=subprocess.DEVNULL)
        shutil.rmtree(work, ignore_errors=True)


main()
