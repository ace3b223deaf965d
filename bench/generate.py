"""A big image out of a seed: the same bytes on every machine. usage: generate.py DIR [FILES] [MEGABYTES]

DIR becomes an OCI layout with two images that share all layers but the last, `base` and `next`. Sizes are log-normal and contents
mixed, as in real images: text-like bytes that deflate to a third, and bytes that do not deflate at all.
"""
import concurrent.futures
import hashlib
import io
import json
import pathlib
import platform
import random
import shutil
import sys
import tarfile
import zlib

LAYERS = 8
ARCHITECTURE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
POOL = 4 << 20
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"


class Blob:
    """A file named by its digest."""

    def __init__(self, layout):
        self.blobs = layout / "blobs/sha256"
        self.blobs.mkdir(parents=True, exist_ok=True)
        self.path = self.blobs / f".writing-{id(self)}-{random.getrandbits(64):x}"
        self.file = open(self.path, "wb")
        self.hash = hashlib.sha256()
        self.size = 0

    def write(self, data):
        self.file.write(data)
        self.hash.update(data)
        self.size += len(data)

    def close(self):
        self.file.close()
        digest = self.hash.hexdigest()
        self.path.rename(self.blobs / digest)
        return "sha256:" + digest


class Gzip:
    """A file for tarfile to write to: its own digest is the diff ID, the deflated bytes go into a blob."""

    def __init__(self, blob, level):
        self.blob, self.hash, self.at = blob, hashlib.sha256(), 0
        self.crc = 0
        self.deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
        blob.write(GZIP_HEADER)

    def write(self, data):
        self.hash.update(data)
        self.crc = zlib.crc32(data, self.crc)
        self.at += len(data)
        self.blob.write(self.deflate.compress(data))
        return len(data)

    def tell(self):
        return self.at

    def close(self):
        self.blob.write(self.deflate.flush() + self.crc.to_bytes(4, "little") + (self.at & 0xFFFFFFFF).to_bytes(4, "little"))


def pools(source):
    """Text-like and random bytes that files take slices of, at places far enough apart that deflate finds no repeats."""
    words = [bytes(source.choices(b"abcdefghijklmnopqrstuvwxyz_", k=source.randint(2, 11))) for _ in range(6000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    text = b" ".join(source.choices(words, weights, k=POOL // 6))[:POOL]
    return text, source.randbytes(POOL)


def content(source, size, text, noise):
    """Runs of one kind or the other; a quarter of the bytes is noise."""
    out = []
    while size > 0:
        pool = noise if source.random() < 0.25 else text
        at = source.randrange(len(pool) - 65536)
        part = pool[at:at + min(size, 65536)]
        out.append(part)
        size -= len(part)
    return b"".join(out)


def sizes(source, files, total):
    """Log-normal: the median far below the mean, a few files of megabytes; together about the total."""
    raw = [min(source.lognormvariate(8.5, 1.9), 40e6) for _ in range(files)]
    scale = total / sum(raw)
    return [int(size * scale) for size in raw]


def tree(archive, number, files, total, seed):
    """Directories of about a dozen files, some symbolic and hard links."""
    source = random.Random(seed)
    text, noise = pools(source)
    stamp = 1_600_000_000
    top = f"usr/layer{number}"

    def member(name, kind, mode):
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.mtime = kind, mode, stamp
        return info

    def directory(name):
        archive.addfile(member(name, tarfile.DIRTYPE, 0o755))

    directory("usr")
    directory(top)
    place = top
    last = None
    for index, size in enumerate(sizes(source, files, total)):
        if index % 12 == 0:
            if index % 144 == 0:
                branch = f"{top}/part{index // 144}"
                directory(branch)
            place = f"{branch}/group{index // 12}"
            directory(place)
        name = f"{place}/file-{index}-{source.randrange(1000)}.dat"
        kind = source.random()
        if last and kind < 0.04:
            info = member(name, tarfile.SYMTYPE, 0o777)
            info.linkname = pathlib.PurePath(last).name
            archive.addfile(info)
        elif last and kind < 0.05:
            info = member(name, tarfile.LNKTYPE, 0o644)
            info.linkname = last
            archive.addfile(info)
        else:
            info = member(name, tarfile.REGTYPE, 0o755 if kind > 0.9 else 0o644)
            info.size = size
            archive.addfile(info, io.BytesIO(content(source, size, text, noise)))
            last = name


def layer(job):
    layout, number, files, total, seed, level = job
    blob = Blob(pathlib.Path(layout))
    out = Gzip(blob, level)
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        tree(archive, number, files, total, seed)
    out.close()
    size = blob.size
    return {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": blob.close(), "size": size}, "sha256:" + out.hash.hexdigest()


def document(layout, media, value):
    blob = Blob(layout)
    data = json.dumps(value).encode()
    blob.write(data)
    size = blob.size
    return {"mediaType": media, "digest": blob.close(), "size": size}


def image(layout, name, layers):
    config = document(layout, "application/vnd.oci.image.config.v1+json", {
        "architecture": ARCHITECTURE, "os": "linux", "config": {"Cmd": ["/bin/true"]},
        "rootfs": {"type": "layers", "diff_ids": [diff_id for _, diff_id in layers]}})
    manifest = document(layout, "application/vnd.oci.image.manifest.v1+json", {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config,
        "layers": [descriptor for descriptor, _ in layers]})
    manifest["annotations"] = {"org.opencontainers.image.ref.name": name}
    return manifest


def layout(where, files=30_000, megabytes=920, level=6, seed=20261125):
    """Makes the layout; `megabytes` is before compression. Returns the descriptors of the layers of `base`, and the last one's of `next`."""
    where = pathlib.Path(where)
    where.mkdir(parents=True, exist_ok=True)
    # Unequal layers, as people's are: one holds the lion's share, some hold next to nothing.
    shares = [30, 18, 15, 12, 10, 8, 5, 2]
    jobs = [(str(where), number, files * share // 100, megabytes * 1_000_000 * share // 100, seed + number, level)
            for number, share in enumerate(shares)]
    jobs.append((str(where), LAYERS - 1, jobs[-1][2], jobs[-1][3], seed + 1000, level))
    with concurrent.futures.ProcessPoolExecutor() as pool:
        made = list(pool.map(layer, jobs))
    base, following = made[:LAYERS], made[:LAYERS - 1] + [made[LAYERS]]
    index = {"schemaVersion": 2, "manifests": [image(where, "base", base), image(where, "next", following)]}
    (where / "index.json").write_text(json.dumps(index))
    (where / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return [descriptor for descriptor, _ in base], made[LAYERS][0]


def archive(where, files=8_000, megabytes=1000, seed=7):
    """A plain tar that rkt takes as an ACI; it has `/bin/true`."""
    manifest = json.dumps({"acKind": "ImageManifest", "acVersion": "0.8.11", "name": "example.com/big",
                           "labels": [{"name": "os", "value": "linux"}, {"name": "arch", "value": ARCHITECTURE}]}).encode()
    with tarfile.open(where, "w", format=tarfile.PAX_FORMAT) as out:
        info = tarfile.TarInfo("manifest")
        info.size = len(manifest)
        out.addfile(info, io.BytesIO(manifest))
        root = tarfile.TarInfo("rootfs")
        root.type, root.mode = tarfile.DIRTYPE, 0o755
        out.addfile(root)
        program = pathlib.Path(shutil.which("busybox")).read_bytes()
        for name, kind in (("rootfs/bin", tarfile.DIRTYPE), ("rootfs/bin/true", tarfile.REGTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.mode, info.size = kind, 0o755, len(program) if kind == tarfile.REGTYPE else 0
            out.addfile(info, io.BytesIO(program))

        class Below:
            """Moves every name below rootfs/."""

            def addfile(self, info, data=None):
                info.name = "rootfs/" + info.name
                if info.type == tarfile.LNKTYPE:
                    info.linkname = "rootfs/" + info.linkname
                out.addfile(info, data)

        tree(Below(), 0, files, megabytes * 1_000_000, seed)


if __name__ == "__main__":
    arguments = [int(value) for value in sys.argv[2:]]
    layers, extra = layout(sys.argv[1], *arguments)
    print(f"{sum(layer['size'] for layer in layers) / 1e6:.0f} MB in {len(layers)} layers, {extra['size'] / 1e6:.1f} MB in the other last one")
