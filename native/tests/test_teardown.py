# SPDX-License-Identifier: Apache-2.0
"""The pod's networking is undone at its end, from the file that rkt left."""

import os
import subprocess
import tempfile

from harness import PodTest
from pod import sh


class TeardownTest(PodTest):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="rkt-teardown-")
        self.addCleanup(subprocess.run, ["rm", "-rf", self.dir])
        self.file = os.path.join(self.dir, "teardown")
        self.seen = os.path.join(self.dir, "seen")
        # Mounted here, in the mount namespace that the pod was started in, not in the pod's own.
        self.netns = os.path.join(self.dir, "netns")
        open(self.netns, "w").close()
        subprocess.run(["unshare", "--net", "mount", "--bind", "/proc/self/ns/net", self.netns], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.netns], stderr=subprocess.DEVNULL)

    def write(self, *calls):
        entries = ["version=1", "netns=" + self.netns, "reclaim=/nowhere"]
        for label, script, *more in calls:
            entries += ["call=" + label, "program=/bin/sh", "arg=-c", "arg=" + script, *more, "check=0", "stdin=in of " + label]
        with open(self.file, "w") as f:
            f.write("".join(e + "\0" for e in entries))

    def run_with(self, *calls):
        self.write(*calls)
        return self.run_pod(sh("a", "exit 5"), net="path:" + self.netns, teardown=self.file)

    def test_calls_are_made_in_order_as_they_are(self):
        script = f'read x; echo "$A $x $(/usr/bin/env | /bin/grep -c =)" >> {self.seen}'
        _, code, _, err = self.run_with(("one", script, "env=A=1 2"), ("two", script, "env=A=b", "env=B=c"))
        self.assertEqual((5, b""), (code, err))
        with open(self.seen) as f:
            lines = f.read().splitlines()
        self.assertEqual(["1 2 in of one", "b in of two"], [line.rsplit(" ", 1)[0] for line in lines])
        self.assertEqual(1, int(lines[1].rsplit(" ", 1)[1]) - int(lines[0].rsplit(" ", 1)[1]))
        self.assertFalse(os.path.exists(self.file))
        self.assertFalse(os.path.exists(self.netns))

    def test_calls_see_the_mounts_rkt_was_started_in(self):
        _, code, _, err = self.run_with(("m", f"/bin/ls -l /proc/self/ns/mnt > {self.seen}"))
        self.assertEqual((5, b""), (code, err))
        with open(self.seen) as f:
            self.assertIn(os.readlink("/proc/self/ns/mnt"), f.read())

    def test_a_call_gets_no_descriptor_of_the_pod(self):
        _, code, _, _ = self.run_with(("fds", f"/bin/ls /proc/self/fd > {self.seen}"))
        with open(self.seen) as f:
            self.assertEqual(["0", "1", "2", "3"], f.read().split())  # 3: the directory ls reads

    def test_failure_is_reported_and_leaves_the_file_to_gc(self):
        _, code, _, err = self.run_with(("bad", "echo why; exit 3"), ("good", f"echo ran > {self.seen}"),
                                        ("dead", "kill -9 $$"))
        self.assertEqual(5, code)
        self.assertIn(b"teardown of bad: exit status 3: why", err)
        self.assertIn(b"teardown of dead: exit status 137", err)
        self.assertTrue(os.path.exists(self.seen))
        self.assertTrue(os.path.exists(self.file))
        self.assertFalse(os.path.exists(self.netns))

    def test_endless_output_is_cut_off(self):
        _, code, _, err = self.run_with(("endless", "exec /usr/bin/yes"), ("good", f"echo ran > {self.seen}"))
        self.assertEqual(5, code)
        self.assertIn(b"teardown of endless: it wrote too much and was killed", err)
        self.assertTrue(os.path.exists(self.seen))
        self.assertTrue(os.path.exists(self.file))

    def test_a_torn_or_missing_file_is_reported(self):
        with open(self.file, "w") as f:
            f.write("version=1\0call=x")
        _, code, _, err = self.run_pod(sh("a", "exit 5"), net="path:" + self.netns, teardown=self.file)
        self.assertEqual(5, code)
        self.assertIn(b"rkt gc undoes", err)
        os.unlink(self.file)
        _, code, _, err = self.run_pod(sh("a", "exit 5"), net="path:" + self.netns, teardown=self.file)
        self.assertIn(b"rkt gc undoes", err)

    def test_failed_setup_is_undone_too(self):
        self.write(("one", f"echo ran > {self.seen}"))
        pod = self.pod(sh("a", ":"), net="path:/nowhere", teardown=self.file)
        code, _, err = pod.run()
        self.assertEqual(254, code)
        self.assertIn(b"open network namespace", err)
        self.assertTrue(os.path.exists(self.seen))

    def test_mountfd_must_be_open(self):
        self.write()
        _, code, _, err = self.run_pod(sh("a", ":"), teardown=self.file, mountfd=77)
        self.assertEqual(254, code)
        self.assertIn(b"mountfd is not an open descriptor", err)
