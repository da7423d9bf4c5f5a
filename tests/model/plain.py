# SPDX-License-Identifier: Apache-2.0
"""The plain model of a referral: what the entries of a log make of it, one at a
time, in the order of the log. Written from the rules, not from the engine; it
refuses (Broken) every entry that should never have been recorded.

States, events and clocks are the words of cpts.v1 without their prefix.
"""
import copy

ACTIVE = ("SUBMITTED", "DELIVERED", "INFO_REQUESTED", "ACCEPTED", "SCHEDULED", "IN_PROGRESS",
          "CANCEL_REQUESTED", "REPORTED")
OFFERED = ACTIVE[:3]
IN_HAND = ACTIVE[3:6]
ENDED = ("CLOSED", "DECLINED", "REDIRECTED", "WITHDRAWN", "CANCELLED", "FAILED",
         "ENTERED_IN_ERROR")
HOPS_MAX = 4
O, D, S, R = "ORIGIN", "DESTINATION", "SERVER", "DESK"
SAME, PREVIOUS = "same", "previous"
NIL = "00000000-0000-0000-0000-000000000000"

# (event, party): states it may be taken from, state entered.
STEPS = {
    ("DELIVER", S): (("SUBMITTED",), "DELIVERED"),
    ("ASK_INFO", D): (("DELIVERED",), "INFO_REQUESTED"),
    ("ANSWER_INFO", O): (("INFO_REQUESTED",), "DELIVERED"),
    ("ACCEPT", D): (("DELIVERED", "INFO_REQUESTED"), "ACCEPTED"),
    ("DECLINE", D): (("DELIVERED", "INFO_REQUESTED", *IN_HAND), "DECLINED"),
    ("REDIRECT", D): (("DELIVERED", "INFO_REQUESTED", "ACCEPTED"), "REDIRECTED"),
    ("REDIRECT", R): ((*OFFERED, "ACCEPTED"), "REDIRECTED"),
    ("RECALL", O): ((*IN_HAND, "CANCEL_REQUESTED"), "FAILED"),
    ("RECALL", R): ((*IN_HAND, "CANCEL_REQUESTED"), "FAILED"),
    ("CLOSE_BY_DESK", R): (("REPORTED",), "CLOSED"),
    ("SCHEDULE", D): (("ACCEPTED", "SCHEDULED"), "SCHEDULED"),
    ("NO_SHOW", D): (("SCHEDULED",), SAME),
    ("CANCEL_VISIT", D): (("SCHEDULED",), "ACCEPTED"),
    ("START", D): (("ACCEPTED", "SCHEDULED"), "IN_PROGRESS"),
    ("REPORT", D): ((*IN_HAND, "CANCEL_REQUESTED"), "REPORTED"),
    ("ACKNOWLEDGE", O): (("REPORTED",), "CLOSED"),
    ("DISPUTE", O): (("REPORTED",), "IN_PROGRESS"),
    ("WITHDRAW", O): (OFFERED, "WITHDRAWN"),
    ("REQUEST_CANCEL", O): (IN_HAND, "CANCEL_REQUESTED"),
    ("CONFIRM_CANCEL", D): (("CANCEL_REQUESTED",), "CANCELLED"),
    ("REFUSE_CANCEL", D): (("CANCEL_REQUESTED",), PREVIOUS),
    ("FAIL", D): (ACTIVE[1:], "FAILED"),
    ("FAIL", S): (ACTIVE, "FAILED"),
    ("ENTER_IN_ERROR", O): ((*ACTIVE, *ENDED[:-1]), "ENTERED_IN_ERROR"),
    ("ENTER_IN_ERROR", R): ((*ACTIVE, *ENDED[:-1]), "ENTERED_IN_ERROR"),
    ("OVERDUE", S): (ACTIVE, SAME),
    ("REWRAP", O): (ACTIVE, SAME), ("REWRAP", D): (ACTIVE, SAME),
}
# How far it has to be overdue.
PATIENCE = {("RECALL", O): 2, ("RECALL", R): 3, ("CLOSE_BY_DESK", R): 3, ("ABANDON", R): 3,
            ("REASSIGN", R): 3}
# event: clock that it arms, clocks of the assignment that it stops.
EVERY = "every"
CLOCKS = {
    "DELIVER": ("DECIDE", ("DELIVER",)), "ASK_INFO": ("ANSWER", ()),
    "ANSWER_INFO": (None, ("ANSWER",)), "ACCEPT": ("SCHEDULE", EVERY),
    "SCHEDULE": ("REPORT", ("SCHEDULE", "REBOOK")), "NO_SHOW": ("REBOOK", ("REPORT",)),
    "CANCEL_VISIT": ("REBOOK", ("REPORT",)), "START": ("REPORT", ("SCHEDULE", "REBOOK")),
    "REPORT": ("ACKNOWLEDGE", EVERY), "DISPUTE": ("REPORT", ("ACKNOWLEDGE",)),
    "REQUEST_CANCEL": ("CANCEL", ()), "REFUSE_CANCEL": (None, ("CANCEL",)),
}


class Broken(Exception):
    """An entry that the rules do not allow: name of the rule, sentence."""

    def __init__(self, rule, sentence):
        super().__init__(f"{rule}: {sentence}")
        self.rule = rule


class Assignment:
    """One attempt."""

    def __init__(self, destination, version, hop):
        self.destination, self.version, self.hop = destination, version, hop
        self.state, self.previous = "DELIVERED", ""
        self.overdue = self.no_shows = self.disputes = 0
        self.is_mistake = False

    @property
    def is_active(self):
        return self.state in ACTIVE


class Referral:
    """One referral after some of its entries."""

    def __init__(self, origin, region):
        self.origin, self.region = origin, region
        self.version, self.status = 1, "OPEN"
        self.custodian = origin
        self.overdue = self.hops = 0
        self.visited, self.parties = set(), {origin}
        self.assignments, self.candidates = {}, []
        self.clocks = {}
        self.is_mistake = self.is_erased = False

    def active(self):
        return [a for a in self.assignments.values() if a.is_active]

    def picture(self):
        """What a database has to hold of it."""
        return copy.deepcopy({
            "version": self.version, "status": self.status, "custodian": self.custodian,
            "overdue": self.overdue, "hops": self.hops, "visited": sorted(self.visited),
            "parties": sorted(self.parties), "candidates": [c for c, _ in self.candidates],
            "clocks": sorted((*key, level) for key, level in self.clocks.items()),
            "assignments": {key: (a.destination, a.version, a.state, a.overdue, a.hop, a.no_shows)
                            for key, a in self.assignments.items()}})


class World:
    """Every referral, folded from entries. parties: identity to its CPTS, to
    ("desk", region) or to "node"."""

    def __init__(self, parties):
        self.parties, self.referrals = parties, {}

    def apply(self, entry):
        """One entry of the log. One that was applied before changes nothing."""
        referral = self.referrals.get(entry.referral_id)
        if referral is not None and entry.version <= referral.version:
            return False
        expected = 1 if referral is None else referral.version + 1
        if entry.version != expected:
            raise Broken("version_chain", f"{entry.referral_id}: {entry.version} after "
                         f"{expected - 1}")
        kind = entry.change.WhichOneof("event")
        if referral is None and kind != "referral_submitted":
            raise Broken("version_chain", f"{entry.referral_id} begins with {kind}")
        getattr(self, f"_apply_{kind}")(entry, referral)
        self._check(entry)
        return True

    def _check(self, entry):
        """What holds after every entry."""
        referral = self.referrals[entry.referral_id]
        is_open = referral.status in ("OPEN", "TO_REASSIGN")
        if is_open != (referral.custodian is not None):
            raise Broken("one_custodian", f"{entry.referral_id} {referral.status} is "
                         f"{referral.custodian}'s")
        if is_open and not referral.clocks:
            raise Broken("clock_armed", f"{entry.referral_id} at {entry.version}")
        if not is_open and referral.clocks:
            raise Broken("clock_armed", f"{entry.referral_id} is over and has {referral.clocks}")
        holders = [a for a in referral.active() if a.state not in OFFERED]
        if len(holders) > 1:
            raise Broken("first_accept_wins", f"{entry.referral_id}: {len(holders)} hold it")
        if referral.hops > HOPS_MAX:
            raise Broken("redirects", f"{entry.referral_id}: {referral.hops} hops")

    def _apply_referral_submitted(self, entry, _):
        event = entry.change.referral_submitted
        origin = self.parties[entry.change.actor]
        if event.header.origin_id != origin:
            raise Broken("party", f"{entry.referral_id} of {event.header.origin_id} by {origin}")
        referral = Referral(origin, None)
        referral.candidates = [(c.cpts_id, c.assignment_id) for c in event.candidates]
        for recipient in event.destinations:
            self._begin(referral, recipient.assignment_id, recipient.cpts_id)
        if not event.destinations:
            referral.status = "TO_REASSIGN"
            referral.clocks[(NIL, "REASSIGN")] = 0
        elif referral.candidates:
            referral.clocks[(NIL, "WIDEN")] = 0
        self.referrals[entry.referral_id] = referral

    @staticmethod
    def _begin(referral, assignment_id, destination):
        if destination in referral.visited or destination == referral.origin:
            raise Broken("redirects", f"{destination} is asked again")
        if assignment_id in referral.assignments:
            raise Broken("redirects", f"{assignment_id} twice")
        referral.assignments[assignment_id] = Assignment(destination, referral.version,
                                                          referral.hops)
        referral.parties.add(destination)
        referral.clocks[(assignment_id, "DECIDE")] = 0

    def _apply_referral_acted(self, entry, referral):
        event = entry.change.referral_acted
        name = entry.event_name()
        referral.version = entry.version
        if referral.status in ("FULFILLED", "ABANDONED") and name != "ENTER_IN_ERROR":
            raise Broken("terminal_left", f"{entry.referral_id} is over: {name}")
        if name in ("REASSIGN", "ABANDON", "WIDEN"):
            getattr(self, f"_{name.lower()}")(entry, referral)
        elif name == "REWRAP" and not event.assignment_id:
            return
        elif not event.assignment_id:
            self._overdue_whole(entry, referral)
        else:
            self._step(entry, referral, name)

    def _party(self, entry, referral, destination):
        who = self.parties.get(entry.change.actor, "node")
        if who == "node":
            return S
        if isinstance(who, tuple):
            return R
        return O if who == referral.origin else D if who == destination else "STRANGER"

    def _step(self, entry, referral, name):
        event = entry.change.referral_acted
        assignment = referral.assignments.get(event.assignment_id)
        if assignment is None:
            raise Broken("party", f"{name} on {event.assignment_id}, which is none")
        party = self._party(entry, referral, assignment.destination)
        if (name, party) not in STEPS:
            raise Broken("party", f"{name} by {party}")
        sources, target = STEPS[(name, party)]
        if assignment.state not in sources:
            rule = "illegal_step" if assignment.is_active else "terminal_left"
            raise Broken(rule, f"{entry.referral_id} {name} from {assignment.state}")
        if assignment.overdue < PATIENCE.get((name, party), 0):
            raise Broken("illegal_step", f"{name} at overdue {assignment.overdue}")
        if name == "OVERDUE":
            self._overdue(referral, assignment, event)
        elif name == "ENTER_IN_ERROR" and not assignment.is_active:
            assignment.is_mistake = True
        elif target in ENDED:
            self._end(entry, referral, event, name, target)
        else:
            self._move(referral, assignment, event, name, target)
        assignment.version = referral.version

    def _overdue(self, referral, assignment, event):
        key = (event.assignment_id, self.clock_name(event.clock))
        if key not in referral.clocks:
            raise Broken("clock_fired", f"{key} is not armed")
        if event.level != min(3, referral.clocks[key] + 1):
            raise Broken("clock_fired", f"{key} at {referral.clocks[key]} rose to {event.level}")
        referral.clocks[key] = event.level
        assignment.overdue = max(assignment.overdue, event.level)

    def _overdue_whole(self, entry, referral):
        event = entry.change.referral_acted
        key = (NIL, self.clock_name(event.clock))
        if key not in referral.clocks or entry.change.actor in self.parties:
            raise Broken("clock_fired", f"{key} is not armed")
        if event.level != min(3, referral.clocks[key] + 1):
            raise Broken("clock_fired", f"{key} at {referral.clocks[key]} rose to {event.level}")
        referral.clocks[key] = event.level
        referral.overdue = max(referral.overdue, event.level)

    def _move(self, referral, assignment, event, name, target):
        if name == "DISPUTE":
            if assignment.disputes:
                raise Broken("illegal_step", "disputed twice")
            assignment.disputes = 1
        if name == "REQUEST_CANCEL":
            assignment.previous = assignment.state
        if name == "NO_SHOW":
            assignment.no_shows += 1
        if name == "ACCEPT":
            self._take(referral, event.assignment_id, assignment)
        if target != SAME:
            assignment.state = assignment.previous if target == PREVIOUS else target
        armed, stopped = CLOCKS.get(name, (None, ()))
        kept = 0
        if name in ("SCHEDULE", "NO_SHOW", "CANCEL_VISIT"):
            kept = max(referral.clocks.get((event.assignment_id, kind), 0)
                       for kind in ("REPORT", "REBOOK"))
        self._stop(referral, event.assignment_id, stopped)
        if armed:
            referral.clocks[(event.assignment_id, armed)] = kept
        assignment.overdue = max((level for (key, _), level in referral.clocks.items()
                                  if key == event.assignment_id), default=0)

    def _take(self, referral, assignment_id, assignment):
        referral.custodian = assignment.destination
        referral.clocks.pop((NIL, "WIDEN"), None)
        for other_id, other in referral.assignments.items():
            if other_id == assignment_id or not other.is_active:
                continue
            if other.state not in OFFERED:
                raise Broken("first_accept_wins", f"{other.destination} had accepted")
            other.state, other.version, other.overdue = "WITHDRAWN", referral.version, 0
            self._stop(referral, other_id, EVERY)

    @staticmethod
    def _stop(referral, assignment_id, kinds):
        for key in list(referral.clocks):
            if key[0] == assignment_id and (kinds == EVERY or key[1] in kinds):
                del referral.clocks[key]

    def _end(self, entry, referral, event, name, target):
        assignment = referral.assignments[event.assignment_id]
        assignment.state, assignment.overdue = target, 0
        self._stop(referral, event.assignment_id, EVERY)
        if target == "CLOSED":
            self._finish(referral, "FULFILLED")
            return
        referral.custodian = referral.origin
        if target in ("DECLINED", "REDIRECTED", "FAILED"):
            referral.visited.add(assignment.destination)
        self._go_on(entry, referral, name)

    def _finish(self, referral, status):
        referral.status, referral.custodian, referral.clocks = status, None, {}
        referral.candidates = []

    def _go_on(self, entry, referral, name):
        """What follows the end of an attempt without success. Whoever ended it
        for the origin's sake asks nobody else."""
        event = entry.change.referral_acted
        if name == "REDIRECT":
            referral.hops += 1
            for recipient in event.next:
                if recipient.wrap_sha256:
                    self._begin(referral, recipient.assignment_id, recipient.cpts_id)
                else:
                    self._ask_next(referral, recipient.cpts_id)
        if referral.active():
            return
        if name in ("DECLINE", "REDIRECT", "FAIL", "RECALL"):
            self._ask_next(referral)
        if not referral.active():
            referral.status, referral.overdue = "TO_REASSIGN", 0
            referral.clocks = {(NIL, "REASSIGN"): 0}

    def _ask_next(self, referral, wanted=None):
        """The first candidate (or that one) who was not visited and is not being asked."""
        busy = {a.destination for a in referral.active()}
        for candidate in referral.candidates:
            destination, assignment_id = candidate
            if destination in referral.visited | busy or wanted not in (None, destination):
                continue
            referral.candidates.remove(candidate)
            self._begin(referral, assignment_id, destination)
            self._arm_widen(referral)
            return

    @staticmethod
    def _arm_widen(referral):
        referral.clocks.pop((NIL, "WIDEN"), None)
        if referral.candidates:
            referral.clocks[(NIL, "WIDEN")] = 0

    def _widen(self, entry, referral):
        if referral.status != "OPEN" or not referral.candidates:
            raise Broken("illegal_step", f"WIDEN of {entry.referral_id}, {referral.status}")
        if any(a.state not in OFFERED for a in referral.active()):
            raise Broken("illegal_step", f"WIDEN of {entry.referral_id}, which is taken")
        before = len(referral.assignments)
        self._ask_next(referral)
        if len(referral.assignments) == before:
            raise Broken("illegal_step", f"WIDEN of {entry.referral_id} asked nobody")

    def _reassign(self, entry, referral):
        party = self._party(entry, referral, None)
        if referral.status != "TO_REASSIGN":
            raise Broken("illegal_step", f"REASSIGN of {entry.referral_id}, {referral.status}")
        if referral.overdue < PATIENCE.get(("REASSIGN", party), 0) or party not in (O, R):
            raise Broken("party", f"REASSIGN by {party} at {referral.overdue}")
        if party == R:
            return
        referral.status, referral.overdue, referral.clocks = "OPEN", 0, {}
        referral.candidates = []
        for recipient in entry.change.referral_acted.next:
            self._begin(referral, recipient.assignment_id, recipient.cpts_id)

    def _abandon(self, entry, referral):
        party = self._party(entry, referral, None)
        if referral.status != "TO_REASSIGN" or party not in (O, R):
            raise Broken("illegal_step", f"ABANDON of {entry.referral_id} by {party}")
        if referral.overdue < PATIENCE.get(("ABANDON", party), 0):
            raise Broken("illegal_step", f"ABANDON by {party} at {referral.overdue}")
        self._finish(referral, "ABANDONED")

    @staticmethod
    def _apply_referral_erased(entry, referral):
        referral.version, referral.is_erased = entry.version, True

    def clock_name(self, number):
        """Word of a cpts.v1.ReferralClockKind."""
        return ("", "DELIVER", "DECIDE", "ANSWER", "SCHEDULE", "REBOOK", "REPORT", "ACKNOWLEDGE",
                "CANCEL", "REASSIGN", "WIDEN")[number]
