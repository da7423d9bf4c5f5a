# SPDX-License-Identifier: Apache-2.0
"""A relay between a region and the national node that sees whole frames and loses,
repeats, swaps or records them. It has certificates of the test's own authority, so it is
what no network can be: what happens to frames when both ends and everything between them
lie. Bytes are left as they are.
"""
import concurrent.futures
import itertools
import os
import queue
import random
import threading

import reach  # noqa: F401
import grpc
from cpts.v1 import federation_pb2
from fleet import file_name
from proxy import DOWN, UP

THREADS = 16
STOP_TIMEOUT_S = 5
SYNC = "/cpts.v1.FederationService/Sync"
END = object()
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1),
           ("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]


class Cut(Exception):
    """The session ends here."""


def kind_of(frame):
    """hello, batch, ack …; '' for what is no frame."""
    return federation_pb2.SyncFrame.FromString(frame).WhichOneof("frame") or ""


class Faithful:
    """Passes every frame on, once, in order. What others begin with."""

    def __init__(self):
        self.counts = {}
        self._lock = threading.Lock()

    def count(self, direction, kind):
        """How many of that kind went that way, with this one."""
        with self._lock:
            number = self.counts.get((direction, kind), 0) + 1
            self.counts[direction, kind] = number
            return number

    def pass_on(self, direction, frame):
        """Frames to send in its place; raises Cut to end the session."""
        self.count(direction, kind_of(frame))
        return [frame]

    def session_began(self):
        """A new session: what was kept back of the last one is gone."""


class CutAt(Faithful):
    """Ends the session at the n-th frame of a kind, before or after passing it on; once."""

    def __init__(self, direction, kind, number, passes):
        super().__init__()
        self.at, self.passes, self.happened = (direction, kind, number), passes, False

    def pass_on(self, direction, frame):
        kind = kind_of(frame)
        if (direction, kind, self.count(direction, kind)) != self.at or self.happened:
            return [frame]
        self.happened = True
        if not self.passes:
            raise Cut(f"before {kind}")
        return [frame, END]


class Disorder(Faithful):
    """Loses, repeats, swaps and cuts by chance; shares are of all frames but the first two
    of a side, without which there is no session."""

    def __init__(self, seed, lost=0.03, repeated=0.05, swapped=0.05, cut=0.02):
        super().__init__()
        self._random = random.Random(seed)
        self._shares = (("lost", lost), ("repeated", repeated), ("swapped", swapped), ("cut", cut))
        self._kept = {UP: None, DOWN: None}
        self.happened = dict.fromkeys(("lost", "repeated", "swapped", "cut"), 0)
        self.is_calm = False

    def session_began(self):
        self._kept = {UP: None, DOWN: None}

    def _choose(self):
        chance = self._random.random()
        for name, share in self._shares:
            if chance < share:
                return name
            chance -= share
        return ""

    def pass_on(self, direction, frame):
        kind = kind_of(frame)
        self.count(direction, kind)
        kept, self._kept[direction] = self._kept[direction], None
        if kept is not None:
            return [frame, kept]
        if self.is_calm or kind in ("hello", "resume", "end"):
            return [frame]
        chosen = self._choose()
        if chosen:
            self.happened[chosen] += 1
        if chosen == "cut":
            raise Cut("by chance")
        if chosen == "swapped":
            self._kept[direction] = frame
        return {"lost": [], "repeated": [frame, frame], "swapped": []}.get(chosen, [frame])


class Recorder(Faithful):
    """Keeps the frames that went each way."""

    def __init__(self):
        super().__init__()
        self.frames = {UP: [], DOWN: []}

    def pass_on(self, direction, frame):
        self.frames[direction].append(frame)
        return super().pass_on(direction, frame)


class FrameRelay(grpc.GenericRpcHandler):
    """Listens on 127.0.0.1:port as the national node, and dials it as the region."""

    def __init__(self, fleet, region, manner=None):
        self.manner = manner or Faithful()
        self._fleet, self._region = fleet, region
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(THREADS), options=OPTIONS)
        self._server.add_generic_rpc_handlers((self,))
        credentials = grpc.ssl_server_credentials(
            [(self._pem("national.key"), self._pem("national.pem"))], self._pem("ca.pem"), True)
        self.port = self._server.add_secure_port("127.0.0.1:0", credentials)
        self._server.start()

    def _pem(self, name):
        with open(os.path.join(self._fleet.folder, "pki", name), "rb") as file:
            return file.read()

    def close(self):
        self._server.stop(0).wait(STOP_TIMEOUT_S)

    def dial(self, port):
        """A connection to the national node with the region's certificate."""
        name = file_name(f"region/{self._region}")
        return grpc.secure_channel(f"127.0.0.1:{port}", grpc.ssl_channel_credentials(
            self._pem("ca.pem"), self._pem(f"{name}.key"), self._pem(f"{name}.pem")), OPTIONS)

    def service(self, handler_call_details):
        method = handler_call_details.method
        metadata = [(key, value) for key, value in handler_call_details.invocation_metadata or ()
                    if key.startswith("cpts-")]
        manner = self.manner if method == SYNC else Faithful()

        def answer(requests, context):
            yield from self._relay(method, metadata, requests, context, manner)
        return grpc.stream_stream_rpc_method_handler(answer)

    def _relay(self, method, metadata, requests, context, manner):
        manner.session_began()
        passed = queue.Queue()
        with self.dial(self._fleet.national.port) as channel:
            call = channel.stream_stream(method)(
                iter(passed.get, END), metadata=metadata,
                timeout=None if method == SYNC else context.time_remaining())
            threading.Thread(target=self._climb, args=(requests, passed, call, manner, method),
                             daemon=True).start()
            try:
                for frame in call:
                    sent = manner.pass_on(DOWN, frame) if method == SYNC else [frame]
                    yield from itertools.takewhile(lambda one: one is not END, sent)
                    if END in sent:
                        raise Cut("after a frame")
            except Cut as why:
                call.cancel()
                context.abort(grpc.StatusCode.UNAVAILABLE, str(why))
            except grpc.RpcError as error:
                context.set_trailing_metadata(error.trailing_metadata() or ())
                context.abort(error.code(), error.details())
            finally:
                passed.put(END)

    @staticmethod
    def _climb(requests, passed, call, manner, method):
        """What the dialler sends, on its way up."""
        try:
            for frame in requests:
                for one in manner.pass_on(UP, frame) if method == SYNC else [frame]:
                    passed.put(one)
                    if one is END:
                        raise Cut("after a frame")
        except Cut:
            call.cancel()
        except Exception:  # pylint: disable=broad-except
            call.cancel()  # the dialler is gone
        finally:
            passed.put(END)
