# SPDX-License-Identifier: Apache-2.0
"""The launcher, in a distribution whose java is a script that shows what it was given."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from harness import SANITIZED

LAUNCHER = os.environ["RKT_LAUNCHER"]
JAVA = '#!/bin/sh\nfor a in "$@"; do printf "%s\\n" "$a"; done\necho --env--\nenv\n'


class LauncherTest(unittest.TestCase):
    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="rkt-launcher-"))
        self.addCleanup(shutil.rmtree, self.base)
        self.root = self.distribution("dist")

    def distribution(self, name):
        root = self.base / name
        for d in ("bin", "lib/runtime/bin", "lib/aot"):
            (root / d).mkdir(parents=True)
        shutil.copy(LAUNCHER, root / "bin/rkt")
        java = root / "lib/runtime/bin/java"
        java.write_text(JAVA)
        java.chmod(0o755)
        (root / "lib/runtime/build-id").write_text("build-1\n")
        (root / "lib/aot/build-id").write_text("build-1\n")
        for profile in ("short", "run", "work"):
            (root / f"lib/aot/{profile}.aot").write_text("cache")
        return root

    def rkt(self, *args, program=None, env=None, argv0=None):
        program = str(program or self.root / "bin/rkt")
        result = subprocess.run([argv0 or program, *args], executable=program, env=env or {"PATH": os.environ["PATH"]},
                                capture_output=True, text=True)
        self.assertEqual("", result.stderr)
        self.assertEqual(0, result.returncode)
        flags, _, variables = result.stdout.partition("--env--\n")
        return flags.split("\n")[:-1], dict(line.split("=", 1) for line in variables.split("\n") if "=" in line)

    def profile(self, *args):
        flags = self.rkt(*args)[0]
        self.assertEqual(list(args), flags[flags.index("rkt.cli/rkt.cli.Main") + 1:])
        return pathlib.Path(flags[0].removeprefix("-XX:AOTCache=")).stem

    def test_profiles(self):
        cases = {
            "short": ["", "list", "status u", "version", "help", "help run", "--help", "config", "cat-manifest u", "image",
                      "image list", "image --debug list", "image cat-manifest x", "li", "unknown", "--dir run list", "--dir",
                      "--insecure-options fetch version"],
            "run": ["run a", "--debug run a", "--dir=/x run a", "--dir /x run a", "--insecure-options=image run", "enter u",
                    "stop u", "rm u", "gc", "prepare a", "run-prepared u", "image rm x", "image gc", "sto u",
                    "--dir /x --system-config list --debug --insecure-options image,http run docker://list"],
            "work": ["fetch a", "--dir /x fetch a", "image fetch a", "image build d o", "image import f", "image --dir /x verify",
                     "export u o", "fe a"],
        }
        for profile, lines in cases.items():
            for line in lines:
                with self.subTest(line):
                    self.assertEqual(profile, self.profile(*line.split()))

    def test_signals_are_not_the_runtimes(self):
        for command in ("list", "run", "fetch"):
            self.assertIn("-Xrs", self.rkt(command)[0])

    def test_arguments_arrive_untouched(self):
        args = ["run", "a b", "", "*", "@file", "--", "-XX:x", "é", "$x"]
        flags = self.rkt(*args)[0]
        self.assertEqual(args, flags[flags.index("rkt.cli/rkt.cli.Main") + 1:])

    def test_root_through_links_and_after_a_move(self):
        (self.base / "one").symlink_to(self.root / "bin/rkt")
        (self.base / "two").symlink_to("one")
        self.assertIn(f"-Drkt.home={self.root}", self.rkt("list", program=self.base / "two")[0])
        moved = self.base / "moved with space"
        self.root.rename(moved)
        self.root = moved
        self.assertIn(f"-Drkt.home={moved}", self.rkt("list")[0])
        found = subprocess.run(["rkt", "list"], env={"PATH": f"{moved}/bin:{os.environ['PATH']}"}, capture_output=True, text=True)
        self.assertIn(f"-Drkt.home={moved}\n", found.stdout)

    def test_cache_only_of_this_build(self):
        self.assertEqual(f"-XX:AOTCache={self.root}/lib/aot/short.aot", self.rkt("list")[0][0])
        without = self.rkt("list")[0][1:]
        (self.root / "lib/aot/build-id").write_text("build-2\n")
        self.assertEqual(without, self.rkt("list")[0])
        (self.root / "lib/aot/build-id").unlink()
        self.assertEqual(without, self.rkt("list")[0])
        (self.root / "lib/aot/build-id").write_text("")
        (self.root / "lib/runtime/build-id").write_text("")
        self.assertEqual(without, self.rkt("list")[0])
        shutil.copy(self.root / "lib/runtime/bin/java", self.root / "lib/aot/build-id")
        shutil.copy(self.root / "lib/runtime/bin/java", self.root / "lib/runtime/build-id")
        (self.root / "lib/aot/short.aot").unlink()
        self.assertEqual(without, self.rkt("list")[0])

    def test_flags_of_training_are_the_flags_of_use(self):
        for profile, command in (("short", "list"), ("run", "run"), ("work", "fetch")):
            trained = self.rkt(profile, argv0="rkt-java-args")[0]
            self.assertEqual(trained + [command], self.rkt(command)[0][1:])
        self.assertEqual(["short", "run", "work"], self.rkt(argv0="/x/rkt-java-args")[0])
        bad = subprocess.run(["rkt-java-args", "nope"], executable=self.root / "bin/rkt", capture_output=True, text=True)
        self.assertEqual((254, "rkt-java-args: no profile nope\n"), (bad.returncode, bad.stderr))

    def test_environment(self):
        hostile = {"JAVA_TOOL_OPTIONS": "-Dx", "JDK_JAVA_OPTIONS": "@", "_JAVA_OPTIONS": "-Xmx1k", "CLASSPATH": "/x", "JAVA_HOME": "/j",
                   "LD_PRELOAD": "/nope.so", "LD_LIBRARY_PATH": "/l", "LD_AUDIT": "/a", "MALLOC_CHECK_": "3", "LC_ALL": "C"}
        if SANITIZED:  # that build is dynamic, so the loader itself sees and reports these
            hostile = {k: v for k, v in hostile.items() if not k.startswith("LD_")}
        env = self.rkt("list", env={**hostile, "PATH": "/bin:/usr/bin", "KEEP": "1", "RKT_SAVED_FOO": "forged"})[1]
        for name, value in hostile.items():
            if name != "LC_ALL":
                self.assertNotIn(name, env)
            self.assertEqual(value, env["RKT_SAVED_" + name])
        self.assertEqual(("1", "C.UTF-8"), (env["KEEP"], env["LC_ALL"]))
        self.assertNotIn("RKT_SAVED_FOO", env)

    def test_messages(self):
        (self.root / "lib/runtime/bin/java").unlink()
        result = subprocess.run([self.root / "bin/rkt", "list"], capture_output=True, text=True)
        self.assertEqual((254, f"rkt: execute {self.root}/lib/runtime/bin/java: No such file or directory\n"),
                         (result.returncode, result.stderr))
        colon = self.distribution("a:b")
        result = subprocess.run([colon / "bin/rkt", "list"], capture_output=True, text=True)
        self.assertEqual(254, result.returncode)
        self.assertIn("':'", result.stderr)
