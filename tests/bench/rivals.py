# SPDX-License-Identifier: Apache-2.0
"""What others would take instead: a server on Node.js, etcd. Started like the
servers of state.py; neither is part of the product, so what they need is
installed into the run's directory or asked for."""
import json
import shutil
import socket
import subprocess
import time

from state import SOURCE, START_TIMEOUT_S, Server, command

NODE_SOURCE = SOURCE / "tests/bench/node"
NODE_FILES = ("package.json", "package-lock.json", "referral.js", "registry.js", "server.js")
NODE_POOL = 16
# Debian's packages of the programs; the section of deploy/packages that only
# this needs.
PACKAGES = {"node": "nodejs", "npm": "npm", "etcd": "etcd-server"}


def programs_of(measurement):
    """What a measurement of a rival runs."""
    return ("etcd",) if measurement.endswith("etcd") else ("node", "npm")


def missing(programs):
    """Packages of those programs that this machine does not have."""
    return sorted({PACKAGES[name] for name in programs if shutil.which(name) is None})


def node_install(state):
    """server.js with its packages, as package-lock.json has them, from npm's registry."""
    folder = state.directory / "node"
    folder.mkdir()
    for name in NODE_FILES:
        shutil.copy(NODE_SOURCE / name, folder)
    command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder, timeout=600)
    return folder


def start_node(state, name, database, **more):
    """The Node.js server on a database; more: settings of server.js."""
    folder = state.directory / "node"
    if not folder.exists():
        node_install(state)
    settings = {"source": str(SOURCE), "socket": state.socket, "port": int(state.port),
                "database": database, "ca": state.pem("ca.pem"),
                "certificate": state.pem("national.pem"), "key": state.pem("national.key"),
                "pool": NODE_POOL, "pipeline": False, "plain": False, **more}
    process = subprocess.Popen(["node", "server.js", json.dumps(settings)], cwd=folder,
                               stdout=subprocess.PIPE, text=True,
                               env={"PATH": "/usr/local/bin:/usr/bin:/bin",
                                    "NODE_ENV": "production"})
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{name} did not start: exit {process.wait()}")
    return state.keep(Server(name, process, int(line)))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def is_listening(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def start_etcd(state):
    """One member, as Debian has it: every put is flushed; mutual TLS as ours."""
    port, peer_port = free_port(), free_port()
    url, peer_url = f"https://127.0.0.1:{port}", f"http://127.0.0.1:{peer_port}"
    with open(state.directory / "etcd.log", "wb") as log:
        process = subprocess.Popen(
            ["etcd", "--name", "bench", "--data-dir", state.directory / "etcd",
             "--listen-client-urls", url, "--advertise-client-urls", url,
             "--listen-peer-urls", peer_url, "--initial-advertise-peer-urls", peer_url,
             "--initial-cluster", f"bench={peer_url}", "--client-cert-auth",
             "--trusted-ca-file", state.pem("ca.pem"), "--cert-file", state.pem("national.pem"),
             "--key-file", state.pem("national.key"), "--log-level", "error"],
            stdout=log, stderr=log)
    limit = time.monotonic() + START_TIMEOUT_S
    while not is_listening(port):
        if process.poll() is not None or time.monotonic() > limit:
            said = (state.directory / "etcd.log").read_text(encoding="utf-8")
            raise RuntimeError(f"etcd did not start: {said[-1000:]}")
        time.sleep(0.05)
    return state.keep(Server("etcd", process, port))


