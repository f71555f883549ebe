#include "io/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"

/* The child's half of process_start: never returns. */
static void become(const TextList *words, int output, int errors, pid_t parent) {
  char **arguments = NEW_ARRAY(char *, words->count + 1);
  memcpy(arguments, words->values, words->count * sizeof(char *));
  int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(128 + SIGTERM); /* it died before the line above */
  execvp(arguments[0], arguments);
  dprintf(STDERR_FILENO, "%s: cannot start: %s\n", arguments[0], strerror(errno));
  _exit(127);
}

static Status open_to_append(const char *path, int *file) {
  *file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  return *file >= 0 ? OK : fail(ERR_OUTPUT, "%s: cannot create: %s", path, strerror(errno));
}

static Status start(const TextList *words, int output, int errors, int *process) {
  pid_t parent = getpid();
  *process = fork();
  if (*process == 0) become(words, output, errors, parent);
  if (*process > 0) return OK;
  return fail(ERR_IO, "%s: cannot start: %s", words->values[0], strerror(errno));
}

Status process_start(const TextList *words, const char *output, const char *errors, int *process) {
  int output_file, errors_file;
  TRY(open_to_append(output, &output_file));
  Status status = open_to_append(errors, &errors_file);
  if (status == OK) {
    status = start(words, output_file, errors_file, process);
    close(errors_file);
  }
  close(output_file);
  return status;
}

bool process_has_ended(int process, int *code) {
  int status = 0;
  pid_t ended = waitpid(process, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
  if (ended < 0) status = W_EXITCODE(255, 0); /* somebody else has taken its code */
  *code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return true;
}

void process_ask_to_stop(int process) {
  kill(process, SIGTERM);
}

char *process_own_path(void) {
  char path[PATH_MAX];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  path[length > 0 ? length : 0] = '\0';
  return memory_copy_text(path);
}
