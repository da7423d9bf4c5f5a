# SPDX-License-Identifier: Apache-2.0
"""Referrals as pgbench submits and accepts them: the server's own statements, and plain inserts."""
import measure
from state import SOURCE


def uuid_of(kind):
    """Of a referral (8000) or its assignment (9000), for pgbench."""
    return f"('01000000-0000-7000-{kind}-' || lpad(:n::text, 12, '0'))"


def transaction(statement):
    """As the write lane for one command: lock, head of the log, scope, command, notify."""
    return f"\\set n :first + :client_id + {measure.CLIENTS} * :k\n\\set k :k + 1\n" + (
        measure.PIPELINE.format(
            measure.statement("log_lock", []) + measure.statement("log_begin", [":node"]) +
            measure.statement("scope_set", [":scope", ":principal"]) + statement +
            measure.statement("log_notify", [])))


def submit_script():
    """What SubmitReferral has the database do."""
    return transaction(measure.statement("referral_submit", [
        ":principal", measure.number_uuid(1), ":hash", uuid_of("8000"), ":node", ":change",
        ":origin", "'SNP'", "'WITHIN_24H'", "'MEDECIN_GENERALISTE'", "''", "'78646'", "''",
        "'ECHANGE'", "NULL", "NULL", "''", "1", ":signature", ":part", ":part", ":hash", ":hash",
        f"ARRAY[{uuid_of('9000')}]", "ARRAY[:destination]", "ARRAY[:wrap::bytea]", "1"]))


def accept_script():
    """What ActOnReferral has the database do for an ACCEPT; the step as in the table of steps."""
    def of_destination(value):
        return f"""'{{"","{value}","",""}}'"""

    rule = [of_destination(" DELIVERED INFO_REQUESTED "), of_destination("ACCEPTED"),
            "'{0,0,0,0}'", of_destination("DESTINATION"), of_destination("SCHEDULE"),
            of_destination("*")]
    return transaction(measure.statement("referral_act", [
        ":principal", measure.number_uuid(1), ":hash", uuid_of("8000"), ":node", ":change",
        uuid_of("9000"), "1", "'ACCEPT'", "''", "NULL", "NULL", "NULL", *rule, "0", "''", "NULL",
        "NULL", "NULL", "NULL", "NULL", "'{}'", "''"]))


def plain_script(name):
    return (SOURCE / f"tests/bench/sql/plain_{name}.sql").read_text(encoding="utf-8")
