# SPDX-License-Identifier: Apache-2.0
"""Every statement of sql/query is prepared and planned as cpts_app, which also
checks its rights on every table and column."""
import glob
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402

# Planning checks the rights; nothing runs.
PLAN = ("SELECT 'EXPLAIN EXECUTE statement' || CASE WHEN cardinality(parameter_types) = 0 THEN ''"
        " ELSE '(' || array_to_string(array_fill('NULL'::text, ARRAY[cardinality("
        "parameter_types)]), ', ') || ')' END FROM pg_prepared_statements \\gexec\n")


class Statements(unittest.TestCase):
    def test_statements__every_file_is_planned_as_cpts_app(self):
        database = psql.Database()
        self.addCleanup(database.drop)
        files = sorted(glob.glob(os.path.join(psql.SOURCE, "sql", "query", "*.sql")))
        self.assertGreater(len(files), 20)
        for path in files:
            with self.subTest(file=os.path.basename(path)):
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                if "\nLISTEN " in text:  # nothing to plan: it is run
                    database.query(text, user="cpts_app")
                    continue
                plan = database.query(f"PREPARE statement AS\n{text};\n{PLAN}", user="cpts_app")
                self.assertGreater(len(plan), 0)

    def test_statements__a_missing_right_is_noticed(self):
        """The check above would see it: this one must fail."""
        database = psql.Database()
        self.addCleanup(database.drop)
        refused = database.refusal(
            f"PREPARE statement AS DELETE FROM cpts.cpts WHERE cpts_id = $1;\n{PLAN}",
            user="cpts_app")
        self.assertEqual(refused.sqlstate, "42501")


if __name__ == "__main__":
    psql.main()
