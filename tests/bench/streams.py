# SPDX-License-Identifier: Apache-2.0
"""Streams: how many messages a second, and what a thousand subscribers cost."""
import json
import subprocess

import measure
from state import BIN

DATABASE = "cpts_watch"
# Longer than what the server keeps packed (16,384), so that its beginning is
# read from the database.
LOG_LENGTH = 100000
LAST = 15000
SUBSCRIBERS = 1000
SUBSCRIBERS_PER_CONNECTION = 250
LIVE_SUBSCRIBERS = 250
LIVE_BURST = 256
WARM_SUBSCRIBERS = 10
ROUNDS_OF_FANOUT = 20
FROM_NOW = "1001"
BARE_METHOD = "/cpts.bench.Echo/Repeat"


def after_position(position):
    """WatchCptsRequest with after_position, packed, in hexadecimal."""
    packed = bytes([0x08])
    while position > 127:
        packed += bytes([position & 127 | 128])
        position >>= 7
    return (packed + bytes([position])).hex()


class Audience:
    """bench_watch with subscribers that wait for what is to come."""

    def __init__(self, state, server, is_plain, subscribers, connections, rounds, burst=1):
        first = state.fill(rounds * burst, DATABASE)
        self.process = subprocess.Popen(
            [str(BIN / "bench_watch"), "fanout", *measure.target(state, server, is_plain),
             "--request", FROM_NOW, "--subscribers", str(subscribers),
             "--channels", str(connections), "--rounds", str(rounds), "--burst", str(burst),
             "--first", str(first), "--count", str(rounds * burst)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if not self.process.stdout.readline():
            raise RuntimeError(f"fanout on {server.name}: {self.process.communicate()[1].strip()}")

    def finish(self):
        """Has the rounds done; what was measured."""
        said, errors = self.process.communicate("\n")
        if self.process.returncode != 0:
            raise RuntimeError(f"fanout: {errors.strip()}")
        return json.loads(said)


class Streams:
    """The measurements of streams; each is a function without arguments."""

    def __init__(self, state, echo):
        self.state = state
        self.echo = echo
        self.servers = {}
        self.message_bytes = None

    def prepare(self):
        """A database with a long log, and servers on it: at the first use."""
        if self.servers:
            return
        state = self.state
        state.add_database(DATABASE)
        self.servers = {plain: state.start_server(f"watch{'-plain' * plain}", DATABASE, plain)
                        for plain in (False, True)}
        Audience(state, self.servers[False], False, 1, 1, 1).finish()
        state.sql(DATABASE, f"SELECT bench.log_fill({LOG_LENGTH})")
        state.sql(DATABASE, "VACUUM (ANALYZE)")
        # Positions that both servers now take notice of.
        Audience(state, self.servers[False], False, 1, 1, 1).finish()

    def read(self, server, is_plain, seconds, *arguments):
        return json.loads(measure.command(
            BIN / "bench_watch", "replay", *measure.target(self.state, server, is_plain),
            "--seconds", seconds, *arguments))

    def newest(self, is_plain, seconds):
        """One reader of the last changes, again and again: they are kept packed."""
        self.prepare()
        head = int(self.state.sql(DATABASE, "SELECT cpts.log_head()"))
        result = self.read(self.servers[is_plain], is_plain, seconds, "--messages", LAST,
                           "--request", after_position(head - LAST))
        self.message_bytes = round(result["message_bytes"])
        return result

    def replay(self, is_plain, seconds):
        """One reader from position 0."""
        self.prepare()
        return self.read(self.servers[is_plain], is_plain, seconds, "--messages", LOG_LENGTH)

    def bare(self, is_plain, seconds):
        """The same from bench_echo: messages of that size without end."""
        if self.message_bytes is None:
            self.newest(is_plain, 1)
        message = "0a" + "5a" * (self.message_bytes - 1)
        return self.read(self.echo[is_plain], is_plain, seconds, "--method", BARE_METHOD,
                         "--request", message)

    def live(self, is_plain):
        """Changes just committed, to many subscribers; the commands included."""
        self.prepare()
        return Audience(self.state, self.servers[is_plain], is_plain, LIVE_SUBSCRIBERS, 1,
                        ROUNDS_OF_FANOUT, LIVE_BURST).finish()

    def subscribers(self, is_plain, per_connection):
        """A new server: what it grows by, and how soon the last one hears."""
        self.prepare()
        server = self.state.start_server("audience", DATABASE, is_plain)
        Audience(self.state, server, is_plain, WARM_SUBSCRIBERS, 1, 1).finish()
        before_kb = server.memory_kb("VmRSS")
        audience = Audience(self.state, server, is_plain, SUBSCRIBERS,
                            SUBSCRIBERS // per_connection, ROUNDS_OF_FANOUT)
        grown_kb = server.memory_kb("VmRSS") - before_kb
        result = audience.finish()
        self.state.end(server)
        return {**result, "kb_each": round(grown_kb / SUBSCRIBERS, 1)}

    def measurements(self, seconds):
        found = {}
        for name, plain in (("", False), ("_insecure", True)):
            found.update({
                f"watch_messages{name}": lambda p=plain: self.newest(p, seconds),
                f"watch_messages{name}_bare": lambda p=plain: self.bare(p, seconds),
                f"watch_replay{name}": lambda p=plain: self.replay(p, seconds),
                f"watch_live{name}": lambda p=plain: self.live(p),
                f"watch_subscribers{name}":
                    lambda p=plain: self.subscribers(p, SUBSCRIBERS_PER_CONNECTION),
                f"watch_subscribers{name}_own_connection":
                    lambda p=plain: self.subscribers(p, 1),
            })
        return found
