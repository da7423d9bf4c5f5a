/* SPDX-License-Identifier: Apache-2.0 */
#include "operation.h"

static const char *const PATHS[OPERATION_COUNT] = {
    [OPERATION_HEALTH] = "/grpc.health.v1.Health/Check",
    [OPERATION_REGISTRY_GET] = "/cpts.v1.RegistryService/GetCpts",
    [OPERATION_REGISTRY_LIST] = "/cpts.v1.RegistryService/ListCpts",
    [OPERATION_REGISTRY_CREATE] = "/cpts.v1.RegistryService/CreateCpts",
    [OPERATION_REGISTRY_UPDATE] = "/cpts.v1.RegistryService/UpdateCpts",
    [OPERATION_REGISTRY_RECORD_STAGE] = "/cpts.v1.RegistryService/RecordStage",
    [OPERATION_REGISTRY_SET_TERRITORY] = "/cpts.v1.RegistryService/SetTerritory",
    [OPERATION_REGISTRY_WATCH] = "/cpts.v1.RegistryService/WatchCpts",
    [OPERATION_COVERAGE_GET] = "/cpts.v1.CoverageService/GetCoverage",
    [OPERATION_TRAJECTORY_GET] = "/cpts.v1.TrajectoryService/GetTrajectory",
    [OPERATION_HISTORY_CORRECT_STAGES] = "/cpts.v1.HistoryService/CorrectStages",
    [OPERATION_HISTORY_CORRECT_TERRITORY] = "/cpts.v1.HistoryService/CorrectTerritory",
    [OPERATION_HISTORY_BELIEFS] = "/cpts.v1.HistoryService/ListBeliefChanges",
    [OPERATION_HISTORY_GET] = "/cpts.v1.HistoryService/GetHistory",
    [OPERATION_REFERENCE_REGIONS] = "/cpts.v1.ReferenceService/ListRegions",
    [OPERATION_REFERENCE_DEPARTMENTS] = "/cpts.v1.ReferenceService/ListDepartments",
    [OPERATION_REFERENCE_UNITS] = "/cpts.v1.ReferenceService/ListUnits",
    [OPERATION_TERRITORY_GET] = "/cpts.v1.TerritoryService/GetTerritory",
    [OPERATION_TERRITORY_CONFLICTS] = "/cpts.v1.TerritoryService/ListConflicts",
    [OPERATION_TERRITORY_GAPS] = "/cpts.v1.TerritoryService/ListGaps",
    [OPERATION_TERRITORY_NEIGHBOURS] = "/cpts.v1.TerritoryService/ListNeighbours",
    [OPERATION_TERRITORY_MERGE] = "/cpts.v1.TerritoryService/MergeUnits",
    [OPERATION_ZONING_LIST] = "/cpts.v1.TerritoryService/ListZoning",
    [OPERATION_ZONING_SET] = "/cpts.v1.TerritoryService/SetZoning",
    [OPERATION_NODE_STATUS] = "/cpts.v1.NodeService/GetNodeStatus",
    [OPERATION_LIFECYCLE_GET] = "/cpts.v1.LifecycleService/GetLifecycle",
    [OPERATION_LIFECYCLE_DUE] = "/cpts.v1.LifecycleService/ListDue",
    [OPERATION_LIFECYCLE_GAPS] = "/cpts.v1.LifecycleService/ListEvidenceGaps",
    [OPERATION_LIFECYCLE_UPDATE_IDENTITY] = "/cpts.v1.LifecycleService/UpdateIdentity",
    [OPERATION_LIFECYCLE_RECORD_DOCUMENT] = "/cpts.v1.LifecycleService/RecordDocument",
    [OPERATION_LIFECYCLE_RECORD_MILESTONE] = "/cpts.v1.LifecycleService/RecordMilestone",
    [OPERATION_LIFECYCLE_RECORD_FILING] = "/cpts.v1.LifecycleService/RecordFiling",
    [OPERATION_LIFECYCLE_RECORD_EVIDENCE] = "/cpts.v1.LifecycleService/RecordEvidence",
    [OPERATION_LIFECYCLE_MERGE] = "/cpts.v1.LifecycleService/MergeCpts",
    [OPERATION_LIFECYCLE_SET_PUBLICATION] = "/cpts.v1.LifecycleService/SetPublication",
};

const char *cpts_operation__path(enum operation operation)
{
    return PATHS[operation];
}
