/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_METHOD_TABLE_H
#define HANDLER_METHOD_TABLE_H

/**
 * @file
 * Every method of the server's own services, one row an RPC.
 *
 * Threads: constants.
 */

#include "base/method.h"

extern const struct method_table handler_methods;

/* The handlers, by the file they live in; called through the table only. */

/* cpts_reads.c */
cpts_status cpts_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status cpts_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status cpts_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status cpts_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* cpts_creation.c */
cpts_status cpts_create_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status cpts_create_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* cpts_commands.c */
cpts_status cpts_update_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status cpts_update_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status territory_set_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status territory_set_finish(struct call *call, const struct rows *rows,
                                 struct cpts_error *err);

/* stage_recording.c */
cpts_status stage_record_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status stage_record_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* lifecycle_read.c */
cpts_status lifecycle_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status lifecycle_get_finish(struct call *call, const struct rows *rows,
                                 struct cpts_error *err);

/* due_listing.c */
cpts_status due_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status due_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* evidence_gap_list.c */
cpts_status evidence_gap_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status evidence_gap_list_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err);

/* identity_update.c */
cpts_status identity_update_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status identity_update_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);

/* dossier_commands.c */
cpts_status document_record_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status document_record_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);
cpts_status milestone_record_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status milestone_record_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err);
cpts_status evidence_record_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status evidence_record_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);
cpts_status publication_set_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status publication_set_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);

/* filing_recording.c */
cpts_status filing_record_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status filing_record_finish(struct call *call, const struct rows *rows,
                                 struct cpts_error *err);

/* cpts_merging.c */
cpts_status cpts_merge_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status cpts_merge_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* cpts_watch.c */
cpts_status cpts_watch_begin(struct call *call, const void *request, struct cpts_error *err);

/* coverage_board.c */
cpts_status coverage_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status coverage_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* member_commands.c */
cpts_status members_record_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status members_record_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);
cpts_status membership_end_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status membership_end_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* governance_commands.c */
cpts_status representative_record_begin(struct call *call, const void *request,
                                        struct cpts_error *err);
cpts_status representative_record_finish(struct call *call, const struct rows *rows,
                                         struct cpts_error *err);
cpts_status adhesion_record_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status adhesion_record_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);

/* member_reads.c */
cpts_status member_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status member_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status representative_list_begin(struct call *call, const void *request,
                                      struct cpts_error *err);
cpts_status representative_list_finish(struct call *call, const struct rows *rows,
                                       struct cpts_error *err);
cpts_status member_category_list_begin(struct call *call, const void *request,
                                       struct cpts_error *err);
cpts_status member_category_list_finish(struct call *call, const struct rows *rows,
                                        struct cpts_error *err);

/* composition_board.c */
cpts_status composition_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status composition_get_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);
/* grid_list.c; answers by itself */
cpts_status grid_list_begin(struct call *call, const void *request, struct cpts_error *err);

/* mission_list.c */
cpts_status mission_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status mission_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* mission_commands.c */
cpts_status mission_record_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status mission_record_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);
cpts_status mission_plan_set_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status mission_plan_set_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err);
cpts_status crisis_record_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status crisis_record_finish(struct call *call, const struct rows *rows,
                                 struct cpts_error *err);

/* entitlement_board.c */
cpts_status entitlement_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status entitlement_get_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);

/* budget_board.c */
cpts_status budget_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status budget_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* trajectory_board.c */
cpts_status trajectory_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status trajectory_get_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* history_commands.c */
cpts_status stages_correct_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status stages_correct_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);
cpts_status territory_correct_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status territory_correct_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err);

/* belief_list.c */
cpts_status belief_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status belief_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* history_read.c */
cpts_status history_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status history_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
/* capacity_commands.c */
cpts_status capacity_record_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status capacity_record_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);

/* capacity_of_cpts.c */
cpts_status capacity_of_cpts_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status capacity_of_cpts_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err);

/* capacity_board.c */
cpts_status capacity_board_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status capacity_board_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* indicator_list.c */
cpts_status indicator_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status indicator_list_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* indicator_commands.c */
cpts_status indicator_target_set_begin(struct call *call, const void *request,
                                       struct cpts_error *err);
cpts_status indicator_target_set_finish(struct call *call, const struct rows *rows,
                                        struct cpts_error *err);
cpts_status indicator_value_record_begin(struct call *call, const void *request,
                                         struct cpts_error *err);
cpts_status indicator_value_record_finish(struct call *call, const struct rows *rows,
                                          struct cpts_error *err);
cpts_status indicator_value_decide_begin(struct call *call, const void *request,
                                         struct cpts_error *err);
cpts_status indicator_value_decide_finish(struct call *call, const struct rows *rows,
                                          struct cpts_error *err);

/* indicator_of_cpts.c */
cpts_status indicator_of_cpts_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status indicator_of_cpts_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err);

/* indicator_board.c */
cpts_status indicator_board_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status indicator_board_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);

/* identity_exchange.c */
cpts_status identity_exchange_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status identity_exchange_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err);

/* federation_sync.c */
cpts_status federation_sync_begin(struct call *call, const void *request, struct cpts_error *err);

/* node_status.c */
cpts_status node_status_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status node_status_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* region_list.c */
cpts_status region_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status region_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* department_list.c */
cpts_status department_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status department_list_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);

/* unit_list.c */
cpts_status unit_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status unit_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* territory_reads.c */
cpts_status territory_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status territory_get_finish(struct call *call, const struct rows *rows,
                                 struct cpts_error *err);

/* conflict_list.c */
cpts_status conflict_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status conflict_list_finish(struct call *call, const struct rows *rows,
                                 struct cpts_error *err);

/* gap_list.c */
cpts_status gap_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status gap_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* neighbour_list.c */
cpts_status neighbour_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status neighbour_list_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* zoning_list.c */
cpts_status zoning_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status zoning_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* zoning_set.c */
cpts_status zoning_set_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status zoning_set_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* unit_merge.c */
cpts_status unit_merge_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status unit_merge_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* lead_region_set.c */
cpts_status lead_region_set_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status lead_region_set_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);

/* node_commands.c */
cpts_status node_suspend_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status node_suspend_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status node_resume_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status node_resume_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status node_epoch_raise_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status node_epoch_raise_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err);

/* federation_board.c */
cpts_status node_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status node_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status federation_status_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status federation_status_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err);
cpts_status federation_verify_begin(struct call *call, const void *request, struct cpts_error *err);

/* parked_aggregates.c */
cpts_status parked_aggregate_list_begin(struct call *call, const void *request,
                                        struct cpts_error *err);
cpts_status parked_aggregate_list_finish(struct call *call, const struct rows *rows,
                                         struct cpts_error *err);
cpts_status parked_aggregate_retry_begin(struct call *call, const void *request,
                                         struct cpts_error *err);
cpts_status parked_aggregate_retry_finish(struct call *call, const struct rows *rows,
                                          struct cpts_error *err);
cpts_status parked_aggregate_reject_begin(struct call *call, const void *request,
                                          struct cpts_error *err);
cpts_status parked_aggregate_reject_finish(struct call *call, const struct rows *rows,
                                           struct cpts_error *err);

/* federation_alarms.c */
cpts_status alarm_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status alarm_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status alarm_clear_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status alarm_clear_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* log_links.c */
cpts_status log_link_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status log_link_list_finish(struct call *call, const struct rows *rows,
                                 struct cpts_error *err);
cpts_status checkpoint_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status checkpoint_list_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);

/* enrolment_commands.c */
cpts_status enrolment_create_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status enrolment_create_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err);
cpts_status enrolment_revoke_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status enrolment_revoke_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err);

/* enrolment_list.c */
cpts_status enrolment_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status enrolment_list_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* enroll.c */
cpts_status enroll_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status enroll_then(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status enroll_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status certificate_renew_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status certificate_renew_then(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);
cpts_status certificate_renew_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err);
/* key_commands.c */
cpts_status key_publish_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status key_publish_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status key_revoke_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status key_revoke_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status authority_revoke_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status authority_revoke_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err);

/* key_reads.c */
cpts_status keys_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status keys_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status key_changes_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status key_changes_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status key_head_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status key_head_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* recipient_list.c */
cpts_status recipient_find_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status recipient_find_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* referral_submission.c */
cpts_status referral_submit_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status referral_submit_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);

/* referral_acts.c */
cpts_status referral_act_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status referral_act_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status referral_redirect_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status referral_redirect_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err);
cpts_status assignment_deliver_begin(struct call *call, const void *request,
                                     struct cpts_error *err);
cpts_status assignment_deliver_finish(struct call *call, const struct rows *rows,
                                      struct cpts_error *err);

/* referral_choices.c */
cpts_status referral_reassign_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status referral_reassign_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err);
cpts_status referral_widen_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status referral_widen_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* referral_rewrap.c */
cpts_status referral_rewrap_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status referral_rewrap_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err);

/* referral_consent.c */
cpts_status consent_record_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status consent_record_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);
cpts_status consent_withdraw_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status consent_withdraw_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err);
cpts_status opt_in_set_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status opt_in_set_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* parked_act_list.c */
cpts_status parked_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status parked_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status parked_resolve_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status parked_resolve_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);
cpts_status referral_reasons_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status referral_reasons_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err);

/* recipient_list.c */
cpts_status recipient_find_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status recipient_find_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* referral_reading.c */
cpts_status referral_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status referral_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* worklist.c */
cpts_status worklist_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status worklist_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* referral_notes.c */
cpts_status referral_note_list_begin(struct call *call, const void *request,
                                     struct cpts_error *err);
cpts_status referral_note_list_finish(struct call *call, const struct rows *rows,
                                      struct cpts_error *err);

/* attachment_chunks.c */
cpts_status attachment_put_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status attachment_put_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);
cpts_status attachment_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status attachment_get_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* pathway_start.c */
cpts_status pathway_start_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status pathway_start_finish(struct call *call, const struct rows *rows,
                                 struct cpts_error *err);

/* pathway_reads.c */
cpts_status pathway_get_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status pathway_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status pathway_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status pathway_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status pathway_templates_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status pathway_templates_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err);
/* referral_erasure.c */
cpts_status referral_erase_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status referral_erase_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* audit_trail.c */
cpts_status audit_list_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status audit_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status audit_links_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status audit_links_finish(struct call *call, const struct rows *rows, struct cpts_error *err);
cpts_status audit_head_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status audit_head_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

/* referral_stream.c */
cpts_status referral_watch_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status referral_watch_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err);

/* referral_statistics.c */
cpts_status referral_statistics_begin(struct call *call, const void *request,
                                      struct cpts_error *err);
cpts_status referral_statistics_finish(struct call *call, const struct rows *rows,
                                       struct cpts_error *err);
cpts_status unmet_demand_begin(struct call *call, const void *request, struct cpts_error *err);
cpts_status unmet_demand_finish(struct call *call, const struct rows *rows, struct cpts_error *err);

#endif
