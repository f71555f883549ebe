#pragma once
/* Time, in seconds. */

/* Seconds since some fixed moment in the past; never steps back. */
double clock_monotonic_s(void);
