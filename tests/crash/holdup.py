# SPDX-License-Identifier: Apache-2.0
"""A Unix socket before PostgreSQL's that can keep back what a server's write
lane sends: everything, or just the Sync that would end its transaction."""
import contextlib
import os
import socket
import threading

from daemon import psql

CHUNK_BYTES = 65536
SYNC = b"S\0\0\0\4"
WRITE_LANE = b"application_name\0cptsd write\0"
PASS, HOLD_ALL, HOLD_SYNC = range(3)


def forward(data, target):
    target.sendall(data)


class Relay:
    """Forwards in threads of its own until close(). The other methods: one
    thread at a time."""

    def __init__(self, folder):
        port = psql.environment("CPTS_TEST_PORT")
        self.folder = folder
        self.upstream = os.path.join(psql.environment("CPTS_TEST_SOCKET"), f".s.PGSQL.{port}")
        self.held = threading.Event()
        self._mode = PASS
        self._gate = threading.Event()
        self._sockets = []
        os.mkdir(folder)
        os.chmod(folder, 0o711)
        self._listener = socket.socket(socket.AF_UNIX)
        path = os.path.join(folder, f".s.PGSQL.{port}")
        self._listener.bind(path)
        os.chmod(path, 0o777)
        self._listener.listen()
        self._start(self._accept)

    @staticmethod
    def _start(function, *arguments):
        threading.Thread(target=function, args=arguments, daemon=True).start()

    def hold(self, mode):
        """From now on; `held` is set once something is kept back."""
        self.held.clear()
        self._gate.clear()
        self._mode = mode

    def release(self):
        self._mode = PASS
        self._gate.set()

    def close(self):
        self.release()
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.upstream)
                self._sockets += [client, server]
                self._start(self._pump, server, client, forward)
                self._start(self._pump_client, client, server)

    def _pump_client(self, client, server):
        """The first packet says who connects."""
        first = client.recv(CHUNK_BYTES)
        server.sendall(first)
        self._pump(client, server, self._keep_back if WRITE_LANE in first else forward)

    @staticmethod
    def _pump(source, target, send):
        """Until one of the two ends; then both do."""
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK_BYTES):
                send(data, target)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _keep_back(self, data, target):
        kept = 0
        if self._mode == HOLD_ALL:
            kept = len(data)
        elif self._mode == HOLD_SYNC and data.endswith(SYNC):
            kept = len(SYNC)
        if kept:
            target.sendall(data[:-kept])
            self.held.set()
            self._gate.wait()
            data = data[-kept:]
        target.sendall(data)
