#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a folder may know: its #include lines against one table."""
import re

import tree

# A header's group is the first one whose expression matches it.
GROUPS = [
    ("contract", r"cpts/v1/.*\.pb-c\.h"),
    ("messages", r"(google|grpc/health|grpc/reflection)/.*\.pb-c\.h"),
    ("protobuf", r"protobuf-c/.*"),
    ("status", r"cpts/status\.h"),
    ("sdk", r"cpts/[a-z_]+\.h"),
    ("server", r"(app|rpc|gateway|handler|feed|issuing|domain|store|federation|base)"
               r"/.*"),
    ("wire", r"wire/.*"),
    ("grpc", r"grpc/.*"),
    ("openssl", r"openssl/.*"),
    ("libpq", r"(libpq-fe|libpq-events|pg_config.*|postgres_ext)\.h|libpq/.*"),
    ("sodium", r"sodium\.h|sodium/.*"),
    ("jansson", r"jansson\.h"),
    ("ini", r"ini\.h"),
    ("sqlite", r"sqlite3\.h"),
    ("http", r"microhttpd\.h"),
    ("tables", r"libsmartcols/.*"),
    ("sheets", r"xlsxwriter\.h"),
    ("minpack", r"cminpack\.h"),
    ("containers", r"(uthash|utlist|utarray)\.h"),
    ("clock", r"sys/timerfd\.h"),
    ("sockets", r"(sys/socket|sys/un|netdb)\.h|netinet/.*|arpa/.*"),
    ("libc", r"[a-z0-9_]+\.h|sys/[a-z]+\.h"),
]

# A server header is known as server/<folder>. The longest matching path counts.
RULES = {
    "proto/wire": "libc status wire contract messages protobuf sodium jansson",
    "server/base": "libc status wire server/base containers",
    "server/base/config.c": "libc status wire server/base ini",
    "server/domain": "libc status wire server/base server/domain",
    "server/domain/logistic.c": "libc status wire server/base server/domain minpack",
    "server/store": "libc status wire server/base server/domain server/store libpq containers",
    # How much the socket takes at once libpq does not let one say.
    "server/store/connection.c": "libc status wire server/base server/domain server/store libpq"
                                 " sockets",
    "server/feed": "libc status wire server/base server/store server/feed",
    # Certificates are signed below the handlers, which know no crypto library.
    "server/issuing": "libc status wire openssl server/base server/issuing",
    "server/handler": "libc status wire contract messages protobuf server/base server/domain"
                      " server/store server/feed server/issuing server/federation server/handler",
    "server/rpc": "libc status wire messages protobuf grpc server/base server/rpc containers",
    # The core does not give a certificate's serial number.
    "server/rpc/peer_certificate.c": "libc status wire server/base server/rpc openssl",
    "server/rpc/tls_pair.c": "libc status wire server/base server/rpc openssl",
    "server/gateway": "libc status wire messages protobuf http jansson server/base"
                      " server/gateway containers sockets",
    "server/federation": "libc status sdk wire contract messages protobuf sodium server/base"
                         " server/domain server/store server/federation",
    "server/federation/pin_file.c": "libc status sdk wire sodium ini server/federation",
    "server/app": "libc status wire contract messages protobuf server/app server/rpc"
                  " server/gateway server/handler server/feed server/issuing server/domain"
                  " server/store server/federation server/base",
    "server/main.c": "libc status server/app server/base",
    "sdk/include": "libc status sdk",
    "sdk/src": "libc status sdk wire contract messages protobuf sodium sqlite jansson sdk/src",
    "sdk/src/address.c": "libc status wire sockets sdk/src",
    "sdk/src/transport.c": "libc status sdk wire contract messages protobuf sodium grpc sdk/src",
    "sdk/src/transport_channel.c": "libc status sdk wire grpc sdk/src",
    "sdk/src/transport_channel.h": "libc status sdk grpc sdk/src",
    "sdk/src/transport_core.c": "libc status sdk wire grpc sdk/src",
    "sdk/src/transport_core.h": "libc status sdk grpc sdk/src",
    "sdk/src/transport_duplex.c": "libc status sdk wire grpc sdk/src",
    "sdk/src/transport_stream.c": "libc status sdk wire grpc sdk/src",
    "sdk/tool": "libc status sdk ini jansson tables sheets sdk/tool",
    # What is wrong with certificates and handshakes gRPC does not say.
    "sdk/tool/enroll_authority.c": "libc status sdk openssl sdk/tool",
    "sdk/tool/enroll_key.c": "libc status openssl sdk/tool",
    "sdk/tool/verb_node_renew.c": "libc status sdk openssl sdk/tool",
    "sdk/tool/doctor_files.c": "libc status sdk openssl sdk/tool",
    "sdk/tool/doctor_network.c": "libc status sdk openssl sockets sdk/tool",
    "sdk/example": "libc status sdk",
}

# Headers that a folder's group would allow, and its purpose does not.
FORBIDDEN = {
    "server/domain": {"base/clock.h": "time is an argument"},
}

# Their files may include everything.
FREE = ("tests/",)

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


def group_of(header, beside):
    """Group of a header; beside: the includer's folder and its headers' names."""
    folder, names = beside
    if header in names:
        return "sdk/" + folder.split("/")[1] if folder.startswith("sdk/") else folder
    for group, expression in GROUPS:
        if re.fullmatch(expression, header):
            return "server/" + header.split("/")[0] if group == "server" else group
    return "unknown"


def rule_for(path):
    matching = [key for key in RULES if path == key or path.startswith(key + "/")]
    return RULES[max(matching, key=len)].split() if matching else None


def check_file(root, path, names):
    allowed = rule_for(path)
    if allowed is None:
        return [f"{path}:1: no rule in tests/lint/include.py says what this folder may include"]
    folder = path.rsplit("/", 1)[0]
    problems = []
    text = tree.read(root, path)
    for match in INCLUDE.finditer(text):
        header = match.group(1)
        line = text.count("\n", 0, match.start(1)) + 1
        group = group_of(header, (folder, names.get(folder, ())))
        if group not in allowed:
            problems.append(f"{path}:{line}: may not include {header} ({group})")
        reason = FORBIDDEN.get(folder, {}).get(header)
        if reason:
            problems.append(f"{path}:{line}: may not include {header}: {reason}")
    return problems


def check(root):
    paths = tree.files(root, ".c", ".h")
    names = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        names.setdefault(folder, set()).add(name)
    return [problem for path in paths if not path.startswith(FREE)
            for problem in check_file(root, path, names)]


if __name__ == "__main__":
    tree.run(check)
