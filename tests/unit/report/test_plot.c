/* report/plot: pictures that gnuplot really draws. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "report/plot.h"
#include "support/temp_files.h"

#include <cmocka.h> /* last: its macro `fail` would hide ours */

static const double X[] = {8, 32, 128}, Y[] = {0.97, NAN, 0.92};
static const double LOW[] = {0.96, NAN, 0.91}, HIGH[] = {0.98, NAN, 0.93};

/* The picture of one panel, as text. */
static char *draw(const Panel *panel) {
  if (!plot_is_possible()) skip();
  char *svg;
  if (plot_draw("a <title>", 1, panel, &svg) != OK) fail_msg("%s", status_message());
  return svg;
}

static void pictures_name_titles_axes_and_curves(void **state) {
  (void)state;
  Curve curve = {.title = "seeds 1 & 2", .n = 3, .x = X, .y = Y, .low = LOW, .high = HIGH};
  Panel panel = {.title = "accuracy", .x_label = "batch size", .n_curves = 1, .curves = &curve};
  panel.log_x = true;
  char *svg = draw(&panel);
  static const char *const expected[] = {"a &lt;title>", "seeds 1 &amp; 2", "accuracy",
                                         "batch size",   ">128<",           ">32<"};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    if (!strstr(svg, expected[i])) fail_msg("the picture lacks %s", expected[i]);
  }
  memory_release(svg);
}

static void predictions_are_dashed(void **state) {
  (void)state;
  Curve curve = {.title = "speedup", .n = 3, .x = X, .y = X};
  Panel panel = {.title = "speedup", .x_label = "ranks", .n_curves = 1, .curves = &curve};
  char *measured = draw(&panel);
  curve.is_prediction = true;
  char *predicted = draw(&panel);
  /* The grid is dashed too: what counts is the curve's own colour. */
  static const char dashed[] = "stroke='rgb( 31, 119, 180)' stroke-dasharray=";
  assert_null(strstr(measured, dashed));
  assert_non_null(strstr(predicted, dashed));
  memory_release(measured);
  memory_release(predicted);
}

/* A gnuplot that a full disk, or a signal, stopped half way. */
static void half_a_picture_is_none(void **state) {
  (void)state;
  const char *gnuplot = temp_write_text("gnuplot", "#!/bin/sh\ncat >/dev/null; echo '<svg>'\n");
  assert_int_equal(chmod(gnuplot, 0755), 0);
  char *before = memory_copy_text(getenv("PATH")), path[4096], *svg;
  snprintf(path, sizeof path, "%s:%s", temp_folder(), before);
  setenv("PATH", path, 1);
  Curve curve = {.title = "y", .n = 3, .x = X, .y = X};
  Panel panel = {.title = "y", .x_label = "x", .n_curves = 1, .curves = &curve};
  Status status = plot_draw("t", 1, &panel, &svg);
  setenv("PATH", before, 1);
  memory_release(before);
  assert_int_equal(status, ERR_IO);
  assert_string_equal(status_message(), "gnuplot could not draw the picture");
  assert_null(svg);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pictures_name_titles_axes_and_curves),
      cmocka_unit_test(predictions_are_dashed),
      cmocka_unit_test(half_a_picture_is_none),
  };
  return cmocka_run_group_tests_name("report/plot", tests, temp_folder_create, temp_folder_remove);
}
