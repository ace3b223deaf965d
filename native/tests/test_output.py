# SPDX-License-Identifier: Apache-2.0
"""Output: relay, prefixes, logs, readers that are slow or gone, the terminal."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time

from harness import SANITIZED, PodTest
from pod import App, sh

SLEEP = ["/bin/busybox", "sleep", "1000"]
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) [FP] .*", re.S)


class RelayTest(PodTest):
    def test_bytes_pass_unchanged(self):
        pod, code, out, err = self.run_pod(sh("a", "busybox printf 'a\\000\\377b\\n\\n'; busybox printf 'no newline'; echo e >&2"))
        self.assertEqual((0, b"a\0\xffb\n\nno newline", b"e\n"), (code, out, err))

    def test_much_output(self):
        pod, code, out, _ = self.run_pod(sh("a", "busybox seq 1 200000"))
        self.assertEqual("".join(f"{n}\n" for n in range(1, 200001)).encode(), out)

    def test_prefixes_never_mix_lines(self):
        script = "i=0; while [ $i -lt 150 ]; do busybox printf '{0}{0}{0}'; busybox printf '{0}%*s\\n' $((i * 7)) '' | busybox tr ' ' {0}; i=$((i+1)); done"
        long = "busybox head -c 200000 /dev/zero | busybox tr '\\000' z; echo; busybox printf end"
        apps = [sh("app-" + c, script.format(c)) for c in "pqr"] + [sh("app-z", long)]
        pod, code, out, err = self.run_pod(*apps, prefix=1)
        self.assertEqual(0, code)
        self.assertTrue(out.endswith(b"\n"))
        total = dict.fromkeys("pqrz", 0)
        for line in out.decode().split("\n")[:-1]:
            found = re.fullmatch(r"\[app-([pqrz])\] (.*)", line)
            self.assertTrue(found, line[:100])
            if found[2] != "end":
                self.assertLessEqual(set(found[2]), {found[1]}, line[:100])
                total[found[1]] += len(found[2])
        self.assertEqual(200000, total["z"])
        for c in "pqr":
            self.assertEqual(sum(4 + max(i * 7, 0) for i in range(150)), total[c])

    def test_both_outputs_to_one_place_do_not_mix(self):
        apps = [sh(c, f"i=0; while [ $i -lt 200 ]; do echo {c}{c}{c}; echo {c}{c} >&2; i=$((i+1)); done") for c in "xy"]
        pod, code, out, _ = self.run_joined(apps)
        for line in out.decode().splitlines():
            self.assertRegex(line, r"^\[([xy])\] \1\1\1?$")
        self.assertEqual(800, len(out.splitlines()))

    def run_joined(self, apps):
        pod = self.pod(*apps, prefix=1)
        code, out, err = pod.run(stderr=subprocess.STDOUT)
        return pod, code, out, err

    def test_slow_reader_gets_everything(self):
        pod = self.pod(sh("a", "busybox seq 1 100000; exit 3")).start()
        time.sleep(0.5)
        self.assertIsNone(pod.process.poll(), "back-pressure holds the app")
        out, _ = pod.process.communicate(timeout=30)
        self.assertEqual(3, pod.process.returncode)
        self.assertEqual("".join(f"{n}\n" for n in range(1, 100001)).encode(), out)

    def test_signals_work_while_the_reader_hangs(self):
        pod = self.pod(sh("a", "busybox yes"), App("b", SLEEP)).start().wait_ready()
        time.sleep(0.2)
        pod.signal(signal.SIGTERM)
        self.assertEqual(0, pod.process.wait(timeout=20))
        self.assert_exit(pod, "b", 0, "stopped", signal.SIGTERM)

    def test_our_callers_descriptor_stays_blocking(self):
        r, w = os.pipe()
        pod = self.pod(sh("a", "echo x"))
        pod.run(stdout=w)
        self.assertFalse(fcntl.fcntl(w, fcntl.F_GETFL) & os.O_NONBLOCK)
        self.assertEqual(b"x\n", os.read(r, 10))
        os.close(r)
        os.close(w)

    def test_reader_gone_goes_on_in_the_log(self):
        r, w = os.pipe()
        os.close(r)
        pod = self.pod(sh("a", "busybox seq 1 20000; echo e >&2; exit 6"))
        code, _, err = pod.run(stdout=w)
        os.close(w)
        self.assertEqual((6, b"e\n"), (code, err))
        self.assertEqual([str(n) for n in range(1, 20001)], [t for s, _, t in pod.log("a") if s == "stdout"])

    def test_reader_leaves_in_the_middle(self):
        pod = self.pod(sh("a", "busybox yes | busybox head -n 100000; exit 6")).start()
        pod.process.stdout.read(100)
        pod.process.stdout.close()
        pod.process.stdout = None
        self.assertEqual(6, self.finish(pod)[0])

    def test_reader_gone_without_a_log_ends_the_app(self):
        r, w = os.pipe()
        os.close(r)
        pod = self.pod(App("a", ["/bin/busybox", "yes"]), log_max=0)
        code, _, _ = pod.run(stdout=w)
        os.close(w)
        self.assertIn(code, (1, 141))

    def test_stdout_is_a_file_or_a_socket_or_full(self):
        pod = self.pod(sh("a", "busybox seq 1 50000"))
        with open(pod.path("out"), "wb") as f:
            self.assertEqual(0, pod.run(stdout=f)[0])
        self.assertEqual(50000, len(pod.path("out").read_bytes().splitlines()))
        with open("/dev/full", "wb") as f:
            self.assertEqual(0, self.pod(sh("a", "echo x")).run(stdout=f)[0])
        import socket
        ours, theirs = socket.socketpair()
        pod = self.pod(sh("a", "busybox seq 1 50000")).start(stdout=theirs)
        theirs.close()
        got = b"".join(iter(lambda: ours.recv(65536), b""))
        ours.close()
        self.assertEqual(0, self.finish(pod)[0])
        self.assertEqual(50000, len(got.splitlines()))

    def test_closed_stdio(self):
        pod, code, _, _ = self.run_pod(sh("a", "exec >&- 2>&- <&-; busybox sleep 0.2; exit 4"))
        self.assertEqual(4, code)

    def test_stdin_is_null_or_inherited(self):
        r, w = os.pipe()
        os.write(w, b"hello in\n")
        os.close(w)
        pod = self.pod(App("a", ["/bin/busybox", "cat"], stdin="inherit"), App("b", ["/bin/busybox", "cat"]))
        code, out, _ = pod.run(stdin=r)
        os.close(r)
        self.assertEqual((0, b"hello in\n"), (code, out))


class LogTest(PodTest):
    def test_format(self):
        pod, _, _, _ = self.run_pod(sh("a", "echo one; busybox sleep 0.05; echo two >&2; echo; busybox printf part"))
        lines = pod.text("logs", "a.log").split("\n")
        self.assertEqual("", lines.pop())
        for line in lines:
            self.assertTrue(LINE.fullmatch(line), line)
        self.assertAlmostEqual(time.time(), time.mktime(time.strptime(lines[0][:19] + " UTC", "%Y-%m-%dT%H:%M:%S %Z")) - time.timezone, delta=120)
        log = pod.log("a")
        self.assertIn(("stdout", "F", "one"), log)
        self.assertIn(("stderr", "F", "two"), log)
        self.assertIn(("stdout", "F", ""), log)
        self.assertEqual(("stdout", "P", "part"), [e for e in log if e[0] == "stdout"][-1])

    def test_rotation_keeps_a_bound_and_whole_lines(self):
        pod, code, _, _ = self.run_pod(sh("a", "busybox seq 1 3000"), log_max=20000, log_files=3)
        names = sorted(p.name for p in pod.path("logs").iterdir())
        self.assertEqual(["a.log", "a.log.1", "a.log.2"], names)
        numbers = []
        for name in reversed(names):
            text = pod.text("logs", name)
            self.assertLessEqual(len(text), 20000)
            self.assertTrue(text.endswith("\n"))
            numbers += [int(line.split(" ", 3)[3]) for line in text.splitlines()]
        self.assertEqual(list(range(numbers[0], 3001)), numbers)
        self.assertGreater(len(numbers), 700)

    def test_one_file_only(self):
        pod, _, _, _ = self.run_pod(sh("a", "busybox seq 1 3000"), log_max=10000, log_files=1)
        self.assertEqual(["a.log"], [p.name for p in pod.path("logs").iterdir()])

    def test_long_lines_come_in_parts(self):
        pod, _, _, _ = self.run_pod(sh("a", "busybox head -c 150000 /dev/zero | busybox tr '\\000' q; echo; echo next"))
        log = pod.log("a")
        self.assertEqual(["P", "P", "F", "F"], [tag for _, tag, _ in log])
        self.assertEqual(150000, sum(len(text) for _, _, text in log[:3]))
        self.assertEqual(("stdout", "F", "next"), log[3])

    def test_no_log_when_off(self):
        pod, code, out, _ = self.run_pod(sh("a", "echo x"), log_max=0)
        self.assertEqual((0, b"x\n", []), (code, out, list(pod.path("logs").iterdir())))

    def test_log_that_cannot_be_written(self):
        pod = self.pod(sh("a", "echo one; busybox sleep 0.1; echo two; exit 2"))
        pod.path("logs", "a.log").mkdir()
        code, out, err = pod.run()
        self.assertEqual((2, b"one\ntwo\n"), (code, out))
        self.assertEqual(1, err.count(b"stage1: open "), err)

    def test_log_is_never_written_through_a_link(self):
        pod = self.pod(sh("a", "echo one"))
        pod.path("victim").write_text("")
        pod.path("logs", "a.log").symlink_to(pod.path("victim"))
        code, out, err = pod.run()
        self.assertEqual((0, b"one\n", ""), (code, out, pod.text("victim")))


class TerminalTest(PodTest):
    def start(self, args, **keys):
        args = args if isinstance(args, list) else ["/bin/sh", "-c", args]
        app = App("a", args, terminal=True, stdin="inherit", size=(33, 101))
        pod = self.pod(app, **keys)
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.set_size(master, 33, 101)
        self.saved = termios.tcgetattr(slave)
        # A session of its own, the pty its controlling terminal: what a shell gives a command.
        pod.start(stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                  preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.addCleanup(os.close, slave)
        os.set_blocking(master, False)
        self.master, self.slave, self.seen = master, slave, b""
        return pod

    def set_size(self, master, rows, columns):
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def expect(self, text, timeout=20):
        end = time.monotonic() + timeout
        while text not in self.seen:
            try:
                self.seen += os.read(self.master, 4096)
            except BlockingIOError:
                time.sleep(0.005)
            self.assertLess(time.monotonic(), end, f"expected {text}, saw {self.seen}")

    def test_size_input_resize_and_restore(self):
        pod = self.start("busybox stty size; busybox tty; trap 'busybox stty size' WINCH; read x; echo got-$x; while :; do busybox sleep 0.01; done")
        self.expect(b"33 101")
        self.expect(b"/dev/")
        os.write(self.master, b"hello\r")
        self.expect(b"got-hello")
        self.assertFalse(termios.tcgetattr(self.slave)[3] & termios.ICANON, "raw while it runs")
        self.set_size(self.master, 44, 120)
        self.expect(b"44 120")
        os.write(self.master, b"\x03")  # Ctrl-C reaches the app's terminal, which signals the app
        self.assertEqual(130, pod.process.wait(timeout=20))
        self.assertEqual(self.saved, termios.tcgetattr(self.slave))
        self.assert_exit(pod, "a", 130, "signal", signal.SIGINT)

    def test_end_of_output_and_code(self):
        pod = self.start("echo last words; exit 12")
        self.expect(b"last words\r\n")
        self.assertEqual(12, pod.process.wait(timeout=20))
        self.assertEqual(self.saved, termios.tcgetattr(self.slave))

    def test_much_output(self):
        pod = self.start("busybox seq 1 20000; exit 3")
        self.expect(b"\n20000\r\n")
        self.assertEqual(3, pod.process.wait(timeout=20))
        self.assertEqual(b"".join(b"%d\r\n" % n for n in range(1, 20001)), self.seen)

    def test_much_input(self):
        pod = self.start("busybox stty raw -echo; echo ready; busybox head -c 100000 | busybox md5sum")
        self.expect(b"ready")
        data, sent = b"0123456789" * 10000, 0
        while sent < len(data):
            try:
                sent += os.write(self.master, data[sent:sent + 1000])
            except BlockingIOError:
                time.sleep(0.002)
        import hashlib
        self.expect(hashlib.md5(data).hexdigest().encode())
        self.assertEqual(0, pod.process.wait(timeout=20))

    def test_terminal_is_restored_after_a_stop_and_a_fault(self):
        for sig, code in ((signal.SIGTERM, 0), (signal.SIGSEGV, None)):
            if sig == signal.SIGSEGV and SANITIZED:
                continue
            with self.subTest(sig):
                pod = self.start(SLEEP, **{})
                pod.wait_ready()
                self.assertFalse(termios.tcgetattr(self.slave)[3] & termios.ICANON)
                pod.signal(sig)
                got = pod.process.wait(timeout=20)
                self.assertEqual(code if code is not None else -sig, got)
                self.assertEqual(self.saved, termios.tcgetattr(self.slave))
                if code is None:
                    pod.wait_for(lambda: not os.path.exists(f"/proc/{pod.app_pid('a')}"), "app died with its supervisor")
                    pod.remove_left = pod.remove
                    for c in pod.cgroups():
                        pod.wait_for(lambda: gone(c), "empty cgroup")
                    import shutil
                    shutil.rmtree(pod.path("run"))
                    pod.path("run").mkdir()

    def test_hang_up(self):
        pod = self.start(SLEEP)
        pod.wait_ready()
        pod.signal(signal.SIGHUP)
        self.assertEqual(129, pod.process.wait(timeout=20))


def gone(cgroup):
    try:
        os.rmdir(cgroup)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
