"""A store of ten thousand images: listing them, and finding one by name."""
import sys

import many_images
from rig import Rig, sh

PEERS = ()


class Crowd(Rig):
    """Group `list10k`."""

    def group_list10k(self):
        images = 300 if self.quick else 10_000
        one = many_images.fill(str(self.work / "rkt/cas"), images)
        name = f"{one['name']}:{one['labels'][0]['value']}"
        count = len(sh(self.rkt("image", "list", "--no-legend")).stdout.splitlines())
        if count != images:
            sys.exit(f"bench: {count} images are listed instead of {images}")
        self.compare(f"{images} images in the store", [
            ("rkt version", self.rkt("version")), ("rkt image list", self.rkt("image", "list")),
            ("rkt image cat-manifest NAME", self.rkt("image", "cat-manifest", name)),
            ("rkt image cat-manifest PARTIAL-ID", self.rkt("image", "cat-manifest", one["id"][:19]))],
            "Budgets: `image list` below 500 ms, a name resolved below 80 ms.")
