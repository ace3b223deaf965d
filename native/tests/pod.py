# SPDX-License-Identifier: Apache-2.0
"""A pod as rkt lays it out, made by hand: bundles, launch file, cgroups; and its removal."""

import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import uuid

BUSYBOX = shutil.which("busybox")
DEFAULT_CAPS = ["CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_KILL",
                "CAP_MKNOD", "CAP_NET_RAW", "CAP_NET_BIND_SERVICE", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP",
                "CAP_SETFCAP", "CAP_SYS_CHROOT"]
V1 = [c for c in ("memory", "pids", "cpu", "cpuacct", "devices", "freezer", "blkio", "cpuset", "systemd",
                  "net_cls", "net_prio", "perf_event", "hugetlb", "cpu,cpuacct", "rdma", "misc")
      if os.path.isdir("/sys/fs/cgroup/" + c)]
V2 = not V1


class App:
    def __init__(self, name, args, **options):
        self.name, self.args, self.options = name, args, options


def sh(name, script, **options):
    return App(name, ["/bin/sh", "-c", script], **options)


class Pod:
    """Owns a temporary pod directory; close() proves that nothing of the pod is left."""

    def __init__(self, supervisor, runtime, apps, **keys):
        self.supervisor, self.runtime = supervisor, runtime
        self.uuid = str(uuid.uuid4())
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="rkt-native-"))
        os.chmod(self.dir, 0o755)
        self.apps, self.keys, self.process, self.extra_lines = apps, keys, None, []
        for sub in ("ns", "empty", "logs", "exit", "status", "run"):
            (self.dir / sub).mkdir()
        for ns in ("pid", "ipc", "uts", "net", "user"):
            (self.dir / "ns" / ns).touch()
        (self.dir / "lock").touch()
        if keys.get("ids"):  # crun gives it to the app's user: never the host's
            os.mknod(self.dir / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
            self.keys["null"] = self.dir / "null"
        for app in apps:
            self._bundle(app)

    def path(self, *parts):
        return self.dir.joinpath(*parts)

    def cgroup(self, app, controller=None):
        below = f"rkt-{self.uuid}/{app}"
        return f"/sys/fs/cgroup/{below}" if V2 else f"/sys/fs/cgroup/{controller}/{below}"

    def cgroups(self):
        out = []
        for c in [None] if V2 else V1:
            out += [self.cgroup(a.name, c) for a in self.apps]
            out.append(os.path.dirname(self.cgroup("x", c)))
        return out

    def _bundle(self, app):
        o = app.options
        bundle = self.path(app.name)
        root = bundle / "rootfs"
        for d in ("bin", "proc", "dev", "sys", "tmp"):
            (root / d).mkdir(parents=True)
        for tool in o.get("tools", ("busybox", "sh")):
            shutil.copy(BUSYBOX, root / "bin" / tool) if tool == "busybox" else os.symlink("busybox", root / "bin" / tool)
        for name, program in o.get("files", {}).items():
            shutil.copy(program, root / "bin" / name)
        if o.get("notify"):
            (bundle / "notify").mkdir()
        caps = o.get("caps", DEFAULT_CAPS)
        namespaces = [{"type": "mount"}]
        for kind, file in (("pid", "pid"), ("ipc", "ipc"), ("uts", "uts")):
            namespaces.append({"type": kind, "path": str(self.path("ns", file))})
        if self.keys.get("net") == "new":
            namespaces.append({"type": "network", "path": str(self.path("ns", "net"))})
        mappings = {}
        if self.keys.get("ids"):
            namespaces.append({"type": "user", "path": str(self.path("ns", "user"))})
            mapping = [{"containerID": 0, "hostID": self.keys["first-id"], "size": self.keys["ids"]}]
            mappings = {"uidMappings": mapping, "gidMappings": mapping}
            for path in [root, *root.rglob("*")]:
                os.chown(path, self.keys["first-id"], self.keys["first-id"], follow_symlinks=False)
        config = {
            "ociVersion": "1.0.0",
            "process": {
                "terminal": o.get("terminal", False), "user": {"uid": 0, "gid": 0}, "args": app.args,
                "env": ["PATH=/bin"], "cwd": "/", "noNewPrivileges": True,
                "capabilities": {k: caps for k in ("bounding", "effective", "permitted")},
            },
            "root": {"path": "rootfs", "readonly": False},
            "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc"},
                {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
                {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                 "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
            ] + o.get("mounts", []),
            "linux": {
                "namespaces": namespaces, "cgroupsPath": f"/rkt-{self.uuid}/{app.name}",
                "resources": o.get("resources", {}), **mappings,
            },
        }
        if o.get("size"):  # rkt knows it at launch; set later, the app could look before
            config["process"]["consoleSize"] = {"height": o["size"][0], "width": o["size"][1]}
        (bundle / "config.json").write_text(json.dumps(config))
        config["root"]["path"] = str(root)
        config["process"]["terminal"] = False
        for step in ("pre-start", "post-stop"):
            if step in o.get("handlers", {}):
                (bundle / step).mkdir()
                config["process"]["args"] = ["/bin/sh", "-c", o["handlers"][step]]
                (bundle / step / "config.json").write_text(json.dumps(config))

    def launch_text(self):
        d = self.dir
        keys = {"version": 1, "uuid": self.uuid, "hostname": "pod-host", "net": "host", "ipc": "private",
                "nsdir": d / "ns", "runtime": self.runtime, "runtime-root": d / "run", "runtime-log": d / "runtime.log",
                "pidfile": d / "pid", "supfile": d / "supervisor-pid", "ready": d / "ready", "failure": d / "failure",
                "empty": d / "empty", "grace-ms": 10000, "log-max": 1 << 20, "log-files": 3, "prefix": 0}
        keys.update(self.keys)
        lines = [f"{k}={v}" for k, v in keys.items() if v is not None]
        lines += self.extra_lines
        lines += [f"cgroup={c}" for c in self.cgroups()]
        for a in self.apps:
            lines.append(f"state={d}/run/{self.uuid}-{a.name}")
            lines += [f"state={d}/run/{self.uuid}-{a.name}.{step}" for step in a.options.get("handlers", {})]
        for a in self.apps:
            lines += [f"app={a.name}", f"id={self.uuid}-{a.name}", f"bundle={d}/{a.name}",
                      f"log={d}/logs/{a.name}.log", f"status={d}/status/{a.name}", f"exit={d}/exit/{a.name}.json",
                      f"pid={d}/{a.name}.pid", f"terminal={int(a.options.get('terminal', False))}",
                      f"stdin={a.options.get('stdin', 'null')}"]
            lines += [f"{step}={d}/{a.name}/{step}" for step in a.options.get("handlers", {})]
            if a.options.get("notify"):
                lines.append(f"notify={d}/{a.name}/notify")
            if a.options.get("handlers"):
                lines.append(f"procs={self.cgroup(a.name, 'memory')}/cgroup.procs")
            lines.append("oom=" + (self.cgroup(a.name) + "/memory.events" if V2
                                   else self.cgroup(a.name, "memory") + "/memory.oom_control"))
        return "".join(line + "\0" for line in lines)

    def start(self, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options):
        lock = os.open(self.path("lock"), os.O_RDONLY)
        os.set_inheritable(lock, True)
        self.keys.setdefault("lockfd", lock)
        fds = [lock]
        if "teardown" in self.keys:
            fds.append(os.open("/proc/self/ns/mnt", os.O_RDONLY))
            self.keys.setdefault("mountfd", fds[1])
        self.path("launch").write_text(self.launch_text())
        os.chmod(self.path("launch"), 0o600)
        self.process = subprocess.Popen(["unshare", "-m", "--propagation", "slave", str(self.supervisor),
                                         str(self.path("launch"))], stdin=stdin, stdout=stdout, stderr=stderr,
                                        pass_fds=fds, cwd=self.dir, **options)
        for fd in fds:
            os.close(fd)
        return self

    def run(self, timeout=60, **options):
        """Starts the pod, waits for its end; returns (exit code, stdout, stderr)."""
        self.start(**options)
        out, err = self.process.communicate(timeout=timeout)
        return self.process.returncode, out, err

    def wait_ready(self, timeout=20):
        self.wait_for(lambda: os.path.islink(self.path("ready")), "ready", timeout)
        return self

    def wait_for(self, condition, what, timeout=20):
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"not within {timeout} s: {what}; failure: {self.text('failure')}")
            time.sleep(0.005)

    def wait_output(self, app, text, timeout=20):
        self.wait_for(lambda: text in self.text("logs", app + ".log"), f"{text!r} in the log of {app}", timeout)

    def signal(self, number):
        self.process.send_signal(number)

    def sandbox(self):
        return int(self.text("pid"))

    def app_pid(self, app):
        return int(self.text(app + ".pid"))

    def text(self, *parts):
        try:
            return self.path(*parts).read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def exit(self, app):
        return json.loads(self.text("exit", app + ".json"))

    def status(self, app):
        return self.text("status", app)

    def log(self, app):
        """(stream, tag, text) of every line in the log file."""
        lines = self.text("logs", app + ".log").split("\n")
        assert lines.pop() == "", "log ends within a line"
        return [tuple(line.split(" ", 3)[1:]) for line in lines]

    def pids_in_namespace(self, inode):
        found = []
        for p in os.listdir("/proc"):
            if p.isdigit():
                try:
                    if os.stat(f"/proc/{p}/ns/pid").st_ino == inode:
                        found.append(int(p))
                except OSError:
                    pass
        return found

    def remove(self):
        """Ends what runs and removes all; returns what the supervisor should have removed but did not."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            time.sleep(0.05)
        for stream in (self.process.stdout, self.process.stderr) if self.process else ():
            if stream:
                stream.close()
        left = [c for c in self.cgroups() if os.path.isdir(c)]
        left += [str(p) for p in self.path("run").glob(self.uuid + "*")]
        for c in left:
            for _ in range(100):
                try:
                    os.rmdir(c) if "cgroup" in c else shutil.rmtree(c)
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.02)
        with open("/proc/self/mountinfo") as f:
            left += [line for line in f if str(self.dir) in line]
        shutil.rmtree(self.dir)
        return left
