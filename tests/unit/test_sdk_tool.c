/* SPDX-License-Identifier: Apache-2.0 */
#include "arguments.h"
#include "bar.h"
#include "failure.h"
#include "help.h"
#include "key_digits.h"
#include "peer_text.h"
#include "profile.h"
#include "suggest.h"
#include "support/unit.h"
#include "wiping_heap.h"

#include <jansson.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_bar__fills_its_cells(void)
{
    char text[BAR_TEXT_BYTES];
    bar_write(0.5, 8, false, text);
    CU_ASSERT_STRING_EQUAL(text, "####....");
    bar_write(0.3125, 4, true, text);
    CU_ASSERT_STRING_EQUAL(text, "█▎░░");
}

static void test_bar__keeps_within_its_cells(void)
{
    char text[BAR_TEXT_BYTES];
    bar_write(7, 4, false, text);
    CU_ASSERT_STRING_EQUAL(text, "####");
    bar_write(-1, 4, false, text);
    CU_ASSERT_STRING_EQUAL(text, "....");
    bar_write(0.001, 4, false, text);
    CU_ASSERT_STRING_EQUAL(text, "#...");
    bar_write(1, BAR_CELLS_MAX + 9, true, text);
    CU_ASSERT_EQUAL(strlen(text), BAR_TEXT_BYTES - 1);
}

static void test_figure__has_commas_and_percents(void)
{
    char text[FIGURE_BYTES];
    figure_count(68350798, text);
    CU_ASSERT_STRING_EQUAL(text, "68,350,798");
    figure_count(-1000, text);
    CU_ASSERT_STRING_EQUAL(text, "-1,000");
    figure_count(INT64_MIN, text);
    CU_ASSERT_STRING_EQUAL(text, "-9,223,372,036,854,775,808");
    figure_percent(738, 1000, text);
    CU_ASSERT_STRING_EQUAL(text, "73.8 %");
    figure_percent(1, 0, text);
    CU_ASSERT_STRING_EQUAL(text, "-");
}

static void test_suggest__finds_what_was_meant(void)
{
    static const char *const WORDS[] = {"coverage", "cpts list", "health"};
    CU_ASSERT_EQUAL(suggest_distance("kitten", "SITTING"), 3);
    CU_ASSERT_STRING_EQUAL(suggest_nearest("covrage", WORDS, 3), "coverage");
    CU_ASSERT_STRING_EQUAL(suggest_nearest("cpts lits", WORDS, 3), "cpts list");
    CU_ASSERT_PTR_NULL(suggest_nearest("elephant", WORDS, 3));
}

/* Parses a command line; the problem is left in `sentence`. */
static char sentence[USAGE_BYTES];

static bool parse(struct arguments *arguments, char **argv)
{
    char name[USAGE_BYTES];
    int argc = 0;
    while (argv[argc] != NULL)
        argc++;
    sentence[0] = '\0';
    *arguments = (struct arguments){.command = arguments_command(&argc, argv, name)};
    return arguments->command != NULL && arguments_read(arguments, argc, argv, sentence);
}

static void test_arguments__options_may_stand_anywhere(void)
{
    struct arguments arguments;
    char *argv[] = {"cptsctl", "--timeout", "3",          "cpts",      "--quiet", "stage",
                    "ID",      "--on",      "2020-01-01", "ACI_SIGNE", NULL};
    CU_ASSERT_TRUE_FATAL(parse(&arguments, argv));
    CU_ASSERT_STRING_EQUAL(arguments.command->name, "cpts stage");
    CU_ASSERT_STRING_EQUAL(arguments_value(&arguments, "timeout"), "3");
    CU_ASSERT_STRING_EQUAL(arguments.operands[0], "ID");
    CU_ASSERT_STRING_EQUAL(arguments.operands[1], "ACI_SIGNE");
    CU_ASSERT_TRUE(arguments_has(&arguments, "quiet"));
    arguments_done(&arguments);
}

static void test_arguments__options_repeat_only_where_they_may(void)
{
    struct arguments arguments;
    char *list[] = {"cptsctl", "cpts", "list", "--stage", "A", "--stage=B", NULL};
    CU_ASSERT_TRUE_FATAL(parse(&arguments, list));
    CU_ASSERT_EQUAL(arguments_count(&arguments, "stage"), 2);
    CU_ASSERT_STRING_EQUAL(arguments_nth(&arguments, "stage", 1), "B");
    arguments_done(&arguments);
    char *twice[] = {"cptsctl", "cpts", "list", "--region", "11", "--region", "75", NULL};
    CU_ASSERT_FALSE(parse(&arguments, twice));
    CU_ASSERT_STRING_EQUAL(sentence, "--region is given twice");
    arguments_done(&arguments);
}

static void expect_refused(char **argv, const char *expected)
{
    struct arguments arguments;
    CU_ASSERT_FALSE(parse(&arguments, argv));
    CU_ASSERT_STRING_EQUAL(sentence, expected);
    arguments_done(&arguments);
}

static void test_arguments__mistakes_are_explained(void)
{
    expect_refused((char *[]){"cptsctl", "coverage", "--regoin", "11", NULL},
                   "no option --regoin; did you mean --region?");
    expect_refused((char *[]){"cptsctl", "coverage", "--region", NULL}, "--region needs a value");
    expect_refused((char *[]){"cptsctl", "cpts", "get", NULL}, "ID is missing");
    expect_refused((char *[]){"cptsctl", "regions", "11", NULL}, "what is 11 for?");
    expect_refused((char *[]){"cptsctl", "coverage", "--json=x", NULL}, "--json=x takes no value");
}

static void test_help__every_command_fits_the_terminal_and_begins_with_examples(void)
{
    for (size_t i = 0; i < command_count(); i++) {
        char *text = NULL, *rest = NULL;
        size_t length = 0;
        FILE *stream = open_memstream(&text, &length);
        CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
        help_command(stream, command_at(i));
        fclose(stream);
        const char *examples = strstr(text, "Examples:\n  cptsctl ");
        CU_ASSERT_PTR_NOT_NULL(examples);
        CU_ASSERT(examples < strstr(text, "Options:"));
        for (char *line = strtok_r(text, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest))
            CU_ASSERT(strlen(line) <= 82);
        free(text);
    }
}

static void expect_path(const struct profile_places *places, const char *expected)
{
    char path[PATH_MAX] = "";
    CU_ASSERT_TRUE(profile_locate(places, path));
    CU_ASSERT_STRING_EQUAL(path, expected);
}

static void test_profile__is_looked_for_in_order(void)
{
    struct profile_places places = {.option = "/o.ini",
                                    .profile_variable = "/p.ini",
                                    .state_variable = "/state",
                                    .home = "/home/me",
                                    .is_root = true};
    expect_path(&places, "/o.ini");
    places.option = NULL;
    expect_path(&places, "/p.ini");
    places.profile_variable = "";
    expect_path(&places, "/state/profile.ini");
    places.state_variable = NULL;
    expect_path(&places, "/var/lib/cpts/profile.ini");
    places.is_root = false;
    expect_path(&places, "/home/me/.local/state/cpts/profile.ini");
    places.home = NULL;
    char path[PATH_MAX];
    CU_ASSERT_FALSE(profile_locate(&places, path));
}

/* Reads a profile with that content; its file is gone afterwards. */
static cpts_status read_profile(const char *content, struct profile *profile,
                                struct cpts_error *err)
{
    memset(profile, 0, sizeof *profile);
    strcpy(profile->path, "/tmp/cpts-test-XXXXXX");
    int descriptor = mkstemp(profile->path);
    CU_ASSERT_FATAL(descriptor >= 0);
    CU_ASSERT_EQUAL(write(descriptor, content, strlen(content)), (ssize_t)strlen(content));
    close(descriptor);
    cpts_status status = profile_read(profile, err);
    unlink(profile->path);
    return status;
}

static void test_profile__paths_start_from_its_folder(void)
{
    struct profile profile;
    CU_ASSERT_EQUAL(read_profile("[profile]\naddress = a:1\nca = pki/ca.pem\n"
                                 "certificate = /c.pem\nkey = k.pem\n",
                                 &profile, NULL),
                    CPTS_OK);
    CU_ASSERT_STRING_EQUAL(profile.address, "a:1");
    CU_ASSERT_STRING_EQUAL(profile.ca, "/tmp/pki/ca.pem");
    CU_ASSERT_STRING_EQUAL(profile.certificate, "/c.pem");
    CU_ASSERT_STRING_EQUAL(profile.key, "/tmp/k.pem");
}

/* Writes @p text, then the profile over it, and gives what the file says. */
static void write_over(const char *text, struct profile *profile, char ret_text[512])
{
    struct cpts_error err;
    char path[] = "/tmp/cpts-profile-XXXXXX";
    close(mkstemp(path));
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    if (text[0] == '\0')
        unlink(path);
    snprintf(profile->path, sizeof profile->path, "%s", path);
    CU_ASSERT_EQUAL(profile_write(profile, &err), CPTS_OK);
    file = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t length = fread(ret_text, 1, 511, file);
    ret_text[length] = '\0';
    fclose(file);
    unlink(path);
}

static void test_profile__a_new_one_names_its_files(void)
{
    char text[512];
    struct profile profile = {.address = "a:1",
                              .ca = "/tmp/x-ca.pem",
                              .certificate = "/tmp/x.pem",
                              .key = "/else/x.key",
                              .server_name = "n"};
    write_over("", &profile, text);
    CU_ASSERT_STRING_EQUAL(text, "; Written by cptsctl enroll.\n[profile]\naddress = a:1\n"
                                 "ca = x-ca.pem\ncertificate = x.pem\nkey = /else/x.key\n"
                                 "server_name = n\n");
}

#define DIGITS_62 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd"
#define DIGITS "00" DIGITS_62

static void test_profile__a_new_one_names_the_node_and_its_key(void)
{
    char text[512];
    struct profile profile = {.address = "a:1", .node = "region/11", .checkpoint_key = DIGITS};
    write_over("", &profile, text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nnode = region/11\ncheckpoint_key = " DIGITS "\n"));
}

static void test_profile__a_renewal_changes_certificate_and_key_alone(void)
{
    char text[512];
    struct profile profile = {.address = "b:2", .certificate = "/tmp/y.pem", .key = "/tmp/y.key"};
    write_over("; mine\n[profile]\naddress = a:1\n key=x.key\nkey_root = r\n"
               "certificate = x.pem\nrpps = 1\nnode = national\ncheckpoint_key = 00\n",
               &profile, text);
    CU_ASSERT_STRING_EQUAL(text, "; mine\n[profile]\naddress = a:1\nkey = y.key\nkey_root = r\n"
                                 "certificate = y.pem\nrpps = 1\nnode = national\n"
                                 "checkpoint_key = 00\n");
}

/* The key of a profile whose checkpoint_key is that. */
static cpts_status read_key(const char *digits, bool *ret_has_key, uint8_t ret_key[32],
                            struct cpts_error *err)
{
    char content[512];
    struct profile profile;
    snprintf(content, sizeof content,
             "[profile]\naddress = a:1\nca = c\ncertificate = e\nkey = k\ncheckpoint_key = %s\n",
             digits);
    CU_ASSERT_EQUAL_FATAL(read_profile(content, &profile, NULL), CPTS_OK);
    return profile_checkpoint_key(&profile, ret_has_key, ret_key, err);
}

static void test_profile__the_key_of_the_node_is_read(void)
{
    uint8_t key[32] = {9};
    char digits[KEY_DIGITS_BYTES];
    bool has_key = true;
    CU_ASSERT_EQUAL(read_key("", &has_key, key, NULL), CPTS_OK);
    CU_ASSERT_FALSE(has_key);
    CU_ASSERT_EQUAL(key[0], 9);
    CU_ASSERT_EQUAL(read_key(DIGITS, &has_key, key, NULL), CPTS_OK);
    CU_ASSERT_TRUE(has_key);
    CU_ASSERT_EQUAL(key[0], 0);
    CU_ASSERT_EQUAL(key[31], 0xcd);
    key_digits_write(key, digits);
    CU_ASSERT_STRING_EQUAL(digits, DIGITS);
}

static void test_profile__a_key_that_is_none_is_refused(void)
{
    static const char *const BAD[] = {
        "0", DIGITS_62, DIGITS "0", DIGITS "00", "0g" DIGITS_62, "-0" DIGITS_62, "0x" DIGITS_62};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        uint8_t key[32] = {9};
        bool has_key = false;
        struct cpts_error err;
        CU_ASSERT_EQUAL(read_key(BAD[i], &has_key, key, &err), CPTS_FAILED_PRECONDITION);
        CU_ASSERT_STRING_EQUAL(err.reason, "CONFIGURATION_INVALID");
        CU_ASSERT_STRING_EQUAL(err.field, "checkpoint_key");
        CU_ASSERT_FALSE(has_key);
        CU_ASSERT_EQUAL(key[0], 9);
    }
}

static void test_profile__what_is_missing_is_named(void)
{
    struct profile profile;
    struct cpts_error err;
    CU_ASSERT_EQUAL(read_profile("[profile]\naddress = a:1\nca = c\nkey = k\n", &profile, &err),
                    CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(err.reason, "CONFIGURATION_INVALID");
    CU_ASSERT_STRING_EQUAL(err.field, "certificate");
    CU_ASSERT_EQUAL(read_profile("[profile\n", &profile, &err), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "line 1"));
}

static void expect_code(cpts_status status, const char *reason, bool is_retryable, int code)
{
    struct cpts_error err = {.status = status, .retryable = is_retryable};
    strcpy(err.reason, reason);
    CU_ASSERT_EQUAL(failure_exit_code(&err), code);
}

static void test_failure__exit_codes_are_the_documented_ones(void)
{
    expect_code(CPTS_OK, "", false, EXIT_CODE_OK);
    expect_code(CPTS_INVALID_ARGUMENT, "FIELD_INVALID", false, EXIT_CODE_ERROR);
    expect_code(CPTS_NOT_FOUND, "CPTS_NOT_FOUND", false, EXIT_CODE_NOT_FOUND);
    expect_code(CPTS_PERMISSION_DENIED, "OUT_OF_SCOPE", false, EXIT_CODE_DENIED);
    expect_code(CPTS_UNAUTHENTICATED, "NO_IDENTITY", false, EXIT_CODE_DENIED);
    expect_code(CPTS_UNAVAILABLE, "CONNECTION_FAILED", true, EXIT_CODE_UNAVAILABLE);
    expect_code(CPTS_RESOURCE_EXHAUSTED, "QUEUE_FULL", true, EXIT_CODE_UNAVAILABLE);
    expect_code(CPTS_RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", false, EXIT_CODE_ERROR);
    expect_code(CPTS_UNKNOWN, "OUTCOME_UNKNOWN", true, EXIT_CODE_UNKNOWN);
    expect_code(CPTS_ABORTED, "STALE_VERSION", false, EXIT_CODE_CONFLICT);
    expect_code(CPTS_ALREADY_EXISTS, "COMMAND_ID_REUSED", false, EXIT_CODE_CONFLICT);
    expect_code(CPTS_FAILED_PRECONDITION, "ILLEGAL_STAGE_STEP", false, EXIT_CODE_CONFLICT);
    expect_code(CPTS_FAILED_PRECONDITION, "CONFIGURATION_INVALID", false, EXIT_CODE_ERROR);
}

static void expect_line(const char *text, const char *line)
{
    char *own = peer_text_line(text);
    CU_ASSERT_STRING_EQUAL(own, line);
    free(own);
}

static void test_peer_text__steers_no_terminal(void)
{
    expect_line("Plaie à suturer", "Plaie à suturer");
    expect_line("\x1b]0;x\x07", "\\x1B]0;x\\x07");
    expect_line("a\tb\r\nc\x7f", "a\\x09b\\x0D\\x0Ac\\x7F");
    expect_line("\xc2\x9b"
                "2J",
                "\\xC2\\x9B2J");
    expect_line("\xe2\x80\xae"
                "fdp",
                "\\xE2\\x80\\xAEfdp");
    expect_line("\xff\xc3", "\\xFF\\xC3");
    expect_line("\xc0\x9b", "\\xC0\\x9B");
}

static void test_peer_text__keeps_its_lines(void)
{
    char *text = NULL;
    size_t byte_count = 0;
    FILE *stream = open_memstream(&text, &byte_count);
    peer_text_print(stream, "a\tb\r\nc\r\x1b[2J\0d", 12);
    fclose(stream);
    CU_ASSERT_STRING_EQUAL(text, "a\tb\nc\\x0D\\x1B[2J\\x00");
    free(text);
}

static void test_peer_text__names_a_file_of_the_folder(void)
{
    static const char *const NAMES[][2] = {
        {"scan.pdf", "scan.pdf"},
        {"../../etc/passwd", "passwd"},
        {"C:\\a\\b.txt", "b.txt"},
        {"..", "_."},
        {".bashrc", "_bashrc"},
        {"a/", "_"},
        {"", "_"},
        {"a\nb\x1b", "a_b_"},
        {"é.txt", "é.txt"},
    };
    char made[PEER_FILE_NAME_BYTES], accents[1000];
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        peer_text_file_name(NAMES[i][0], made);
        CU_ASSERT_STRING_EQUAL(made, NAMES[i][1]);
    }
    for (size_t i = 0; i + 2 < sizeof accents; i += 2)
        memcpy(accents + i, "é", 3);
    peer_text_file_name(accents, made);
    CU_ASSERT_EQUAL(strlen(made), 190);
}

static int cleared_count, cleared_byte_count;

static void release_and_count(void *block)
{
    const unsigned char *bytes = block;
    wiping_heap_clear(block);
    cleared_count++;
    for (size_t i = 0; block != NULL && i < malloc_usable_size(block); i++)
        cleared_byte_count += bytes[i] == 0;
    free(block);
}

static void test_wiping_heap__json_leaves_nothing_behind(void)
{
    json_malloc_t allocate = NULL, plain_allocate = NULL;
    json_free_t release = NULL, plain_release = NULL;
    json_get_alloc_funcs(&plain_allocate, &plain_release);
    wiping_heap_begin();
    json_get_alloc_funcs(&allocate, &release);
    CU_ASSERT(release != plain_release && release != free);
    json_decref(json_string("a key of an attachment"));
    json_set_alloc_funcs(allocate, release_and_count);
    json_decref(json_string("a key of an attachment"));
    CU_ASSERT(cleared_count >= 2);
    CU_ASSERT(cleared_byte_count > (int)strlen("a key of an attachment"));
    json_set_alloc_funcs(plain_allocate, plain_release);
    char *own = strdup("a key of an attachment");
    wiping_heap_clear(own);
    CU_ASSERT(own[0] == 0 && own[10] == 0);
    free(own);
    wiping_heap_clear(NULL);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_bar__fills_its_cells),
    UNIT_TEST(test_bar__keeps_within_its_cells),
    UNIT_TEST(test_figure__has_commas_and_percents),
    UNIT_TEST(test_suggest__finds_what_was_meant),
    UNIT_TEST(test_arguments__options_may_stand_anywhere),
    UNIT_TEST(test_arguments__options_repeat_only_where_they_may),
    UNIT_TEST(test_arguments__mistakes_are_explained),
    UNIT_TEST(test_help__every_command_fits_the_terminal_and_begins_with_examples),
    UNIT_TEST(test_profile__is_looked_for_in_order),
    UNIT_TEST(test_profile__paths_start_from_its_folder),
    UNIT_TEST(test_profile__a_new_one_names_its_files),
    UNIT_TEST(test_profile__a_new_one_names_the_node_and_its_key),
    UNIT_TEST(test_profile__a_renewal_changes_certificate_and_key_alone),
    UNIT_TEST(test_profile__the_key_of_the_node_is_read),
    UNIT_TEST(test_profile__a_key_that_is_none_is_refused),
    UNIT_TEST(test_profile__what_is_missing_is_named),
    UNIT_TEST(test_failure__exit_codes_are_the_documented_ones),
    UNIT_TEST(test_peer_text__steers_no_terminal),
    UNIT_TEST(test_peer_text__keeps_its_lines),
    UNIT_TEST(test_peer_text__names_a_file_of_the_folder),
    UNIT_TEST(test_wiping_heap__json_leaves_nothing_behind),
};

UNIT_MAIN("sdk/tool")
