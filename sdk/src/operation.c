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
    [OPERATION_REFERENCE_REGIONS] = "/cpts.v1.ReferenceService/ListRegions",
    [OPERATION_REFERENCE_DEPARTMENTS] = "/cpts.v1.ReferenceService/ListDepartments",
    [OPERATION_REFERENCE_UNITS] = "/cpts.v1.ReferenceService/ListUnits",
    [OPERATION_INDICATORS_LIST] = "/cpts.v1.IndicatorService/ListIndicators",
    [OPERATION_INDICATOR_TARGET_SET] = "/cpts.v1.IndicatorService/SetIndicatorTarget",
    [OPERATION_INDICATOR_VALUES_RECORD] = "/cpts.v1.IndicatorService/RecordIndicatorValues",
    [OPERATION_INDICATOR_VALUES_DECIDE] = "/cpts.v1.IndicatorService/DecideIndicatorValues",
    [OPERATION_INDICATORS_GET] = "/cpts.v1.IndicatorService/GetCptsIndicators",
    [OPERATION_INDICATOR_BOARD] = "/cpts.v1.IndicatorService/GetIndicatorBoard",
    [OPERATION_CAPACITY_RECORD] = "/cpts.v1.CapacityService/RecordCapacity",
    [OPERATION_CAPACITY_GET] = "/cpts.v1.CapacityService/GetCapacity",
    [OPERATION_CAPACITY_BOARD] = "/cpts.v1.CapacityService/GetCapacityBoard",
    [OPERATION_NODE_STATUS] = "/cpts.v1.NodeService/GetNodeStatus",
};

const char *cpts_operation__path(enum operation operation)
{
    return PATHS[operation];
}
