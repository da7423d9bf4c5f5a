# SPDX-License-Identifier: Apache-2.0
"""Import this first: the modules of the other test folders, and the generated messages, are
found from then on."""
import os
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[1:1] = [os.path.join(TESTS, name) for name in ("crash", "e2e", "model", "support")]
import node  # noqa: E402, F401  (where the generated messages are)
