"""A store of ten thousand images: listing them, and finding one by name."""
import io
import json
import sys
import tarfile

from rig import Rig, sh

PEERS = ()


class Crowd(Rig):
    """Group `list10k`."""

    def group_list10k(self):
        images = 300 if self.quick else 10_000
        self.fill(images)
        last = f"example.com/crowd/{images - 1}:1.0.0"
        count = len(sh(self.rkt("image", "list", "--no-legend")).stdout.splitlines())
        if count != images:
            sys.exit(f"bench: {count} images are listed instead of {images}")
        self.compare(f"{images} images in the store", [
            ("rkt version", self.rkt("version")), ("rkt image list", self.rkt("image", "list")),
            ("rkt image cat-manifest NAME", self.rkt("image", "cat-manifest", last))],
            "Budgets: `image list` below 500 ms, a name resolved below 80 ms.")

    def fill(self, images):
        """Archives in memory cost nothing; one process imports many."""
        batch = 500
        for first in range(0, images, batch):
            made = self.work / "crowd"
            made.mkdir()
            names = []
            for number in range(first, min(first + batch, images)):
                name = made / f"{number}.aci"
                self.archive(name, number)
                names.append(str(name))
            sh(self.rkt("fetch", *names))
            self.forget("crowd")

    @staticmethod
    def archive(where, number):
        manifest = json.dumps({"acKind": "ImageManifest", "acVersion": "0.8.11", "name": f"example.com/crowd/{number}",
                               "labels": [{"name": "version", "value": "1.0.0"}]}).encode()
        with tarfile.open(where, "w") as out:
            info = tarfile.TarInfo("manifest")
            info.size = len(manifest)
            out.addfile(info, io.BytesIO(manifest))
            root = tarfile.TarInfo("rootfs")
            root.type, root.mode = tarfile.DIRTYPE, 0o755
            out.addfile(root)
