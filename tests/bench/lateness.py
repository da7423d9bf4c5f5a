# SPDX-License-Identifier: Apache-2.0
"""How late clocks of referrals fire: many that are due one after the other, and many
at the same time, which is what a server finds that was away."""
import time

COUNT = 2000
SPREAD_MS = 4000
PAUSE_S = 0.1
LIMIT_S = 120
DATABASE = "cpts_write"


class Lateness:
    def __init__(self, state, source):
        self.state = state
        self.script = source / "tests/bench/sql/referral_clocks.sql"

    def measure(self, spread_ms):
        """From when a clock was due to its entry in the log."""
        if self.state.sql(DATABASE, "SELECT count(*) FROM cpts.cpts") == "0":
            self.state.fill(2)
        head = self.state.sql(DATABASE, "SELECT cpts.log_head()")
        self.state.run_file(DATABASE, self.script, "-v", f"count={COUNT}", "-v",
                            f"spread={spread_ms}")
        fired = ("cpts.change_log l JOIN bench.due b ON b.referral_id = l.aggregate_id"
                 f" WHERE l.local_position > {head}")
        limit = time.monotonic() + LIMIT_S
        while int(self.state.sql(DATABASE, f"SELECT count(*) FROM {fired}")) < COUNT:
            if time.monotonic() > limit:
                raise RuntimeError(f"clocks did not fire in {LIMIT_S} s")
            time.sleep(PAUSE_S)
        late = ("SELECT cpts.unix_us(l.recorded_at) - cpts.unix_us(b.fire_at) AS us,"
                f" l.recorded_at FROM {fired}")
        rate, p50, p99 = self.state.sql(
            DATABASE, "SELECT count(*) / greatest(0.001, extract(epoch FROM max(l.recorded_at) -"
            " min(l.recorded_at))), percentile_disc(0.5) WITHIN GROUP (ORDER BY l.us),"
            f" percentile_disc(0.99) WITHIN GROUP (ORDER BY l.us) FROM ({late}) l"
        ).split("|")
        return {"rate": float(rate), "p50_us": int(p50), "p99_us": int(p99)}

    def measurements(self):
        return {"referral_clocks": lambda: self.measure(SPREAD_MS),
                "referral_clocks_at_once": lambda: self.measure(1)}
