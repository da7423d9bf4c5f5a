# SPDX-License-Identifier: Apache-2.0
"""Referrals as rows, for tests of what lies behind the submit: one INSERT each, with
the entry of the log that a submit leaves. Nothing in them can be opened.
"""
import dataclasses
import uuid

NOBODY = "00000000-0000-0000-0000-000000000000"
# A wrap is opaque to the server here.
WRAP = "'\\x0a01'"


def cpts(region="11", stage="ACI_SIGNE", node="national"):
    """Id of a CPTS, and what inserts it."""
    cpts_id = str(uuid.uuid4())
    return cpts_id, (
        "INSERT INTO cpts.cpts (cpts_id, owner_node, epoch, version, name, lead_region, stage,"
        " stage_on, synthetic, created_at, updated_at) VALUES"
        f" ('{cpts_id}', '{node}', 1, 1, 'CPTS {cpts_id[:8]}', '{region}', '{stage}',"
        " '2020-01-01', true, now(), now());")


@dataclasses.dataclass
class Referral:
    """One referral with at most one attempt. Times are SQL; kinds of clocks of the
    referral itself (REASSIGN, WIDEN) go under NOBODY."""
    origin: str
    destination: str = ""
    state: str = "DELIVERED"
    status: str = "OPEN"
    urgency: str = "WITHIN_24H"
    clocks: tuple = ()  # (kind, time, level)
    candidates: tuple = ()  # ids of CPTS
    node: str = "national"
    region: str = "11"
    taken: bool = False
    id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    assignment: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))

    def insertion(self):
        """Statements, to be run in a transaction of one's own."""
        parties = [self.origin] + ([self.destination] if self.destination else [])
        is_open = self.status in ("OPEN", "TO_REASSIGN")
        custodian = self.destination if self.taken else self.origin
        rows = [
            "SELECT FROM pg_advisory_xact_lock(cpts.log_lock_key());",
            f"SELECT FROM cpts.log_begin('{self.node}');",
            "INSERT INTO cpts.referral (referral_id, owner_node, epoch, version, status, use_case,"
            " urgency, unit_code, origin_id, origin_region, custodian_id, parties, legal_basis,"
            " key_serial, signature, offer_hash, content_hash, synthetic, created_at, updated_at,"
            f" ended_at) VALUES ('{self.id}', '{self.node}', 1, 1, '{self.status}', 'SNP',"
            f" '{self.urgency}', '92046', '{self.origin}', '{self.region}',"
            f" {quoted(custodian if is_open else None)}, '{{{','.join(parties)}}}', 'ECHANGE', 1,"
            " decode(repeat('00', 64), 'hex'), sha256(''), sha256(''), true, cpts.log_now(),"
            f" cpts.log_now(), {'NULL' if is_open else 'cpts.log_now()'});",
            "INSERT INTO cpts.referral_content (referral_id, offer, content)"
            f" VALUES ('{self.id}', 'x', 'x');"]
        if self.destination:
            rows.append(
                "INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id, version,"
                f" state, wrap, submitted_at, state_at) VALUES ('{self.id}', '{self.assignment}',"
                f" '{self.destination}', 1, '{self.state}', {WRAP}, cpts.log_now(),"
                " cpts.log_now());")
        for kind, time, level in self.clocks:
            owner = NOBODY if kind in ("REASSIGN", "WIDEN") else self.assignment
            rows.append(
                "INSERT INTO cpts.referral_clock (referral_id, assignment_id, kind, fire_at, level,"
                f" armed_at) VALUES ('{self.id}', '{owner}', '{kind}', {time}, {level},"
                " cpts.log_now());")
        for rank, candidate in enumerate(self.candidates, 1):
            rows.append(
                "INSERT INTO cpts.referral_candidate (referral_id, rank, assignment_id,"
                f" destination_id, wrap) VALUES ('{self.id}', {rank}, '{uuid.uuid4()}',"
                f" '{candidate}', {WRAP});")
        rows.append(
            f"SELECT FROM cpts.log_append('REFERRAL', '{self.id}', 1, 1, 'REFERRAL_SUBMITTED',"
            f" '{self.region}', '\\x0801'::bytea || cpts.wire_field(90, '\\x1001'), 'test',"
            f" '{uuid.uuid4()}', '');")
        return rows

    def insert(self, database, across=False):
        """Across regions: both may see it, before a node reads that it is there."""
        seen = (f"SELECT cpts.sync_scope_add('{self.id}', 1, '{self.region}',"
                f" '{{{self.origin},{self.destination}}}');") if across else ""
        database.query("BEGIN;" + "\n".join(self.insertion()) + seen + "COMMIT;")
        return self


def quoted(value):
    return "NULL" if value is None else f"'{value}'"


def steps(database, referral):
    """What the log tells of it: (version, event, assignment), the submit left out."""
    return [(int(version), int(event), assignment) for version, event, assignment in database.query(
        "SELECT version, event, assignment_id FROM cpts.referral_history("
        f"'{referral.id}') WHERE part = 91 ORDER BY version;")]


def faults(database):
    return database.query("SELECT fault, detail FROM cpts.referral_faults() ORDER BY 1, 2;")
