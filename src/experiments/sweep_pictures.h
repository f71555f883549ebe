#pragma once
/* The pictures of a sweep, drawn where gnuplot is installed.
 *
 *     SWEEP/curves.svg    the goal against epochs and against time, a line per point
 *     SWEEP/result.svg    the goal against the swept key with the most numbers, and the time to the
 *                         target
 *
 * Lines are means over seeds, bars reach one deviation up and down.
 *
 * Ranks       local
 */

#include "experiments/sweep_result.h"

/* Draws both; nothing is drawn where no run is finished. Errors: as plot_file_write. */
Status sweep_draw(const Sweep *sweep, const SweepGoal *goal);
