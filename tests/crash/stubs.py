# SPDX-License-Identifier: Apache-2.0
"""Python messages and stubs of the contract, generated anew for this process
by Debian's protoc and grpc_python_plugin: a client that nobody here wrote."""
import atexit
import os
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("CPTS_TEST_SOURCE") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("CPTS_TEST_BUILD") or os.path.join(SOURCE, "build")
PROTOS = ("cpts/v1/stage.proto", "cpts/v1/change.proto", "cpts/v1/registry.proto",
          "google/rpc/status.proto", "google/rpc/error_details.proto",
          "grpc/health/v1/health.proto")


def _generate():
    parent = os.path.join(BUILD, "tests", "crash")
    os.makedirs(parent, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="stubs.", dir=parent)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        ["/usr/bin/protoc", f"-I{SOURCE}/proto", "-I/usr/share/grpc-proto", "-I/usr/include",
         "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin",
         f"--python_out={folder}", f"--grpc_python_out={folder}", *PROTOS],
        check=True, timeout=60)
    return folder


sys.dont_write_bytecode = True
sys.path.insert(0, _generate())

# The generated `google.rpc` lies beside the installed `google.protobuf`.
import google  # noqa: E402
google.__path__.append(os.path.join(sys.path[0], "google"))
# The generated `grpc.health` would hide behind the installed `grpc`.
import grpc  # noqa: E402
grpc.__path__.append(os.path.join(sys.path[0], "grpc"))

# pylint: disable=unused-import,wrong-import-position
from cpts.v1 import change_pb2, registry_pb2, registry_pb2_grpc, stage_pb2  # noqa: E402,F401
from google.rpc import error_details_pb2, status_pb2  # noqa: E402,F401
from grpc.health.v1 import health_pb2, health_pb2_grpc  # noqa: E402,F401
