# SPDX-License-Identifier: Apache-2.0
"""The schema from nothing, back, and again; and the reference data."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import psql  # noqa: E402

SQL = os.path.join(psql.SOURCE, "sql")
SQITCH_TIMEOUT_S = 120


def environment(database):
    return {**os.environ, "PATH": f"{psql.POSTGRES_BIN}:{os.environ['PATH']}", "TZ": "UTC",
            "LC_ALL": "C.UTF-8", "SQITCH_USER_CONFIG": "/dev/null", "SQITCH_FULLNAME": "cpts",
            "SQITCH_EMAIL": "cpts@localhost", "PGHOST": psql.environment("CPTS_TEST_SOCKET"),
            "PGPORT": psql.environment("CPTS_TEST_PORT"), "PGUSER": "postgres",
            "PGDATABASE": database}


def plan():
    """Names of the changes, first one first."""
    with open(os.path.join(SQL, "sqitch.plan"), encoding="utf-8") as lines:
        return [line.split()[0] for line in lines if line.strip() and line[0] not in "%#@"]


class Migrations(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(SQL, "roles.sql"), encoding="utf-8") as script:
            psql.psql("postgres", script.read())
        self.database = psql.Database(template="template0")
        self.addCleanup(self.database.drop)

    def sqitch(self, command, *arguments):
        name = self.database.name
        done = subprocess.run(["sqitch", command, f"db:pg:{name}", *arguments], cwd=SQL,
                              env=environment(name), capture_output=True, text=True,
                              timeout=SQITCH_TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 0,
                         f"sqitch {command} {arguments}\n{done.stdout}{done.stderr}")

    def schema(self):
        """The whole schema as text; the names that pg_dump draws anew are left out."""
        dump = subprocess.run([f"{psql.POSTGRES_BIN}/pg_dump", "--schema-only",
                               "--exclude-schema=sqitch"], env=environment(self.database.name),
                              capture_output=True, text=True, timeout=60, check=True).stdout
        return re.sub(r"(?m)^\\(un)?restrict.*$", "", dump)

    def test_migrations__each_change_there_and_back(self):
        states = [self.schema()]
        for change in plan():
            self.sqitch("deploy", "--verify", "--to", change)
            states.append(self.schema())
        self.assertEqual(len(set(states)), len(states), "a change that changes nothing")
        for change, wanted in list(zip(plan(), states))[:0:-1]:
            before = plan()[plan().index(change) - 1]
            self.sqitch("revert", "-y", "--to", before)
            self.assertEqual(self.schema(), wanted, f"reverting {change} leaves something")
        self.sqitch("revert", "-y")
        self.assertEqual(self.schema(), states[0], "reverting all leaves something")
        self.sqitch("deploy", "--verify")
        self.sqitch("verify")
        self.assertEqual(self.schema(), states[-1], "the second deployment differs")

    def test_migrations__revert_works_with_data(self):
        self.sqitch("deploy")
        self.database.file("sql/reference/load.sql")
        self.sqitch("revert", "-y")
        self.sqitch("deploy", "--verify")
        self.assertEqual(self.database.value("SELECT count(*) FROM cpts.territory_unit;"), "0")

    def verify_faults(self, database):
        """Changes whose verify script fails: what `sqitch verify` runs, without its start."""
        found = []
        for change in plan():
            try:
                database.file(f"sql/verify/{change}.sql")
            except psql.SqlError:
                found.append(change)
        return found

    def test_migrations__verify_sees_what_is_missing(self):
        self.sqitch("deploy")
        self.assertEqual(self.verify_faults(self.database), [])
        for damage in ("DROP TABLE cpts.unit_overlap CASCADE;", "DROP TABLE cpts.target;",
                       "ALTER TABLE cpts.cpts NO FORCE ROW LEVEL SECURITY;",
                       "GRANT UPDATE ON cpts.change_log TO cpts_app;",
                       "GRANT UPDATE ON cpts.cpts_stage TO cpts_app;",
                       "ALTER TABLE cpts.command DISABLE ROW LEVEL SECURITY;"):
            with self.subTest(damage=damage):
                copy = psql.Database(template=self.database.name)
                self.addCleanup(copy.drop)
                copy.query(damage)
                self.assertNotEqual(self.verify_faults(copy), [])

    def test_migrations__roles_may_be_made_twice(self):
        self.database.file("sql/roles.sql")
        self.assertEqual(self.database.query(
            "SELECT rolname, rolcanlogin, rolbypassrls, rolsuper FROM pg_roles"
            " WHERE rolname IN ('cpts_app', 'cpts_owner') ORDER BY 1;"),
            [["cpts_app", "t", "f", "f"], ["cpts_owner", "f", "t", "f"]])


class Reference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = psql.Database()
        cls.addClassCleanup(cls.database.drop)

    def versions(self):
        return self.database.value("SELECT count(*) FROM cpts.reference_version;")

    def content(self):
        return self.database.query("".join(
            f"SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM cpts.{table} t;"
            for table in ("region", "department", "epci", "territory_unit", "unit_old_code",
                          "target", "node")))

    def test_migrations__reference_data_is_whole(self):
        for wanted, query in (
                ("34875", "SELECT count(*) FROM cpts.territory_unit WHERE kind = 'COMMUNE';"),
                ("45", "SELECT count(*) FROM cpts.territory_unit WHERE kind = 'ARRONDISSEMENT';"),
                ("68350798", "SELECT sum(population_count) FROM cpts.territory_unit"
                             " WHERE is_leaf;"),
                ("68350798", "SELECT sum(population_count) FROM cpts.territory_unit"
                             " WHERE kind = 'COMMUNE';"),
                ("68350798", "SELECT sum(population_count) FROM cpts.region;"),
                ("68350798", "SELECT sum(population_count) FROM cpts.department;"),
                ("4240", "SELECT count(*) FROM cpts.unit_old_code;"),
                ("18", "SELECT count(*) FROM cpts.region WHERE zone IN ('metro', 'drom');"),
                ("3", "SELECT count(*) FROM cpts.territory_unit WHERE NOT is_leaf;"),
                ("1000", "SELECT cpts_count FROM cpts.target WHERE region = '';"),
                ("1", "SELECT count(*) FROM cpts.reference_version;"),
                ("0", "SELECT count(*) FROM cpts.unit_old_code o JOIN cpts.territory_unit u"
                      " ON u.code = o.old_code;"),
                ("0", "SELECT count(*) FROM cpts.territory_unit u JOIN cpts.department d"
                      " ON d.code = u.department WHERE d.region <> u.region;")):
            with self.subTest(query=query):
                self.assertEqual(self.database.value(query), wanted)

    def test_migrations__loading_again_changes_nothing(self):
        before = self.content()
        self.database.file("sql/reference/load.sql")
        self.assertEqual((self.versions(), self.content()), ("1", before))

    def test_migrations__changed_reference_is_a_new_version(self):
        database = psql.Database()
        self.addCleanup(database.drop)
        folder = tempfile.mkdtemp(prefix="cpts-sql.", dir="/tmp")
        self.addCleanup(shutil.rmtree, folder)
        copy = shutil.copytree(os.path.join(SQL, "reference"), os.path.join(folder, "reference"))
        communes = os.path.join(copy, "communes.csv")
        with open(communes, encoding="utf-8") as file:
            text = file.read().replace(",Versailles,", ",Versailles-sur-Mer,")
        with open(communes, "w", encoding="utf-8") as file:
            file.write(text)
        with open(os.path.join(copy, "load.sql"), encoding="utf-8") as file:
            script = file.read()
        for _ in range(2):
            psql.psql(database.name, script, folder=copy)
        self.assertEqual(database.query(
            "SELECT version, vintage FROM cpts.reference_version ORDER BY 1;"),
            [["1", "2026"], ["2", "2026"]])
        self.assertEqual(database.value(
            "SELECT name FROM cpts.territory_unit WHERE code = '78646';"), "Versailles-sur-Mer")

    def test_migrations__half_a_load_leaves_nothing(self):
        before = self.content()
        with open(os.path.join(SQL, "reference", "load.sql"), encoding="utf-8") as file:
            script = file.read()
        script = script.replace(
            "COMMIT;", "UPDATE cpts.region SET name = 'x'; SELECT 1 / 0;\nCOMMIT;")
        with self.assertRaises(psql.SqlError) as raised:
            psql.psql(self.database.name, script, folder=os.path.join(SQL, "reference"))
        self.assertEqual(raised.exception.sqlstate, "22012")
        self.assertEqual((self.versions(), self.content()), ("1", before))


if __name__ == "__main__":
    psql.main()
