#include "commands/command.h"

extern const Command train_command;

/* clang-format off: one row per line. */
const Command *const command_table[] = {
    &train_command,
    NULL,
};
/* clang-format on */
