#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the native tests: run.py OUTPUT_DIR [unittest arguments].

For every OCI runtime found, and for the sanitizer build if it is there, in a private
mount namespace. Where cgroups are hybrid, the v2 tree is unmounted there first, as rkt
does: crun refuses a v2 tree with controllers beside v1.
"""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def main():
    out = pathlib.Path(sys.argv[1])
    runtimes = [r for r in (shutil.which("crun", path=PATH), shutil.which("runc", path=PATH)) if r]
    for missing, reason in ((os.geteuid() != 0, "not root"), (not runtimes, "neither crun nor runc"),
                            (not shutil.which("busybox"), "no busybox (package busybox-static)")):
        if missing:
            print("skip - native tests:", reason)
            return 0
    if "RKT_TEST_NS" not in os.environ:
        os.environ["RKT_TEST_NS"] = "1"
        script = 'if [ -d /sys/fs/cgroup/unified ]; then umount -l /sys/fs/cgroup/unified; fi; exec "$@"'
        os.execvp("unshare", ["unshare", "-m", "sh", "-c", script, "sh", sys.executable, *sys.argv])
    builds = [(out / "rkt-supervisor", False)]
    if (out / "san/rkt-supervisor").exists():
        builds.append((out / "san/rkt-supervisor", True))
    failed = 0
    only = os.environ.get("RKT_ONLY", "")  # e.g. "crun", to try one combination
    for supervisor, sanitized in builds:
        for runtime in runtimes[:1] if sanitized else runtimes:
            if only not in f"{supervisor} {runtime}":
                continue
            print(f"== {supervisor.relative_to(out)} with {runtime}", flush=True)
            env = dict(os.environ, RKT_SUPERVISOR=str(supervisor), RKT_RUNTIME=runtime, RKT_HOSTILE=str(out / "tests/hostile"),
                       RKT_SANITIZED=str(int(sanitized)), RKT_LAUNCHER=str(supervisor.parent / "rkt"), PYTHONPATH=str(HERE),
                       PYTHONDONTWRITEBYTECODE="1")
            # What the supervisor allocates it keeps for life, on purpose.
            env["ASAN_OPTIONS"] = "detect_leaks=0"
            failed |= subprocess.run([sys.executable, str(HERE / "lines.py"), *sys.argv[2:]], env=env, cwd=HERE).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
