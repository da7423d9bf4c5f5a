# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that a test breaks: what the network does to a dialler, on demand.

It works on bytes below TLS; what happens to whole frames is frame_relay.py's. The
choices (sizes of slices, delays) come from a seed, never their timing. It runs on a
thread of its own; the methods of Proxy may be called by any thread, and what they ask
for has happened when they return.
"""
import asyncio
import contextlib
import random
import socket
import struct
import threading

UP, DOWN = "up", "down"
READ_BYTES = 65536
START_TIMEOUT_S = 10
HEAR_OUT_S = 2
RESET = struct.pack("ii", 1, 0)


class _Link:
    """One connection and its other half."""

    def __init__(self, client, server):
        self.sockets = {UP: (client, server), DOWN: (server, client)}
        self.pumps = {}

    def reset(self):
        for pump in self.pumps.values():
            pump.cancel()
        for one, _ in self.sockets.values():
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            one.close()

    async def close(self, loop):
        """Says nothing more, and hears the rest out: closing with unread bytes would
        be a reset, which takes back what was passed on."""
        for pump in self.pumps.values():
            pump.cancel()
        for one, _ in self.sockets.values():
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_WR)
        for one, _ in self.sockets.values():
            with contextlib.suppress(OSError, asyncio.TimeoutError):
                await asyncio.wait_for(hear_out(loop, one), HEAR_OUT_S)
            one.close()


async def hear_out(loop, one):
    while await loop.sock_recv(one, READ_BYTES):
        pass


class Proxy:
    """Listens on 127.0.0.1:port and dials target(), asked at each connection.

    byte_counts: bytes passed on in each direction · connection_count: accepted ·
    refused_count: turned away · cut_count: connections that it ended."""

    def __init__(self, target, seed=0, address="127.0.0.1"):
        self._target, self._address, self._random = target, address, random.Random(seed)
        self.port = 0
        self.byte_counts = {UP: 0, DOWN: 0}
        self.connection_count = self.refused_count = self.cut_count = 0
        self._delay_ms, self._slice_bytes, self._is_refusing = (0, 0), 0, False
        self._limits = {UP: None, DOWN: None}
        self._limit_reset = False
        self._severed = threading.Event()
        self._links, self._closing = set(), set()
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()
        if not self._started.wait(START_TIMEOUT_S):
            raise AssertionError("the proxy did not start")

    # What a test asks for.

    def delay(self, least_ms, most_ms):
        """Each piece arrives so much later, those of a direction in their order."""
        self._ask(lambda: setattr(self, "_delay_ms", (least_ms, most_ms)))

    def slice(self, most_bytes):
        """Nothing arrives in pieces of more than 1..most_bytes; 0 = as it came."""
        self._ask(lambda: setattr(self, "_slice_bytes", most_bytes))

    def cut(self):
        """Closes every connection in order (FIN). New ones work."""
        self._ask(lambda: self._end_all(False))

    def reset(self):
        """Closes every connection with RST. New ones work."""
        self._ask(lambda: self._end_all(True))

    def half_close(self, direction):
        """That direction ends on every connection, the other one goes on."""
        self._ask(lambda: [self._end_half(link, direction) for link in self._links])

    def cut_after(self, byte_count, direction=UP, reset=False):
        """Ends the connection that carries the byte after so many more; once."""
        def arm():
            self._severed.clear()
            self._limit_reset = reset
            self._limits[direction] = byte_count
        self._ask(arm)

    def wait_severed(self, timeout_s):
        """Whether the cut that cut_after() asked for has happened."""
        return self._severed.wait(timeout_s)

    def disarm(self):
        """Takes back a cut_after() that has not happened."""
        self._ask(lambda: self._limits.update({UP: None, DOWN: None}))

    def hold(self):
        """Passes nothing on and reads no more; connections stay open."""
        self._ask(self._gate.clear)

    def release(self):
        """Goes on after hold()."""
        self._ask(self._gate.set)

    def refuse(self):
        """The network is away: every connection is reset, new ones too."""
        def away():
            self._is_refusing = True
            self._end_all(True)
        self._ask(away)

    def accept(self):
        """The network is back."""
        self._ask(lambda: setattr(self, "_is_refusing", False))

    def mend(self):
        """Breaks nothing any more; what is cut stays cut."""
        def whole():
            self._delay_ms, self._slice_bytes, self._is_refusing = (0, 0), 0, False
            self._limits = {UP: None, DOWN: None}
            self._gate.set()
        self._ask(whole)

    def link_count(self):
        """Connections that are open now."""
        return self._ask(lambda: len(self._links))

    def close(self):
        """Ends everything; once."""
        def stop():
            self._accepting.cancel()
            self._end_all(True)
            self._listener.close()
        self._ask(stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_TIMEOUT_S)

    # On its thread.

    def _ask(self, function):
        async def run():
            return function()
        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(START_TIMEOUT_S)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        self._gate = asyncio.Event()
        self._gate.set()
        self._listener = socket.create_server((self._address, 0))
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._accepting = self._loop.create_task(self._accept())
        self._started.set()
        self._loop.run_forever()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _accept(self):
        while True:
            client, _ = await self._loop.sock_accept(self._listener)
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server = None if self._is_refusing else await self._dial()
            if server is None or self._is_refusing:
                self.refused_count += 1
                for one in filter(None, (client, server)):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    one.close()
                continue
            self.connection_count += 1
            link = _Link(client, server)
            self._links.add(link)
            for direction in (UP, DOWN):
                link.pumps[direction] = self._loop.create_task(self._pump(link, direction))

    async def _dial(self):
        server = socket.socket()
        server.setblocking(False)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await self._loop.sock_connect(server, self._target())
        except OSError:
            server.close()
            return None
        return server

    async def _pump(self, link, direction):
        source, sink = link.sockets[direction]
        pieces = asyncio.Queue(maxsize=64)
        writing = self._loop.create_task(self._write(link, direction, pieces))
        try:
            while True:
                data = await self._loop.sock_recv(source, READ_BYTES)
                for piece in self._slices(data):
                    await pieces.put((self._due(), piece))
                if not data:
                    await pieces.put((self._due(), b""))
                    await writing
                    return
        except OSError:
            self._end(link, True)
        finally:
            writing.cancel()

    async def _write(self, link, direction, pieces):
        _, sink = link.sockets[direction]
        try:
            while True:
                due, piece = await pieces.get()
                await asyncio.sleep(max(0, due - self._loop.time()))
                await self._gate.wait()
                if not piece:
                    self._finish_half(link, direction)
                    return
                passed = self._allowed(direction, len(piece))
                await self._loop.sock_sendall(sink, piece[:passed])
                self.byte_counts[direction] += passed
                if passed < len(piece):
                    self._sever(link, direction)
                    return
        except OSError:
            self._end(link, True)

    def _slices(self, data):
        most = self._slice_bytes
        while data:
            size = self._random.randint(1, most) if most else len(data)
            yield data[:size]
            data = data[size:]

    def _due(self):
        least, most = self._delay_ms
        return self._loop.time() + (self._random.uniform(least, most) / 1000 if most else 0)

    def _allowed(self, direction, size):
        limit = self._limits[direction]
        if limit is None:
            return size
        self._limits[direction] = max(0, limit - size)
        return min(size, limit)

    def _sever(self, link, direction):
        self._limits[direction] = None
        self.cut_count += 1
        self._end(link, self._limit_reset)
        self._severed.set()

    def _finish_half(self, link, direction):
        """A side has said all: the other one is told; both have: it is over."""
        _, sink = link.sockets[direction]
        link.pumps.pop(direction, None)
        if not link.pumps:
            self._end(link, False)
            return
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _end_half(self, link, direction):
        pump = link.pumps.get(direction)
        if pump is not None:
            pump.cancel()
            self.cut_count += 1
            self._finish_half(link, direction)

    def _end_all(self, reset):
        for link in list(self._links):
            self.cut_count += 1
            self._end(link, reset)

    def _end(self, link, reset):
        if link not in self._links:
            return
        self._links.discard(link)
        if reset:
            link.reset()
        else:
            closing = self._loop.create_task(link.close(self._loop))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
