# SPDX-License-Identifier: Apache-2.0
"""Apps that attack their pod, and launch files that rkt did not write."""

import os
import random
import signal
import time

from harness import HOSTILE, SUPERVISOR, PodTest
from pod import DEFAULT_CAPS, App, sh


class SandboxTest(PodTest):
    def attack(self, caps):
        pod, code, out, err = self.run_pod(App("a", ["/bin/hostile"], files={"hostile": HOSTILE}, caps=caps))
        self.assertEqual(0, code, err)
        lines = out.decode().split("\n")
        self.assertIn("alive", lines, "PID 1 survives every signal")
        return dict(line.split(" ", 1) for line in lines if " " in line)

    def test_an_app_with_default_capabilities_reaches_nothing_of_pid_1(self):
        answers = self.attack(DEFAULT_CAPS)
        self.assertEqual(14, len(answers))
        self.assertEqual("ENOENT", answers.pop("fds"), "it has none")
        for name, answer in answers.items():
            self.assertIn(answer, ("EACCES", "EPERM"), name)

    def test_even_with_ptrace_there_is_nothing_to_take(self):
        answers = self.attack(DEFAULT_CAPS + ["CAP_SYS_PTRACE", "CAP_DAC_READ_SEARCH"])
        self.assertEqual("ENODATA", answers["root"])
        self.assertEqual("ENODATA", answers["cwd"])
        self.assertEqual("ENOENT", answers["root-etc"])
        self.assertEqual("ENOENT", answers["fds"])
        self.assertNotEqual("ok", answers["exe-write"])
        self.assertNotEqual("ok", answers["setns"])

    def test_sandbox_has_no_privilege_and_no_descriptor(self):
        pod = self.pod(sh("a", "busybox sleep 1000")).start().wait_ready()
        sandbox = pod.sandbox()
        with open(f"/proc/{sandbox}/status") as f:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
        for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual("0" * 16, status[key], key)
        self.assertEqual("1", status["NoNewPrivs"])
        # The lock's directory would be a way to the host for an app with CAP_SYS_PTRACE (CVE-2024-21626 class).
        self.assertEqual([], os.listdir(f"/proc/{sandbox}/fd"))
        with open(f"/proc/{sandbox}/mountinfo") as f:
            mounts = f.read().splitlines()
        self.assertEqual(1, len(mounts))
        self.assertIn(" / ro,nosuid,nodev,noexec", mounts[0])
        pod.signal(signal.SIGTERM)
        self.finish(pod)

    def test_a_user_namespace_owns_the_others(self):
        """Root in the pod is root over what the sandbox was made with, and nobody to the host."""
        first = 9 << 16
        pod = self.pod(sh("a", "busybox id -u; busybox cat /proc/self/uid_map; busybox hostname mine; busybox ip link set lo mtu 1000;"
                               "echo done > /dev/stdout; busybox sleep 1000",
                          caps=DEFAULT_CAPS + ["CAP_SYS_ADMIN", "CAP_NET_ADMIN"]), first_id=first, ids=65536, net="new")
        pod.start().wait_ready().wait_output("a", "done")
        lines = [text for _, _, text in pod.log("a")]
        self.assertEqual("0", lines[0])
        self.assertEqual(["0", str(first), "65536"], lines[1].split())
        self.assertEqual(3, len(lines), "no error of hostname and ip")
        for pid in (pod.sandbox(), pod.app_pid("a")):
            with open(f"/proc/{pid}/status") as f:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
            for key in ("Uid", "Gid"):
                self.assertEqual("\t".join([str(first)] * 4), status[key])
            self.assertEqual("", status["Groups"].strip())
        for key in ("CapPrm", "CapEff", "CapBnd"):
            with open(f"/proc/{pod.sandbox()}/status") as f:
                self.assertIn(f"{key}:\t{'0' * 16}\n", f.read())
        self.assertEqual([], os.listdir(f"/proc/{pod.sandbox()}/fd"))
        pod.signal(signal.SIGTERM)
        self.finish(pod)

    def test_input_reaches_the_app_but_not_as_its_file(self):
        for ids in ({}, {"first_id": 9 << 16, "ids": 65536}):
            pod = self.pod(sh("a", "busybox wc -c", stdin="inherit"), **ids)
            text = pod.path("input")
            text.write_bytes(b"x" * 300000)
            with open(text, "rb") as stdin:
                code, out, err = pod.run(stdin=stdin)
            self.assertEqual((0, b"300000"), (code, out.strip()), err)
            self.assertEqual(0, text.stat().st_uid)

    def test_a_name_in_the_image_cannot_drive_the_terminal(self):
        """CWE-150: the runtime quotes what the image names; it comes out without control characters."""
        pod, code, _, err = self.run_pod(App("a", ["/bin/none\x1b]0;owned\x07\r\u009b31m"]))
        self.assertEqual(254, code)
        self.assertIn(b"/bin/none", err)
        for text in (err, pod.path("failure").read_bytes()):
            self.assertNotRegex(text, rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")

    def test_an_app_gets_three_descriptors_and_default_signals(self):
        _, _, out, _ = self.run_pod(App("a", ["/bin/busybox", "ls", "/proc/self/fd"]),
                                    App("b", ["/bin/busybox", "grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"]))
        words = out.decode().split()
        self.assertEqual({"0", "1", "2", "3"}, {w for w in words if len(w) == 1})  # 3 is the listing itself
        self.assertEqual(["0" * 16, "0" * 16], [w for w in words if len(w) == 16])

    def test_fork_bomb_stays_within_its_cgroup_and_ends_with_the_pod(self):
        pod = self.pod(sh("a", "echo up; f() { f | f & }; f; busybox sleep 1000", resources={"pids": {"limit": 40}}), grace_ms=300).start()
        pod.wait_output("a", "up")
        pod.wait_ready()
        inode = os.stat(f"/proc/{pod.sandbox()}/ns/pid").st_ino
        time.sleep(0.5)
        self.assertLessEqual(len(pod.pids_in_namespace(inode)), 42)
        pod.signal(signal.SIGTERM)
        pod.process.communicate(timeout=30)
        self.assertEqual([], pod.pids_in_namespace(inode))

    def test_stopping_every_process_it_sees(self):
        pod = self.pod(sh("a", "kill -STOP -1; kill -KILL -1; kill -9 1; echo still; exit 3")).start()
        self.assertEqual(3, self.finish(pod)[0])

    def test_a_stopped_app_can_be_stopped(self):
        pod = self.pod(sh("a", "kill -STOP $$"), grace_ms=2000).start().wait_ready()
        pod.signal(signal.SIGTERM)
        self.assertEqual(0, self.finish(pod)[0])


class LaunchFileTest(PodTest):
    def refuse(self, change, expected):
        pod = self.pod(sh("a", "echo ran"))
        text = pod.launch_text

        def changed():
            result = change(text())
            return result
        pod.launch_text = changed
        code, out, err = pod.run()
        self.assertEqual((254, b""), (code, out), err)
        self.assertIn(expected, err.decode(errors="replace"))
        self.assertEqual(1, err.count(b"\n"))

    def test_malformed(self):
        def sub(old, new):
            return lambda t: t.replace(old + "\0" if new.endswith("\0") else old, new, 1)
        cases = [
            (lambda t: "", "empty"),
            (lambda t: t[:-1], "truncated"),
            (lambda t: t + "junk\0", "unknown key"),
            (lambda t: t + "\0", "unknown key"),
            (lambda t: "color=red\0" + t, "unknown key"),
            (lambda t: "app\0" + t, "unknown key"),
            (sub("version=1", "version=2"), "version"),
            (sub("prefix=0", "prefix=0\0ids=65536\0first-id=65536"), "ids without null"),
            (sub("prefix=0", "prefix=0\0null=/x\0ids=65536"), "out of range"),
            (sub("prefix=0", "prefix=0\0first-id=65536"), "out of range"),
            (sub("prefix=0", "prefix=0\0null=/x\0ids=65536\0first-id=65535"), "out of range"),
            (sub("prefix=0", "prefix=0\0null=/x\0ids=65537\0first-id=65536"), "out of range"),
            (sub("prefix=0", "prefix=0\0null=/x\0ids=65536\0first-id=2147418113"), "out of range"),
            (sub("prefix=0", "prefix=0\0null=dev/null"), "bad value"),
            (sub("version=1", "version="), "bad value"),
            (sub("version=1", "version=99999999999999999999"), "bad value"),
            (sub("version=1", "version=-1"), "bad value"),
            (lambda t: "version=1\0" + t, "repeated key"),
            (sub("prefix=0", "prefix=2"), "bad value"),
            (sub("net=host", "net=bridge"), "bad value"),
            (sub("net=host", "net=path:relative"), "bad value"),
            (sub("ipc=private", "ipc=maybe"), "bad value"),
            (sub("hostname=pod-host", "hostname=" + "x" * 65), "bad value"),
            (sub("runtime=/", "runtime=./"), "bad value"),
            (sub("app=a", "app=a b"), "bad value"),
            (sub("app=a", 'app=a"'), "bad value"),
            (sub("app=a", "app=-a"), "bad value"),
            (sub("id=", "id=-"), "bad value"),
            (sub("stdin=null", "stdin=tty"), "bad value"),
            (sub("grace-ms=10000", "grace-ms=86400001"), "out of range"),
            (sub("log-files=3", "log-files=0"), "out of range"),
            (sub("lockfd=", "lockfd=99"), "lockfd"),
            (lambda t: t[:t.index("app=")], "names no app"),
            (lambda t: t + t[t.index("app="):], "repeated app"),
            (lambda t: t + "uuid=x\0", "unknown key"),
            (lambda t: t.replace("runtime=", "x-runtime=", 1), "unknown key"),
            (lambda t: t[:t.index("pidfile=")] + t[t.index("supfile="):], "missing"),
            (lambda t: t + "".join(f"oom=/x{i}\0" for i in range(9)), "bad value"),
            (lambda t: t + "listen=2\0", "not open or not in order"),
            (lambda t: t + "listen=900\0", "not open or not in order"),
            (lambda t: t + "listen=x\0", "bad value"),
            (lambda t: t + "listen=9\0" * 65, "bad value"),
            (sub("prefix=0", "prefix=0\0notify-socket=run/notify"), "bad value"),
            (sub("prefix=0", "prefix=0\0notify-socket=/" + "x" * 107), "bad value"),
            (lambda t: t + "notify=relative\0", "bad value"),
            (lambda t: t + "x" * (1 << 20) + "\0", "larger"),
            (lambda t: t + "".join(f"app=x{i}\0" for i in range(600)), "too many apps"),
        ]
        for number, (change, expected) in enumerate(cases):
            with self.subTest(number=number, expected=expected):
                self.refuse(change, expected)

    def test_file_that_others_may_write_or_that_is_none(self):
        import subprocess
        pod = self.pod(sh("a", ":"))
        launch = pod.path("launch")
        launch.write_text(pod.launch_text())
        for mode in (0o622, 0o602):
            launch.chmod(mode)
            result = subprocess.run([SUPERVISOR, launch], capture_output=True)
            self.assertEqual(254, result.returncode)
            self.assertIn(b"only its owner", result.stderr)
        os.symlink(launch, pod.path("link"))
        for path in ("/dev/zero", "/nope", pod.path("link"), pod.dir):
            result = subprocess.run([SUPERVISOR, path], capture_output=True)
            self.assertEqual(254, result.returncode, path)
        self.assertEqual(254, subprocess.run([SUPERVISOR], capture_output=True).returncode)

    def test_random_damage(self):
        """Never a crash, whatever the bytes; the runtime is absent so that nothing starts."""
        import subprocess
        seed = int(os.environ.get("RKT_SEED", time.time_ns() % 1000000))
        rng = random.Random(seed)
        pod = self.pod(sh("a", ":"))
        pod.keys["lockfd"] = None
        clean = b"".join(e + b"\0" for e in pod.launch_text().encode().split(b"\0")
                         if e and not e.startswith((b"cgroup=", b"state=", b"runtime=", b"supfile=", b"failure=")))
        clean = clean.replace(b"app=a", b"runtime=/nope\0app=a", 1)
        for n in range(150):
            data = bytearray(clean)
            for _ in range(rng.randint(1, 6)):
                at = rng.randrange(len(data))
                kind = rng.randrange(4)
                if kind == 0:
                    data[at] = rng.randrange(256)
                elif kind == 1:
                    del data[at:at + rng.randint(1, 40)]
                elif kind == 2:
                    data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 40)))
                else:
                    data[at:at] = data[rng.randrange(len(data)):][:60]
            launch = pod.path("launch")
            launch.write_bytes(data)
            launch.chmod(0o600)
            # A damaged path may name any file: all but the pod's directory is read-only.
            confined = 'mount --bind . . && mount -o remount,bind,ro / && exec "$@"'
            result = subprocess.run(["unshare", "-m", "sh", "-c", confined, "sh", str(SUPERVISOR), str(launch)], capture_output=True,
                                    timeout=60, cwd=pod.dir, stdin=subprocess.DEVNULL)
            self.assertEqual(254, result.returncode, f"seed {seed}, case {n}: {result.stderr[-2000:]}")
            self.assertNotIn(b"Sanitizer", result.stderr, f"seed {seed}, case {n}")
