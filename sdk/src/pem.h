/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_PEM_H
#define SDK_PEM_H

/**
 * @file
 * Reading the three files of mutual TLS.
 *
 * Threads: any thread.
 */

#include <cpts/client.h>

/** Longest file accepted, bytes. */
#define PEM_FILE_BYTES_MAX (1024 * 1024)

/** Texts from malloc. */
struct pem_files {
    char *ca;
    char *certificate;
    char *key;
};

/** Reads the files of @p options.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID with the path
 *         in `detail`; @p ret_files is then empty. */
CPTS_MUST_CHECK cpts_status cpts_pem__read(const struct cpts_client_options *options,
                                           struct pem_files *ret_files, struct cpts_error *err);

/** Wipes the key and releases all. */
void cpts_pem__done(struct pem_files *files);

#endif
