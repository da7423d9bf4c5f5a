#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each check of this folder must fail on a planted violation, and only then: a
check that cannot fail is a defect."""
import json
import os
import shutil
import tempfile
import unittest

import functions
import include
import layout
import proto
import size
import sql
import text
import tidy

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
LICENCE = "/* SPDX-License-Identifier: Apache-2.0 */\n"
QUERY = "-- Reads one row by its number.\n-- $1 number (int)\nSELECT a.b FROM a WHERE a.c = $1;\n"
PROTO = "// A service.\nservice S {\n  // A call.\n  rpc Get(A) returns (B);\n}\n"


class Tree(unittest.TestCase):
    """A temporary tree; plant() writes a file into it."""

    def setUp(self):
        self.root = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.root)

    def plant(self, path, content):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(content)

    def assert_clean(self, check, *arguments):
        self.assertEqual(check(self.root, *arguments), [])

    def assert_finds(self, wanted, check, *arguments):
        problems = check(self.root, *arguments)
        self.assertTrue(any(wanted in problem for problem in problems), problems)


class IncludeTest(Tree):
    def test_each_folder_keeps_to_its_row(self):
        self.plant("server/store/a.c", '#include <libpq-fe.h>\n#include "wire/arena.h"\n')
        self.plant("sdk/src/transport.c", "#include <grpc/grpc.h>\n")
        self.plant("sdk/tool/own.h", "#include <stdio.h>\n")
        self.plant("sdk/tool/b.c", '#include "own.h"\n#include <ini.h>\n')
        self.assert_clean(include.check)

    def test_a_foreign_header_is_found(self):
        for path, header in (("server/handler/a.c", "<libpq-fe.h>"),
                             ("server/store/b.c", "<grpc/grpc.h>"),
                             ("server/domain/c.c", '"base/clock.h"'),
                             ("server/rpc/d.c", '"handler/registry.h"'),
                             ("server/base/e.c", "<ini.h>"),
                             ("sdk/src/f.c", "<grpc/grpc.h>"),
                             ("sdk/include/cpts/g.h", "<protobuf-c/protobuf-c.h>"),
                             ("sdk/tool/h.c", '"wire/arena.h"'),
                             ("proto/wire/i.c", '"base/log.h"'),
                             ("server/base/j.c", "<curl/curl.h>")):
            with self.subTest(path):
                self.plant(path, f"#include {header}\n")
                self.assert_finds(f"{path}:1: may not include", include.check)

    def test_a_folder_without_a_row_is_found(self):
        self.plant("server/utils/a.c", "")
        self.assert_finds("no rule", include.check)


class FunctionsTest(unittest.TestCase):
    def test_measures_are_exact(self):
        found = functions.of("""
            static const int T[] = {1, 2};
            struct s { int a; };
            int none(void) { return 0; }
            static char *f(int a, int (*b)(int, int),
                           const char *format, ...)
            {
                for (;;) {
                    if (a && b) /* if (x) || */
                        g("{ if (");
                    else if (a)
                        do { each(x, y) { h(); } } while (a);
                }
                switch (a) {
                case 1:
                case 2: return 0;
                case 3: break;
                }
                struct s z = {1};
            }""")
        self.assertEqual([function.name for function in found], ["none", "f"])
        measures = found[1]
        self.assertEqual((found[0].parameters, found[0].complexity, found[0].lines), (0, 1, 1))
        self.assertEqual((measures.parameters, measures.lines, measures.nesting), (3, 16, 4))
        self.assertEqual(measures.complexity, 1 + 5 + 2)


class SizeTest(Tree):
    def function(self, body, parameters="void"):
        self.plant("server/base/a.c", f"int long_one({parameters})\n{{\n{body}\n}}\n")

    def test_what_is_short_enough_passes(self):
        self.function("\n" * 65)
        self.assert_clean(size.check)

    def test_each_limit_is_found(self):
        parameters = ", ".join(f"int a{i}" for i in range(8))
        for wanted, body, list_of in (
                ("lines", "\n" * 70, "void"), ("8 parameters", "", parameters),
                ("5 nesting", "if (1) if (1) if (1) if (1) if (1) ;", "void"),
                ("16 complexity", "if (1) ;\n" * 15, "void"),
                ("101 characters", "x" * 101, "void")):
            with self.subTest(wanted):
                self.function(body, list_of)
                self.assert_finds(wanted, size.check)

    def test_long_files_are_found(self):
        self.plant("server/base/a.c", "\n" * 601)
        self.assert_finds("601 lines", size.check)
        self.plant("sdk/include/cpts/a.h", "\n" * 251)
        self.assert_finds("251 lines", size.check)

    def test_a_test_function_has_a_limit_of_its_own(self):
        self.plant("tests/unit/a.c", "void test_a__b(void)\n{\n" + "\n" * 40 + "}\n")
        self.assert_finds("at most 40", size.check)

    def test_the_list_of_exceptions_may_only_shrink(self):
        self.function("\n" * 70)
        self.plant(size.LONG_FUNCTIONS, "server/base/a.c long_one lines 74 # a table\n")
        self.assert_finds(f"at most {size.LONG_FUNCTIONS_MAX}", size.check)
        size.LONG_FUNCTIONS_MAX, kept = 1, size.LONG_FUNCTIONS_MAX
        self.addCleanup(setattr, size, "LONG_FUNCTIONS_MAX", kept)
        self.assert_clean(size.check)
        self.function("\n" * 60)
        self.assert_finds("says 74", size.check)
        self.plant("server/base/a.c", "")
        self.assert_finds("no server/base/a.c long_one lines", size.check)


class TextTest(Tree):
    def test_a_licensed_file_passes(self):
        self.plant("server/base/a.c", LICENCE)
        self.plant("README.md", "")
        self.plant("server/README.md", "")
        self.assert_clean(text.check)

    def test_each_fault_is_found(self):
        self.plant("a.c", "int a;\n")
        self.assert_finds("a.c:1: no line", text.check)
        self.plant("run", "#!/bin/sh\n")
        self.assert_finds("run:1: no line", text.check)
        self.plant("b/a.c", LICENCE)
        self.assert_finds("same base name", text.check)
        self.plant("c.c", LICENCE + "/* TO" "DO */\n")
        self.assert_finds("c.c:2: unfinished", text.check)


class SqlTest(Tree):
    def test_a_documented_statement_passes(self):
        self.plant("sql/query/a.sql", QUERY)
        self.assert_clean(sql.check)

    def test_each_fault_is_found(self):
        for wanted, content in (
                ("does not say", QUERY.partition("\n")[2]), ("2 statements", QUERY + "SELECT 1;"),
                ("SELECT *", QUERY.replace("a.b", "*")), ("SELECT *", QUERY.replace("a.b", "a.*")),
                ("$2 is not documented", QUERY.replace("a.c =", "a.d = $2 AND a.c =")),
                ("$1 is documented and not used", QUERY.replace("= $1;", "= '$1';"))):
            with self.subTest(wanted):
                self.plant("sql/query/a.sql", content)
                self.assert_finds(wanted, sql.check)


class ProtoTest(Tree):
    def test_a_commented_file_passes(self):
        self.plant("a.proto", PROTO)
        self.assert_clean(proto.check)

    def test_each_missing_comment_is_found(self):
        for name, line in (("S", "service S {"), ("M", "message M {"), ("E", "enum E {"),
                           ("Get", "rpc Get(A) returns (B);"), ("name", "string name = 1;"),
                           ("ids", "repeated a.B ids = 2;"), ("m", "map<string, int32> m = 3;"),
                           ("E_ONE", "E_ONE = 1;"), ("event", "oneof event {")):
            with self.subTest(name):
                self.plant("a.proto", PROTO + "\n" + line + "\n")
                self.assert_finds(f"a.proto:7: {name} has no comment", proto.check)


class ToolTest(Tree):
    """The checks that ask clang-format and clang-tidy."""

    def setUp(self):
        super().setUp()
        for name in (".clang-format", ".clang-tidy"):
            shutil.copy(os.path.join(SOURCE, name), self.root)

    def compile_commands(self):
        path = os.path.join(self.root, "server/base/a.c")
        entry = {"file": path, "directory": self.root, "command": f"cc -std=c17 -c {path}"}
        self.plant("build/compile_commands.json", json.dumps([entry]))
        return os.path.join(self.root, "build")

    def test_layout_is_found(self):
        self.plant("a.c", "int a;\n")
        self.assert_clean(layout.check)
        self.plant("a.c", "int  a;\n")
        self.assert_finds("a.c:1", layout.check)

    def test_a_bug_is_found(self):
        build = self.compile_commands()
        self.plant("server/base/a.c", "int twice(int a)\n{\n    return 2 * a;\n}\n")
        self.assert_clean(tidy.check, build)
        self.plant("server/base/a.c", "int crash(void)\n{\n    int *a = 0;\n    return *a;\n}\n")
        self.assert_finds("NullDereference", tidy.check, build)

    def test_a_build_without_the_files_is_found(self):
        build = self.compile_commands()
        self.assert_finds("no compile command", tidy.check, build)


if __name__ == "__main__":
    unittest.main()
