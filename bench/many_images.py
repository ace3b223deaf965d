#!/usr/bin/env python3
"""A store of many images, to measure `image list` and name look-up: bench/many_images.py RKT [COUNT].

Writes index records, manifests and name markers as rkt does (no blobs: listing reads none), half
ACIs, half OCI images of eight layers with shared bases. Then times the built rkt, median of 15.
"""
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def digest(text, algorithm="sha256"):
    return hashlib.new(algorithm, text.encode()).hexdigest()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as out:
        out.write(text)


def record(number):
    name = f"example.com/team-{number % 97}/app-{number // 4}"
    verdict = {"kind": "unchecked", "subject": name, "rule": "", "key": "", "identities": [], "time": number}
    labels = [{"name": "version", "value": f"1.{number % 4}"}, {"name": "os", "value": "linux"}, {"name": "arch", "value": "amd64"}]
    base = {"name": name, "labels": labels, "importTime": 1700000000000000000 + number, "size": 1000 + number, "latest": number % 4 == 3}
    if number % 2 == 0:
        key = "sha512-" + digest(str(number), "sha512")[:64]
        return {"id": key, "kind": "aci", **base, "diffIds": [], "verdict": verdict, "unpackedSize": 0,
                "treeId": "deps-sha512-" + digest(key, "sha512")[:64], "lowers": [], "blobs": [], "seeds": []}
    manifest = digest(str(number))
    layers = [digest(f"layer {i} {number // (2000 if i < 5 else 1)}") for i in range(8)]
    lowers = ["sha256:" + layer for layer in reversed(layers)]
    blobs = ["sha256:" + manifest] + ["sha256:" + digest("blob" + layer) for layer in layers]
    return {"id": "sha256-" + manifest, "kind": "oci", **base, "manifestDigest": "sha256:" + manifest,
            "diffIds": ["sha256:" + layer for layer in layers], "verdict": verdict, "unpackedSize": 80000,
            "treeId": "deps-sha512-" + digest(manifest, "sha512")[:64], "lowers": lowers, "lowerSizes": ["10000"] * 8,
            "blobs": blobs, "blobSizes": ["100"] * 9, "seeds": [{"path": "", "mode": 493, "uid": 0, "gid": 0, "sec": 0, "nsec": 0}]}


def fill(cas, count):
    for number in range(count):
        one = record(number)
        key = one["id"]
        write(f"{cas}/image/{key}.json", json.dumps(one))
        manifest = {"acKind": "ImageManifest", "acVersion": "0.8.11", "name": one["name"], "labels": one["labels"]}
        write(f"{cas}/imageManifest/{key[:6]}/{key[7:9]}/{key}", json.dumps(manifest))
        write(f"{cas}/name/{one['name'].replace('/', '%2f')}/{key}", "")
    write(f"{cas}/name/.complete", "")
    return record(count // 2)


def timed(command, rounds):
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append((time.perf_counter() - begin) * 1000)
    return f"median {statistics.median(times):6.1f} ms, best {min(times):6.1f} ms"


def main():
    rkt, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    data = tempfile.mkdtemp(prefix="rkt-many-")
    try:
        one = fill(f"{data}/cas", count)
        version = one["labels"][0]["value"]
        run = [rkt, f"--dir={data}"]
        print(f"{count} images")
        print("image list, no catalog yet  ", timed(run + ["image", "list"], 1))
        print("image list                  ", timed(run + ["image", "list"], 15))
        print("image list --format=json    ", timed(run + ["image", "list", "--format=json"], 15))
        print("image cat-manifest NAME     ", timed(run + ["image", "cat-manifest", f"{one['name']}:{version}"], 15))
        print("image cat-manifest PREFIX   ", timed(run + ["image", "cat-manifest", one["id"][:19]], 15))
        print("version                     ", timed(run + ["version"], 15))
    finally:
        shutil.rmtree(data)


if __name__ == "__main__":
    main()
