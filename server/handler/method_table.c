/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/method_table.h"

#include "base/principal.h"
#include "cpts/v1/audit.pb-c.h"
#include "cpts/v1/capacity.pb-c.h"
#include "cpts/v1/coverage.pb-c.h"
#include "cpts/v1/enrolment.pb-c.h"
#include "cpts/v1/federation.pb-c.h"
#include "cpts/v1/federation_desk.pb-c.h"
#include "cpts/v1/funding.pb-c.h"
#include "cpts/v1/governance.pb-c.h"
#include "cpts/v1/history.pb-c.h"
#include "cpts/v1/indicator.pb-c.h"
#include "cpts/v1/key.pb-c.h"
#include "cpts/v1/lifecycle.pb-c.h"
#include "cpts/v1/node.pb-c.h"
#include "cpts/v1/pathway.pb-c.h"
#include "cpts/v1/reference.pb-c.h"
#include "cpts/v1/referral.pb-c.h"
#include "cpts/v1/registry.pb-c.h"
#include "cpts/v1/territory.pb-c.h"
#include "cpts/v1/trajectory.pb-c.h"
#include "federation/frame_link.h"
#include "feed/feed.h"

/* Registry facts are a directory: every identity reads them, the public what is
 * published. Commands are for those who own records; a coordinator's are about
 * its own dossier. Row by row the scope decides. */
#define READERS (ROLE_ANY & ~(unsigned)ROLE_PUBLIC)
#define WRITERS (ROLE_OPERATOR | ROLE_ARS_AGENT | ROLE_REGION_NODE | ROLE_NATIONAL_NODE)
/* Reference data is minted by the nation. */
#define MINTERS (ROLE_OPERATOR | ROLE_NATIONAL_NODE)
#define EDITORS (WRITERS | ROLE_CPTS_COORDINATOR)
#define NODES (ROLE_REGION_NODE | ROLE_NATIONAL_NODE)
/* Referrals are between CPTS: these two open them, and the ARS desk sees where they stand. */
#define SIDES ROLE_CPTS_COORDINATOR
#define PARTIES (SIDES | ROLE_ARS_AGENT)
/* Keys are published by the CPTS itself or the ARS of its region. */
#define KEEPERS (ROLE_CPTS_COORDINATOR | ROLE_ARS_AGENT)

/* Who synchronises: nodes, and a CPTS with what it may see. */
#define PEERS (NODES | ROLE_CPTS_COORDINATOR)

/* Whose certificate can be followed by another: nodes get theirs by hand. */
#define HOLDERS (ROLE_OPERATOR | ROLE_ARS_AGENT | ROLE_DGOS_ANALYST | ROLE_CPTS_COORDINATOR)
/* Who may say that somebody comes. */
#define HOSTS (ROLE_OPERATOR | ROLE_ARS_AGENT | ROLE_NATIONAL_NODE)

/* Who keeps the heads of the audit trail, so that it cannot be written anew unseen. */
#define WITNESSES (ROLE_OPERATOR | NODES | ROLE_DGOS_ANALYST | ROLE_ARS_AGENT)

#define ROW(service, rpc, message, lane_kind, who, function)                                       \
    {                                                                                              \
        .name = "/cpts.v1." service "/" rpc,                                                       \
        .request = &cpts__v1__##message##_request__descriptor,                                     \
        .response = &cpts__v1__##message##_response__descriptor, .lane = lane_kind, .roles = who,  \
        .begin = function##_begin, .finish = function##_finish                                     \
    }

/* Of two statements: a read decides the one that writes. */
#define TWO_STEP_ROW(service, rpc, message, who, function)                                         \
    {                                                                                              \
        .name = "/cpts.v1." service "/" rpc,                                                       \
        .request = &cpts__v1__##message##_request__descriptor,                                     \
        .response = &cpts__v1__##message##_response__descriptor, .lane = LANE_SLOW, .roles = who,  \
        .begin = function##_begin, .then = function##_then, .finish = function##_finish            \
    }

/* Answers by itself, without a statement. */
#define OWN_ROW(service, rpc, message, who, function)                                              \
    {                                                                                              \
        .name = "/cpts.v1." service "/" rpc,                                                       \
        .request = &cpts__v1__##message##_request__descriptor,                                     \
        .response = &cpts__v1__##message##_response__descriptor, .lane = LANE_NONE, .roles = who,  \
        .begin = function##_begin                                                                  \
    }

#define STREAM_ROW(service, rpc, message, who, function, source)                                   \
    {                                                                                              \
        .name = "/cpts.v1." service "/" rpc,                                                       \
        .request = &cpts__v1__##message##_request__descriptor,                                     \
        .response = &cpts__v1__##message##_response__descriptor, .lane = LANE_NONE, .roles = who,  \
        .begin = function##_begin, .stream = &(source)                                             \
    }

/* A stream that begins with a statement. */
#define TRACED_STREAM_ROW(service, rpc, message, who, function, source)                            \
    {                                                                                              \
        .name = "/cpts.v1." service "/" rpc,                                                       \
        .request = &cpts__v1__##message##_request__descriptor,                                     \
        .response = &cpts__v1__##message##_response__descriptor, .lane = LANE_TRACE, .roles = who, \
        .begin = function##_begin, .finish = function##_finish, .stream = &(source)                \
    }

static const struct method METHODS[] = {
    ROW("RegistryService", "GetCpts", get_cpts, LANE_READ, ROLE_ANY, cpts_get),
    ROW("RegistryService", "ListCpts", list_cpts, LANE_SLOW, ROLE_ANY, cpts_list),
    ROW("RegistryService", "CreateCpts", create_cpts, LANE_WRITE, WRITERS, cpts_create),
    ROW("RegistryService", "UpdateCpts", update_cpts, LANE_WRITE, EDITORS, cpts_update),
    ROW("RegistryService", "RecordStage", record_stage, LANE_WRITE, EDITORS, stage_record),
    ROW("RegistryService", "SetTerritory", set_territory, LANE_WRITE, WRITERS, territory_set),
    STREAM_ROW("RegistryService", "WatchCpts", watch_cpts, READERS, cpts_watch, feed_stream),
    ROW("LifecycleService", "GetLifecycle", get_lifecycle, LANE_READ, READERS, lifecycle_get),
    ROW("LifecycleService", "ListDue", list_due, LANE_SLOW, READERS, due_list),
    ROW("LifecycleService", "ListEvidenceGaps", list_evidence_gaps, LANE_SLOW, READERS,
        evidence_gap_list),
    ROW("LifecycleService", "UpdateIdentity", update_identity, LANE_WRITE, EDITORS,
        identity_update),
    ROW("LifecycleService", "RecordDocument", record_document, LANE_WRITE, EDITORS,
        document_record),
    ROW("LifecycleService", "RecordMilestone", record_milestone, LANE_WRITE, EDITORS,
        milestone_record),
    ROW("LifecycleService", "RecordFiling", record_filing, LANE_WRITE, EDITORS, filing_record),
    ROW("LifecycleService", "RecordEvidence", record_evidence, LANE_WRITE, EDITORS,
        evidence_record),
    ROW("LifecycleService", "MergeCpts", merge_cpts, LANE_WRITE, WRITERS, cpts_merge),
    ROW("LifecycleService", "SetPublication", set_publication, LANE_WRITE, WRITERS,
        publication_set),
    ROW("LifecycleService", "SetLeadRegion", set_lead_region, LANE_WRITE, WRITERS, lead_region_set),
    ROW("CoverageService", "GetCoverage", get_coverage, LANE_SLOW, ROLE_ANY, coverage_get),
    ROW("GovernanceService", "RecordMembers", record_members, LANE_WRITE, EDITORS, members_record),
    ROW("GovernanceService", "EndMembership", end_membership, LANE_WRITE, EDITORS, membership_end),
    ROW("GovernanceService", "RecordRepresentative", record_representative, LANE_WRITE, EDITORS,
        representative_record),
    ROW("GovernanceService", "RecordAdhesion", record_adhesion, LANE_WRITE, EDITORS,
        adhesion_record),
    ROW("GovernanceService", "ListMembers", list_members, LANE_SLOW, EDITORS, member_list),
    ROW("GovernanceService", "ListRepresentatives", list_representatives, LANE_READ, EDITORS,
        representative_list),
    ROW("GovernanceService", "GetComposition", get_composition, LANE_SLOW, ROLE_ANY,
        composition_get),
    ROW("GovernanceService", "ListMemberCategories", list_member_categories, LANE_READ, ROLE_ANY,
        member_category_list),
    OWN_ROW("FundingService", "ListGrids", list_grids, ROLE_ANY, grid_list),
    ROW("FundingService", "ListMissions", list_missions, LANE_READ, READERS, mission_list),
    ROW("FundingService", "RecordMission", record_mission, LANE_WRITE, WRITERS, mission_record),
    ROW("FundingService", "SetMissionPlan", set_mission_plan, LANE_WRITE, EDITORS,
        mission_plan_set),
    ROW("FundingService", "RecordCrisis", record_crisis, LANE_WRITE, WRITERS, crisis_record),
    ROW("FundingService", "GetEntitlement", get_entitlement, LANE_READ, READERS, entitlement_get),
    ROW("FundingService", "GetBudget", get_budget, LANE_SLOW, READERS, budget_get),
    ROW("TerritoryService", "GetTerritory", get_territory, LANE_READ, READERS, territory_get),
    ROW("TerritoryService", "ListConflicts", list_conflicts, LANE_SLOW, READERS, conflict_list),
    ROW("TerritoryService", "ListGaps", list_gaps, LANE_SLOW, READERS, gap_list),
    ROW("TerritoryService", "ListNeighbours", list_neighbours, LANE_SLOW, READERS, neighbour_list),
    ROW("TerritoryService", "ListZoning", list_zoning, LANE_SLOW, ROLE_ANY, zoning_list),
    ROW("TerritoryService", "SetZoning", set_zoning, LANE_WRITE, WRITERS, zoning_set),
    ROW("TerritoryService", "MergeUnits", merge_units, LANE_WRITE, MINTERS, unit_merge),
    ROW("TrajectoryService", "GetTrajectory", get_trajectory, LANE_SLOW, ROLE_ANY, trajectory_get),
    ROW("HistoryService", "CorrectStages", correct_stages, LANE_WRITE, WRITERS, stages_correct),
    ROW("HistoryService", "CorrectTerritory", correct_territory, LANE_WRITE, WRITERS,
        territory_correct),
    ROW("HistoryService", "ListBeliefChanges", list_belief_changes, LANE_SLOW, READERS,
        belief_list),
    ROW("HistoryService", "GetHistory", get_history, LANE_SLOW, READERS, history_get),
    ROW("IndicatorService", "ListIndicators", list_indicators, LANE_READ, ROLE_ANY, indicator_list),
    ROW("IndicatorService", "SetIndicatorTarget", set_indicator_target, LANE_WRITE, WRITERS,
        indicator_target_set),
    ROW("IndicatorService", "RecordIndicatorValues", record_indicator_values, LANE_WRITE, EDITORS,
        indicator_value_record),
    ROW("IndicatorService", "DecideIndicatorValues", decide_indicator_values, LANE_WRITE, WRITERS,
        indicator_value_decide),
    ROW("IndicatorService", "GetCptsIndicators", get_cpts_indicators, LANE_READ, READERS,
        indicator_of_cpts),
    ROW("IndicatorService", "GetIndicatorBoard", get_indicator_board, LANE_SLOW, ROLE_ANY,
        indicator_board),
    ROW("CapacityService", "RecordCapacity", record_capacity, LANE_WRITE, EDITORS, capacity_record),
    ROW("CapacityService", "GetCapacity", get_capacity, LANE_READ, READERS, capacity_of_cpts),
    ROW("CapacityService", "GetCapacityBoard", get_capacity_board, LANE_SLOW, READERS,
        capacity_board),
    ROW("PathwayService", "StartPathway", start_pathway, LANE_WRITE, SIDES, pathway_start),
    ROW("PathwayService", "GetPathway", get_pathway, LANE_TRACE, PARTIES, pathway_get),
    ROW("PathwayService", "ListPathways", list_pathways, LANE_TRACE, PARTIES, pathway_list),
    ROW("PathwayService", "ListPathwayTemplates", list_pathway_templates, LANE_READ, READERS,
        pathway_templates),
    ROW("EnrolmentService", "CreateEnrolment", create_enrolment, LANE_WRITE, HOSTS,
        enrolment_create),
    ROW("EnrolmentService", "ListEnrolments", list_enrolments, LANE_SLOW, HOSTS, enrolment_list),
    ROW("EnrolmentService", "RevokeEnrolment", revoke_enrolment, LANE_WRITE, HOSTS,
        enrolment_revoke),
    TWO_STEP_ROW("EnrolmentService", "Enroll", enroll, ROLE_NEWCOMER, enroll),
    TWO_STEP_ROW("EnrolmentService", "RenewCertificate", renew_certificate,
                 HOLDERS | ROLE_REGION_NODE, certificate_renew),
    ROW("KeyService", "PublishKey", publish_key, LANE_WRITE, KEEPERS, key_publish),
    ROW("KeyService", "RevokeKey", revoke_key, LANE_WRITE, KEEPERS, key_revoke),
    ROW("KeyService", "RevokeAuthority", revoke_authority, LANE_WRITE,
        ROLE_OPERATOR | ROLE_ARS_AGENT, authority_revoke),
    ROW("KeyService", "GetKeys", get_keys, LANE_READ, READERS, keys_get),
    ROW("KeyService", "ListKeyChanges", list_key_changes, LANE_READ, READERS, key_changes),
    ROW("KeyService", "GetDirectoryHead", get_directory_head, LANE_READ, READERS, key_head),
    ROW("FederationService", "ExchangeIdentities", exchange_identities, LANE_WRITE,
        ROLE_REGION_NODE, identity_exchange),
    {.name = "/cpts.v1.FederationService/Sync",
     .request = &cpts__v1__sync_frame__descriptor,
     .response = &cpts__v1__sync_frame__descriptor,
     .lane = LANE_NONE,
     .roles = PEERS,
     .begin = federation_sync_begin,
     .stream = &frame_link_stream},
    ROW("FederationDeskService", "ListNodes", list_nodes, LANE_SLOW, MINTERS, node_list),
    ROW("FederationDeskService", "SuspendNode", suspend_node, LANE_WRITE, MINTERS, node_suspend),
    ROW("FederationDeskService", "ResumeNode", resume_node, LANE_WRITE, MINTERS, node_resume),
    ROW("FederationDeskService", "RaiseNodeEpoch", raise_node_epoch, LANE_WRITE, MINTERS,
        node_epoch_raise),
    ROW("FederationDeskService", "GetFederationStatus", get_federation_status, LANE_SLOW, MINTERS,
        federation_status),
    OWN_ROW("FederationDeskService", "VerifyFederation", verify_federation, MINTERS,
            federation_verify),
    ROW("FederationDeskService", "ListParkedAggregates", list_parked_aggregates, LANE_SLOW, MINTERS,
        parked_aggregate_list),
    ROW("FederationDeskService", "RetryParkedAggregate", retry_parked_aggregate, LANE_WRITE,
        MINTERS, parked_aggregate_retry),
    ROW("FederationDeskService", "RejectParkedAggregate", reject_parked_aggregate, LANE_WRITE,
        MINTERS, parked_aggregate_reject),
    ROW("FederationDeskService", "ListFederationAlarms", list_federation_alarms, LANE_SLOW, MINTERS,
        alarm_list),
    ROW("FederationDeskService", "ClearFederationAlarm", clear_federation_alarm, LANE_WRITE,
        MINTERS, alarm_clear),
    ROW("FederationDeskService", "ListLogLinks", list_log_links, LANE_SLOW, MINTERS, log_link_list),
    ROW("FederationDeskService", "ListCheckpoints", list_checkpoints, LANE_SLOW, MINTERS,
        checkpoint_list),
    ROW("NodeService", "GetNodeStatus", get_node_status, LANE_READ, READERS, node_status),
    ROW("ReferralService", "FindRecipients", find_recipients, LANE_SLOW, READERS, recipient_find),
    ROW("ReferralService", "GetReferral", get_referral, LANE_TRACE, PARTIES, referral_get),
    ROW("ReferralService", "ListReferrals", list_referrals, LANE_TRACE, PARTIES, worklist),
    TRACED_STREAM_ROW("ReferralService", "WatchReferrals", watch_referrals, PARTIES, referral_watch,
                      feed_stream),
    ROW("ReferralService", "ListReferralNotes", list_referral_notes, LANE_TRACE, SIDES,
        referral_note_list),
    ROW("ReferralService", "PutAttachmentChunk", put_attachment_chunk, LANE_TRACE, SIDES,
        attachment_put),
    ROW("ReferralService", "GetAttachmentChunk", get_attachment_chunk, LANE_TRACE, SIDES,
        attachment_get),
    ROW("ReferralService", "GetReferralStatistics", get_referral_statistics, LANE_SLOW, READERS,
        referral_statistics),
    ROW("ReferralService", "ListUnmetDemand", list_unmet_demand, LANE_SLOW, READERS, unmet_demand),
    ROW("ReferralService", "EraseReferral", erase_referral, LANE_WRITE, SIDES, referral_erase),
    ROW("AuditService", "ListAuditEntries", list_audit_entries, LANE_TRACE, PARTIES | ROLE_OPERATOR,
        audit_list),
    ROW("AuditService", "ListAuditLinks", list_audit_links, LANE_SLOW, ROLE_OPERATOR, audit_links),
    ROW("AuditService", "GetAuditHead", get_audit_head, LANE_SLOW, WITNESSES, audit_head),
    ROW("ReferenceService", "ListRegions", list_regions, LANE_SLOW, ROLE_ANY, region_list),
    ROW("ReferenceService", "ListDepartments", list_departments, LANE_READ, ROLE_ANY,
        department_list),
    ROW("ReferenceService", "ListUnits", list_units, LANE_SLOW, ROLE_ANY, unit_list),
    ROW("ReferralService", "SubmitReferral", submit_referral, LANE_WRITE, SIDES, referral_submit),
    ROW("ReferralService", "ActOnReferral", act_on_referral, LANE_WRITE, PARTIES, referral_act),
    ROW("ReferralService", "RedirectReferral", redirect_referral, LANE_WRITE, PARTIES,
        referral_redirect),
    ROW("ReferralService", "ReassignReferral", reassign_referral, LANE_WRITE, PARTIES,
        referral_reassign),
    ROW("ReferralService", "RewrapReferral", rewrap_referral, LANE_WRITE, SIDES, referral_rewrap),
    ROW("ReferralService", "WidenReferral", widen_referral, LANE_WRITE, ROLE_CPTS_COORDINATOR,
        referral_widen),
    ROW("ReferralService", "DeliverAssignment", deliver_assignment, LANE_WRITE, NODES,
        assignment_deliver),
    ROW("ReferralService", "RecordConsent", record_consent, LANE_WRITE, ROLE_CPTS_COORDINATOR,
        consent_record),
    ROW("ReferralService", "WithdrawConsent", withdraw_consent, LANE_WRITE, ROLE_CPTS_COORDINATOR,
        consent_withdraw),
    ROW("ReferralService", "SetReferralOptIn", set_referral_opt_in, LANE_WRITE, EDITORS,
        opt_in_set),
    ROW("ReferralService", "ListParkedActs", list_parked_acts, LANE_TRACE, PARTIES, parked_list),
    ROW("ReferralService", "ResolveParkedAct", resolve_parked_act, LANE_WRITE, PARTIES,
        parked_resolve),
    ROW("ReferralService", "ListReferralReasons", list_referral_reasons, LANE_READ, READERS,
        referral_reasons),
};

const struct method_table handler_methods = {
    .methods = METHODS,
    .method_count = sizeof METHODS / sizeof METHODS[0],
};
