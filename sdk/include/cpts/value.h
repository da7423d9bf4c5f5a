/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_VALUE_H
#define CPTS_VALUE_H

/**
 * @file
 * The values that calls carry: stages, UUIDs, dates, instants and texts.
 *
 * Threads: any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cpts/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Maturity of a project. The first four are the live stages, entered in this
 * order and never skipped; the last four are the ways out, final. */
enum cpts_stage {
    CPTS_STAGE_UNSPECIFIED = 0,
    CPTS_STAGE_EMERGENCE = 1,
    CPTS_STAGE_LETTRE_INTENTION = 2,
    CPTS_STAGE_PROJET_VALIDE = 3,
    CPTS_STAGE_ACI_SIGNE = 4,
    CPTS_STAGE_ABANDONNE = 5,
    CPTS_STAGE_FUSIONNE = 6,
    CPTS_STAGE_DISSOUS = 7,
    CPTS_STAGE_NON_RENOUVELE = 8
};

/** Name of a stage without prefix, for example "EMERGENCE"; "UNRECOGNISED" for
 * a stage newer than this library. Static text. */
CPTS_API const char *cpts_stage_name(enum cpts_stage stage);

/** Reads a stage's name: any case, with or without `STAGE_`, `-` or a space as
 * good as `_`. UNSPECIFIED is refused.
 * @return false, output untouched, when @p text names none. */
CPTS_API bool cpts_stage_parse(const char *text, enum cpts_stage *ret_stage);

/** Whether a project at that stage is alive (the first four). */
CPTS_API bool cpts_stage_is_live(enum cpts_stage stage);

/** Medical zone of a commune, as its ARS sets it. */
enum cpts_zone {
    /** Not known, which is not CPTS_ZONE_HORS_ZONAGE. */
    CPTS_ZONE_UNSPECIFIED = 0,
    CPTS_ZONE_ZIP_PLUS = 1,
    CPTS_ZONE_ZIP = 2,
    CPTS_ZONE_ZAC = 3,
    CPTS_ZONE_HORS_ZONAGE = 4
};

/** How well a position is known. */
enum cpts_position_quality {
    CPTS_POSITION_UNSPECIFIED = 0,
    /** Every unit that counts has a position of its own. */
    CPTS_POSITION_EXACT = 1,
    /** That of an EPCI or of a whole commune stands in for a part. */
    CPTS_POSITION_APPROXIMATE = 2,
    CPTS_POSITION_NONE = 3
};

/** A place, degrees WGS 84; the numbers mean nothing with CPTS_POSITION_NONE. */
struct cpts_position {
    double latitude;
    double longitude;
    enum cpts_position_quality quality;
};

/** Bytes of a UUID, and of its text form with the final NUL. */
#define CPTS_UUID_BYTES 16
#define CPTS_UUID_TEXT_BYTES 37

/** Mints a UUIDv7 (RFC 9562), greater than every one minted before by this
 * process. */
CPTS_API void cpts_uuid_mint(uint8_t ret_uuid[CPTS_UUID_BYTES]);

/** Writes the lower-case text form. */
CPTS_API void cpts_uuid_format(const uint8_t uuid[CPTS_UUID_BYTES],
                               char ret_text[CPTS_UUID_TEXT_BYTES]);

/** Reads the text form, either case.
 * @return false, output untouched, when @p text is not a UUID. */
CPTS_API bool cpts_uuid_parse(const char *text, uint8_t ret_uuid[CPTS_UUID_BYTES]);

/** The UUID (version 8) of @p name in @p space: the same input gives the same
 * id, on every machine and for ever. For commands that must be repeatable. */
CPTS_API void cpts_uuid_derive(const char *space, const char *name,
                               uint8_t ret_uuid[CPTS_UUID_BYTES]);

/** Whether @p text is a date of the calendar as ISO 8601 writes it,
 * `YYYY-MM-DD`, from year 1. */
CPTS_API bool cpts_date_is_valid(const char *text);

/** Bytes in memory; NULL with 0 = none. */
struct cpts_bytes {
    const uint8_t *bytes;
    size_t byte_count;
};

/** Bytes of an instant's text with the final NUL. */
#define CPTS_INSTANT_TEXT_BYTES 32

/** Reads an RFC 3339 instant, for example `2024-02-01T12:00:00Z` or
 * `2024-02-01T13:00:00.25+01:00`; beyond microseconds digits are cut.
 * @param ret_us  Microseconds since 1970-01-01 UTC.
 * @return false, output untouched, when @p text is not one. */
CPTS_API bool cpts_instant_parse(const char *text, int64_t *ret_us);

/** Writes an instant of the years 1 to 9999 as RFC 3339 in UTC, microseconds
 * only when there are some; an empty text for any other. */
CPTS_API void cpts_instant_format(int64_t instant_us, char ret_text[CPTS_INSTANT_TEXT_BYTES]);

/** Whether @p text_bytes bytes may be sent as a text: well-formed UTF-8
 * (RFC 3629) without NUL. */
CPTS_API bool cpts_text_is_valid(const void *text, size_t text_bytes);

/** Releases a text that a `..._json` function made; NULL is fine. */
CPTS_API void cpts_string_free(char *text);

#ifdef __cplusplus
}
#endif
#endif
