/* report/svg_chart: where points lie, what is left out, and what a chart says in words. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/svg_chart.h"

#include <cmocka.h>

/* The markup of a chart. Ownership: memory_release. */
static char *draw(size_t n_lines, const ChartLine *lines) {
  Html page = {0};
  svg_line_chart(
      &page, &(LineChart){
                 .title = "loss <of all>", .x_label = "epoch", .n_lines = n_lines, .lines = lines});
  return html_take(&page);
}

static size_t count_of(const char *text, const char *word) {
  size_t count = 0;
  for (; (text = strstr(text, word)); text++) count++;
  return count;
}

/* The number that follows `before`, the index-th time that it is there. */
static double number_after(const char *text, const char *before, size_t index) {
  for (size_t i = 0; i <= index; i++) {
    text = strstr(text, before);
    assert_non_null(text);
    text += strlen(before);
  }
  return atof(text);
}

static void larger_numbers_lie_higher_and_later_ones_to_the_right(void **state) {
  (void)state;
  const double x[] = {1, 2, 4}, y[] = {0.5, 0.25, 1};
  char *chart = draw(1, &(ChartLine){.title = "training", .n = 3, .x = x, .y = y});
  double x0 = number_after(chart, "cx=\"", 0), x1 = number_after(chart, "cx=\"", 1);
  double x2 = number_after(chart, "cx=\"", 2), y0 = number_after(chart, "cy=\"", 0);
  double y1 = number_after(chart, "cy=\"", 1), y2 = number_after(chart, "cy=\"", 2);
  assert_true(x0 < x1 && fabs((x2 - x0) - 3 * (x1 - x0)) < 0.3); /* rounded to tenths */
  assert_true(y2 < y0 && y0 < y1 && fabs((y1 - y2) - 3 * (y1 - y0)) < 0.3);
  memory_release(chart);
}

static void points_that_are_not_finite_are_left_out(void **state) {
  (void)state;
  const double x[] = {1, 2, 3, 4}, y[] = {1, NAN, INFINITY, 2};
  char *chart = draw(1, &(ChartLine){.title = "training", .n = 4, .x = x, .y = y});
  assert_int_equal(count_of(chart, "<circle"), 2);
  assert_null(strstr(chart, "nan"));
  assert_null(strstr(chart, "inf"));
  memory_release(chart);
}

static void chart_without_points_is_left_out(void **state) {
  (void)state;
  const double x[] = {1}, y[] = {NAN};
  char *chart = draw(1, &(ChartLine){.title = "training", .n = 1, .x = x, .y = y});
  assert_string_equal(chart, "");
  memory_release(chart);
  chart = draw(0, NULL);
  assert_string_equal(chart, "");
  memory_release(chart);
}

static void lines_are_named_with_what_they_came_to(void **state) {
  (void)state;
  const double x[] = {1, 2, 3}, y[] = {3, 0.125, NAN};
  const ChartLine lines[] = {{.title = "a & b", .n = 3, .x = x, .y = y, .colour = 1}};
  char *chart = draw(1, lines);
  assert_non_null(strstr(chart, "loss &lt;of all&gt;"));
  assert_non_null(strstr(chart, "<span class=\"key colour-1\">a &amp; b <b>0.125</b></span>"));
  assert_non_null(strstr(chart, "<title>a &amp; b at epoch 2: 0.125</title>"));
  memory_release(chart);
}

static void lines_can_be_named_once_for_many_charts(void **state) {
  (void)state;
  const double x[] = {1, 2}, y[] = {3, 4};
  const ChartLine line = {.title = "<a>", .n = 2, .x = x, .y = y, .colour = 9, .is_faint = true};
  Html page = {0};
  svg_chart_keys(&page, 1, &line);
  char *keys = html_take(&page);
  assert_string_equal(keys,
                      "<p class=\"keys\"><span class=\"key colour-1 faint\">&lt;a&gt;</span> </p>");
  memory_release(keys);

  svg_line_chart(&page, &(LineChart){"loss", "epoch", 1, &line, .without_keys = true});
  char *chart = html_take(&page);
  assert_int_equal(count_of(chart, "class=\"key"), 0);
  assert_int_equal(count_of(chart, "<circle"), 2);
  memory_release(chart);
}

static void small_numbers_beside_large_ones_are_seen(void **state) {
  (void)state;
  const double x[] = {1, 2, 3}, y[] = {1000, 1, 0.001};
  char *chart = draw(1, &(ChartLine){.title = "training", .n = 3, .x = x, .y = y});
  double top = number_after(chart, "cy=\"", 0), middle = number_after(chart, "cy=\"", 1);
  double bottom = number_after(chart, "cy=\"", 2);
  assert_true(fabs((middle - top) - (bottom - middle)) < 0.3);
  memory_release(chart);
}

/* A thousand times as many points as pixels, among them one that stands out. */
static void very_many_points_make_a_small_picture_that_keeps_the_extremes(void **state) {
  (void)state;
  enum { N = 300000 };
  double *x = NEW_ARRAY(double, N), *y = NEW_ARRAY(double, N);
  for (size_t i = 0; i < N; i++) {
    x[i] = (double)i;
    y[i] = 5 + sin((double)i);
  }
  y[N / 2] = 9;
  x[N / 3] = y[N / 4] = NAN;
  char *chart = draw(1, &(ChartLine){.title = "training", .n = N, .x = x, .y = y});
  assert_true(strlen(chart) < 20000);
  assert_int_equal(count_of(chart, "<circle"), 0);
  assert_non_null(strstr(chart, " 8.0L")); /* the top of the picture */
  memory_release(chart);
  memory_release(x);
  memory_release(y);
}

static void ridges_share_an_axis_and_a_height(void **state) {
  (void)state;
  const double early[] = {0, 10, 0}, late[] = {100, 200, 100};
  const ChartRidge ridges[] = {{"1", -1, 1, 3, early}, {"5", -3, 3, 3, late}};
  Html page = {0};
  svg_ridge_chart(&page, "dense/kernel", 2, ridges);
  char *chart = html_take(&page);
  double first_left = number_after(chart, "class=\"ridge\" d=\"M", 0);
  double second_left = number_after(chart, "class=\"ridge\" d=\"M", 1);
  assert_true(second_left < first_left);
  assert_int_equal(count_of(chart, "class=\"ridge\""), 2);
  assert_non_null(strstr(chart, "<title>5: from -3 to 3</title>"));
  memory_release(chart);
}

static void ridge_of_nothing_is_flat(void **state) {
  (void)state;
  const double none[] = {0, 0};
  Html page = {0};
  svg_ridge_chart(&page, "bias", 1, &(ChartRidge){"1", 0, 0, 2, none});
  char *chart = html_take(&page);
  assert_null(strstr(chart, "nan"));
  memory_release(chart);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(larger_numbers_lie_higher_and_later_ones_to_the_right),
      cmocka_unit_test(points_that_are_not_finite_are_left_out),
      cmocka_unit_test(chart_without_points_is_left_out),
      cmocka_unit_test(lines_are_named_with_what_they_came_to),
      cmocka_unit_test(lines_can_be_named_once_for_many_charts),
      cmocka_unit_test(small_numbers_beside_large_ones_are_seen),
      cmocka_unit_test(very_many_points_make_a_small_picture_that_keeps_the_extremes),
      cmocka_unit_test(ridges_share_an_axis_and_a_height),
      cmocka_unit_test(ridge_of_nothing_is_flat),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
