# SPDX-License-Identifier: Apache-2.0
"""What `cmake --install` puts where, and whether a stranger's build finds it."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.environ["CPTS_TEST_SOURCE"]
BUILD = os.environ["CPTS_TEST_BUILD"]
CC = os.environ.get("CC", "cc")
EXAMPLES = sorted(glob.glob(os.path.join(SOURCE, "sdk", "example", "*.c")))
EXAMPLE_LINES = 80
WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror"]
TIMEOUT_S = 120
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(stranger LANGUAGES C)
find_package(Cpts {version} CONFIG REQUIRED)
foreach(file {files})
  get_filename_component(name ${{file}} NAME_WE)
  add_executable(${{name}} ${{file}})
  target_link_libraries(${{name}} PRIVATE Cpts::cpts)
endforeach()
"""
folder = prefix = None


def run(*command, **arguments):
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
                          **arguments)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def setUpModule():
    global folder, prefix
    folder = tempfile.mkdtemp(prefix="cpts-install.", dir="/tmp")
    first = os.path.join(folder, "first")
    run("cmake", "--install", BUILD, "--prefix", first)
    # An installed tree may be moved.
    prefix = os.path.join(folder, "moved")
    os.rename(first, prefix)


def tearDownModule():
    shutil.rmtree(folder)


def installed(*names):
    return os.path.join(prefix, *names)


def find(name):
    """The one installed file of that name."""
    found = [os.path.join(place, name) for place, _, files in os.walk(prefix) if name in files]
    if len(found) != 1:
        raise AssertionError(f"{name}: {found}")
    return found[0]


def sanitizers():
    """A library with sanitizers wants a program with them."""
    with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as file:
        found = re.search(r"^CPTS_SANITIZE:\w+=(.+)$", file.read(), re.MULTILINE)
    return [f"-fsanitize={found.group(1)}"] if found else []


def usage(program):
    """A program that was built and finds its library says how to use it."""
    done = subprocess.run([program], capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    return done.returncode, done.stderr


class Install(unittest.TestCase):
    def assertRuns(self, program):
        self.assertEqual(usage(program)[0], 2, usage(program)[1])
        self.assertIn("usage: ", usage(program)[1])

    def test_install__headers_are_those_of_the_source(self):
        names = {os.path.basename(path)
                 for path in glob.glob(os.path.join(SOURCE, "sdk", "include", "cpts", "*"))}
        self.assertEqual(set(os.listdir(installed("include", "cpts"))), names)
        self.assertIn("async.h", names)

    def test_install__library_has_its_soname_and_links(self):
        library = find("libcpts.so.0")
        self.assertIn("Library soname: [libcpts.so.0]", run("readelf", "-d", library))
        self.assertEqual(os.readlink(find("libcpts.so")), "libcpts.so.0")
        self.assertRegex(os.readlink(library), r"^libcpts\.so\.0\.\d+\.\d+$")

    def test_install__library_exports_what_its_headers_declare(self):
        exports = os.path.join(SOURCE, "tests", "unit", "exports.py")
        run(sys.executable, "-B", exports, "nm", find("libcpts.so.0"),
            *glob.glob(installed("include", "cpts", "*.h")))
        symbols = run("nm", "-D", "--defined-only", "--with-symbol-versions", find("libcpts.so.0"))
        self.assertIn("cpts_client_open@@CPTS_0", symbols)

    def test_install__programs_run_from_where_they_are(self):
        self.assertIn(".", run(installed("bin", "cptsctl"), "version"))
        self.assertTrue(os.access(installed("bin", "cptsd"), os.X_OK))

    def test_install__schema_is_json(self):
        with open(installed("share", "cpts", "statistics.schema.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["type"], "object")

    def test_install__nothing_points_to_the_build(self):
        texts = [find("cpts.pc"), *glob.glob(os.path.join(os.path.dirname(
            find("CptsConfig.cmake")), "*.cmake"))]
        self.assertGreater(len(texts), 3)
        for path in texts:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for place in (SOURCE, BUILD, os.path.join(folder, "first")):
                self.assertNotIn(place, text, path)

    def test_install__examples_are_short(self):
        self.assertGreaterEqual(len(EXAMPLES), 3)
        for path in EXAMPLES + glob.glob(os.path.join(SOURCE, "sdk", "example", "*.py")):
            with open(path, encoding="utf-8") as file:
                self.assertLessEqual(len(file.readlines()), EXAMPLE_LINES, path)

    def test_install__examples_build_with_pkg_config(self):
        pkg_config = os.path.dirname(find("cpts.pc"))
        environment = {**os.environ, "PKG_CONFIG_PATH": pkg_config}
        flags = run("pkg-config", "--cflags", "--libs", "cpts", env=environment).split()
        rpath = f"-Wl,-rpath,{os.path.dirname(find('libcpts.so'))}"
        for path in EXAMPLES:
            with self.subTest(example=os.path.basename(path)):
                program = os.path.join(folder, os.path.basename(path)[:-2])
                run(CC, *WARNINGS, *sanitizers(), path, "-o", program, *flags, rpath)
                self.assertRuns(program)

    def test_install__examples_build_with_find_package(self):
        project, build = os.path.join(folder, "project"), os.path.join(folder, "build")
        os.mkdir(project)
        version = ".".join(run(installed("bin", "cptsctl"), "version").split()[1].split(".")[:2])
        with open(os.path.join(project, "CMakeLists.txt"), "w", encoding="utf-8") as file:
            file.write(PROJECT.format(version=version, files=" ".join(EXAMPLES)))
        run("cmake", "-S", project, "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}",
            f"-DCMAKE_C_COMPILER={CC}",
            f"-DCMAKE_C_FLAGS={' '.join(WARNINGS + sanitizers())}")
        run("cmake", "--build", build)
        for path in EXAMPLES:
            self.assertRuns(os.path.join(build, os.path.basename(path)[:-2]))


if __name__ == "__main__":
    unittest.main()
