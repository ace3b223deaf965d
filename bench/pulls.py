"""Pulling a big image from a real registry on loopback, against podman and skopeo with umoci."""
import re
import socket
import statistics
import subprocess
import sys
import time

import generate
from rig import Rig, measured, seconds, sh, timed

PEERS = ("podman", "skopeo", "umoci", "docker-registry", "tar")
CONFIG = """version: 0.1
log: {{level: info}}
storage:
  filesystem: {{rootdirectory: {data}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


class Registry:
    """docker-registry on a free port of loopback; its log says how many bytes of blobs it sent."""

    def __init__(self, work):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = work / "registry.log"
        config = work / "registry.yml"
        config.write_text(CONFIG.format(data=work / "registry", port=self.port))
        self.process = subprocess.Popen(["docker-registry", "serve", str(config)], stdin=subprocess.DEVNULL,
                                        stdout=open(self.log, "wb"), stderr=subprocess.STDOUT)
        self.wait()

    def wait(self):
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        sys.exit("bench: docker-registry did not start: " + self.log.read_text()[-500:])

    def name(self, image):
        return f"127.0.0.1:{self.port}/{image}"

    def sent(self):
        """Bytes of blobs sent so far."""
        total = 0
        for line in self.log.read_text().splitlines():
            if "response completed" in line and "/blobs/" in line and "http.request.method=GET" in line:
                total += int(re.search(r"http\.response\.written=(\d+)", line).group(1))
        return total

    def close(self):
        self.process.terminate()
        self.process.wait(30)


class Pulls(Rig):
    """Groups `pull` (against the peers) and `layers` (rkt alone, from a layout, by part)."""

    def image(self):
        layout = self.work / "layout"
        files, megabytes = (3_000, 92) if self.quick else (30_000, 920)
        layers, other = generate.layout(layout, files, megabytes)
        compressed = sum(layer["size"] for layer in layers)
        return layout, layers, other, f"{compressed / 1e6:.0f} MB gzip, {megabytes} MB, {files} files, {len(layers)} layers"

    def group_pull(self):
        layout, layers, other, size = self.image()
        registry = Registry(self.work)
        try:
            for tag in ("base", "next"):
                sh(["skopeo", "copy", "-q", "--dest-tls-verify=false", f"oci:{layout}:{tag}", f"docker://{registry.name('big:' + tag)}"])
            self.pull(registry, layers, size)
            self.share(registry, other, size)
        finally:
            registry.close()

    def contenders(self, registry):
        base = registry.name("big:base")
        return {
            "podman pull": (self.podman("pull", "-q", "--tls-verify=false", base), ()),
            "skopeo copy + umoci unpack": (["sh", "-ec",
                                            f"skopeo copy -q --src-tls-verify=false docker://{base} oci:{self.work}/copied:base\n"
                                            f"umoci unpack --image {self.work}/copied:base {self.work}/bundle > /dev/null"], ("copied", "bundle")),
            "rkt fetch": (self.rkt("fetch", f"docker://{base}"), ("rkt",)),
        }

    def pull(self, registry, layers, size):
        contenders = self.contenders(registry)
        times = {name: [] for name in contenders}
        cpu = {name: [] for name in contenders}
        peak = {name: 0 for name in contenders}
        names = list(contenders)
        rounds = 1 if self.quick else max(3, self.rounds // 5)
        for number in range(rounds):
            for name in names[number % len(names):] + names[:number % len(names)]:
                argv, made = contenders[name]
                elapsed, resident, used = measured(argv)
                times[name].append(elapsed)
                cpu[name].append(used)
                peak[name] = max(peak[name], resident)
                if name == "podman pull":
                    sh(self.podman("rmi", "-a", "-f"))
                self.forget(*made)
        base = {name: statistics.median(values) for name, values in times.items()}
        rows = [(name, seconds(times[name]), f"{min(times[name]) / 1000:.2f} s", f"{statistics.median(cpu[name]):.1f} s",
                 f"{peak[name] / 1024:.0f} MB", f"{base[name] / base['podman pull']:.2f}",
                 f"{base[name] / base['skopeo copy + umoci unpack']:.2f}") for name in names]
        tar = [self.tar(layers) for _ in range(rounds)]
        rows.append(("GNU tar -xz, one layer after the other", seconds(tar), f"{min(tar) / 1000:.2f} s", "", "",
                     f"{statistics.median(tar) / base['podman pull']:.2f}", f"{statistics.median(tar) / base['skopeo copy + umoci unpack']:.2f}"))
        self.table(f"Pull from docker-registry on loopback: {size}",
                   ("what", "median", "best", "CPU", "peak resident", "of podman", "of skopeo + umoci"), rows,
                   "Fetch plus unpack into an empty store. rkt also keeps the compressed layers and has everything on disk when it ends. "
                   "GNU tar reads the layers as files and writes them into one directory each.")

    def tar(self, layers):
        target = self.work / "untar"
        target.mkdir()
        total = 0
        for number, layer in enumerate(layers):
            into = target / str(number)
            into.mkdir()
            total += timed(["tar", "-C", str(into), "--numeric-owner", "-xzpf",
                            f"{self.work}/layout/blobs/sha256/{layer['digest'].removeprefix('sha256:')}"])
        self.forget("untar")
        return total

    def group_layers(self):
        """Unpacking alone: all blobs are here, no tree is."""
        layout, layers, _, size = self.image()
        registry = Registry(self.work)
        rounds = 1 if self.quick else max(3, self.rounds // 5)
        try:
            name = registry.name("big:base")
            sh(["skopeo", "copy", "-q", "--dest-tls-verify=false", f"oci:{layout}:base", f"docker://{name}"])
            sh(self.rkt("fetch", f"docker://{name}"))
            tar, rkt = [], []
            for _ in range(rounds):
                tar.append(self.tar(layers))
                self.forget(*(f"rkt/cas/{kind}" for kind in ("layer", "image", "ref")))
                rkt.append(timed(self.rkt("fetch", f"docker://{name}")))
        finally:
            registry.close()
        rows = [(what, seconds(values), f"{min(values) / 1000:.2f} s", f"{statistics.median(values) / statistics.median(tar):.2f}")
                for what, values in (("GNU tar -xz, one layer after the other", tar), ("rkt fetch of an image whose blobs are here", rkt))]
        self.table(f"Unpacking alone: {size}", ("what", "median", "best", "of GNU tar"), rows,
                   "rkt hashes both the blobs and what is in them, and flushes.")

    def share(self, registry, other, size):
        """The second image has seven layers in common with the first."""
        rows = []
        for name, pull in (("podman pull", self.podman("pull", "-q", "--tls-verify=false")), ("rkt fetch", self.rkt("fetch"))):
            prefix = "docker://" if name == "rkt fetch" else ""
            sh([*pull, prefix + registry.name("big:base")])
            before = registry.sent()
            elapsed = timed([*pull, prefix + registry.name("big:next")])
            time.sleep(0.2)  # the registry writes its log after the last byte is gone
            rows.append((name, f"{elapsed / 1000:.2f} s", f"{(registry.sent() - before) / 1e6:.2f} MB"))
        self.table("A second image that shares seven of eight layers", ("what", "time", "transferred"), rows,
                   f"Its own layer is {other['size'] / 1e6:.2f} MB. Bytes of blobs by the registry's log.")
        unpacked = len(list((self.work / "rkt/cas/layer").iterdir()))
        if unpacked != generate.LAYERS + 1:
            sys.exit(f"bench: {unpacked} layers are unpacked instead of {generate.LAYERS + 1}")
        sh(self.podman("rmi", "-a", "-f"))
        self.forget("rkt")
