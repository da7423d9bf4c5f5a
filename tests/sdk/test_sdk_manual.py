# SPDX-License-Identifier: Apache-2.0
"""The manual pages as they are installed, read by mandoc."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

BUILD = os.environ["CPTS_TEST_BUILD"]
TIMEOUT_S = 120
PAGES = ("man1/cptsctl.1", "man8/cptsd.8")
folder = None


def run(*command, code=0):
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if done.returncode != code:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def setUpModule():
    global folder
    folder = tempfile.mkdtemp(prefix="cpts-manual.", dir="/tmp")
    run("cmake", "--install", BUILD, "--prefix", folder)


def tearDownModule():
    shutil.rmtree(folder)


def path(page):
    return os.path.join(folder, "share", "man", page)


def rendered(page):
    """The page as text, without backspaces, one space between words."""
    text = run("mandoc", "-Tutf8", "-Owidth=1000", path(page))
    return re.sub(r"\s+", " ", re.sub(r".\x08", "", text))


def help_of(program, *words):
    return run(os.path.join(folder, "bin", program), *words)


class Manual(unittest.TestCase):
    def test_manual__mandoc_has_nothing_to_say(self):
        for page in PAGES:
            run("mandoc", "-Tlint", "-Wwarning", path(page))

    def test_manual__says_what_the_help_says(self):
        page = rendered(PAGES[0])
        commands = [row[2:27].strip() for row in help_of("cptsctl", "help").splitlines()
                    if re.match(r"  [a-z]+ .{19}", row) and not row.startswith("  cptsctl ")]
        self.assertGreater(len(commands), 10)
        for command in commands[:-1]:
            text = help_of("cptsctl", "help", *command.split())
            self.assertIn(f"cptsctl {command}", page)
            for option, said in re.findall(r"^  --(\S+)(?: \S+)? +(.*)$", text, re.MULTILINE):
                with self.subTest(command=command, option=option):
                    self.assertIn(f"--{option}", page)
                    self.assertIn(said, page)
            for example in text.split("Examples:\n")[1].split("\n\n")[0].splitlines():
                self.assertIn(re.sub(r"\s+", " ", example.strip()), page)

    def test_manual__of_the_server_has_its_options(self):
        page = rendered(PAGES[1])
        for option in ("--config", "--check-config", "--version", "--help"):
            self.assertIn(option, help_of("cptsd", "--help"))
            self.assertIn(option, page)


if __name__ == "__main__":
    unittest.main()
