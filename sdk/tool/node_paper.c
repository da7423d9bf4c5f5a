/* SPDX-License-Identifier: Apache-2.0 */
#include "node_paper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "durable_file.h"
#include "failure.h"
#include "key_digits.h"

#define TEXT_BYTES 512

cpts_status node_paper_pin(const char *path, const char *token,
                           const struct cpts_certificate *certificate, struct cpts_error *err)
{
    uint8_t authority[CPTS_AUTHORITY_BYTES];
    char text[TEXT_BYTES], key[KEY_DIGITS_BYTES], print[KEY_DIGITS_BYTES];
    if (certificate->above_key == NULL || !cpts_enrolment_token_authority(token, authority))
        return failure_set(err, CPTS_FAILED_PRECONDITION, "CONFIGURATION_INVALID",
                           "the node above signs no checkpoints: [federation] checkpoint_key");
    key_digits_write(certificate->above_key, key);
    key_digits_write(authority, print);
    snprintf(text, sizeof text,
             "; Written by cptsctl node join: who is above this node. For [federation]\n"
             "; upstream_pin of cptsd, which stores it once and refuses another one later.\n"
             "[upstream]\nnode = %s\nepoch = %d\ncheckpoint_key = %s\nauthority = %s\n"
             "own_epoch = %d\n",
             certificate->above_node, certificate->above_epoch, key, print,
             certificate->node_epoch);
    const struct cpts_bytes bytes = {.bytes = (const uint8_t *)text, .byte_count = strlen(text)};
    if (durable_file_write(path, bytes, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH))
        return CPTS_OK;
    (void)failure_set(err, CPTS_FAILED_PRECONDITION, "CONFIGURATION_INVALID", strerror(errno));
    snprintf(err->detail, sizeof err->detail, "%.255s", path);
    return err->status;
}
