#include "base/trial.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fatal.h"

bool trial_survived(void (*attempt)(void *context), void *context, unsigned most_seconds) {
  pid_t child = fork();
  if (child < 0) return true;
  if (child == 0) {
    close(STDERR_FILENO);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    fatal_set_hook(NULL);
    setrlimit(RLIMIT_CPU, &(struct rlimit){most_seconds, most_seconds});
    signal(SIGALRM, SIG_DFL);
    alarm(10 * most_seconds);
    attempt(context);
    _exit(0);
  }
  int outcome;
  while (waitpid(child, &outcome, 0) < 0) {
    if (errno != EINTR) return true;
  }
  return WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0;
}
