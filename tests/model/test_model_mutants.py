# SPDX-License-Identifier: Apache-2.0
"""The property test can fail: each defect that is put into the engine turns it
red, for the reason it should."""
import random
import unittest

import verdict
from cast import Cast
from driver import Driver
from psql import main

COMMANDS = 3000
THREADS = 8
# name: (function of schema cpts, what is replaced in it, by what, rules that may say so)
MUTANTS = {
    "two_accepts_win": ("referral_assignment_step", "    IF cardinality(f.parties) > 2 THEN",
                        "    IF false THEN", {"first_accept_wins", "state_is_fold"}),
    "clock_not_armed": ("referral_arm", "BEGIN\n",
                        "BEGIN\n  IF kind = 'SCHEDULE' THEN\n    RETURN due;\n  END IF;\n",
                        {"state_is_fold"}),
    "dedupe_off": ("referral_seen", "BEGIN\n", "BEGIN\n  RETURN NULL;\n",
                   {"server_fault", "replay", "once"}),
    "version_unchecked": ("referral_step_refusal",
                          "NOT cpts.is_version_as_seen(f, version_seen)", "false",
                          {"stale"}),
    "terminal_left": ("referral_step_refusal",
                      "strpos(rule.from_states, ' ' || found_state || ' ') = 0", "false",
                      {"terminal_left", "illegal_step"}),
}
REPLACE = """DO $do$
DECLARE
  definition text := (SELECT pg_get_functiondef(p.oid) FROM pg_proc p
    WHERE p.pronamespace = 'cpts'::regnamespace AND p.proname = '{function}');
  changed text := replace(definition, $old${old}$old$, $new${new}$new$);
BEGIN
  IF changed = definition OR definition IS NULL THEN
    RAISE EXCEPTION 'nothing to mutate in {function}';
  END IF;
  EXECUTE changed;
END $do$;"""


class Mutants(unittest.TestCase):
    def judge(self, name):
        function, old, new, rules = MUTANTS[name]
        seed = random.SystemRandom().getrandbits(32)
        cast = Cast()
        try:
            cast.node.database.query(REPLACE.format(function=function, old=old, new=new))
            driver = Driver(cast, seed, COMMANDS)
            driver.run(THREADS)
            broken, _ = verdict.violations(cast.node.database, cast.identities(), driver.attempts,
                                           random.Random(seed))
        finally:
            cast.close()
        counts = {rule: len(sentences) for rule, sentences in broken.items()}
        print(f"{name}: commands={COMMANDS} seed={seed} {counts}")
        self.assertTrue(rules & set(broken), f"{name} was not seen by {rules}: {set(broken)}")

    def test_mutants__two_accepts_win(self):
        self.judge("two_accepts_win")

    def test_mutants__clock_not_armed(self):
        self.judge("clock_not_armed")

    def test_mutants__dedupe_off(self):
        self.judge("dedupe_off")

    def test_mutants__version_unchecked(self):
        self.judge("version_unchecked")

    def test_mutants__terminal_left(self):
        self.judge("terminal_left")


if __name__ == "__main__":
    main()
