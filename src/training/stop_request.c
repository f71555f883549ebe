#include "training/stop_request.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t requested;

static void on_signal(int signal_number) {
  if (signal_number == SIGINT && requested) {
    signal(SIGINT, SIG_DFL);
    raise(SIGINT);
  }
  requested = 1;
}

/* As nohup does it: such a run outlives its terminal. */
static bool is_ignored(int signal_number) {
  struct sigaction action;
  return sigaction(signal_number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void stop_request_listen(void) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  static const int signals[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    sigaction(signals[i], &action, NULL);
  }
  if (!is_ignored(SIGHUP)) sigaction(SIGHUP, &action, NULL);
}

bool stop_requested(void) {
  return requested;
}
