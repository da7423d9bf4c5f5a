# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL whose clock the test sets: frozen, ahead, back. libfaketime is
preloaded into the postmaster and reads the time from a file at each call; the
servers keep the machine's clock.
"""
import datetime
import os
import pwd

import daemon

LIBRARY = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"
PG_CTL = f"{daemon.psql.POSTGRES_BIN}/pg_ctl"


class FakeClockCluster(daemon.Cluster):
    def __init__(self, folder_path):
        self.clock_file = os.path.join(folder_path, "clock")
        self.now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        super().__init__(folder_path)
        self.stop()
        self.set(self.now)
        self.launch()

    def set(self, moment):
        """The database's clock stands still at that time from now on."""
        self.now = moment
        with open(f"{self.clock_file}.new", "w", encoding="ascii") as file:
            file.write(moment.strftime("%Y-%m-%d %H:%M:%S\n"))
        os.chmod(f"{self.clock_file}.new", 0o644)
        os.rename(f"{self.clock_file}.new", self.clock_file)

    def jump(self, **span):
        """Ahead, or back with negative spans."""
        self.set(self.now + datetime.timedelta(**span))

    def launch(self):
        account = pwd.getpwuid(os.stat(os.path.join(self.folder, "data")).st_uid)
        environment = [f"LD_PRELOAD={LIBRARY}", f"FAKETIME_TIMESTAMP_FILE={self.clock_file}",
                       "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "TZ=UTC",
                       "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin"]
        command = [PG_CTL, "start", "-w", "-s", "-D", os.path.join(self.folder, "data"), "-l",
                   os.path.join(self.folder, "postgresql.log")]
        identity = [] if account.pw_uid == os.getuid() else [
            "/usr/bin/setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}",
            "--init-groups"]
        daemon.run(*identity, "/usr/bin/env", "-i", "-C", "/", *environment, *command)
