"""Pods: starting one, looking at them, the memory they keep."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from rig import RKT, Rig, have, sh

IMAGE = "example.com/hello"
PEERS = ("podman", "crun", "runc", "systemd-nspawn")
# podman raises limits by default, which not every machine allows; low ones are always allowed.
LIMITS = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"]


class Pods(Rig):
    """Groups `run`, `look` and `memory`: a hello image in every store."""

    def __init__(self, *args):
        super().__init__(*args)
        self.prepare()

    def rkt(self, *args, runtime="crun"):
        return super().rkt(*args, runtime=runtime)

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

    def group_net(self):
        for runtime in ("crun", "runc"):
            contenders = []
            if have("podman"):
                contenders.append((f"podman run --rm, its bridge ({runtime})", self.podman(
                    "run", "--rm", *LIMITS, "--network=podman", "localhost/hello:latest", "/bin/echo", "hello", runtime=runtime)))
            contenders.append((f"rkt run, default network ({runtime})", self.rkt("run", self.image, runtime=runtime)))
            contenders.append((f"rkt run, no network ({runtime})", self.rkt("run", "--net=none", self.image, runtime=runtime)))
            contenders = [c for c in contenders if self.works(c)]
            self.compare(f"`run` of a stored hello image, a network of its own, {runtime}", contenders,
                         "Budget: half of podman's time with its bridge.")
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
