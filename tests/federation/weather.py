# SPDX-License-Identifier: Apache-2.0
"""Ways to break a region's network at random."""
from proxy import DOWN, UP

CUT_BYTES_MAX = 30_000


def weathers(rng):
    """{name: what it does to a proxy}"""
    return {
        "cut": lambda proxy: proxy.cut(),
        "reset": lambda proxy: proxy.reset(),
        "half closed up": lambda proxy: proxy.half_close(UP),
        "half closed down": lambda proxy: proxy.half_close(DOWN),
        "cut within a message up": lambda proxy: proxy.cut_after(
            rng.randrange(CUT_BYTES_MAX), UP, rng.random() < 0.5),
        "cut within a message down": lambda proxy: proxy.cut_after(
            rng.randrange(CUT_BYTES_MAX), DOWN, rng.random() < 0.5),
        "slow": lambda proxy: proxy.delay(0, 30),
        "sliced": lambda proxy: proxy.slice(rng.randint(1, 700)),
        "held": lambda proxy: proxy.hold(),
        "away": lambda proxy: proxy.refuse(),
        "mended": lambda proxy: proxy.mend(),
    }
