# SPDX-License-Identifier: Apache-2.0
"""Who may do what: the matrix authorisation.csv over real certificates, then
the second wall, row-level security, without the server."""
import os
import subprocess
import threading
import unittest
import uuid

import matrix
from node import (CALL_TIMEOUT_S, IDENTITIES, NO_REGION, OTHER_REGION, REGION, Node, adhesion,
                  alpha_pb2, capacity_pb2, command, coverage_pb2, creation, entry, funding_pb2,
                  governance_pb2, health_pb2, history_pb2, indicator_pb2, member, outcome, psql,
                  reference_pb2, referral_pb2, reflection_pb2, registry_pb2, representative, rpps,
                  stage, trajectory_pb2, unit, uri_of, vouching)
import referring
from cpts.v1 import audit_pb2, audit_pb2_grpc  # noqa: E402
from cpts.v1 import federation_pb2, federation_pb2_grpc  # noqa: E402

DESCRIPTORS = os.path.join(psql.environment("CPTS_TEST_BUILD"), "proto", "descriptors.fds")
# More than the connections of their lane answer at once.
SLOW_READS = 8
MATRIX = os.path.join(os.path.dirname(os.path.abspath(__file__)), "authorisation.csv")
REGIONS = {"own": REGION, "other": OTHER_REGION, "absent": NO_REGION}
WALLED = ("cpts cpts_lead cpts_stage cpts_territory cpts_population cpts_identity cpts_document"
          " cpts_milestone cpts_filing cpts_clock cpts_former cpts_correction change_log"
          " command unit_zoning cpts_member cpts_representative cpts_adhesion"
          " cpts_member_count cpts_mission cpts_mission_plan"
          " cpts_crisis cpts_indicator_target cpts_indicator_value cpts_capacity key_statement"
          " enrolment certificate pathway"
          " referral assignment referral_candidate referral_clock referral_note"
          " referral_opt_in parked_act referral_attachment referral_chunk").split()
# What the server only adds to, by a policy or by functions of the owner's, and what only such
# functions read: nobody reads it.
UNREADABLE = {"audit_read", "audit_chain", "audit_checkpoint", "referral_content"}
# What the other nodes told and could not be stored, or was told by an old copy: rows of every
# CPTS, for the node's operator alone.
OPERATED = {"parked_aggregate", "stray_change", "forked_change"}
# What is not kept for ever: sealed bytes, clocks that stop, candidates that are asked.
DELETED_FROM = {"referral_candidate", "referral_clock", "referral_note",
                "referral_opt_in", "referral_attachment", "referral_chunk"}
# Tables of schema cpts that every identity may read whole: no fact of a CPTS
# is in them. A table that is neither here nor under forced row-level security
# fails the test.
PUBLIC_TABLES = {"pathway_template", "pathway_template_step",
                 "certificate_revocation", "reference_version", "region", "department", "epci",
                 "territory_unit", "unit_old_code", "unit_old_name", "target", "node",
                 "region_owner", "principal_role", "stage", "unit_overlap", "clock_rule",
                 "size_class", "published_count", "territory_unit_past",
                 "area_population_past", "member_group", "profession", "structure_kind",
                 "member_composition",
                 "aci_grid", "aci_line", "mission", "indicator", "capacity_objective",
                 "referral_reach", "referral_reason", "recipient_word", "referral_clock_rule",
                 "region_time_zone", "non_working_day", "referral_visit_limit",
                 "referral_release", "referral_figure", "ownership_due", "node_self", "sync_table",
                 "sync_cursor", "sync_mark", "sync_withheld", "sync_checkpoint", "sync_scope",
                 "sync_staged", "federation_alarm", "checkpoint_key", "told_role", "told_set"}
node = clients = None


def setUpModule():
    global node, clients
    node = Node()
    clients = {role: node.client(name) for role, (name, _, _) in IDENTITIES.items()}
    clients["NO_CERTIFICATE"] = node.client(None)


def tearDownModule():
    if node is not None:
        for client in clients.values():
            client.close()
        node.stop()


def make(region):
    return clients["OPERATOR"].create(lead_region=region).id


class Objects:
    """One CPTS a kind, fresh for each cell: a command finds it at version 1.
    The coordinator's own is one that lasts, because its scope names it."""

    successors = {}
    enrolments = {}

    def __init__(self):
        Objects.successors = {kind: make(REGIONS[kind]) for kind in ("own", "other")}
        Objects.enrolments = {kind: [self.enrolment(REGIONS[kind]) for _ in matrix.ROLES]
                              for kind in ("own", "other")}
        self.coordinated = make(REGION)
        node.grant("CPTS_COORDINATOR", f"cpts:{self.coordinated}", clients["CPTS_COORDINATOR"],
                   lambda client: outcome(client.get, self.coordinated) == "OK")

    @staticmethod
    def enrolment(region):
        return clients["OPERATOR"].enrol(
            "CreateEnrolment", identity=f"user/{uuid.uuid4()}", roles=["CPTS_COORDINATOR"],
            scope=f"cpts:{make(region)}").id

    def find(self, role, kind):
        """id and version of the object meant."""
        if kind == "absent":
            return str(uuid.uuid4()), 1
        if kind == "own" and role == "CPTS_COORDINATOR":
            return self.coordinated, clients["OPERATOR"].get(self.coordinated).version
        return make(REGIONS[kind]), 1


def registry_call(name):
    """The calls about one CPTS: its id and version come from the cell."""
    fields = {"UpdateCpts": {"update_mask": {"paths": ["name"]}, "name": "Autre"},
              "RecordStage": {"stage": stage("LETTRE_INTENTION"), "effective_on": "2021-01-01"},
              "SetTerritory": {"effective_on": "2021-01-01", "territory": [unit("44109")]}}[name]
    message = getattr(registry_pb2, f"{name}Request")

    def call(client, kind, cpts_id, version):
        request = message(**command({"id": cpts_id, "expected_version": version, **fields}))
        return getattr(client.registry, name)(request, timeout=CALL_TIMEOUT_S)
    return call


def governance_call(name, **fields):
    """A command of GovernanceService about the CPTS of the cell."""
    def call(client, kind, cpts_id, version):
        return client.govern(name, **command({"id": cpts_id, "expected_version": version,
                                              **fields}))
    return call


def funding_call(name):
    """The commands about one CPTS's missions."""
    fields = {"RecordMission": {"mission": "parcours", "effective_on": "2021-01-01",
                                "status": funding_pb2.MISSION_STATUS_PLANNED},
              "SetMissionPlan": {"mission": "parcours", "effective_on": "2021-01-01",
                                 "state": funding_pb2.PLAN_STATE_PROPOSED,
                                 "objectives": ["Un objectif"]},
              "RecordCrisis": {"kind": funding_pb2.CRISIS_KIND_PLAN_WRITTEN,
                               "effective_on": "2022-01-01"}}[name]
    message = getattr(funding_pb2, f"{name}Request")

    def call(client, kind, cpts_id, version):
        request = message(**command({"id": cpts_id, "expected_version": version, **fields}))
        return getattr(client.funding, name)(request, timeout=CALL_TIMEOUT_S)
    return call
def indicator_call(name):
    """The calls about one CPTS's indicators."""
    value = {"indicator": "DEPISTAGE_SEIN", "period": "2023", "value": "70.1"}
    fields = {"SetIndicatorTarget": {"indicator": "DEPISTAGE_SEIN", "effective_on": "2021-01-01",
                                     "thresholds": [{"value": "75", "amount_cents": 350000}]},
              "RecordIndicatorValues": {"values": [value]},
              "DecideIndicatorValues": {"state": "INDICATOR_STATE_APPROVED",
                                        "values": [value]}}[name]
    message = getattr(indicator_pb2, f"{name}Request")

    def call(client, kind, cpts_id, version):
        request = message(**command({"id": cpts_id, "expected_version": version, **fields}))
        return getattr(client.indicator, name)(request, timeout=CALL_TIMEOUT_S)
    return call


def capacity_call(client, kind, cpts_id, version):
    request = capacity_pb2.RecordCapacityRequest(**command({
        "id": cpts_id, "expected_version": version,
        "weeks": [{"week": "2024-W07", "place_count": 3}]}))
    return client.capacity.RecordCapacity(request, timeout=CALL_TIMEOUT_S)


def lifecycle_call(name, of_cpts=None, **fields):
    """The same for the commands of a life cycle. of_cpts makes further fields."""
    def call(client, kind, cpts_id, version):
        more = of_cpts(kind) if of_cpts is not None else {}
        return client.walk(name, id=cpts_id, expected_version=version, **fields, **more)
    return call


def documented(kind):
    """A stage's evidence is a document of the same CPTS: refused after the scope."""
    return {"document_ids": [str(uuid.uuid4())]}


def successor(kind):
    """One that lasts, made before the cells: a call must store nothing else."""
    successor_id = Objects.successors["own" if kind == "absent" else kind]
    return {"successor_id": successor_id,
            "successor_version": clients["OPERATOR"].get(successor_id).version}


def correction_call(name, **fields):
    """The corrections of one CPTS; those of the coordinator's lasting one differ each time."""
    def call(client, kind, cpts_id, version):
        request = getattr(history_pb2, f"{name}Request")(**command(
            {"id": cpts_id, "expected_version": version, "reason": "essai", **fields}))
        return getattr(client.history, name)(request, timeout=CALL_TIMEOUT_S)
    return call


# A commune of each region, for its zoning.
ZONED = {"own": "78646", "other": "44109", "absent": "78646"}


def set_zoning(client, kind, cpts_id, version):
    known = clients["OPERATOR"].ask_territory("ListZoning", region=REGIONS["own" if kind == "absent"
                                                                           else kind])
    return client.ask_territory(
        "SetZoning", region=REGIONS[kind], expected_version=known.version,
        effective_on="2024-01-01", source="arrêté d'essai",
        entries=[{"unit_code": ZONED[kind], "zone": "ZONE_ZIP"}])


def preview_merger(client, kind, cpts_id, version):
    return client.ask_territory(
        "MergeUnits", preview=True, effective_on="2027-01-01", vintage=2027, source="essai",
        mergers=[{"old_codes": ["01002"], "code": "01004", "name": "Ambérieu"}])


def key_call(name):
    """The commands about one CPTS's keys, vouched for by its region's authority."""
    def call(client, kind, cpts_id, version):
        region = REGIONS["own" if kind == "absent" else kind]
        return client.keep(name, cpts_id, vouched[name](node.federation, cpts_id, region))
    vouched = {"PublishKey": lambda federation, cpts_id, region: federation.statement(
                   vouching.Keys(cpts_id, region)),
               "RevokeKey": lambda federation, cpts_id, region: federation.revocation(
                   vouching.Keys(cpts_id, region, serial=9))}
    return call


# Who acts, as every call about a referral states it.
ACTOR = {"function": "coordination", "purpose": "PURPOSE_COORDINATION"}


def referral_call(name, **fields):
    """The calls about a referral: one that nobody has."""
    def call(client, kind, cpts_id, version):
        named = {"assignment_id": str(uuid.uuid4())} if name in OF_ATTEMPTS else {}
        who = {} if name == "DeliverAssignment" else {"actor": ACTOR}
        return client.refer(name, **command({"referral_id": str(uuid.uuid4()),
                                             "expected_version": 1, **named, **who, **fields}))
    return call


OF_ATTEMPTS = {"ActOnReferral", "RedirectReferral", "DeliverAssignment"}
CONSENT = {"given_by": "PATIENT", "given_on": "2024-01-01", "form": "ORAL", "scope": "essai"}


def trail_call(name, **fields):
    """The calls about the audit trail."""
    def call(client, kind, cpts_id, version):
        stub = audit_pb2_grpc.AuditServiceStub(client.channel)
        request = getattr(audit_pb2, f"{name}Request")(**fields)
        return getattr(stub, name)(request, timeout=CALL_TIMEOUT_S)
    return call


def reading(name, **fields):
    """The reads of a referral: one that nobody has."""
    return lambda client, kind, cpts_id, version: client.refer(
        name, referral_id=str(uuid.uuid4()), actor=ACTOR, **fields)


def first(stream):
    """The first answer of a stream, which is then given up."""
    answer = next(iter(stream))
    stream.cancel()
    return answer


def synchronise(client):
    """A session of whoever calls, up to where it would go on."""
    scope, over = client.node_status().scope, threading.Event()
    name = scope.replace(":", "/", 1) if ":" in scope else "national"
    hello = federation_pb2.SyncHello(node=name, epoch=1, protocol_min=1, protocol_max=1,
                                     table_hash=bytes(32), head_hash=bytes(32),
                                     credit_changes=1024, credit_bytes=4 << 20)

    def frames():
        yield federation_pb2.SyncFrame(hello=hello)
        over.wait(CALL_TIMEOUT_S)
    stream = federation_pb2_grpc.FederationServiceStub(client.channel).Sync(
        frames(), timeout=CALL_TIMEOUT_S)
    try:
        for frame in stream:
            if frame.WhichOneof("frame") == "resume":
                stream.cancel()
                return frame
        raise AssertionError("the session ended well, without a resume")
    finally:
        over.set()


def reflect(stub, messages):
    question = messages.ServerReflectionRequest(list_services="")
    return first(stub.ServerReflectionInfo(iter([question]), timeout=CALL_TIMEOUT_S))


def enrolment_request():
    """A certificate request (PKCS #10), fresh."""
    return subprocess.run(
        ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", "/dev/null", "-subj", "/CN=x"], capture_output=True, check=True,
        timeout=60).stdout


def revoke_enrolment(client, kind, cpts_id, version):
    """Of an enrolment on a CPTS like that of the cell, made before it."""
    enrolment_id = cpts_id if kind == "absent" else Objects.enrolments[kind].pop()
    return client.enrol("RevokeEnrolment", id=enrolment_id, reason="essai")


def desk_call(rpc, **fields):
    return lambda client, kind, cpts_id, version: client.federate(rpc, **fields)


CALLS = {
    "/cpts.v1.FederationDeskService/ListNodes": desk_call("ListNodes"),
    "/cpts.v1.FederationDeskService/SuspendNode":
        desk_call("SuspendNode", node="region/52", reason="essai"),
    "/cpts.v1.FederationDeskService/ResumeNode": desk_call("ResumeNode", node="region/52"),
    "/cpts.v1.FederationDeskService/RaiseNodeEpoch":
        desk_call("RaiseNodeEpoch", node="region/52", expected_epoch=1, reason="essai"),
    "/cpts.v1.FederationDeskService/GetFederationStatus": desk_call("GetFederationStatus"),
    "/cpts.v1.FederationDeskService/VerifyFederation": desk_call("VerifyFederation"),
    "/cpts.v1.FederationDeskService/ListParkedAggregates": desk_call("ListParkedAggregates"),
    "/cpts.v1.FederationDeskService/RetryParkedAggregate":
        desk_call("RetryParkedAggregate", parked_id=str(uuid.uuid4())),
    "/cpts.v1.FederationDeskService/RejectParkedAggregate":
        desk_call("RejectParkedAggregate", parked_id=str(uuid.uuid4()), reason="essai"),
    "/cpts.v1.FederationDeskService/ListFederationAlarms": desk_call("ListFederationAlarms"),
    "/cpts.v1.FederationDeskService/ClearFederationAlarm":
        desk_call("ClearFederationAlarm", alarm_id=999999),
    "/cpts.v1.FederationDeskService/ListLogLinks": desk_call("ListLogLinks", node="national"),
    "/cpts.v1.FederationDeskService/ListCheckpoints":
        desk_call("ListCheckpoints", node="national"),
    "/cpts.v1.EnrolmentService/CreateEnrolment":
        lambda client, kind, cpts_id, version: client.enrol(
            "CreateEnrolment", identity=f"user/{uuid.uuid4()}", roles=["DGOS_ANALYST"],
            scope="read"),
    "/cpts.v1.PathwayService/StartPathway":
        lambda client, kind, cpts_id, version: client.walk_on(
            "StartPathway", **command({"actor": ACTOR, "pathway_id": referring.minted(),
                                       "origin_id": str(uuid.uuid4()), "template": "RECHERCHE_MT",
                                       "pseudonym": os.urandom(16)})),
    "/cpts.v1.PathwayService/GetPathway":
        lambda client, kind, cpts_id, version: client.walk_on(
            "GetPathway", actor=ACTOR, pathway_id=str(uuid.uuid4())),
    "/cpts.v1.PathwayService/ListPathways":
        lambda client, kind, cpts_id, version: client.walk_on("ListPathways", actor=ACTOR),
    "/cpts.v1.PathwayService/ListPathwayTemplates":
        lambda client, kind, cpts_id, version: client.walk_on("ListPathwayTemplates"),
    "/cpts.v1.EnrolmentService/ListEnrolments":
        lambda client, kind, cpts_id, version: client.enrol("ListEnrolments"),
    "/cpts.v1.EnrolmentService/RevokeEnrolment": revoke_enrolment,
    "/cpts.v1.EnrolmentService/Enroll":
        lambda client, kind, cpts_id, version: client.enrol(
            "Enroll", token="x", certificate_request=enrolment_request()),
    "/cpts.v1.EnrolmentService/RenewCertificate":
        lambda client, kind, cpts_id, version: client.enrol(
            "RenewCertificate", certificate_request=enrolment_request()),
    "/cpts.v1.RegistryService/GetCpts":
        lambda client, kind, cpts_id, version: client.get(cpts_id),
    "/cpts.v1.RegistryService/ListCpts":
        lambda client, kind, cpts_id, version: client.list(region=REGIONS[kind]),
    "/cpts.v1.RegistryService/CreateCpts":
        lambda client, kind, cpts_id, version: client.registry.CreateCpts(
            creation(lead_region=REGIONS[kind]), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.RegistryService/UpdateCpts": registry_call("UpdateCpts"),
    "/cpts.v1.RegistryService/RecordStage": registry_call("RecordStage"),
    "/cpts.v1.RegistryService/SetTerritory": registry_call("SetTerritory"),
    "/cpts.v1.LifecycleService/GetLifecycle":
        lambda client, kind, cpts_id, version: client.way(cpts_id),
    "/cpts.v1.LifecycleService/ListDue":
        lambda client, kind, cpts_id, version: client.due(region=REGIONS[kind]),
    "/cpts.v1.LifecycleService/ListEvidenceGaps":
        lambda client, kind, cpts_id, version: client.gaps(region=REGIONS[kind]),
    "/cpts.v1.LifecycleService/UpdateIdentity": lifecycle_call(
        "UpdateIdentity", effective_on="2021-01-01", update_mask={"paths": ["nature"]},
        identity={"nature": "RURAL"}),
    "/cpts.v1.LifecycleService/RecordDocument": lifecycle_call(
        "RecordDocument", kind="AUTRE", title="x", sha256=bytes(32), dated_on="2021-01-01"),
    "/cpts.v1.LifecycleService/RecordMilestone": lifecycle_call(
        "RecordMilestone", kind="REUNION", effective_on="2021-01-01"),
    "/cpts.v1.LifecycleService/RecordFiling": lifecycle_call(
        "RecordFiling", target=stage("LETTRE_INTENTION"), state=1, effective_on="2021-01-01"),
    "/cpts.v1.LifecycleService/RecordEvidence": lifecycle_call(
        "RecordEvidence", documented, stage=stage("EMERGENCE")),
    "/cpts.v1.LifecycleService/MergeCpts": lifecycle_call(
        "MergeCpts", successor, effective_on="2021-01-01"),
    "/cpts.v1.LifecycleService/SetLeadRegion":
        lifecycle_call("SetLeadRegion", new_region="75", reason="essai"),
    "/cpts.v1.LifecycleService/SetPublication": lifecycle_call("SetPublication", published=True),
    "/cpts.v1.KeyService/PublishKey": key_call("PublishKey"),
    "/cpts.v1.KeyService/RevokeKey": key_call("RevokeKey"),
    "/cpts.v1.KeyService/RevokeAuthority":
        lambda client, kind, cpts_id, version: client.revoke_authority(
            node.federation.authority_revocation("94")),
    "/cpts.v1.KeyService/GetKeys":
        lambda client, kind, cpts_id, version: client.ask_keys(
            "GetKeys", questions=[{"cpts_id": str(uuid.uuid4())}]),
    "/cpts.v1.KeyService/ListKeyChanges":
        lambda client, kind, cpts_id, version: client.ask_keys("ListKeyChanges"),
    "/cpts.v1.KeyService/GetDirectoryHead":
        lambda client, kind, cpts_id, version: client.ask_keys("GetDirectoryHead"),
    "/cpts.v1.ReferralService/SubmitReferral":
        lambda client, kind, cpts_id, version: client.refer("SubmitReferral", **command(
            {"header": {"urgency": "URGENCY_VITAL"}, "actor": ACTOR})),
    "/cpts.v1.ReferralService/ActOnReferral": referral_call(
        "ActOnReferral", event="REFERRAL_EVENT_ENTER_IN_ERROR"),
    "/cpts.v1.ReferralService/RedirectReferral": referral_call(
        "RedirectReferral", next={"cpts_id": str(uuid.uuid4())}),
    "/cpts.v1.ReferralService/ReassignReferral":
        lambda client, kind, cpts_id, version: client.refer("ReassignReferral", **command(
            {"referral_id": str(uuid.uuid4()), "expected_version": 1, "actor": ACTOR,
             "destinations": [{"cpts_id": str(uuid.uuid4())}]})),
    "/cpts.v1.ReferralService/RewrapReferral": referral_call(
        "RewrapReferral", recipient={"cpts_id": str(uuid.uuid4())}),
    "/cpts.v1.ReferralService/WidenReferral": referral_call("WidenReferral"),
    "/cpts.v1.ReferralService/DeliverAssignment": referral_call("DeliverAssignment"),
    "/cpts.v1.ReferralService/RecordConsent": referral_call("RecordConsent", consent=CONSENT),
    "/cpts.v1.ReferralService/WithdrawConsent": referral_call("WithdrawConsent"),
    "/cpts.v1.ReferralService/SetReferralOptIn":
        lambda client, kind, cpts_id, version: client.refer("SetReferralOptIn", **command(
            {"id": cpts_id, "expected_version": version, "use_case": "USE_CASE_SNP",
             "opted_in": True})),
    "/cpts.v1.ReferralService/ListParkedActs":
        lambda client, kind, cpts_id, version: client.refer("ListParkedActs", actor=ACTOR),
    "/cpts.v1.ReferralService/ResolveParkedAct":
        lambda client, kind, cpts_id, version: client.refer("ResolveParkedAct", **command(
            {"id": cpts_id, "resolution": "PARKED_RESOLUTION_DISCARDED", "actor": ACTOR})),
    "/cpts.v1.ReferralService/FindRecipients":
        lambda client, kind, cpts_id, version: client.refer(
            "FindRecipients", unit_code="78646", use_case="USE_CASE_SNP"),
    "/cpts.v1.ReferralService/GetReferral": reading("GetReferral"),
    "/cpts.v1.ReferralService/ListReferrals":
        lambda client, kind, cpts_id, version: client.refer(
            "ListReferrals", actor=ACTOR, worklist="WORKLIST_OVERDUE"),
    "/cpts.v1.ReferralService/WatchReferrals":
        lambda client, kind, cpts_id, version: first(client.referral.WatchReferrals(
            referral_pb2.WatchReferralsRequest(actor=ACTOR, from_now=True),
            timeout=CALL_TIMEOUT_S)),
    "/cpts.v1.ReferralService/ListReferralNotes": reading("ListReferralNotes"),
    "/cpts.v1.ReferralService/PutAttachmentChunk": reading(
        "PutAttachmentChunk", chunk=b"x", attachment={
            "id": str(uuid.UUID(int=1)), "byte_count": 1, "sha256": bytes(32), "chunk_count": 1}),
    "/cpts.v1.ReferralService/GetAttachmentChunk": reading(
        "GetAttachmentChunk", attachment_id=str(uuid.UUID(int=1))),
    "/cpts.v1.ReferralService/EraseReferral": referral_call(
        "EraseReferral", reason="ERASURE_REASON_PATIENT_REQUEST"),
    "/cpts.v1.ReferralService/GetReferralStatistics":
        lambda client, kind, cpts_id, version: client.refer(
            "GetReferralStatistics", region=REGIONS[kind]),
    "/cpts.v1.ReferralService/ListUnmetDemand":
        lambda client, kind, cpts_id, version: client.refer(
            "ListUnmetDemand", region=REGIONS[kind]),
    "/cpts.v1.AuditService/ListAuditEntries": trail_call("ListAuditEntries", actor=ACTOR),
    "/cpts.v1.AuditService/ListAuditLinks": trail_call("ListAuditLinks", chain=1),
    "/cpts.v1.AuditService/GetAuditHead": trail_call("GetAuditHead"),
    "/cpts.v1.ReferralService/ListReferralReasons":
        lambda client, kind, cpts_id, version: client.refer("ListReferralReasons"),
    "/cpts.v1.CoverageService/GetCoverage":
        lambda client, kind, cpts_id, version: client.coverage.GetCoverage(
            coverage_pb2.GetCoverageRequest(region=REGIONS[kind]), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.GovernanceService/RecordMembers":
        governance_call("RecordMembers", members=[member()]),
    "/cpts.v1.GovernanceService/EndMembership":
        governance_call("EndMembership", rpps=rpps(999), left_on="2022-01-01"),
    "/cpts.v1.GovernanceService/RecordRepresentative":
        governance_call("RecordRepresentative", representative=representative()),
    "/cpts.v1.GovernanceService/RecordAdhesion":
        governance_call("RecordAdhesion", adhesion=adhesion()),
    "/cpts.v1.GovernanceService/ListMembers":
        lambda client, kind, cpts_id, version: client.govern("ListMembers", id=cpts_id),
    "/cpts.v1.GovernanceService/ListRepresentatives":
        lambda client, kind, cpts_id, version: client.govern("ListRepresentatives", id=cpts_id),
    "/cpts.v1.GovernanceService/GetComposition":
        lambda client, kind, cpts_id, version: client.govern("GetComposition",
                                                             region=REGIONS[kind]),
    "/cpts.v1.GovernanceService/ListMemberCategories":
        lambda client, kind, cpts_id, version: client.govern("ListMemberCategories"),
    "/cpts.v1.FundingService/ListGrids":
        lambda client, kind, cpts_id, version: client.funding.ListGrids(
            funding_pb2.ListGridsRequest(), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.FundingService/ListMissions":
        lambda client, kind, cpts_id, version: client.funding.ListMissions(
            funding_pb2.ListMissionsRequest(id=cpts_id), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.FundingService/RecordMission": funding_call("RecordMission"),
    "/cpts.v1.FundingService/SetMissionPlan": funding_call("SetMissionPlan"),
    "/cpts.v1.FundingService/RecordCrisis": funding_call("RecordCrisis"),
    "/cpts.v1.FundingService/GetEntitlement":
        lambda client, kind, cpts_id, version: client.funding.GetEntitlement(
            funding_pb2.GetEntitlementRequest(id=cpts_id), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.FundingService/GetBudget":
        lambda client, kind, cpts_id, version: client.funding.GetBudget(
            funding_pb2.GetBudgetRequest(region=REGIONS[kind]), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.TrajectoryService/GetTrajectory":
        lambda client, kind, cpts_id, version: client.trajectory.GetTrajectory(
            trajectory_pb2.GetTrajectoryRequest(region=REGIONS[kind],
                                                source="TRAJECTORY_SOURCE_REGISTRY"),
            timeout=CALL_TIMEOUT_S),
    "/cpts.v1.HistoryService/CorrectStages": correction_call(
        "CorrectStages", stages=[entry("EMERGENCE", "2019-12-31")]),
    "/cpts.v1.HistoryService/CorrectTerritory": correction_call(
        "CorrectTerritory", effective_from="2020-02-01", territory=[unit("44109")]),
    "/cpts.v1.HistoryService/GetHistory":
        lambda client, kind, cpts_id, version: client.history.GetHistory(
            history_pb2.GetHistoryRequest(id=cpts_id), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.HistoryService/ListBeliefChanges":
        lambda client, kind, cpts_id, version: client.history.ListBeliefChanges(
            history_pb2.ListBeliefChangesRequest(region=REGIONS[kind], as_of="2021-01-01"),
            timeout=CALL_TIMEOUT_S),
    "/cpts.v1.CapacityService/RecordCapacity": capacity_call,
    "/cpts.v1.CapacityService/GetCapacity":
        lambda client, kind, cpts_id, version: client.capacity.GetCapacity(
            capacity_pb2.GetCapacityRequest(id=cpts_id), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.CapacityService/GetCapacityBoard":
        lambda client, kind, cpts_id, version: client.capacity.GetCapacityBoard(
            capacity_pb2.GetCapacityBoardRequest(), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.IndicatorService/ListIndicators":
        lambda client, kind, cpts_id, version: client.indicator.ListIndicators(
            indicator_pb2.ListIndicatorsRequest(), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.IndicatorService/SetIndicatorTarget": indicator_call("SetIndicatorTarget"),
    "/cpts.v1.IndicatorService/RecordIndicatorValues": indicator_call("RecordIndicatorValues"),
    "/cpts.v1.IndicatorService/DecideIndicatorValues": indicator_call("DecideIndicatorValues"),
    "/cpts.v1.IndicatorService/GetCptsIndicators":
        lambda client, kind, cpts_id, version: client.indicator.GetCptsIndicators(
            indicator_pb2.GetCptsIndicatorsRequest(id=cpts_id), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.IndicatorService/GetIndicatorBoard":
        lambda client, kind, cpts_id, version: client.indicator.GetIndicatorBoard(
            indicator_pb2.GetIndicatorBoardRequest(indicator="ALD_SANS_MT", period="2023",
                                                   region=REGIONS[kind]),
            timeout=CALL_TIMEOUT_S),
    "/cpts.v1.NodeService/GetNodeStatus":
        lambda client, kind, cpts_id, version: client.node_status(),
    "/cpts.v1.ReferenceService/ListRegions":
        lambda client, kind, cpts_id, version: client.reference.ListRegions(
            reference_pb2.ListRegionsRequest(), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.ReferenceService/ListDepartments":
        lambda client, kind, cpts_id, version: client.reference.ListDepartments(
            reference_pb2.ListDepartmentsRequest(), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.ReferenceService/ListUnits":
        lambda client, kind, cpts_id, version: client.reference.ListUnits(
            reference_pb2.ListUnitsRequest(page_size=1), timeout=CALL_TIMEOUT_S),
    "/cpts.v1.TerritoryService/GetTerritory":
        lambda client, kind, cpts_id, version: client.ask_territory("GetTerritory", id=cpts_id),
    "/cpts.v1.TerritoryService/ListConflicts":
        lambda client, kind, cpts_id, version: client.ask_territory("ListConflicts",
                                                                    region=REGIONS[kind]),
    "/cpts.v1.TerritoryService/ListGaps":
        lambda client, kind, cpts_id, version: client.ask_territory("ListGaps",
                                                                    region=REGIONS[kind]),
    "/cpts.v1.TerritoryService/ListNeighbours":
        lambda client, kind, cpts_id, version: client.ask_territory("ListNeighbours", id=cpts_id),
    "/cpts.v1.TerritoryService/ListZoning":
        lambda client, kind, cpts_id, version: client.ask_territory("ListZoning",
                                                                    region=REGIONS[kind]),
    "/cpts.v1.TerritoryService/SetZoning": set_zoning,
    "/cpts.v1.TerritoryService/MergeUnits": preview_merger,
    "/grpc.health.v1.Health/Check":
        lambda client, kind, cpts_id, version: client.health.Check(
            health_pb2.HealthCheckRequest(), timeout=CALL_TIMEOUT_S),
    "/grpc.health.v1.Health/Watch":
        lambda client, kind, cpts_id, version: first(client.health.Watch(
            health_pb2.HealthCheckRequest(), timeout=CALL_TIMEOUT_S)),
    "/cpts.v1.FederationService/ExchangeIdentities":
        lambda client, kind, cpts_id, version: federation_pb2_grpc.FederationServiceStub(
            client.channel).ExchangeIdentities(federation_pb2.ExchangeIdentitiesRequest(),
                                               timeout=CALL_TIMEOUT_S),
    "/cpts.v1.FederationService/Sync":
        lambda client, kind, cpts_id, version: synchronise(client),
    "/cpts.v1.RegistryService/WatchCpts":
        lambda client, kind, cpts_id, version: first(client.registry.WatchCpts(
            registry_pb2.WatchCptsRequest(from_now=True, region=REGIONS[kind]),
            timeout=CALL_TIMEOUT_S)),
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo":
        lambda client, kind, cpts_id, version: reflect(client.reflection, reflection_pb2),
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo":
        lambda client, kind, cpts_id, version: reflect(client.reflection_alpha, alpha_pb2),
}


class Matrix(unittest.TestCase):
    def test_authorisation__matrix_fits_the_descriptors(self):
        self.assertEqual(matrix.faults(DESCRIPTORS, MATRIX), [])
        self.assertEqual(set(CALLS), set(matrix.rpcs(DESCRIPTORS)))

    def test_authorisation__every_cell_ends_as_the_matrix_says(self):
        objects, wrong = Objects(), []
        for row in matrix.rows(MATRIX):
            rpc, role, kind = matrix.key(row)
            cpts_id, version = (objects.find(role, kind) if kind in REGIONS else ("", 0))
            before = node.fingerprint() if row["outcome"] != "OK" else None
            found = outcome(CALLS[rpc], clients[role], kind, cpts_id, version)
            if found != row["outcome"]:
                wrong.append(f"{rpc} {role} {kind}: {row['outcome']} wanted, {found} found")
            elif before is not None and node.fingerprint() != before:
                wrong.append(f"{rpc} {role} {kind}: refused, yet something was stored")
        self.assertEqual(wrong, [])
        node.check_alive()


class Roles(unittest.TestCase):
    def test_authorisation__role_of_yesterday_or_tomorrow_does_not_count(self):
        uri = uri_of("NO_ROLE")
        client = clients["NO_ROLE"]

        def is_known():
            return outcome(client.cover) == "OK"

        def set_dates(valid_from, valid_to):
            node.database.query(
                f"UPDATE cpts.principal_role SET valid_from = current_date + {valid_from},"
                f" valid_to = current_date + {valid_to} WHERE principal = '{uri}';")
        node.database.query("INSERT INTO cpts.principal_role (principal, role, scope) "
                            f"VALUES ('{uri}', 'DGOS_ANALYST', 'read');")
        node.reread_roles(is_known)
        set_dates(-10, 0)
        node.reread_roles(lambda: not is_known())
        set_dates(-10, 1)
        node.reread_roles(is_known)
        set_dates(1, 10)
        node.reread_roles(lambda: not is_known())
        self.assertEqual(outcome(client.cover), "PERMISSION_DENIED/UNKNOWN_IDENTITY")
        node.database.query(f"DELETE FROM cpts.principal_role WHERE principal = '{uri}';")

    def test_authorisation__a_role_counts_in_time_while_slow_reads_wait(self):
        """They fill the lane of slow reads, not the server's own."""
        uri, made = uri_of("NO_ROLE"), make(REGION)
        client = clients["NO_ROLE"]
        holder = psql.Session(node.database.name)
        self.addCleanup(holder.end)
        holder.run("BEGIN; LOCK TABLE cpts.cpts_member IN ACCESS EXCLUSIVE MODE;")
        reads = [clients["ARS_AGENT"].governance.ListMembers.future(
            governance_pb2.ListMembersRequest(id=made), timeout=CALL_TIMEOUT_S)
            for _ in range(SLOW_READS)]
        node.database.query("INSERT INTO cpts.principal_role (principal, role, scope) "
                            f"VALUES ('{uri}', 'DGOS_ANALYST', 'read');")
        node.reread_roles(lambda: outcome(
            lambda: client.govern("ListMemberCategories")) == "OK")
        self.assertFalse(all(read.done() for read in reads))
        self.assertNotIn("the database does not answer", "".join(list(node.log)))
        node.database.query(f"DELETE FROM cpts.principal_role WHERE principal = '{uri}';")
        holder.run("ROLLBACK;")
        for read in reads:
            self.assertIn(outcome(read.result), ("OK", "ABORTED/DATABASE_BUSY"))

    def test_authorisation__scopes_do_not_leak_between_calls_of_one_batch(self):
        """Two principals at once, so that calls of both share write batches."""
        own, other = clients["ARS_AGENT"], clients["OPERATOR"]
        futures = []
        for index in range(100):
            for client, region in (own, OTHER_REGION), (other, OTHER_REGION), (own, REGION):
                futures.append((client is other or region == REGION,
                                client.registry.CreateCpts.future(
                                    creation(lead_region=region), timeout=CALL_TIMEOUT_S)))
        for is_allowed, future in futures:
            self.assertEqual(outcome(future.result),
                             "OK" if is_allowed else "PERMISSION_DENIED/OUT_OF_SCOPE")


class Wall(unittest.TestCase):
    """cpts_app in psql, as if the server's own checks were gone."""

    @classmethod
    def setUpClass(cls):
        cls.own, cls.other = make(REGION), make(OTHER_REGION)

    def as_app(self, scope, script):
        setting = f"SELECT FROM set_config('app.scope', '{scope}', true);" if scope else ""
        return f"BEGIN; {setting} {script} ROLLBACK;"

    def count(self, scope, script):
        """Rows that a statement touches."""
        rows = node.database.query(self.as_app(scope, script), user="cpts_app")
        return len([row for row in rows if row])

    def insertions(self, region, cpts_id):
        fact = f"'{cpts_id}', 9, %s, '{region}', '2020-01-01', now()"
        return {
            "cpts": "INSERT INTO cpts.cpts (cpts_id, owner_node, epoch, version, name, lead_region,"
                    " stage, stage_on, synthetic, created_at, updated_at) VALUES ("
                    "gen_random_uuid(),"
                    f" 'national', 1, 1, 'x', '{region}', 'EMERGENCE', '2020-01-01', true, now(),"
                    " now()) RETURNING 1;",
            "cpts_stage": "INSERT INTO cpts.cpts_stage (cpts_id, version, stage, lead_region,"
                          " valid_from, recorded_from) VALUES ("
                          + fact % "'EMERGENCE'" + ") RETURNING 1;",
            "cpts_territory": "INSERT INTO cpts.cpts_territory (cpts_id, version, unit_code, share,"
                              " lead_region, valid_from, recorded_from) VALUES ("
                              + fact % "'01001', 1" + ") RETURNING 1;",
            "cpts_population": "INSERT INTO cpts.cpts_population (cpts_id, version, department,"
                               " region, population_count, lead_region, valid_from, recorded_from)"
                               " VALUES (" + fact % f"'01', '{region}', 1" + ") RETURNING 1;",
            "cpts_member": "INSERT INTO cpts.cpts_member (cpts_id, version, identifier,"
                           " lead_region, valid_from, recorded_from, category, college, voice)"
                           " VALUES ("
                           + fact % "'810001234565'" + ", 'INFIRMIER', 'PARTNER', 'CONSULTATIVE')"
                           " RETURNING 1;",
            "cpts_representative":
                "INSERT INTO cpts.cpts_representative (cpts_id, version, representative_id,"
                " lead_region, valid_from, recorded_from, association, approval_reference,"
                " designated_on, designation_reference, voice) VALUES ("
                + fact % "gen_random_uuid()"
                + ", 'x', 'x', '2020-01-01', 'x', 'CONSULTATIVE') RETURNING 1;",
            "cpts_member_count":
                "INSERT INTO cpts.cpts_member_count (cpts_id, version, category, lead_region,"
                " valid_from, recorded_from, change_dates, member_counts) VALUES ("
                + fact % "'INFIRMIER'" + ", '{2020-01-01}', '{1}') RETURNING 1;",
            "cpts_adhesion": "INSERT INTO cpts.cpts_adhesion (cpts_id, version, source,"
                             " lead_region, valid_from, recorded_from, adherent_count,"
                             " professional_count)"
                             " VALUES (" + fact % "'x'" + ", 1, 2) RETURNING 1;",
            "cpts_identity": "INSERT INTO cpts.cpts_identity (cpts_id, version, legal_form, rna,"
                             " siret, nature, origin, ambition, lead_region, valid_from,"
                             " recorded_from) VALUES ("
                             + fact % "'', '', '', '', '', ''" + ") RETURNING 1;",
            "cpts_document": "INSERT INTO cpts.cpts_document (cpts_id, version, document_id, kind,"
                             " title, sha256, reference, lead_region, valid_from, recorded_from)"
                             " VALUES (" + fact % "gen_random_uuid(), 'STATUTS', 'x', sha256(''),"
                             " ''" + ") RETURNING 1;",
            "cpts_milestone": "INSERT INTO cpts.cpts_milestone (cpts_id, version, kind,"
                              " note, document_ids, lead_region, valid_from, recorded_from)"
                              " VALUES (" + fact % "'REUNION', '', '{}'" + ") RETURNING 1;",
            "cpts_filing": "INSERT INTO cpts.cpts_filing (cpts_id, version, filing_id, target,"
                           " state, document_ids, lead_region, valid_from, recorded_from) VALUES ("
                           + fact % "gen_random_uuid(), 'PROJET_VALIDE', 'DRAFT', '{}'"
                           + ") RETURNING 1;",
            "cpts_clock": "INSERT INTO cpts.cpts_clock (cpts_id, version, clock_id, kind, mission,"
                          " due_on, lead_region, valid_from, recorded_from) VALUES ("
                          + fact % "gen_random_uuid(), 'ACI_END', '', '2030-01-01'"
                          + ") RETURNING 1;",
            "cpts_mission": "INSERT INTO cpts.cpts_mission (cpts_id, version, mission, status,"
                            " lead_region, valid_from, recorded_from) VALUES ("
                            + fact % "'parcours', 'STARTED'" + ") RETURNING 1;",
            "cpts_mission_plan": "INSERT INTO cpts.cpts_mission_plan (cpts_id, version, mission,"
                                 " state, objectives, actions, lead_region, valid_from,"
                                 " recorded_from) VALUES ("
                                 + fact % "'parcours', 'ADOPTED', '{x}', '{}'" + ") RETURNING 1;",
            "cpts_crisis": "INSERT INTO cpts.cpts_crisis (cpts_id, version, kind, lead_region,"
                           " valid_from, recorded_from) VALUES ("
                           + fact % "'PLAN_WRITTEN'" + ") RETURNING 1;",
            "cpts_indicator_target":
                "INSERT INTO cpts.cpts_indicator_target (cpts_id, version, indicator, lead_region,"
                " valid_from, recorded_from, thresholds, amounts_cents, published) VALUES ("
                + fact % "'DEPISTAGE_SEIN'" + ", '{70}', '{100}', false) RETURNING 1;",
            "cpts_indicator_value":
                "INSERT INTO cpts.cpts_indicator_value (cpts_id, version, indicator, lead_region,"
                " valid_from, recorded_from, valid_to, period, value, state) VALUES ("
                + fact % "'DEPISTAGE_SEIN'" + ", '2021-01-01', '2020', 70, 'APPROVED')"
                " RETURNING 1;",
            "cpts_former": "INSERT INTO cpts.cpts_former (cpts_id, version, name, finess, website,"
                           " lead_region, recorded_from, recorded_to) VALUES"
                           f" ('{cpts_id}', 9, 'x', '', '', '{region}', now(), now())"
                           " RETURNING 1;",
            "cpts_correction": "INSERT INTO cpts.cpts_correction (cpts_id, version, reason,"
                               " evidence, lead_region, recorded_at) VALUES"
                               f" ('{cpts_id}', 9, 'x', '', '{region}', now()) RETURNING 1;",
            "change_log": "INSERT INTO cpts.change_log (local_position, origin_node,"
                          " origin_position, epoch, aggregate_kind, aggregate_id, version, kind,"
                          " recorded_at, actor, command_id, schema_version, lead_region, bytes,"
                          " prev_hash, hash) VALUES (1000000, 'national', 1000000, 1, 'CPTS',"
                          f" '{cpts_id}', 9, 'X', now(), 'a', gen_random_uuid(), 1, '{region}', '',"
                          " sha256(''), sha256('')) RETURNING 1;",
            "unit_zoning": "INSERT INTO cpts.unit_zoning (region, version, unit_code, zone,"
                           f" source, valid_from, recorded_from) VALUES ('{region}', 999, '01001',"
                           " 'ZIP', 'x', '2020-01-01', now()) RETURNING 1;",
        }

    def test_authorisation__members_are_seen_by_their_cpts_its_ars_and_nodes(self):
        for cpts_id in self.own, self.other:
            version = clients["OPERATOR"].get(cpts_id).version
            clients["OPERATOR"].govern("RecordMembers", **command(
                {"id": cpts_id, "members": [member()]}))
            clients["OPERATOR"].govern("RecordRepresentative", **command(
                {"id": cpts_id, "expected_version": version + 1,
                 "representative": representative()}))
        for table in "cpts_member", "cpts_representative":
            for scope, wanted in (("*", 2), (f"region:{REGION}", 1), (f"cpts:{self.own}", 1),
                                  ("read", 0), (None, 0)):
                with self.subTest(table=table, scope=scope):
                    script = (f"SELECT 1 FROM cpts.{table} WHERE cpts_id IN ('{self.own}',"
                              f" '{self.other}');")
                    self.assertEqual(self.count(scope, script), wanted)

    def test_authorisation__without_a_scope_nothing_is_seen(self):
        for table in WALLED:
            with self.subTest(table=table):
                self.assertEqual(self.count(None, f"SELECT 1 FROM cpts.{table};"), 0)

    def test_authorisation__scope_of_an_earlier_transaction_is_gone(self):
        rows = node.database.query(
            "BEGIN; SELECT FROM set_config('app.scope', '*', true); COMMIT;"
            "SELECT count(*) FROM cpts.cpts;", user="cpts_app")
        self.assertEqual([row for row in rows if row], [["0"]])

    def test_authorisation__insert_of_another_region_is_refused(self):
        for table, script in self.insertions(OTHER_REGION, self.other).items():
            for scope in (f"region:{REGION}", f"cpts:{self.own}", "read", None):
                with self.subTest(table=table, scope=scope):
                    refused = node.database.refusal(self.as_app(scope, script), user="cpts_app")
                    self.assertEqual(refused.sqlstate, "42501", refused)

    def test_authorisation__insert_of_its_own_region_is_allowed(self):
        for table, script in self.insertions(REGION, self.own).items():
            with self.subTest(table=table):
                self.assertEqual(self.count(f"region:{REGION}", script), 1)

    def test_authorisation__a_cpts_decides_nothing_of_what_it_is_paid_for(self):
        scope = f"cpts:{self.own}"
        scripts = self.insertions(REGION, self.own)
        scripts["LOCKED"] = scripts["cpts_indicator_value"].replace("APPROVED", "LOCKED")
        scripts["ACI_RENOUVELE"] = scripts["cpts_milestone"].replace("REUNION", "ACI_RENOUVELE")
        for table in ("cpts_mission", "cpts_mission_plan", "cpts_crisis", "cpts_indicator_target",
                      "cpts_indicator_value", "LOCKED", "ACI_RENOUVELE"):
            with self.subTest(table=table):
                refused = node.database.refusal(self.as_app(scope, scripts[table]), user="cpts_app")
                self.assertEqual(refused.sqlstate, "42501", refused)
                self.assertEqual(self.count(f"region:{REGION}", scripts[table]), 1)
        for table, state, own in (("cpts_mission_plan", "ADOPTED", "PROPOSED"),
                                  ("cpts_indicator_value", "APPROVED", "SUBMITTED")):
            self.assertEqual(self.count(scope, scripts[table].replace(state, own)), 1)

    def test_authorisation__a_cpts_leaves_alone_what_its_ars_decided(self):
        scripts = self.insertions(REGION, self.own)
        locked = scripts["cpts_indicator_value"].replace("APPROVED", "LOCKED")
        for table, script, wanted in (
                ("cpts_indicator_target", scripts["cpts_indicator_target"], 0),
                ("cpts_indicator_value", locked, 0),
                ("cpts_indicator_value", scripts["cpts_indicator_value"], 1),
                ("cpts_mission", scripts["cpts_mission"], 0),
                ("cpts_milestone", scripts["cpts_milestone"].replace("REUNION", "ACI_RENOUVELE"),
                 0)):
            with self.subTest(table=table):
                self.assertEqual(self.count(f"region:{REGION}", script.replace("RETURNING 1", "")
                    + f"SELECT FROM set_config('app.scope', 'cpts:{self.own}', true);"
                      f" UPDATE cpts.{table} SET recorded_to = now() WHERE cpts_id = '{self.own}'"
                      " AND version = 9 RETURNING 1;"), wanted)

    def test_authorisation__a_value_is_public_where_its_step_table_is(self):
        cpts_id = make(REGION)
        clients["OPERATOR"].walk("SetPublication", id=cpts_id, published=True,
                                 expected_version=clients["OPERATOR"].get(cpts_id).version)
        scripts = self.insertions(REGION, cpts_id)
        value = scripts["cpts_indicator_value"].replace("RETURNING 1", "")
        table = scripts["cpts_indicator_target"].replace("RETURNING 1", "")
        shown = table.replace("false", "true")
        later = (table.replace("'2020-01-01'", "'2020-06-01'"),
                 table.replace("'2020-01-01'", "'2021-01-01'"))
        for state, tables, wanted in (("LOCKED", "", 0), ("LOCKED", table, 0),
                                      ("LOCKED", shown, 1), ("APPROVED", shown, 0),
                                      ("LOCKED", shown + later[0], 0),
                                      ("LOCKED", shown + later[1], 1)):
            with self.subTest(state=state, tables=tables):
                self.assertEqual(self.count("*", value.replace("APPROVED", state) + tables
                    + "SELECT FROM set_config('app.scope', 'public', true);"
                      " SELECT 1 FROM cpts.cpts_indicator_value"
                      f" WHERE cpts_id = '{cpts_id}';"), wanted)

    def test_authorisation__a_proposed_plan_is_for_those_who_may_write(self):
        script = self.insertions(REGION, self.own)["cpts_mission_plan"].replace("RETURNING 1", "")
        for state, others in (("PROPOSED", 0), ("ADOPTED", 1)):
            for scope, wanted in (("*", 1), (f"region:{REGION}", 1), (f"cpts:{self.own}", 1),
                                  ("read", others), (f"region:{OTHER_REGION}", others),
                                  (f"cpts:{self.other}", others), ("public", 0)):
                with self.subTest(state=state, scope=scope):
                    self.assertEqual(self.count("*", script.replace("ADOPTED", state)
                        + f"SELECT FROM set_config('app.scope', '{scope}', true);"
                          f" SELECT 1 FROM cpts.cpts_mission_plan WHERE cpts_id = '{self.own}';"),
                        wanted)

    def test_authorisation__update_touches_its_own_region_only(self):
        for table, column, value in (("cpts", "name", "'x'"),
                                     ("cpts_stage", "recorded_to", "now()"),
                                     ("cpts_territory", "recorded_to", "now()"),
                                     ("cpts_population", "recorded_to", "now()")):
            for cpts_id, scope, wanted in ((self.other, f"region:{REGION}", 0),
                                           (self.other, f"cpts:{self.own}", 0),
                                           (self.other, "read", 0), (self.other, None, 0),
                                           (self.own, f"region:{REGION}", 1),
                                           (self.own, f"cpts:{self.own}", 1)):
                with self.subTest(table=table, scope=scope, own=cpts_id == self.own):
                    script = (f"UPDATE cpts.{table} SET {column} = {value} "
                              f"WHERE cpts_id = '{cpts_id}' RETURNING 1;")
                    self.assertEqual(self.count(scope, script), wanted)

    def test_authorisation__cpts_records_its_own_decisions_only(self):
        """What its ARS decides is refused to a CPTS by the table itself."""
        stage_row = ("INSERT INTO cpts.cpts_stage (cpts_id, version, stage, lead_region,"
                     " valid_from,"
                     f" recorded_from) VALUES ('{self.own}', 9, '%s', '{REGION}', '2020-01-01',"
                     " now()) RETURNING 1;")
        filing_row = ("INSERT INTO cpts.cpts_filing (cpts_id, version, filing_id, target, state,"
                      " decision, document_ids, lead_region, valid_from, recorded_from) VALUES ("
                      f"'{self.own}', 9, gen_random_uuid(), 'PROJET_VALIDE', '%s', '%s', '{{}}',"
                      f" '{REGION}', '2020-01-01', now()) RETURNING 1;")
        own, ars = f"cpts:{self.own}", f"region:{REGION}"
        for script in (stage_row % "ABANDONNE", filing_row % ("DRAFT", ""),
                       filing_row % ("FILED", "")):
            self.assertEqual(self.count(own, script), 1)
        for script in (stage_row % "LETTRE_INTENTION", stage_row % "PROJET_VALIDE",
                       stage_row % "FUSIONNE", filing_row % ("COMPLETE", ""),
                       filing_row % ("DECIDED", "REFUSED")):
            with self.subTest(script=script):
                refused = node.database.refusal(self.as_app(own, script), user="cpts_app")
                self.assertEqual(refused.sqlstate, "42501", refused)
                self.assertEqual(self.count(ars, script), 1)

    def test_authorisation__each_scope_sees_what_is_for_it(self):
        operator = clients["OPERATOR"]
        cpts_id = make(REGION)
        for version, (rpc, fields) in enumerate((
                ("UpdateIdentity", {"effective_on": "2021-01-01",
                                    "update_mask": {"paths": ["nature"]}}),
                ("RecordDocument", {"kind": "AUTRE", "title": "x", "sha256": bytes(32),
                                    "dated_on": "2021-01-01"}),
                ("RecordMilestone", {"kind": "REUNION", "effective_on": "2021-01-01"}),
                ("RecordFiling", {"target": stage("LETTRE_INTENTION"), "state": 1,
                                  "effective_on": "2021-01-01"})), start=1):
            operator.walk(rpc, id=cpts_id, expected_version=version, **fields)
        node.database.query(
            "INSERT INTO cpts.cpts_clock (cpts_id, version, clock_id, kind, mission, due_on,"
            f" lead_region, valid_from, recorded_from) VALUES ('{cpts_id}', 1, '{cpts_id}',"
            f" 'ACI_END', '', '2199-01-01', '{REGION}', '2020-01-01', now());")
        registry = ["cpts", "cpts_population", "cpts_stage", "cpts_territory"]
        shared = registry + ["cpts_identity", "cpts_milestone"]
        everything = shared + ["cpts_clock", "cpts_document", "cpts_filing"]
        for published in (False, True):
            operator.walk("SetPublication", id=cpts_id, published=published,
                          expected_version=operator.get(cpts_id).version)
            for scope, wanted in (("*", everything), (f"region:{REGION}", everything),
                                  (f"cpts:{cpts_id}", everything),
                                  (f"region:{OTHER_REGION}", shared + ["cpts_clock"]),
                                  (f"cpts:{self.other}", shared + ["cpts_clock"]),
                                  ("read", shared + ["cpts_clock"]),
                                  ("public", shared if published else []), (None, [])):
                seen = [table for table in everything if self.count(
                    scope, f"SELECT 1 FROM cpts.{table} WHERE cpts_id = '{cpts_id}' LIMIT 1;")]
                with self.subTest(scope=scope, published=published):
                    self.assertEqual(seen, wanted)

    def test_authorisation__a_row_cannot_be_moved_to_another_region(self):
        script = (f"UPDATE cpts.cpts SET lead_region = '{OTHER_REGION}' "
                  f"WHERE cpts_id = '{self.own}';")
        refused = node.database.refusal(self.as_app(f"region:{REGION}", script), user="cpts_app")
        self.assertEqual(refused.sqlstate, "42501", refused)

    def test_authorisation__history_cannot_be_rewritten_or_deleted(self):
        for script in ("UPDATE cpts.cpts_stage SET stage = 'DISSOUS';",
                       "UPDATE cpts.cpts_territory SET share = 1;",
                       "UPDATE cpts.cpts_population SET population_count = 1;",
                       "UPDATE cpts.cpts_member SET category = 'X';",
                       "UPDATE cpts.cpts_representative SET voice = 'CONSULTATIVE';",
                       "UPDATE cpts.cpts_adhesion SET adherent_count = 1;",
                       "UPDATE cpts.cpts_document SET title = 'x';",
                       "UPDATE cpts.cpts_filing SET state = 'DECIDED';",
                       "UPDATE cpts.cpts_clock SET due_on = '2030-01-01';",
                       "UPDATE cpts.cpts_identity SET rna = '';",
                       "UPDATE cpts.cpts_mission SET status = 'DEPLOYED';",
                       "UPDATE cpts.cpts_mission_plan SET state = 'ADOPTED';",
                       "UPDATE cpts.cpts_crisis SET kind = 'RECOGNISED';",
                       "UPDATE cpts.change_log SET actor = 'x';",
                       "UPDATE cpts.unit_zoning SET zone = 'ZIP';",
                       "UPDATE cpts.territory_unit SET population_count = 0;",
                       "SELECT cpts.reference_version_mint(2030, 'x', '2030-01-01');",
                       "UPDATE cpts.command SET version = 1;",
                       "INSERT INTO cpts.principal_role VALUES ('spiffe://a/b', 'OPERATOR', '*');",
                       *(f"DELETE FROM cpts.{table};" for table in WALLED
                         if table not in DELETED_FROM),
                       *(f"TRUNCATE cpts.{table};" for table in WALLED),
                       "ALTER TABLE cpts.cpts DISABLE ROW LEVEL SECURITY;",
                       "SET ROLE cpts_owner;"):
            with self.subTest(script=script):
                refused = node.database.refusal(self.as_app("*", script), user="cpts_app")
                self.assertEqual(refused.sqlstate, "42501", refused)

    def test_authorisation__outcome_of_another_principal_is_not_seen(self):
        operator, analyst = uri_of("OPERATOR"), uri_of("DGOS_ANALYST")
        clients["NATIONAL_NODE"].create()
        for principal in operator, analyst:
            script = (f"SELECT FROM set_config('app.principal', '{principal}', true); SELECT 1"
                      f" FROM cpts.command WHERE principal <> '{principal}';")
            self.assertEqual(self.count("*", script), 0)
        own = f"SELECT FROM set_config('app.principal', '{operator}', true);"
        self.assertGreater(self.count("*", own + "SELECT 1 FROM cpts.command;"), 0)

    def test_authorisation__log_of_another_region_is_not_seen(self):
        script = (f"SELECT 1 FROM cpts.change_log WHERE aggregate_id IN ('{self.own}',"
                  f" '{self.other}');")
        for scope, wanted in (("*", 2), (f"region:{REGION}", 1), (f"cpts:{self.own}", 1),
                              ("read", 0)):
            with self.subTest(scope=scope):
                self.assertEqual(self.count(scope, script), wanted)

    def test_authorisation__every_table_is_walled_or_public(self):
        rows = node.database.query(
            "SELECT relname, relrowsecurity AND relforcerowsecurity,"
            " EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid) FROM pg_class c"
            " WHERE relnamespace = 'cpts'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f');")
        walled = {name for name, is_forced, has_policy in rows
                  if (is_forced, has_policy) == ("t", "t")}
        self.assertEqual(walled - UNREADABLE - OPERATED, set(WALLED))
        self.assertEqual({name for name, _, _ in rows} - walled - UNREADABLE, PUBLIC_TABLES)

    def test_authorisation__what_nodes_could_not_store_is_for_the_operator(self):
        for table in sorted(OPERATED):
            with self.subTest(table=table):
                self.assertEqual(node.database.query(
                    "SELECT pg_get_expr(polqual, polrelid), polcmd FROM pg_policy"
                    f" WHERE polrelid = 'cpts.{table}'::regclass;"),
                    [["(current_setting('app.scope'::text, true) = '*'::text)", "r"]])
                self.assertEqual(node.database.value(
                    f"SELECT has_table_privilege('cpts_app', 'cpts.{table}',"
                    " 'INSERT, UPDATE, DELETE, TRUNCATE');"), "f")

    def test_authorisation__trail_and_sealed_parts_are_added_to_and_not_read(self):
        for table in sorted(UNREADABLE):
            with self.subTest(table=table):
                self.assertEqual(node.database.value(
                    f"SELECT has_table_privilege('cpts_app', 'cpts.{table}',"
                    " 'SELECT, UPDATE, DELETE, TRUNCATE');"), "f")
        insertion = ("INSERT INTO cpts.audit_read (principal, rpps, profession, function, purpose,"
                     " method, parts, item_count) VALUES ('x', '', '', 'x', 'CARE', 'x', '', 0);")
        refused = node.database.refusal(self.as_app("*", insertion), user="cpts_app")
        self.assertEqual(refused.sqlstate, "42501", refused)

    def test_authorisation__cpts_app_cannot_bypass_or_write_public_tables(self):
        self.assertEqual(node.database.query(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
            " FROM pg_roles WHERE rolname = 'cpts_app';"), [["f"] * 5])
        for table in sorted(PUBLIC_TABLES - {"unit_overlap"}):
            with self.subTest(table=table):
                self.assertEqual(node.database.value(
                    f"SELECT has_table_privilege('cpts_app', 'cpts.{table}',"
                    " 'INSERT, UPDATE, DELETE, TRUNCATE');"), "f")


if __name__ == "__main__":
    psql.main()
