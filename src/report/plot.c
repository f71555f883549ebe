#include "report/plot.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"

bool plot_is_possible(void) {
  return system("command -v gnuplot >/dev/null 2>&1") == 0;
}

/* gnuplot's text in single quotes, in which it looks for nothing, not even for commands. */
static void append_quoted(Text *script, const char *text) {
  text_append(script, "'");
  for (; *text; text++) {
    bool is_control = (unsigned char)*text < ' ';
    text_append(script, *text == '\'' ? "''" : "%c", is_control ? ' ' : *text);
  }
  text_append(script, "'");
}

static void append_data(Text *script, const Panel *panel, size_t panel_index) {
  for (size_t i = 0; i < panel->n_curves; i++) {
    const Curve *curve = &panel->curves[i];
    text_append(script, "$data_%zu_%zu << END\n", panel_index, i);
    for (size_t j = 0; j < curve->n; j++) {
      if (isfinite(curve->x[j]) && isfinite(curve->y[j])) {
        bool has_bar = curve->low && isfinite(curve->low[j]) && isfinite(curve->high[j]);
        text_append(script, "%.9g %.9g %.9g %.9g\n", curve->x[j], curve->y[j],
                    has_bar ? curve->low[j] : curve->y[j], has_bar ? curve->high[j] : curve->y[j]);
      }
    }
    text_append(script, "END\n");
  }
}

/* Powers of ten would miss the few values that were chosen: ticks stand where the points are. */
static void append_ticks(Text *script, const Panel *panel) {
  if (panel->n_curves == 0) return;
  const Curve *curve = &panel->curves[0];
  text_append(script, "set xtics (");
  for (size_t i = 0; i < curve->n; i++) {
    char number[NUMBER_TEXT_BYTES];
    if (i > 0) text_append(script, ", ");
    append_quoted(script, panel->names ? panel->names[i] : text_real(number, curve->x[i]));
    text_append(script, " %.9g", curve->x[i]);
  }
  text_append(script, ") noenhanced\n");
}

static void append_axes(Text *script, const Panel *panel) {
  text_append(script, "unset logscale\nset xtics auto\n");
  if (panel->log_x) text_append(script, "set logscale x\n");
  if (panel->log_y) text_append(script, "set logscale y\n");
  if (panel->log_x || panel->names) append_ticks(script, panel);
}

static void append_curve(Text *script, const Curve *curve, size_t panel_index, size_t index) {
  static const char *const colours[] = {"#1f77b4", "#d95f02", "#2ca02c", "#7570b3",
                                        "#e7298a", "#a6761d", "#17becf", "#666666"};
  size_t n_colours = sizeof colours / sizeof *colours;
  const char *colour = colours[index % n_colours];
  int point = index < n_colours ? 7 : 4; /* a disc, or an empty square */
  text_append(script, "%s$data_%zu_%zu using 1:2 with ", index ? ", " : "", panel_index, index);
  if (curve->is_prediction) {
    text_append(script, "lines dt 2");
  } else {
    text_append(script, curve->n < 60 ? "linespoints pt %d ps 0.5" : "lines", point);
  }
  text_append(script, " lw 2 lc rgb \"%s\" title ", colour);
  append_quoted(script, curve->title);
  if (curve->low) {
    text_append(script, ", $data_%zu_%zu using 1:2:3:4 with yerrorbars pt 7 ps 0.5", panel_index,
                index);
    text_append(script, " lc rgb \"%s\" notitle", colour);
  }
}

static void append_panel(Text *script, const Panel *panel, size_t panel_index) {
  text_append(script, "set title ");
  append_quoted(script, panel->title);
  text_append(script, "\nset xlabel ");
  append_quoted(script, panel->x_label);
  text_append(script, " noenhanced\n");
  append_axes(script, panel);
  text_append(script, "plot ");
  for (size_t i = 0; i < panel->n_curves; i++) {
    append_curve(script, &panel->curves[i], panel_index, i);
  }
  text_append(script, "\n");
}

/* The key stands below the panels, in as many columns as its longest title leaves room for; gnuplot
 * by itself would leave room for a single row. */
static size_t key_rows(size_t n_panels, const Panel *panels) {
  enum { SAMPLE_COLUMNS = 9, PANEL_COLUMNS = 56 }; /* in characters */
  size_t most = 1;
  for (size_t i = 0; i < n_panels; i++) {
    size_t longest = 0;
    for (size_t j = 0; j < panels[i].n_curves; j++) {
      size_t length = strlen(panels[i].curves[j].title);
      if (length > longest) longest = length;
    }
    size_t columns = PANEL_COLUMNS / (longest + SAMPLE_COLUMNS);
    size_t rows = columns > 1 ? (panels[i].n_curves + columns - 1) / columns : panels[i].n_curves;
    if (rows > most) most = rows;
  }
  return most;
}

static void append_script(Text *script, const char *title, size_t n_panels, const Panel *panels) {
  size_t rows = key_rows(n_panels, panels);
  text_append(script, "set terminal svg size %zu,%zu font \"sans-serif,13\" background \"white\"\n",
              480 * n_panels, 340 + 20 * rows);
  text_append(script,
              "set grid lc rgb \"#dddddd\"\nset border 3 lc rgb \"#888888\"\n"
              "set key below horizontal noenhanced maxrows %zu\nset bmargin %.1f\n"
              "set title noenhanced\nset tics nomirror\n"
              "set offsets 0, 0, graph 0.04, graph 0.04\n",
              rows, 4.5 + (double)rows);
  for (size_t i = 0; i < n_panels; i++) append_data(script, &panels[i], i);
  text_append(script, "set multiplot layout 1,%zu title ", n_panels);
  append_quoted(script, title);
  text_append(script, " noenhanced\n");
  for (size_t i = 0; i < n_panels; i++) append_panel(script, &panels[i], i);
  text_append(script, "unset multiplot\n");
}

/* Feeds a script to gnuplot, whose output goes to an open file; what it complains about is not
 * shown. */
static bool run_gnuplot(const Text *script, int output) {
  char command[64];
  snprintf(command, sizeof command, "gnuplot 2>/dev/null >/dev/fd/%d", output);
  FILE *pipe = popen(command, "w");
  if (!pipe) return false;
  /* A gnuplot that ends before it has read everything must not end this program. */
  void (*before)(int) = signal(SIGPIPE, SIG_IGN);
  bool is_read = fwrite(script->bytes, 1, script->length, pipe) == script->length;
  is_read = fflush(pipe) == 0 && is_read;
  bool is_drawn = pclose(pipe) == 0 && is_read;
  signal(SIGPIPE, before);
  return is_drawn;
}

static void read_all(int file, Text *out) {
  char buffer[65536];
  off_t from = 0;
  for (ssize_t got; (got = pread(file, buffer, sizeof buffer, from)) > 0; from += got) {
    text_append_bytes(out, buffer, (size_t)got);
  }
}

static bool is_whole(const Text *svg) {
  static const char end[] = "</svg>";
  size_t length = svg->length;
  while (length > 0 && svg->bytes[length - 1] == '\n') length--;
  size_t end_length = strlen(end);
  return length >= end_length && memcmp(svg->bytes + length - end_length, end, end_length) == 0;
}

Status plot_draw(const char *title, size_t n_panels, const Panel *panels, char **svg) {
  *svg = NULL;
  int memory = memfd_create("picture", 0); /* gnuplot inherits it */
  if (memory < 0) return fail(ERR_IO, "no memory for a picture: %s", strerror(errno));
  Text script = {0}, picture = {0};
  append_script(&script, title, n_panels, panels);
  bool is_drawn = run_gnuplot(&script, memory);
  read_all(memory, &picture);
  close(memory);
  text_release(&script);

  /* gnuplot's exit code is 0 even where it could not write all of it. */
  is_drawn = is_drawn && is_whole(&picture);
  if (is_drawn) *svg = text_take(&picture);
  text_release(&picture);
  return is_drawn ? OK : fail(ERR_IO, "gnuplot could not draw the picture");
}
