"""rkt against its peers: medians and ratios of one run. Started by bench/run."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import archives
import crowd
import pods
import pulls
from rig import ROOT, write

GROUPS = {"run": (pods, pods.Pods), "net": (pods, pods.Pods), "look": (pods, pods.Pods), "memory": (pods, pods.Pods),
          "pull": (pulls, pulls.Pulls), "layers": (pulls, pulls.Pulls),
          "aci": (archives, archives.Archives), "unpack": (archives, archives.Archives),
          "list10k": (crowd, crowd.Crowd)}


def run(group, options):
    module, rig = GROUPS[group]
    # Below build/: on the disk, where images live, and not on a tmpfs.
    work = tempfile.mkdtemp(prefix="bench-", dir=options.scratch)
    try:
        rounds = 5 if options.quick else options.rounds
        bench = rig(work, rounds, options.quick)
        getattr(bench, "group_" + group)()
        if not options.quick:
            write(ROOT / "bench/results.md", group, bench.tables, bench.rounds, module.PEERS)
    finally:
        subprocess.run(["umount", "-R", "-l", f"{work}/podman/overlay"], stderr=subprocess.DEVNULL)
        shutil.rmtree(work, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--quick", action="store_true", help="few rounds, small inputs, nothing written")
    parser.add_argument("--only", action="append", default=[], help="groups, separated by commas")
    parser.add_argument("--scratch", default=str(ROOT / "build"), help="where the temporary directory is made")
    parser.add_argument("groups", nargs="*", default=[])
    options = parser.parse_args()
    groups = options.groups + [group for value in options.only for group in value.split(",")]
    for group in groups:
        if group not in GROUPS:
            sys.exit(f"bench: no group {group}; there are {', '.join(GROUPS)}")
    for group in groups or GROUPS:
        run(group, options)
    if not options.quick:
        print(f"written: {os.path.relpath(ROOT / 'bench/results.md')}")


main()
