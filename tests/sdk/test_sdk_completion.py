# SPDX-License-Identifier: Apache-2.0
"""What bash, zsh and fish complete, each asked itself, of the installed cptsctl."""
import os
import shutil
import subprocess
import tempfile
import unittest

import shells

SOURCE = os.environ["CPTS_TEST_SOURCE"]
BUILD = os.environ["CPTS_TEST_BUILD"]
TIMEOUT_S = 120
STAGES = ["EMERGENCE", "LETTRE_INTENTION", "PROJET_VALIDE", "ACI_SIGNE",
          "ABANDONNE", "FUSIONNE", "DISSOUS", "NON_RENOUVELE"]
folder = prefix = None


def setUpModule():
    global folder, prefix
    folder = tempfile.mkdtemp(prefix="cpts-completion.", dir="/tmp")
    prefix = os.path.join(folder, "installed")
    subprocess.run(["cmake", "--install", BUILD, "--prefix", prefix], check=True,
                   capture_output=True, timeout=TIMEOUT_S)


def tearDownModule():
    shutil.rmtree(folder)


def tool(*words):
    """cptsctl of the installed tree: its code and what it says."""
    done = subprocess.run([os.path.join(prefix, "bin", "cptsctl"), *words], capture_output=True,
                          text=True, timeout=TIMEOUT_S, check=False)
    return done.returncode, done.stdout


class Words:
    """The same questions to every shell; words(line) is the shell's."""

    def test_completion__verbs_and_sub_verbs(self):
        words = self.words("cptsctl ")
        for word in ("coverage", "cpts", "regions", "import", "health", "completion", "help"):
            self.assertIn(word, words)
        self.assertEqual(self.words("cptsctl cover"), ["coverage"])
        self.assertEqual(sorted(self.words("cptsctl cpts ")), sorted(
            {row.split()[1] for row in tool("help", "cpts")[1].splitlines()
             if row.startswith("  cpts ")}))
        self.assertEqual(self.words("cptsctl help cpts g"), ["get"])
        self.assertEqual(self.words("cptsctl nonsense "), [])

    def test_completion__options_once_unless_they_repeat(self):
        words = self.words("cptsctl --profile x cpts list --region 11 --stage ACI_SIGNE --")
        self.assertIn("--stage", words)
        self.assertIn("--as-of", words)
        self.assertIn("--csv", words)
        for word in ("--region", "--profile", "--preview"):
            self.assertNotIn(word, words)

    def test_completion__values(self):
        self.assertEqual(sorted(self.words("cptsctl coverage --stage ")), sorted(STAGES))
        self.assertEqual(self.words("cptsctl cpts stage ID AC"), ["ACI_SIGNE"])
        self.assertEqual(self.words("cptsctl coverage --region 9"), ["93", "94"])
        self.assertEqual(len(self.words("cptsctl coverage --region ")), 18)
        self.assertEqual(sorted(self.words("cptsctl cpts list --department 2A")), ["2A"])
        self.assertEqual(sorted(self.words("cptsctl import --format layer")),
                         ["layer-csv", "layer-geojson"])
        self.assertEqual(sorted(self.words("cptsctl completion ")), ["bash", "fish", "zsh"])

    def test_completion__dates_and_ids_are_nobodys_files(self):
        self.assertEqual(self.words("cptsctl coverage --as-of "), [])
        self.assertEqual(self.words("cptsctl cpts get "), [])

    def test_completion__files(self):
        with open(os.path.join(self.home(), "layer one.csv"), "w", encoding="utf-8"):
            pass
        for line in ("cptsctl import lay", "cptsctl import x --report lay"):
            words = self.words(line)
            self.assertEqual({word.replace("\\", "").strip() for word in words},
                             {"layer one.csv"}, line)


class Bash(Words, unittest.TestCase):
    name = "bash"

    @classmethod
    def setUpClass(cls):
        cls.shell = shells.Shell(cls.name, prefix, folder)

    @classmethod
    def tearDownClass(cls):
        cls.shell.end()

    def home(self):
        return self.shell.folder

    def words(self, line):
        return self.shell.complete(line)[0]

    def test_completion__values_behind_an_equals_sign(self):
        self.assertEqual(self.shell.complete("cptsctl cpts list --stage=AC")[1],
                         "cptsctl cpts list --stage=ACI_SIGNE ")

    def test_completion__what_wants_its_value_gets_no_space(self):
        for line, wanted in (("cptsctl cpts create --stage EM", "--stage EMERGENCE="),
                             ("cptsctl import --map=na", "--map=name="),
                             ("cptsctl cov", "cptsctl coverage ")):
            self.assertTrue(self.shell.complete(line)[1].endswith(wanted), line)


class Zsh(Bash):
    name = "zsh"


class Fish(Words, unittest.TestCase):
    def home(self):
        return folder

    def words(self, line):
        return shells.fish_words(prefix, folder, line)

    def test_completion__values_behind_an_equals_sign(self):
        self.assertEqual(self.words("cptsctl cpts list --stage=AC"), ["--stage=ACI_SIGNE"])


class Scripts(unittest.TestCase):
    def test_completion__scripts_are_those_installed(self):
        share = os.path.join(prefix, "share")
        for name, path in (("bash", "bash-completion/completions/cptsctl"),
                           ("zsh", "zsh/site-functions/_cptsctl"),
                           ("fish", "fish/vendor_completions.d/cptsctl.fish")):
            with open(os.path.join(share, path), encoding="utf-8") as file:
                self.assertEqual(tool("completion", name), (0, file.read()))

    def test_completion__no_other_shell(self):
        self.assertEqual(tool("completion", "tcsh"), (2, ""))

    def test_completion__a_sourced_script_works_too(self):
        done = subprocess.run(
            ["zsh", "-f", "-c", "autoload -Uz compinit; compinit -u -D\n"
             "source <(cptsctl completion zsh); print $_comps[cptsctl]"],
            env=shells.environment(prefix, folder), capture_output=True, text=True,
            timeout=TIMEOUT_S, check=True)
        self.assertEqual(done.stdout.strip(), "_cptsctl", done.stderr)


if __name__ == "__main__":
    unittest.main()
