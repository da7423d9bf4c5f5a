/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_OPERATION_H
#define SDK_OPERATION_H

/**
 * @file
 * The RPCs that the library calls.
 *
 * Threads: constants.
 */

enum operation {
    OPERATION_HEALTH,
    OPERATION_REGISTRY_GET,
    OPERATION_REGISTRY_LIST,
    OPERATION_REGISTRY_CREATE,
    OPERATION_REGISTRY_UPDATE,
    OPERATION_REGISTRY_RECORD_STAGE,
    OPERATION_REGISTRY_SET_TERRITORY,
    OPERATION_REGISTRY_WATCH,
    OPERATION_COVERAGE_GET,
    OPERATION_TRAJECTORY_GET,
    OPERATION_REFERENCE_REGIONS,
    OPERATION_REFERENCE_DEPARTMENTS,
    OPERATION_REFERENCE_UNITS,
    OPERATION_NODE_STATUS,
    OPERATION_COUNT
};

/** "/cpts.v1.RegistryService/GetCpts". Static text. */
const char *cpts_operation__path(enum operation operation);

#endif
