# SPDX-License-Identifier: Apache-2.0
"""A national node and regions: real cptsd on real databases in one cluster, each
region dialling through a proxy of its own. Nothing here knows how nodes agree;
ledger.py judges what they hold.
"""
import contextlib
import functools
import os
import re
import shutil

import reach  # noqa: F401
import daemon
import psql
from daemon import run
from nacl.signing import SigningKey
from node import BUILD, TRUST_DOMAIN, service_account
from proxy import Proxy
from vouching import Federation

REGIONS = ("11", "52", "84")
NATIONAL = "national"
CERTIFICATES = os.path.join(reach.TESTS, "support", "certificates")
# Long enough for a machine that others use too; what is there earlier is seen earlier.
CONVERGE_TIMEOUT_S = 120
# Shorter than the defaults, so that a test sees in seconds what takes minutes.
SETTINGS = "bookmark_ms = 200\nredial_max_ms = 400\nsilence_max_ms = 3000\n"
KNOWN = """INSERT INTO cpts.node (name, address, status, epoch, checkpoint_key)
    VALUES ('{node}', '127.0.0.1:1', '{status}', 1, decode('{key}', 'hex'))
    ON CONFLICT (name) DO UPDATE SET status = excluded.status, epoch = excluded.epoch,
      checkpoint_key = excluded.checkpoint_key;"""
OWNED = """INSERT INTO cpts.region_owner (region, node, epoch) VALUES ('{region}', '{node}', 1)
    ON CONFLICT (region) DO UPDATE SET node = excluded.node, epoch = excluded.epoch;"""


@functools.lru_cache
def points(macro):
    """Names of the FAILPOINTs or MUTANTs of the sources (wire/failpoint.h)."""
    found = set()
    for folder in ("server", os.path.join("sdk", "src")):
        for path, _, names in os.walk(os.path.join(psql.SOURCE, folder)):
            for name in filter(lambda one: one.endswith(".c"), names):
                with open(os.path.join(path, name), encoding="utf-8") as file:
                    found |= set(re.findall(rf'{macro}\("([a-z_/]+)"\)', file.read()))
    return tuple(sorted(found))


def file_name(node):
    return node.replace("/", "-")


def uri(node):
    return f"spiffe://{TRUST_DOMAIN}/node/{node}"


def certify(pki, node):
    """A certificate with the node's identity that also serves on 127.0.0.1."""
    run(CERTIFICATES, "leaf", pki, "ca", file_name(node), "2", f"URI:{uri(node)}",
        "DNS:localhost", "IP:127.0.0.1")


class Member(daemon.Daemon):
    """A node: its server, its database, its key for checkpoints.

    upstream: host:port that it dials, None for the national one."""

    def __init__(self, folder_path, node, upstream=None, settings=SETTINGS, **attributes):
        vars(self).update(attributes)
        self.node, self.certificate = node, file_name(node)
        self.region = node.partition("/")[2]
        self.database = psql.Database()
        self.signing, self.copies = SigningKey.generate(), []
        key_file = os.path.join(folder_path, f"{file_name(node)}.checkpoint")
        root = os.path.join(folder_path, "root.pub")
        self.more = f"[federation]\n{settings}checkpoint_key = {key_file}\n"
        if os.path.exists(root):
            self.more += f"[keys]\nroot = {root}\n"
        if upstream is not None:
            self.arguments = ("--role", "regional", "--upstream", upstream)
        certify(os.path.join(folder_path, "pki"), node)
        self._key_file = key_file
        self.sign_with(self.signing)
        super().__init__(folder_path, file_name(node), self.database)
        self.environment = {"CPTS_FAILPOINTS": self.path("failpoints"),
                            "CPTS_FAILPOINT_NAMES": " ".join(
                                [f"kill/{name}" for name in points("FAILPOINT")] +
                                [f"mutant/{name}" for name in points("MUTANT")])}

    def order(self, *lines):
        """What its failpoints do from now on (failpoint_control.c); nothing without lines."""
        with open(self.path("failpoints.new"), "w", encoding="ascii") as file:
            file.write("".join(f"{line}\n" for line in lines))
        os.chmod(self.path("failpoints.new"), 0o644)
        os.rename(self.path("failpoints.new"), self.path("failpoints"))

    def reached(self):
        """Names of the failpoints that it has come by."""
        with contextlib.suppress(FileNotFoundError):
            with open(self.path("failpoints.reached"), encoding="ascii") as file:
                return set(file.read().split())
        return set()

    def has_ended(self):
        return self.process.poll() is not None

    @contextlib.contextmanager
    def stopped(self):
        """Ends the server for the block, in order, and starts it again."""
        self.process.terminate()
        self.process.wait(daemon.WAIT_TIMEOUT_S)
        yield
        self.start()

    def back_up(self):
        """A copy of its database as it is now: the name of it. While stopped."""
        name = f"{self.database.name}_{len(self.copies)}"
        psql.psql("postgres", f"CREATE DATABASE {name} TEMPLATE {self.database.name};")
        self.copies.append(name)
        return name

    def restore(self, copy):
        """Puts a copy in the place of its database, which is gone. While stopped."""
        psql.psql("postgres", f"DROP DATABASE {self.database.name} WITH (FORCE);"
                  f"CREATE DATABASE {self.database.name} TEMPLATE {copy};")

    def drop(self):
        for name in (self.database.name, *self.copies):
            psql.psql("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE);")

    def sign_with(self, signing):
        """Its checkpoints are signed with this key from its next start on."""
        self.signing = signing
        with open(self._key_file, "w", encoding="ascii") as file:
            file.write(signing.encode().hex() + "\n")
        os.chmod(self._key_file, 0o600)
        account = service_account()
        if account is not None:
            os.chown(self._key_file, account.pw_uid, account.pw_gid)

    def grant(self, node, role, scope):
        self.database.file("sql/admin/principal_role_grant.sql", uri=uri(node), role=role,
                           scope=scope)

    def know(self, peer, status):
        """Enters a peer, as its enrolment would."""
        self.database.query(KNOWN.format(node=peer.node, status=status,
                                         key=peer.signing.verify_key.encode().hex()))

    def rows(self, query):
        return daemon.rows(self.database, query)


class Fleet:
    """national, regions: Members · proxies: by region · vouchers: root and authorities of keys ·
    closing: what is undone at the end. Use as a context.

    binaries: {node: program} where it is not cptsd · national: attributes of its server ·
    upstream: what the regions dial in place of their proxies."""

    def __init__(self, folder_path, regions=REGIONS, seed=0, binaries=(), settings=SETTINGS,
                 national=(), upstream=None):
        self.folder, self.seed, self.settings = folder_path, seed, settings
        binaries = dict(binaries)
        for binary in {"cptsd", *binaries.values()}:
            shutil.copy(os.path.join(BUILD, "bin", binary), folder_path)
        self.closing = contextlib.ExitStack()
        # Who vouches for the keys of CPTS.
        self.vouchers = Federation()
        with open(os.path.join(folder_path, "root.pub"), "w", encoding="ascii") as file:
            file.write(self.vouchers.root_text())
        self.national = self._member(
            NATIONAL, binary=binaries.get(NATIONAL, "cptsd"), **dict(national))
        self.proxies, self.regions, self._targets = {}, {}, {}
        for number, region in enumerate(regions):
            proxy = Proxy(functools.partial(self._target, region), seed=f"{seed}/{number}")
            self.closing.callback(proxy.close)
            node = f"region/{region}"
            self.proxies[region] = proxy
            self.regions[region] = self._member(
                node, upstream=upstream or f"127.0.0.1:{proxy.port}",
                binary=binaries.get(node, "cptsd"))

    def _target(self, region):
        return "127.0.0.1", self._targets.get(region) or self.national.port

    def _member(self, node, **arguments):
        member = Member(self.folder, node, settings=self.settings, **arguments)
        self.closing.callback(member.drop)
        self.closing.callback(member.close)
        member.grant(NATIONAL, "NATIONAL_NODE", "*")
        if member.region:
            member.grant(node, "REGION_NODE", f"region:{member.region}")
        return member

    @property
    def members(self):
        return (self.national, *self.regions.values())

    def start(self):
        for member in self.members:
            member.start()
        return self

    def join(self, *regions):
        """These regions, or all, are nodes of the federation from the beginning: there was
        nothing yet that would have been handed over. Before start()."""
        for region in regions or self.regions:
            member = self.regions[region]
            self.enrol(region)
            for one in (self.national, member):
                one.database.query(OWNED.format(region=region, node=member.node))
        return self

    def enrol(self, region):
        """What the national node serves of that region is handed over to its node."""
        member = self.regions[region]
        self.national.grant(member.node, "REGION_NODE", f"region:{region}")
        self.national.know(member, "ENROLLED")
        self.national.grant(member.node, "REGION_NODE", f"region:{region}")
        member.know(self.national, "SERVED")
        member.know(member, "ENROLLED")

    def employ(self, replica, member):
        """The certificate of a CPTS, `cpts/<uuid>`, and its role at a node. Before start()."""
        name = file_name(replica)
        if not os.path.exists(os.path.join(self.folder, "pki", f"{name}.pem")):
            run(CERTIFICATES, "leaf", os.path.join(self.folder, "pki"), "ca", name, "2",
                f"URI:spiffe://{TRUST_DOMAIN}/{replica}")
        member.database.file(
            "sql/admin/principal_role_grant.sql", uri=f"spiffe://{TRUST_DOMAIN}/{replica}",
            role="CPTS_COORDINATOR", scope=replica.replace("/", ":"))

    def relay(self, region, port):
        """The region's proxy dials that port from now on; 0 = the national node again."""
        self._targets[region] = port
        self.proxies[region].cut()

    def close(self):
        self.closing.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def logs(self):
        """The last lines of every server, for a failure's message."""
        return "\n".join(f"--- {member.name}\n{member.log()[-3000:]}" for member in self.members)


@contextlib.contextmanager
def sailing(**arguments):
    """A fleet in a folder of its own, on the cluster of the run."""
    with daemon.folder() as path, Fleet(path, **arguments) as found:
        yield found
