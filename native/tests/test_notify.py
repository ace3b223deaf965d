# SPDX-License-Identifier: Apache-2.0
"""What a service manager hears, whatever the apps say. The test is both: it has the sockets at both ends."""

import os
import random
import re
import signal
import socket

from harness import PodTest
from pod import App, sh

SLEEP = ["/bin/busybox", "sleep", "1000"]
HARMLESS = re.compile(r"(READY|RELOADING|STOPPING|WATCHDOG)=1|MONOTONIC_USEC=[0-9]{1,20}|STATUS=[^\x00-\x1f\x7f]{0,512}")


class NotifyTest(PodTest):
    def manager(self):
        name = f"rkt-native-{os.getpid()}-{random.getrandbits(32)}"
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sock.bind("\0" + name)
        sock.settimeout(20)
        self.addCleanup(sock.close)
        return sock, "@" + name

    def say(self, pod, app, *messages, timeout=None):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.settimeout(timeout)
            directory = os.open(pod.path(app, "notify"), os.O_PATH)
            for message in messages:
                sock.sendto(message, f"/proc/self/fd/{directory}/socket")
            os.close(directory)

    def test_ready_without_a_word_of_the_apps(self):
        manager, address = self.manager()
        pod = self.pod(App("a", SLEEP), App("b", SLEEP), notify_socket=address).start()
        self.assertEqual(b"READY=1", manager.recv(4096))
        pod.wait_ready()
        pod.signal(signal.SIGTERM)
        self.assertEqual(b"STOPPING=1", manager.recv(4096))
        self.assertEqual(0, self.finish(pod)[0])

    def test_ready_when_the_app_says_so(self):
        manager, address = self.manager()
        pod = self.pod(App("a", SLEEP, notify=True), App("b", SLEEP), notify_socket=address).start()
        pod.wait_for(lambda: os.path.exists(pod.path("a.pid")), "the app")
        self.say(pod, "a", b"STATUS=soon")
        self.assertEqual(b"STATUS=a: soon\n", manager.recv(4096))
        self.assertFalse(os.path.islink(pod.path("ready")))
        self.say(pod, "a", b"READY=1\n")
        self.assertEqual(b"READY=1", manager.recv(4096))
        pod.wait_ready().signal(signal.SIGTERM)
        self.assertEqual(b"STOPPING=1", manager.recv(4096))
        self.assertEqual(0, self.finish(pod)[0])
        self.assertEqual([], os.listdir(pod.path("a", "notify")))

    def test_random_messages(self):
        seed = random.getrandbits(32)
        rng = random.Random(seed)
        parts = [b"READY=1", b"READY=1\0", b"\n", b"STATUS=", b"STATUS=\x1b[2J", b"\xc3\xa4" * 300, b"\xc2\x9b", b"\x80" * 600, b"\0", b"=",
                 b"MAINPID=1", b"FDSTORE=1", b"RELOADING=1", b"MONOTONIC_USEC=1", b"MONOTONIC_USEC=99999999999999999999999", b"WATCHDOG=1",
                 b"WATCHDOG=trigger", b"x" * 4090, b"BARRIER=1", b"ERRNO=1", b"\xff", b"X_\r", bytes(range(256))]
        manager, address = self.manager()
        manager.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        pod = self.pod(App("a", SLEEP, notify=True), notify_socket=address).start()
        pod.wait_for(lambda: os.path.exists(pod.path("a.pid")), "the app")
        messages = [b"".join(rng.choice(parts) for _ in range(rng.randrange(6))) for _ in range(50)]
        heard = []
        for message in messages + [b"READY=1\nSTATUS=last"]:
            self.say(pod, "a", message)
            manager.settimeout(0.05)
            try:
                while True:
                    heard.append(manager.recv(1 << 16))
            except TimeoutError:
                pass
        manager.settimeout(20)
        while not heard or b"STATUS=last" not in heard[-1]:
            heard.append(manager.recv(1 << 16))
        for message in heard:
            for line in message.decode(errors="replace").rstrip("\n").split("\n"):
                self.assertTrue(HARMLESS.fullmatch(line), f"seed {seed}: {line!r}")
        pod.signal(signal.SIGTERM)
        code, _, err = self.finish(pod)
        self.assertEqual(0, code, err)

    def test_an_app_that_never_is_ready(self):
        manager, address = self.manager()
        pod, code, _, err = self.run_pod(sh("a", "exit 0", notify=True), App("b", SLEEP), notify_socket=address)
        self.assertEqual(0, code)
        self.assertIn(b"app a: it ended before it said that it is ready", err)
        self.assertEqual(b"STOPPING=1", manager.recv(4096))
        self.assert_exit(pod, "b", 0, "stopped", signal.SIGTERM)
        self.assertFalse(os.path.islink(pod.path("ready")))

    def test_nobody_listens(self):
        pod, code, _, err = self.run_pod(sh("a", "exit 3"), notify_socket="/nowhere/notify")
        self.assertEqual(3, code)
        self.assertEqual(1, err.count(b"notify /nowhere/notify: No such file or directory"), err)
