# SPDX-License-Identifier: Apache-2.0
"""Runs the test cases beside it with unittest, one line each: `ok - NAME`, `not ok - NAME`, `skip - NAME: REASON`."""

import os
import pathlib
import sys
import unittest


class Lines(unittest.TextTestResult):
    def line(self, word, test, more=""):
        self.stream.writeln(f"{word} - {test.id()} ({pathlib.Path(os.environ['RKT_RUNTIME']).name}){more}")
        self.stream.flush()

    def addSuccess(self, test):
        self.line("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line("not ok", test)

    def addError(self, test, err):
        super().addError(test, err)
        self.line("not ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line("skip", test, f": {reason}")


names = sys.argv[1:]
loader = unittest.defaultTestLoader
suite = loader.loadTestsFromNames(names) if names else loader.discover(str(pathlib.Path(__file__).parent))
done = unittest.TextTestRunner(stream=sys.stdout, verbosity=0, resultclass=Lines).run(suite)
sys.exit(not done.wasSuccessful())
