# SPDX-License-Identifier: Apache-2.0
"""Event handlers: before and after an app, whatever becomes of it."""

import os
import signal

from harness import PodTest
from pod import App, sh

TRAP = "trap 'echo trapped; exit 0' TERM; echo up; while :; do busybox sleep 0.01; done"


class StepsTest(PodTest):
    def test_order(self):
        pod, code, out, err = self.run_pod(sh("a", "echo app; exit 4", handlers={"pre-start": "echo before", "post-stop": "echo after >&2"}))
        self.assertEqual((4, b"before\napp\n", b"after\n"), (code, out, err))
        self.assert_exit(pod, "a", 4, "exited")
        self.assertEqual([("stdout", "F", "before"), ("stdout", "F", "app"), ("stderr", "F", "after")], pod.log("a"))

    def test_same_root_and_cgroup(self):
        pod, code, out, _ = self.run_pod(sh("a", "busybox cat /tmp/x /proc/self/cgroup", handlers={
            "pre-start": "echo written > /tmp/x; busybox cat /proc/self/cgroup", "post-stop": "busybox cat /tmp/x /proc/self/cgroup"}))
        lines = out.decode().split("written\n")
        self.assertEqual((0, 3), (code, len(lines)))
        self.assertEqual(lines[0], lines[1])
        self.assertEqual(lines[0], lines[2])
        self.assertIn(f"/rkt-{pod.uuid}/a", lines[0])

    def test_failed_pre_start(self):
        pod, code, out, err = self.run_pod(sh("a", "echo app", handlers={"pre-start": "exit 7", "post-stop": "echo after"}), App("b", ["/bin/busybox", "sleep", "1000"]))
        self.assertEqual((7, b"after\n"), (code, out))
        self.assertIn(b"pre-start handler ended with exit code 7, so the app was not started", err)
        self.assertEqual(("7", "failed"), (pod.status("a"), pod.exit("a")["cause"]))
        self.assert_exit(pod, "b", 0, "stopped", signal.SIGTERM)
        self.assertEqual("", pod.text("ready"))

    def test_failed_start(self):
        pod, code, out, err = self.run_pod(App("a", ["/bin/absent"], handlers={"post-stop": "echo after"}))
        self.assertEqual((254, b"after\n"), (code, out))
        self.assertEqual("failed", pod.exit("a")["cause"])

    def test_pre_start_that_cannot_start(self):
        app = sh("a", "echo app", handlers={"pre-start": "true"})
        pod = self.pod(app)
        config = pod.path("a", "pre-start", "config.json")
        config.write_text(config.read_text().replace('"/bin/sh"', '"/bin/absent"'))
        code, out, err = pod.run()
        self.assertEqual((254, b""), (code, out))
        self.assertIn(b"pre-start handler: ", err)

    def test_failed_post_stop_changes_no_code(self):
        pod, code, out, err = self.run_pod(sh("a", "exit 0", handlers={"post-stop": "exit 9"}))
        self.assertEqual((0, b""), (code, out))
        self.assertIn(b"app a: its post-stop handler ended with exit code 9", err)
        self.assert_exit(pod, "a", 0, "exited")

    def test_after_signal(self):
        pod, code, out, _ = self.run_pod(sh("a", "kill -SEGV $$", handlers={"post-stop": "echo after"}))
        self.assertEqual((139, b"after\n"), (code, out))
        self.assert_exit(pod, "a", 139, "signal", signal.SIGSEGV)

    def test_after_out_of_memory(self):
        pod, code, out, _ = self.run_pod(App("a", ["/bin/busybox", "tail", "/dev/zero"], resources={"memory": {"limit": 16 << 20}},
                                             handlers={"post-stop": "echo after"}), timeout=None)
        self.assertEqual((137, b"after\n"), (code, out))
        self.assert_exit(pod, "a", 137, "oom", signal.SIGKILL)

    def test_after_stop(self):
        pod = self.pod(sh("a", TRAP, handlers={"post-stop": "echo after"})).start().wait_ready()
        pod.wait_output("a", "up")
        pod.signal(signal.SIGTERM)
        self.assertEqual((0, b"up\ntrapped\nafter\n"), self.finish(pod)[:2])

    def test_after_the_grace_period(self):
        pod = self.pod(sh("a", "trap '' TERM; echo up; (trap '' TERM; exec busybox sleep 999) & while :; do busybox sleep 1000; done",
                          handlers={"post-stop": "busybox ps | busybox grep -c [s]leep; echo after"}), grace_ms=100).start().wait_ready()
        pod.wait_output("a", "up")
        pod.signal(signal.SIGTERM)
        self.assertEqual((137, b"up\n0\nafter\n"), self.finish(pod)[:2])
        self.assert_exit(pod, "a", 137, "killed", signal.SIGKILL)

    def test_stop_while_pre_start_runs(self):
        pod = self.pod(sh("a", "echo app", handlers={"pre-start": TRAP, "post-stop": "echo after"})).start()
        pod.wait_output("a", "up")
        pod.signal(signal.SIGTERM)
        self.assertEqual((0, b"up\ntrapped\nafter\n"), self.finish(pod)[:2])
        self.assertEqual("stopped", pod.exit("a")["cause"])

    def test_post_stop_is_bounded(self):
        pod, code, out, err = self.run_pod(sh("a", "exit 3", handlers={"post-stop": "busybox sleep 1000"}), handler_ms=200)
        self.assertEqual(3, code)
        self.assertIn(b"longer than 200 ms", err)

    def test_other_signals_are_for_the_app(self):
        pod = self.pod(sh("a", "exit 0", handlers={"post-stop": "echo up; read x < /tmp/fifo; echo $x"})).start()
        os.mkfifo(pod.path("a", "rootfs", "tmp", "fifo"))
        pod.wait_output("a", "up")
        for number in (signal.SIGUSR1, signal.SIGHUP, signal.SIGTERM):
            pod.signal(number)
        with open(pod.path("a", "rootfs", "tmp", "fifo"), "w") as f:
            f.write("undisturbed\n")
        self.assertEqual((0, b"up\nundisturbed\n"), self.finish(pod)[:2])

    def test_second_request_ends_the_handler(self):
        pod = self.pod(sh("a", "exit 0", handlers={"post-stop": "echo up; busybox sleep 1000"})).start()
        pod.wait_output("a", "up")
        pod.signal(signal.SIGTERM)
        pod.signal(signal.SIGINT)
        self.assertEqual((0, b"up\n"), self.finish(pod)[:2])

    def test_daemons_of_a_step_do_not_reach_the_next(self):
        count = "busybox ps | busybox grep -c 'sleep 100[0]$'"
        daemon = f"{count}; (busybox setsid busybox sleep 1000 &); until [ $({count}) = 1 ]; do :; done"
        pod, code, out, err = self.run_pod(sh("a", daemon, handlers={"pre-start": daemon, "post-stop": daemon}))
        self.assertEqual((0, b"0\n0\n0\n", b""), (code, out, err))

    def test_members_that_multiply_hold_nothing_up(self):
        # Each is gone before it can be caught, or not: the pod goes on and ends in any case.
        again = "busybox setsid /bin/sh /tmp/again & exit"
        pod, code, out, err = self.run_pod(
            sh("a", f"echo '{again}' > /tmp/again; . /tmp/again", handlers={"post-stop": "echo after"}), sh("b", "echo b"))
        self.assertEqual(0, code, err)
        self.assertIn(b"after\n", out)
        self.assert_exit(pod, "a", 0, "exited")

    def test_much_output_of_all_steps(self):
        lines = "busybox seq 1 20000"
        pod, code, out, _ = self.run_pod(sh("a", lines, handlers={"pre-start": lines, "post-stop": lines}))
        self.assertEqual(0, code)
        self.assertEqual(sorted(3 * [str(n) for n in range(1, 20001)]), sorted(out.decode().split()))

    def test_many_times_at_once(self):
        for _ in range(10):
            pod, code, out, err = self.run_pod(*[sh(n, "exit 0", handlers={"pre-start": "echo b", "post-stop": "echo c"}) for n in "xyz"])
            self.assertEqual((0, 12, b""), (code, len(out), err))

    def test_app_names_like_handlers(self):
        pod, code, out, _ = self.run_pod(sh("a", "echo 1", handlers={"pre-start": "echo 2"}), sh("a-pre-start", "echo 3"))
        self.assertEqual((0, ["1", "2", "3"]), (code, sorted(out.decode().split())))
