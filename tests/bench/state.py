# SPDX-License-Identifier: Apache-2.0
"""What a run needs: programs, a private cluster, certificates, servers, data."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = SOURCE / "build"
BIN = BUILD / "bin"
POSTGRES_BIN = "/usr/lib/postgresql/15/bin"
TRUST_DOMAIN = "cpts.bench"
OPERATOR = f"spiffe://{TRUST_DOMAIN}/user/00000000-0000-7000-8000-000000000001"
START_TIMEOUT_S = 30
# A database that nobody connects to, for copies.
EMPTY = "cpts_empty"


def command(*arguments, **options):
    """Runs a program; its output, or an error with what it said."""
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=False,
                          **options)
    if done.returncode != 0:
        raise RuntimeError(f"{arguments[0]} failed: {(done.stderr or done.stdout).strip()[-2000:]}")
    return done.stdout


def build():
    command("cmake", "--preset", "release", cwd=SOURCE)
    command("cmake", "--build", "--preset", "release", "--parallel", os.cpu_count(),
            "--target", "bench", "e2e_stubs", cwd=SOURCE)


class Server:
    """A program that serves on a port of its own until it is ended."""

    def __init__(self, name, process, port):
        self.name = name
        self.process = process
        self.port = port

    def memory_kb(self, field):
        """VmRSS (now) or VmHWM (at most so far) of /proc, KiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
        raise RuntimeError(f"{self.name} has no {field}")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class State:
    """A temporary directory with everything in it; gone after close()."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cpts-bench.", dir="/tmp"))
        self.directory.chmod(0o711)
        self.servers = []
        self.favour = None
        self.socket = None
        self.port = None
        self.next_cpts = 1
        self._endings = []

    def at_end(self, function):
        """Called when the state is closed."""
        self._endings.append(function)

    def close(self):
        for function in self._endings:
            function()
        for server in reversed(self.servers):
            server.end()
        if (self.directory / "pg").exists():
            command(SOURCE / "deploy/cluster", "stop", self.directory / "pg")
        shutil.rmtree(self.directory)

    # The database: `cpts` has the demo data and is read, `cpts_write` is written.

    def start_cluster(self):
        pg = self.directory / "pg"
        command(SOURCE / "deploy/cluster", "start", pg)
        with open(pg / "data/postmaster.pid", encoding="ascii") as pid:
            if self.favour:
                self.favour.watch(int(pid.readline()))
        command(SOURCE / "deploy/cluster", "database", pg, "cpts")
        lines = (pg / "cluster.env").read_text(encoding="utf-8").splitlines()
        settings = dict(line.split("=", 1) for line in lines)
        self.socket = settings["CPTS_PG_SOCKET"].strip("'")
        self.port = settings["CPTS_PG_PORT"]
        self.run_file("cpts", SOURCE / "tests/bench/sql/schema.sql")
        self.grant("cpts", f"spiffe://{TRUST_DOMAIN}/node/national", "NATIONAL_NODE")
        self.grant("cpts", OPERATOR, "OPERATOR")
        self.sql("postgres", f"CREATE DATABASE {EMPTY} TEMPLATE cpts")
        self.add_database("cpts_write")

    def add_database(self, name):
        """One with the schema, the reference data and the roles, and no CPTS."""
        self.sql("postgres", f"CREATE DATABASE {name} TEMPLATE {EMPTY}")

    def connection(self, user="postgres"):
        return ["-h", self.socket, "-p", self.port, "-U", user]

    def sql(self, database, text):
        return command(f"{POSTGRES_BIN}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", *self.connection(),
                       "-d", database, "-c", text).strip()

    def run_file(self, database, path, *arguments):
        command(f"{POSTGRES_BIN}/psql", "-Xq", *arguments, *self.connection(), "-d", database,
                "-f", path)

    def grant(self, database, uri, role, scope="*"):
        self.run_file(database, SOURCE / "sql/admin/principal_role_grant.sql",
                      "-v", f"uri={uri}", "-v", f"role={role}", "-v", f"scope={scope}")

    def fill(self, count, database="cpts_write"):
        """Registers that many CPTS; the number of the first."""
        first = self.next_cpts
        self.sql(database, f"SELECT bench.fill({first}, {count})")
        self.next_cpts += count
        return first

    # Certificates, servers and the demo data.

    def make_certificates(self):
        pki = self.directory / "pki"
        command(SOURCE / "deploy/certificate", "ca", pki)
        command(SOURCE / "deploy/certificate", "issue", pki, "national",
                f"spiffe://{TRUST_DOMAIN}/node/national", "--server")
        self.certify("operator", OPERATOR)

    def certify(self, name, uri):
        """A certificate for somebody who calls."""
        command(SOURCE / "deploy/certificate", "issue", self.directory / "pki", name, uri)

    def pem(self, name):
        return str(self.directory / "pki" / name)

    def start_server(self, name, database, is_plain, more=""):
        """A cptsd. Plain: no TLS, no scope, and a role without row-level security.
        more: lines of its configuration."""
        role = ("user=postgres options='-c app.scope=* -c app.principal=insecure'"
                if is_plain else "user=cpts_app")
        port_file = self.directory / f"{name}.port"
        port_file.unlink(missing_ok=True)
        config = self.directory / f"{name}.conf"
        config.write_text(
            f"[node]\nname = national\ntrust_domain = {TRUST_DOMAIN}\n"
            f"[listen]\naddress = 127.0.0.1:0\nport_file = {port_file}\n"
            f"[tls]\nca = {self.pem('ca.pem')}\ncertificate = {self.pem('national.pem')}\n"
            f"key = {self.pem('national.key')}\n"
            f"[database]\n"
            f"conninfo = host='{self.socket}' port={self.port} dbname={database} {role}\n"
            f"[log]\nlevel = warning\n{more}", encoding="utf-8")
        flags = ["--insecure", "--no-scope"] if is_plain else []
        with open(self.directory / f"{name}.log", "wb") as log:
            process = subprocess.Popen([BIN / "cptsd", "--config", config, *flags], stderr=log)
        limit = time.monotonic() + START_TIMEOUT_S
        while not port_file.exists():
            if process.poll() is not None or time.monotonic() > limit:
                said = (self.directory / f"{name}.log").read_text(encoding="utf-8")
                raise RuntimeError(f"{name} did not start: {said[-1000:]}")
            time.sleep(0.05)
        return self.keep(Server(name, process, int(port_file.read_text(encoding="ascii"))))

    def start_echo(self, name, is_plain):
        names = () if is_plain else ("ca.pem", "national.pem", "national.key")
        files = [self.pem(name) for name in names]
        process = subprocess.Popen([BIN / "bench_echo", *files], stdout=subprocess.PIPE, text=True)
        return self.keep(Server(name, process, int(process.stdout.readline())))

    def keep(self, server):
        self.servers.append(server)
        return server

    def end(self, server):
        """Ends a server before the others."""
        server.end()
        self.servers.remove(server)

    def import_file(self, server, path):
        """Imports a file of CPTS through the server."""
        profile = self.directory / "profile.ini"
        profile.write_text(
            f"[profile]\naddress = 127.0.0.1:{server.port}\nca = {self.pem('ca.pem')}\n"
            f"certificate = {self.pem('operator.pem')}\nkey = {self.pem('operator.key')}\n",
            encoding="utf-8")
        command(BIN / "cptsctl", "import", path, "--quiet",
                "--profile", profile)

    def import_members(self, server, count):
        """Imports as many synthetic members into the CPTS that the server has."""
        profile = self.directory / "profile.ini"
        listed = self.directory / "list.csv"
        members = self.directory / "members.csv"
        listed.write_text(command(BIN / "cptsctl", "cpts", "list", "--csv", "--profile", profile),
                          encoding="utf-8")
        members.write_text(command(SOURCE / "deploy/demo/members.py", listed, "--count", count),
                           encoding="utf-8")
        command(BIN / "cptsctl", "members", "import", members, "--quiet", "--profile", profile)

    def import_demo(self, server):
        """Imports the demo data into cpts; how many CPTS it has."""
        self.import_file(server, SOURCE / "deploy/demo/cpts.csv")
        self.sql("cpts", "INSERT INTO bench.pick "
                         "SELECT row_number() OVER (ORDER BY cpts_id), cpts_id FROM cpts.cpts")
        self.sql("cpts", "VACUUM (ANALYZE)")
        ids = self.sql("cpts", "SELECT id FROM bench.pick ORDER BY n")
        (self.directory / "ids").write_text(ids + "\n", encoding="ascii")
        return len(ids.splitlines())
