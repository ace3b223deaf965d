# SPDX-License-Identifier: Apache-2.0
"""How apps and pods start, end, stop and fail."""

import os
import signal
import subprocess
import time

from harness import RUNTIME, SANITIZED, PodTest
from pod import App, sh

SLEEP = ["/bin/busybox", "sleep", "1000"]


class EndTest(PodTest):
    def test_exit_codes(self):
        for code in (0, 1, 7, 255):
            with self.subTest(code):
                pod, got, out, err = self.run_pod(sh("a", f"exit {code}"))
                self.assertEqual(code, got)
                self.assertEqual(b"", err)
                self.assert_exit(pod, "a", code, "exited")

    def test_signal_is_128_plus_n(self):
        pod, code, _, _ = self.run_pod(sh("a", "kill -SEGV $$"))
        self.assertEqual(139, code)
        self.assert_exit(pod, "a", 139, "signal", signal.SIGSEGV)

    def test_last_app_ends_the_pod(self):
        pod, code, out, _ = self.run_pod(sh("a", "exit 0"), sh("b", "busybox sleep 0.2; echo done"), sh("c", "exit 0"))
        self.assertEqual((0, b"done\n"), (code, out))
        for app in "abc":
            self.assert_exit(pod, app, 0, "exited")

    def test_failing_app_stops_the_others_and_decides(self):
        pod, code, _, _ = self.run_pod(sh("a", "busybox sleep 0.1; exit 3"), App("b", SLEEP),
                                       sh("c", "trap 'exit 9' TERM; while :; do busybox sleep 0.01; done"))
        self.assertEqual(3, code)
        self.assert_exit(pod, "a", 3, "exited")
        self.assert_exit(pod, "b", 0, "stopped", signal.SIGTERM)
        self.assert_exit(pod, "c", 9, "exited")

    def test_out_of_memory(self):
        pod, code, _, _ = self.run_pod(App("a", ["/bin/busybox", "tail", "/dev/zero"], resources={"memory": {"limit": 16 << 20}}),
                                       timeout=None)
        self.assertEqual(137, code)
        self.assert_exit(pod, "a", 137, "oom", signal.SIGKILL)

    def test_app_ends_before_its_runtime(self):
        wrapper = self.pod(sh("x", ":")).path("slow-runtime")
        wrapper.write_text(f'#!/bin/sh\n{RUNTIME} "$@" || exit 9\nsleep 0.3\n')
        wrapper.chmod(0o755)
        pod, code, out, _ = self.run_pod(sh("a", "echo quick; exit 5"), sh("b", "exit 0"), runtime=str(wrapper))
        self.assertEqual((5, b"quick\n"), (code, out))
        self.assert_exit(pod, "a", 5, "exited")

    def test_true_many_times(self):
        for _ in range(20):
            pod, code, out, err = self.run_pod(App("a", ["/bin/busybox", "true"]), App("b", ["/bin/busybox", "true"]))
            self.assertEqual((0, b"", b""), (code, out, err))

    def test_daemons_and_orphans_end_with_the_pod(self):
        pod = self.pod(sh("a", "(busybox setsid busybox sleep 1000 &); busybox sleep 0.5; echo bye"), lockfd=None).start()
        pod.wait_ready()
        inode = os.stat(f"/proc/{pod.sandbox()}/ns/pid").st_ino
        self.assertEqual(0, self.finish(pod)[0])
        self.assertEqual([], pod.pids_in_namespace(inode))

    def test_orphans_are_reaped_by_the_sandbox(self):
        pod = self.pod(sh("a", "for i in 1 2 3 4 5 6 7 8; do (busybox true &); done; busybox sleep 0.2; echo x; exec busybox sleep 1000"))
        pod.start().wait_ready()
        pod.wait_output("a", "x")
        sandbox = pod.sandbox()
        pod.wait_for(lambda: children(sandbox) == "", "no zombie below the sandbox")
        pod.signal(signal.SIGTERM)
        self.assertEqual(0, self.finish(pod)[0])

    def test_sandbox_killed_from_outside(self):
        pod = self.pod(App("a", SLEEP)).start().wait_ready()
        os.kill(pod.sandbox(), signal.SIGKILL)
        code, _, err = self.finish(pod)
        self.assertEqual(137, code)
        self.assert_exit(pod, "a", 137, "signal", signal.SIGKILL)

    def test_a_stopped_visitor_does_not_hold_the_pod(self):
        pod = self.pod(App("a", SLEEP)).start().wait_ready()
        visitor = subprocess.Popen(["nsenter", "-t", str(pod.sandbox()), "-p", "sleep", "1000"])
        self.addCleanup(lambda: (visitor.kill(), visitor.wait()))
        pod.wait_for(lambda: children(visitor.pid), "the visitor is in")
        visitor.send_signal(signal.SIGSTOP)
        pod.signal(signal.SIGTERM)
        code, _, err = self.finish(pod)
        self.assertEqual(0, code)
        self.assertIn(b"does not reap", err)

    def test_killed_supervisor_takes_the_pod_with_it(self):
        pod = self.pod(App("a", SLEEP), sh("b", "trap '' TERM HUP INT; (busybox setsid busybox sleep 999 &); busybox sleep 1000"),
                       leaves=True).start().wait_ready()
        sandbox = pod.sandbox()
        inode = os.stat(f"/proc/{sandbox}/ns/pid").st_ino
        pod.wait_for(lambda: len(pod.pids_in_namespace(inode)) >= 4, "sandbox, two apps and a daemon")
        pod.signal(signal.SIGKILL)
        pod.process.wait()
        pod.wait_for(lambda: not pod.pids_in_namespace(inode), "every process of the pod is gone")

    def test_killed_supervisor_while_starting(self):
        for delay in (0, 2, 4, 6, 8, 10, 12, 15, 20):
            pod = self.pod(App("a", SLEEP), leaves=True).start()
            time.sleep(delay / 1000)
            pod.signal(signal.SIGKILL)
            pod.process.wait()
            mark = str(pod.dir)
            pod.wait_for(lambda: not processes_naming(mark), f"nothing names {mark}")

    def test_twenty_pods_at_once(self):
        pods = [self.pod(sh("a", f"busybox sleep 0.0{n % 9}; exit {n}")).start() for n in range(20)]
        self.assertEqual(list(range(20)), [self.finish(p)[0] for p in pods])


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return f.read()


def processes_naming(text):
    found = []
    for p in os.listdir("/proc"):
        if p.isdigit() and int(p) != os.getpid():
            try:
                with open(f"/proc/{p}/cmdline", "rb") as f:
                    if text.encode() in f.read():
                        found.append(p)
            except OSError:
                pass
    return found


class StopTest(PodTest):
    def stop(self, pod, *signals):
        pod.start().wait_ready()
        for s in signals:
            pod.signal(s)
            time.sleep(0.15)
        return self.finish(pod)[0]

    def test_requested_stop_is_success(self):
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            with self.subTest(sig):
                pod = self.pod(App("a", SLEEP), App("b", SLEEP))
                self.assertEqual(0, self.stop(pod, sig))
                self.assert_exit(pod, "a", 0, "stopped", sig)
                self.assert_exit(pod, "b", 0, "stopped", sig)

    def test_app_that_reports_a_failure_while_stopping(self):
        pod = self.pod(sh("a", "trap 'exit 5' TERM; echo up; while :; do busybox sleep 0.01; done"), App("b", SLEEP)).start()
        pod.wait_output("a", "up")
        pod.wait_ready()
        pod.signal(signal.SIGTERM)
        self.assertEqual(5, self.finish(pod)[0])
        self.assert_exit(pod, "a", 5, "exited")

    def test_kill_after_grace(self):
        pod = self.pod(sh("a", "trap '' TERM; echo up; while :; do busybox sleep 0.01; done"), App("b", SLEEP), grace_ms=300).start()
        pod.wait_output("a", "up")
        pod.wait_ready()
        begin = time.monotonic()
        pod.signal(signal.SIGTERM)
        self.assertEqual(137, self.finish(pod)[0])
        self.assertGreaterEqual(time.monotonic() - begin, 0.29)
        self.assert_exit(pod, "a", 137, "killed", signal.SIGKILL)
        self.assert_exit(pod, "b", 0, "stopped", signal.SIGTERM)

    def test_second_request_kills_at_once(self):
        pod = self.pod(sh("a", "trap '' TERM; echo up; while :; do busybox sleep 0.01; done"), grace_ms=3600000).start()
        pod.wait_output("a", "up")
        pod.wait_ready()
        pod.signal(signal.SIGTERM)
        time.sleep(0.1)
        self.assertIsNone(pod.process.poll())
        pod.signal(signal.SIGTERM)
        self.assertEqual(137, self.finish(pod)[0])

    def test_stop_while_starting(self):
        for delay in (2, 5, 8, 12, 20):
            pod = self.pod(App("a", SLEEP), App("b", SLEEP)).start()
            pod.wait_for(lambda: pod.text("supervisor-pid"), "supervisor stands")
            time.sleep(delay / 1000)
            pod.signal(signal.SIGTERM)
            self.assertEqual(0, self.finish(pod)[0])

    def test_other_signals_are_forwarded(self):
        pod = self.pod(sh("a", "trap 'echo usr1' USR1; trap 'echo hup' HUP; trap 'echo usr2; exit 0' USR2; echo up; while :; do busybox sleep 0.01; done")).start()
        pod.wait_output("a", "up")
        pod.wait_ready()
        pod.signal(signal.SIGUSR1)
        pod.wait_output("a", "usr1")
        pod.signal(signal.SIGHUP)
        pod.wait_output("a", "hup")
        pod.signal(signal.SIGUSR2)
        self.assertEqual(0, self.finish(pod)[0])

    def test_ignored_hangup_stays_ignored(self):
        pod = self.pod(App("a", SLEEP)).start(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)).wait_ready()
        pod.signal(signal.SIGHUP)
        time.sleep(0.2)
        self.assertIsNone(pod.process.poll())
        pod.signal(signal.SIGTERM)
        self.assertEqual(0, self.finish(pod)[0])


class FailureTest(PodTest):
    def test_missing_executable_in_one_of_two_apps(self):
        pod, code, out, err = self.run_pod(App("good", SLEEP), App("bad", ["/bin/nope"]))
        self.assertEqual((254, b""), (code, out))
        self.assertIn(b"stage1: app bad: ", err)
        self.assertIn(b"/bin/nope", err)
        self.assertIn(b"o such file or directory", err)
        self.assertEqual(1, err.count(b"\n"), err)
        self.assertEqual(err, b"stage1: " + pod.text("failure").encode() + b"\n")
        self.assert_exit(pod, "bad", 254, "failed")
        self.assert_exit(pod, "good", 0, "stopped", signal.SIGTERM)
        self.assertFalse(os.path.lexists(pod.path("ready")))

    def test_missing_executable_on_a_terminal(self):
        _, code, _, err = self.run_pod(App("a", ["/bin/nope"], terminal=True, stdin="inherit"))
        self.assertEqual(254, code)
        self.assertIn(b"/bin/nope", err)

    def test_missing_runtime(self):
        _, code, _, err = self.run_pod(sh("a", ":"), runtime="/nope/crun")
        self.assertEqual(254, code)
        self.assertEqual(b"stage1: app a: /nope/crun: No such file or directory\n", err)

    def test_runtime_without_pid_file(self):
        pod, code, _, err = self.run_pod(sh("a", ":"), runtime="/bin/true")
        self.assertEqual(254, code)
        self.assertIn(b"left no valid", err)

    def test_runtime_that_is_killed(self):
        pod = self.pod(sh("a", ":"))
        pod.runtime = str(pod.path("suicide"))
        pod.path("suicide").write_text("#!/bin/sh\nkill -9 $$\n")
        pod.path("suicide").chmod(0o755)
        code, _, err = pod.run()
        self.assertEqual(254, code)
        self.assertIn(b"was ended by signal 9", err)

    def test_pid_file_names_a_stranger(self):
        pod = self.pod(sh("a", ":"))
        pod.runtime = str(pod.path("liar"))
        pod.path("liar").write_text(f"#!/bin/sh\necho {os.getpid()} > {pod.dir}/a.pid\n")
        pod.path("liar").chmod(0o755)
        code, _, err = pod.run()
        self.assertEqual(254, code)
        self.assertIn(b"names a process that is not ours", err)

    def test_hanging_runtime_can_be_stopped(self):
        pod = self.pod(sh("a", ":"), grace_ms=200)
        pod.runtime = str(pod.path("hang"))
        pod.path("hang").write_text("#!/bin/sh\nexec sleep 1000\n")
        pod.path("hang").chmod(0o755)
        pod.start()
        pod.wait_for(lambda: pod.text("pid"), "sandbox stands")
        pod.signal(signal.SIGTERM)
        self.assertEqual(254, self.finish(pod)[0])

    def test_unwritable_places(self):
        for key in ("supfile", "pidfile", "empty"):
            with self.subTest(key):
                pod, code, _, err = self.run_pod(sh("a", ":"), **{key: "/proc/nope/x"})
                self.assertEqual(254, code)
                self.assertIn(b"/proc/nope/x", err)
                self.assertIn("/proc/nope/x", pod.text("failure"))


class PlaceTest(PodTest):
    def test_new_network_has_only_loopback_and_it_is_up(self):
        _, code, out, _ = self.run_pod(sh("a", "busybox ip -o addr; busybox ip -o link | busybox wc -l"), net="new")
        self.assertEqual(0, code)
        self.assertIn(b"127.0.0.1/8", out)
        self.assertTrue(out.endswith(b"1\n"), out)

    def test_network_by_path(self):
        holder = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
        self.addCleanup(lambda: (holder.kill(), holder.wait()))
        path = f"/proc/{holder.pid}/ns/net"
        host = os.stat("/proc/self/ns/net").st_ino
        end = time.monotonic() + 10
        while os.stat(path).st_ino == host and time.monotonic() < end:
            time.sleep(0.01)
        pod = self.pod(App("a", SLEEP), net="path:" + path).start().wait_ready()
        self.assertEqual(os.stat(path).st_ino, os.stat(f"/proc/{pod.sandbox()}/ns/net").st_ino)
        pod.signal(signal.SIGTERM)
        self.assertEqual(0, self.finish(pod)[0])

    def test_nested_cgroups_are_removed(self):
        pod = self.pod(App("a", SLEEP)).start().wait_ready()
        cgroup = pod.cgroup("a", "pids")
        os.makedirs(cgroup + "/one/two")
        pod.signal(signal.SIGTERM)
        self.assertEqual(0, self.finish(pod)[0])

    def test_controllers_of_a_cgroup_left_are_disabled(self):
        pod = self.pod(App("a", SLEEP))
        control = pod.path("control")
        control.write_text("cpu memory\n")
        pod.keys["subtree-control"] = control
        pod.start().wait_ready().signal(signal.SIGTERM)
        self.assertEqual(0, self.finish(pod)[0])
        self.assertEqual("-cpu -memory", control.read_text())

    def test_private_memory(self):
        if SANITIZED:
            self.skipTest("sanitizers take memory of their own")
        pod = self.pod(App("a", SLEEP), App("b", SLEEP)).start().wait_ready()
        pids = (pod.process.pid, pod.sandbox())
        total = sum(private_kib(p, "r") for p in pids)
        own = sum(private_kib(p, "w") for p in pids)
        pod.signal(signal.SIGTERM)
        self.finish(pod)
        # Read-only pages are the binary's; the first pod on a machine has them to itself.
        self.assertLess(total, 1024)
        self.assertLess(own, 200)

    def test_lock_is_held_while_the_pod_runs(self):
        pod = self.pod(App("a", SLEEP)).start().wait_ready()
        held = f"/proc/{pod.process.pid}/fd"
        self.assertIn(str(pod.path("lock")), [os.readlink(f"{held}/{fd}") for fd in os.listdir(held)])
        pod.signal(signal.SIGTERM)
        self.assertEqual(0, self.finish(pod)[0])


def private_kib(pid, permission):
    """KiB of private pages in the mappings that have the permission."""
    total, counted = 0, False
    with open(f"/proc/{pid}/smaps") as f:
        for line in f:
            words = line.split()
            if not words[0].endswith(":"):
                counted = permission in words[1]
            elif counted and words[0] in ("Private_Clean:", "Private_Dirty:"):
                total += int(words[1])
    return total
