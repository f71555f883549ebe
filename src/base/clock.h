#pragma once
/* Time, in seconds. */

/* Seconds since some fixed moment in the past; never steps back. */
double clock_monotonic_s(void);

/* Seconds since 1970-01-01 UTC. */
double clock_wall_s(void);
