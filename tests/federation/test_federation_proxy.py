# SPDX-License-Identifier: Apache-2.0
"""The breakable proxy breaks what it is told to, and nothing else."""
import random
import socket
import threading
import unittest

import reach  # noqa: F401
from proxy import DOWN, UP, Proxy
from psql import main

TIMEOUT_S = 20
TEXT = bytes(random.Random(7).randbytes(200_000))


class Echo:
    """Answers each connection with what it got, and keeps it."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        self.heard, self.ends = [], []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                one, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(one,), daemon=True).start()

    def _serve(self, one):
        heard = bytearray()
        self.heard.append(heard)
        with one:
            try:
                while data := one.recv(65536):
                    heard += data
                    one.sendall(data)
                self.ends.append("end")
            except ConnectionResetError:
                self.ends.append("reset")
            except BrokenPipeError:
                self.ends.append("broken")

    def close(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()


def read(one, count):
    found = bytearray()
    while len(found) < count:
        data = one.recv(min(65536, count - len(found)))
        if not data:
            break
        found += data
    return bytes(found)


class BreakableProxy(unittest.TestCase):
    def setUp(self):
        self.echo = Echo()
        self.addCleanup(self.echo.close)
        self.proxy = Proxy(lambda: self.echo.address, seed=3)
        self.addCleanup(self.proxy.close)

    def dial(self):
        one = socket.create_connection(("127.0.0.1", self.proxy.port), TIMEOUT_S)
        self.addCleanup(one.close)
        return one

    def talk(self, one, text=TEXT):
        threading.Thread(target=one.sendall, args=(text,), daemon=True).start()
        return read(one, len(text))

    def assert_reset(self, one=None):
        """That one is reset, or a new one is."""
        with self.assertRaises(ConnectionResetError):
            one = one or self.dial()
            while one.recv(65536):
                pass

    def test_proxy__unbroken_passes_all_both_ways(self):
        self.assertEqual(self.talk(self.dial()), TEXT)
        self.wait(lambda: self.proxy.byte_counts == {UP: len(TEXT), DOWN: len(TEXT)})

    def test_proxy__slices_and_delays_keep_the_order(self):
        self.proxy.slice(1000)
        self.proxy.delay(0, 2)
        self.assertEqual(self.talk(self.dial()), TEXT)

    def test_proxy__cut_ends_in_order_and_new_ones_work(self):
        one = self.dial()
        self.assertEqual(self.talk(one, b"before"), b"before")
        self.proxy.cut()
        self.assertEqual(one.recv(1), b"")
        self.assertEqual(self.talk(self.dial(), b"after"), b"after")
        self.assertEqual((self.proxy.cut_count, self.proxy.connection_count), (1, 2))

    def test_proxy__reset_is_one(self):
        one = self.dial()
        self.assertEqual(self.talk(one, b"before"), b"before")
        self.proxy.reset()
        self.assert_reset(one)

    def test_proxy__half_closed_direction_ends_and_the_other_goes_on(self):
        one = self.dial()
        self.assertEqual(self.talk(one, b"before"), b"before")
        self.proxy.half_close(DOWN)
        self.assertEqual(one.recv(1), b"")
        one.sendall(b"unheard answers")
        one.shutdown(socket.SHUT_WR)
        self.wait(lambda: bytes(self.echo.heard[0]) == b"beforeunheard answers")

    def wait(self, condition):
        deadline = threading.Event()
        for _ in range(TIMEOUT_S * 100):
            if condition():
                return
            deadline.wait(0.01)
        self.fail("it did not happen")

    def test_proxy__cut_after_passes_exactly_so_many_bytes(self):
        for number, count in enumerate((0, 1, 99_999)):
            with self.subTest(count=count):
                self.proxy.cut_after(count)
                one = self.dial()
                threading.Thread(target=self.pour, args=(one,), daemon=True).start()
                self.assertTrue(self.proxy.wait_severed(TIMEOUT_S))
                self.wait(lambda: len(self.echo.ends) > number)
                self.assertEqual(bytes(self.echo.heard[-1]), TEXT[:count])
        self.assertEqual(self.talk(self.dial(), b"after"), b"after")

    @staticmethod
    def pour(one):
        try:
            one.sendall(TEXT)
        except OSError:
            pass

    def test_proxy__cut_after_downwards_lets_the_server_hear_all(self):
        self.proxy.cut_after(3, DOWN, reset=True)
        one = self.dial()
        one.sendall(b"question")
        self.assertTrue(self.proxy.wait_severed(TIMEOUT_S))
        self.assertEqual(bytes(self.echo.heard[0]), b"question")

    def test_proxy__disarmed_cut_does_not_happen(self):
        self.proxy.cut_after(3)
        self.proxy.disarm()
        self.assertEqual(self.talk(self.dial()), TEXT)

    def test_proxy__held_passes_nothing_until_released(self):
        one = self.dial()
        self.assertEqual(self.talk(one, b"before"), b"before")
        self.proxy.hold()
        one.sendall(b"later")
        one.settimeout(0.1)
        with self.assertRaises(TimeoutError):
            one.recv(1)
        one.settimeout(TIMEOUT_S)
        self.proxy.release()
        self.assertEqual(read(one, 5), b"later")

    def test_proxy__refusing_resets_old_and_new_until_it_accepts(self):
        one = self.dial()
        self.assertEqual(self.talk(one, b"before"), b"before")
        self.proxy.refuse()
        self.assert_reset(one)
        self.assert_reset()
        self.proxy.accept()
        self.assertEqual(self.talk(self.dial(), b"after"), b"after")

    def test_proxy__target_that_is_away_resets(self):
        self.echo.close()
        self.assert_reset()
        self.assertEqual(self.proxy.refused_count, 1)

    def test_proxy__same_seed_slices_alike(self):
        def sizes(seed):
            proxy = Proxy(lambda: self.echo.address, seed=seed)
            try:
                proxy.slice(50)
                return [len(piece) for piece in proxy._slices(TEXT[:5000])]
            finally:
                proxy.close()
        self.assertEqual(sizes(11), sizes(11))
        self.assertNotEqual(sizes(11), sizes(12))

    def test_proxy__mended_is_whole_again(self):
        self.proxy.refuse()
        self.proxy.hold()
        self.proxy.cut_after(1)
        self.proxy.mend()
        self.assertEqual(self.talk(self.dial()), TEXT)


if __name__ == "__main__":
    main()
