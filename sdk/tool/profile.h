/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_PROFILE_H
#define TOOL_PROFILE_H

/**
 * @file
 * Where and as whom to connect: an INI file with the section [profile] and the
 * keys address, ca, certificate, key and, if the server's certificate has
 * another name than the address, server_name. For referrals: key_root (the
 * federation root's public key), key_memory (what is remembered of keys),
 * keystore and passphrase_file (the own keys), rpps, profession, function and
 * purpose (on whose behalf). outbox (a file; made when it is not there) has commands kept
 * while the node is away. node and checkpoint_key (the node that enrolled, and the public
 * key that it signs its log with, 64 hexadecimal digits): with them a local copy of what
 * that node tells is verified. Paths that do not begin with a slash start from the file's
 * folder.
 *
 * Threads: one thread at a time.
 */

#include <cpts/client.h>
#include <limits.h>
#include <stdbool.h>

#define PROFILE_CHECKPOINT_KEY_BYTES 32

/** What decides where the profile is. NULL or empty = not set. */
struct profile_places {
    const char *option;
    const char *profile_variable;
    const char *state_variable;
    const char *home;
    bool is_root;
};

struct profile {
    char path[PATH_MAX];
    char address[256];
    char server_name[256];
    char ca[PATH_MAX];
    char certificate[PATH_MAX];
    char key[PATH_MAX];
    char key_root[PATH_MAX];
    char key_memory[PATH_MAX];
    char keystore[PATH_MAX];
    char passphrase_file[PATH_MAX];
    char outbox[PATH_MAX];
    char rpps[16];
    char profession[64];
    char function[512];
    char purpose[16];
    char node[128];
    char checkpoint_key[256];
};

/** The path: option, $CPTS_PROFILE, $CPTS_STATE/profile.ini, for root
 * /var/lib/cpts/profile.ini, $HOME/.local/state/cpts/profile.ini.
 * @return false when none of them is known. */
bool profile_locate(const struct profile_places *places, char ret_path[PATH_MAX]);

/** Reads the file at profile->path.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID with the path
 *         in `detail` and the missing key in `field`. */
CPTS_MUST_CHECK cpts_status profile_read(struct profile *profile, struct cpts_error *err);

/** Reads the digits of checkpoint_key.
 * @param ret_has_key  False, and @p ret_key untouched: the profile has none.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID, field `checkpoint_key`. */
CPTS_MUST_CHECK cpts_status profile_checkpoint_key(const struct profile *profile, bool *ret_has_key,
                                                   uint8_t ret_key[PROFILE_CHECKPOINT_KEY_BYTES],
                                                   struct cpts_error *err);

/** Writes the file at profile->path whole, or leaves what was there. Of one that is there
 * certificate and key change, and nothing else. Paths into its own folder are written
 * without that folder.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID. */
CPTS_MUST_CHECK cpts_status profile_write(const struct profile *profile, struct cpts_error *err);

#endif
