# SPDX-License-Identifier: Apache-2.0
"""The example that judges a store, as a stranger runs it: on the library's own replica."""
import os
import subprocess
import tempfile
import unittest

BUILD = os.environ["CPTS_TEST_BUILD"]
PROGRAM = os.path.join(BUILD, "example", "example_conformance")
TIMEOUT_S = 120
RULES = 22
# A pure sink tells nothing of its own, and its disk does not fail on demand.
NOT_TRIED = {"ATOMIC", "TELL", "TELL_ONCE"}


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True,
                          timeout=TIMEOUT_S, check=False)


class Conformance(unittest.TestCase):
    def test_conformance__the_replica_keeps_every_promise(self):
        with tempfile.TemporaryDirectory(prefix="cpts-conformance.") as folder:
            done = run(os.path.join(folder, "replica.db"))
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        rows = [line.split() for line in done.stdout.splitlines()]
        self.assertEqual(len(rows), RULES)
        self.assertEqual({row[0] for row in rows if row[1] == "not"}, NOT_TRIED)
        self.assertEqual({row[1] for row in rows}, {"kept", "not"})

    def test_conformance__a_file_that_cannot_be_made_is_told(self):
        done = run("/nowhere/replica.db")
        self.assertEqual(done.returncode, 1)
        self.assertIn("BROKEN", done.stdout)
        self.assertIn("LOCAL_FILE_INVALID", done.stdout)

    def test_conformance__needs_a_file(self):
        self.assertEqual(run().returncode, 2)


if __name__ == "__main__":
    unittest.main()
