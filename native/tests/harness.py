# SPDX-License-Identifier: Apache-2.0
"""What the test classes share: which binary and runtime are under test, pods that are always removed."""

import os
import pathlib
import unittest

from pod import Pod

SUPERVISOR = pathlib.Path(os.environ["RKT_SUPERVISOR"])
RUNTIME = os.environ["RKT_RUNTIME"]
HOSTILE = os.environ["RKT_HOSTILE"]
SANITIZED = os.environ.get("RKT_SANITIZED") == "1"


class PodTest(unittest.TestCase):
    def pod(self, *apps, leaves=False, **keys):
        """leaves=True: the supervisor is killed, so its clean-up is not expected."""
        keys = {k.replace("_", "-"): v for k, v in keys.items()}
        runtime = keys.pop("runtime", RUNTIME)
        pod = Pod(SUPERVISOR, runtime, list(apps), **keys)

        def remove():
            left = pod.remove()
            if not leaves:
                self.assertEqual([], left, "left behind by the supervisor")
        self.addCleanup(remove)
        return pod

    def run_pod(self, *apps, **keys):
        pod = self.pod(*apps, **keys)
        code, out, err = pod.run()
        if SANITIZED:
            self.assertNotIn(b"Sanitizer", err)
            self.assertNotIn(b"runtime error", err)
        return pod, code, out, err

    def finish(self, pod, timeout=30):
        out, err = pod.process.communicate(timeout=timeout)
        self.assertNotIn(b"Sanitizer", err or b"")
        return pod.process.returncode, out, err

    def assert_exit(self, pod, app, code, cause, sig=0):
        record = pod.exit(app)
        self.assertEqual((code, cause, sig), (record["code"], record["cause"], record["signal"]), app)
        self.assertEqual(str(code), pod.status(app))
        self.assertLessEqual(record["startedAt"], record["finishedAt"])
