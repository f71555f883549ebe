#include "commands/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "distributed/communicator.h"
#include "io/path.h"

/* argp speaks through these streams; what it says of an error becomes the failure's message. */
Status command_parse(const struct argp *parser, int argc, char **argv, void *input, bool *done) {
  char *said = NULL;
  size_t said_bytes = 0;
  *done = false;
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    bool help = strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-?") == 0;
    if (!help) continue;
    *done = true;
    if (communicator_expected_rank() == 0) {
      char name[128];
      snprintf(name, sizeof name, "lockstep %s", argv[0]);
      argp_help(parser, stdout, ARGP_HELP_STD_HELP & ~(unsigned)ARGP_HELP_EXIT_OK, name);
    }
    return OK;
  }

  FILE *stream = open_memstream(&said, &said_bytes);
  FILE *standard_error = stderr;
  stderr = stream;
  error_t error = argp_parse(parser, argc, argv, ARGP_NO_EXIT | ARGP_NO_HELP, NULL, input);
  stderr = standard_error;
  fclose(stream);
  Status status = OK;
  if (error || said_bytes > 0) {
    char *end = strchr(said, '\n');
    if (end) *end = '\0';
    /* "train: unrecognized option '--x'": the first line alone, without argp's name. */
    const char *colon = strstr(said, ": ");
    status = fail(ERR_USAGE, "%s: %s (lockstep %s --help)", argv[0],
                  colon   ? colon + 2
                  : *said ? said
                          : "wrong usage",
                  argv[0]);
  }
  free(said);
  return status;
}

error_t command_take_checkpoint(const char **checkpoint, int key, char *argument,
                                struct argp_state *state) {
  switch (key) {
  case ARGP_KEY_ARG:
    if (*checkpoint) {
      argp_error(state, "found a second checkpoint '%s', expected one", argument);
      return EINVAL;
    }
    *checkpoint = argument;
    return 0;
  case ARGP_KEY_END:
    if (*checkpoint) return 0;
    argp_error(state, "no checkpoint given, expected an .h5 file or a run's folder");
    return EINVAL;
  default: return ARGP_ERR_UNKNOWN;
  }
}

error_t command_take_data_choice(DataChoice *choice, const char *argument,
                                 struct argp_state *state) {
  for (*choice = DATA_TRAIN; data_choice_names[*choice]; (*choice)++) {
    if (strcmp(data_choice_names[*choice], argument) == 0) return 0;
  }
  argp_error(state, "--on: found '%s', expected train, validation or test", argument);
  return EINVAL;
}

error_t command_take_config(const char **config, int key, char *argument,
                            struct argp_state *state) {
  switch (key) {
  case ARGP_KEY_ARG:
    if (*config) {
      argp_error(state, "found a second configuration '%s', expected one", argument);
      return EINVAL;
    }
    *config = argument;
    return 0;
  case ARGP_KEY_END:
    if (*config) return 0;
    argp_error(state, "no configuration given, expected a YAML file");
    return EINVAL;
  default: return ARGP_ERR_UNKNOWN;
  }
}

char *command_choose_folder(const char *given, const char *config, const char *ending) {
  if (given) return memory_copy_text(given);
  char *name = path_stem(config);
  Text text = {0};
  text_append(&text, "runs/%s%s", name, ending);
  memory_release(name);
  return text_take(&text);
}

Status command_check_unlaunched(const char *command) {
  if (!communicator_is_launched()) return OK;
  return fail(ERR_USAGE,
              "%s: found a launcher, expected none: it starts the ranks itself (--ranks)", command);
}

error_t command_take_count(struct argp_state *state, const char *name, const char *text,
                           size_t *out) {
  enum { MOST = 100000 };
  char *end;
  long count = strtol(text, &end, 10);
  if (*end || end == text || count < 1 || count > MOST) {
    argp_error(state, "--%s: found '%s', expected a number from 1 to %d", name, text, MOST);
    return EINVAL;
  }
  *out = (size_t)count;
  return 0;
}

/* Whether the failure was said, and by whom it need not be waited for any more. */
static bool has_spoken, has_left;

/* Without MPI the ranks do not meet before they end, and the launcher ends all of them soon after
 * the first that failed: whoever has nothing to say gives rank 0 the time to speak. */
static void let_rank_0_speak(void) {
  if (communicator_is_launched() && !has_left) sleep(1);
}

/* Why something that was printed is lost, as errno has it; 0: nothing is. A stream remembers that a
 * write failed, but not the reason: another try tells it. */
static int output_failure(void) {
  if (fflush(stdout) != 0) return errno;
  if (!ferror(stdout)) return 0;
  bool is_written = putchar('\n') != EOF && fflush(stdout) == 0;
  return is_written ? EIO : errno;
}

int command_report(Status status) {
  bool is_first = communicator_expected_rank() == 0;
  bool succeeded = status == OK || status == DIFFERENT;
  int reason = succeeded && is_first ? output_failure() : 0;
  if (reason) {
    status = fail(ERR_IO, "standard output: cannot write: %s", strerror(reason));
    succeeded = false;
    /* A reader that has seen enough, as in `| head`, wants no complaint. */
    has_spoken = has_spoken || reason == EPIPE;
  }
  if (succeeded) return status_exit_code(status);
  if (!is_first) {
    let_rank_0_speak();
  } else if (!has_spoken) {
    fflush(stdout);
    fprintf(stderr, "lockstep: %s\n", status_message());
    has_spoken = true;
  }
  return status_exit_code(status);
}

void command_leave(Communicator *communicator, Status status) {
  if (!communicator) return;
  has_left = true;
  if (status != OK) command_report(status);
  communicator_close(communicator);
}

void command_print_table(TextTable *table) {
  char *text = text_table_text(table);
  printf("\n%s", text);
  memory_release(text);
  text_table_destroy(table);
}

char *command_line_text(int argc, char **argv) {
  Text text = {0};
  text_append(&text, "lockstep");
  for (int i = 0; i < argc; i++) text_append(&text, " %s", argv[i]);
  return text_take(&text);
}
