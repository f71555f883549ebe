#include "commands/command.h"

extern const Command new_command, train_command, eval_command, predict_command, inspect_command;
extern const Command export_command, report_command, sweep_command, scale_command;
extern const Command options_command, gradcheck_command, info_command, bench_command;

/* clang-format off */
const Command *const command_table[] = {
    &new_command,
    &train_command,
    &eval_command,
    &predict_command,
    &inspect_command,
    &export_command,
    &report_command,
    &sweep_command,
    &scale_command,
    &options_command,
    &gradcheck_command,
    &bench_command,
    &info_command,
    NULL,
};
/* clang-format on */
