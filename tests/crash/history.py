# SPDX-License-Identifier: Apache-2.0
"""What the clients did and what they were told: the one side of a check."""
import hashlib
from dataclasses import dataclass, field

OK = "OK"
REFUSED = "REFUSED"
UNKNOWN = "UNKNOWN"

# Codes after which the same command is sent again: it may have been carried
# out, or nothing was decided about it.
UNDECIDED = frozenset({"UNAVAILABLE", "UNKNOWN", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"})
# Codes of a decision that will not change: versions only grow.
DECIDED = frozenset({"ABORTED", "ALREADY_EXISTS", "FAILED_PRECONDITION", "INVALID_ARGUMENT",
                     "NOT_FOUND", "PERMISSION_DENIED"})

KINDS = {"CreateCpts": "CPTS_CREATED", "UpdateCpts": "CPTS_UPDATED",
         "RecordStage": "CPTS_STAGE_RECORDED", "SetTerritory": "CPTS_TERRITORY_SET"}


@dataclass
class Attempt:
    """One call and its answer. Times are nanoseconds of one monotonic clock."""
    server: str
    began_ns: int
    ended_ns: int = 0
    code: str = ""
    reason: str = ""
    cpts_id: str = ""
    version: int = 0
    position: int = 0
    replayed: bool = False


@dataclass
class Operation:
    """One intention: a command id with its content, however often it was sent."""
    principal: str
    method: str
    command_id: str
    request: bytes
    cpts_id: str = ""
    expected_version: int = 0
    attempts: list = field(default_factory=list)

    @property
    def acknowledged(self):
        return [attempt for attempt in self.attempts if attempt.code == OK]

    @property
    def outcome(self):
        """OK, REFUSED, or UNKNOWN when nobody ever said."""
        if self.acknowledged:
            return OK
        return REFUSED if any(a.code in DECIDED for a in self.attempts) else UNKNOWN

    @property
    def began_ns(self):
        return min(attempt.began_ns for attempt in self.attempts)

    @property
    def known_ns(self):
        """When the first client knew that it was stored."""
        return min(attempt.ended_ns for attempt in self.acknowledged)

    @property
    def content_hash(self):
        name = f"/cpts.v1.RegistryService/{self.method}".encode()
        return hashlib.sha256(name + b"\0" + self.request).hexdigest()


class History:
    """Operations in the order they were invoked. Any thread may add: appending
    to a list is atomic."""

    def __init__(self, operations=()):
        self.operations = list(operations)
        # Codes that this test may meet besides the usual ones.
        self.other_codes = frozenset()

    def add(self, operation):
        self.operations.append(operation)

    def count(self):
        """Figures: operations by outcome, attempts by code and reason."""
        figures = {}
        for operation in self.operations:
            key = f"commands {operation.outcome}"
            if operation.acknowledged and all(a.replayed for a in operation.acknowledged):
                key += " that only a repetition told"
            figures[key] = figures.get(key, 0) + 1
            for attempt in operation.attempts:
                key = f"answers {attempt.code} {attempt.reason}".strip()
                if attempt.replayed:
                    key += " replayed"
                figures[key] = figures.get(key, 0) + 1
        return dict(sorted(figures.items()))
