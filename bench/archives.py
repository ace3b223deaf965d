"""Archives as files: hashing, keeping and unpacking ACIs, against sha512sum and GNU tar."""
import statistics
import sys

import generate
from rig import RKT, ROOT, Rig, measured, sh

PEERS = ("sha512sum", "tar")


class Archives(Rig):
    """Groups `aci` and `unpack`."""

    def rows(self, label, size, contenders, rounds):
        """Alternating rounds; each contender is (name, argv, what it leaves in the scratch directory)."""
        times = {name: [] for name, _, _ in contenders}
        peak = {name: 0 for name, _, _ in contenders}
        for number in range(rounds):
            turn = number % len(contenders)
            for name, argv, made in contenders[turn:] + contenders[:turn]:
                argv = [str(word) for word in argv]
                for directory in made:
                    (self.work / directory).mkdir(exist_ok=True)
                elapsed, resident, _ = measured(argv)
                times[name].append(elapsed)
                peak[name] = max(peak[name], resident)
                self.forget(*made)
        base = statistics.median(times[contenders[0][0]])
        return [(f"{name}, {label}", f"{statistics.median(values) / 1000:.2f} s", f"{min(values) / 1000:.2f} s",
                 f"{size / 1e3 / statistics.median(values):.0f} MB/s", f"{peak[name] / 1024:.0f} MB",
                 f"{statistics.median(values) / base:.2f}") for name, values in times.items()]

    def compare_archives(self, title, sources, rounds, hashed, note):
        """`hashed`: the peer hashes, too."""
        rows = []
        base = ("sha512sum, then " if hashed else "") + "GNU tar -x"
        for label, source, size in sources:
            tar = f"tar -C {self.work}/untar --numeric-owner {'-xzpf' if label == 'gzip' else '-xpf'} {source}"
            hash_first = f"sha512sum {source} > /dev/null\n" if hashed else ""
            rows += self.rows(label, size, [
                (base, ["sh", "-ec", hash_first + tar], ("untar",)),
                ("rkt fetch (hash, check, keep, unpack)", self.rkt("fetch", source, data="fetched"), ("fetched",)),
                ("rkt run IMAGE (the same, run /bin/true)",
                 self.rkt("run", "--net=host", source, "--exec=/bin/true", data="fetched"), ("fetched",)),
            ], rounds)
        self.table(title, ("what", "median", "best", "throughput", "peak resident", f"of {base}"), rows, note)

    def group_aci(self):
        archive = self.work / "big.aci"
        files, megabytes = (800, 100) if self.quick else (8_000, 1000)
        generate.archive(archive, files, megabytes)
        # What the results say is what was done.
        rounds = self.rounds = 1 if self.quick else max(3, self.rounds // 5)
        self.compare_archives(
            f"SHA-512 and unpacking of an ACI of {megabytes} MB, {files} files", [("plain", archive, archive.stat().st_size)], rounds, True,
            "rkt also keeps the archive, hashes the unpacked tree for `image verify`, and has everything on disk when it ends.")

    def group_unpack(self):
        archive = ROOT / "build/cache/debian-nginx.tar"
        if not archive.exists():
            print("bench: no build/cache/debian-nginx.tar, unpacking is left out", file=sys.stderr)
            return
        plain, deflated = self.work / "debian.aci", self.work / "debian-gzip.aci"
        sh([RKT, "image", "build", str(archive), str(plain), "--compression=none", "--name=example.com/debian", "--exec=/bin/true"])
        sh(["sh", "-c", f"gzip -1 -c {plain} > {deflated}"])
        size = archive.stat().st_size
        rounds = self.rounds = 1 if self.quick else max(3, self.rounds // 5)
        self.compare_archives(
            f"Unpacking a Debian root filesystem with nginx ({size // 1000000} MB)",
            [("plain", plain, size), ("gzip", deflated, size)], rounds, False,
            "rkt also verifies, keeps the archive and makes everything durable; GNU tar only writes files.")
