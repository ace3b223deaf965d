#!/usr/bin/env python3
"""How fast the output of an app passes: bench/output.py RKT [MEGABYTES].

The probe (make -C tests/probe) writes numbered lines; measured are the program alone into a pipe, and the same as an app,
with its log (the default). Medians of five interleaved rounds.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
rkt, size = os.path.abspath(sys.argv[1]), int(sys.argv[2] if len(sys.argv) > 2 else 300) * 1_000_000 // 64 * 64


def rate(command):
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        got = 0
        while data := os.read(process.stdout.fileno(), 1 << 16):
            got += len(data)
    assert process.returncode == 0 and got == size, (process.returncode, got)
    return size / (time.monotonic() - start) / 1e6


subprocess.run(["make", "-s", "-C", os.path.join(root, "tests/probe"), f"O={root}/build/probe"], check=True)
probe = os.path.join(root, "build/probe/probe")
with tempfile.TemporaryDirectory(dir=os.path.join(root, "build")) as work:
    os.makedirs(work + "/rootfs/bin")
    subprocess.run(["cp", probe, work + "/rootfs/bin/probe"], check=True)
    command = [rkt, "--dir=" + work + "/data", "--insecure-options=image"]
    image = work + "/probe.aci"
    subprocess.run(command + ["image", "build", work + "/rootfs", image, "--name=example.com/probe", "--exec=/bin/probe"],
                   check=True, stdout=subprocess.DEVNULL)
    image = subprocess.run(command + ["fetch", image], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
    alone, app = [], []
    for _ in range(5):
        alone.append(rate([probe, "flood", str(size)]))
        app.append(rate(command + ["run", "--net=none", image, "--", "flood", str(size)]))
        subprocess.run(command + ["gc", "--grace-period=0s"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
a, b = statistics.median(alone), statistics.median(app)
print(f"program alone {a:.0f} MB/s, as an app {b:.0f} MB/s, ratio {b / a:.2f}")
