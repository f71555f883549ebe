/* RUN/tensorboard/: event files with the tags and the steps of Keras's TensorBoard callback.
 *
 * The history says all that the files hold. So a run that goes on writes them anew, as far as its
 * checkpoint knows, and then appends to them after every epoch: nothing is there twice, whatever an
 * earlier life of the run wrote after its last checkpoint. And so a failure to write them is not
 * worth a run: a resume writes them again.
 */

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "io/event_file.h"
#include "storage/event_folder.h"
#include "storage/histogram_table.h"
#include "training/observer.h"

typedef struct TensorboardState {
  bool writes;     /* on the first rank, until a failure */
  int64_t begin_s; /* by which the files are called */
} TensorboardState;

/* The other columns say where the run stands. */
static bool is_measure(const char *column) {
  return strcmp(column, "epoch") != 0 && strcmp(column, "step") != 0 &&
         strcmp(column, "seconds") != 0;
}

static void add_scalars(const Run *run, size_t row, const EventTime *time, Text *events) {
  static const char validation[] = "val_";
  const MetricTable *table = &run->history.epochs;
  for (size_t i = 0; i < table->n_columns; i++) {
    const char *name = table->names[i];
    double value = metric_table_at(table, row, i);
    if (!is_measure(name) || isnan(value)) continue;
    bool validates = strncmp(name, validation, strlen(validation)) == 0;
    Text tag = {0};
    text_append(&tag, "epoch_%s", validates ? name + strlen(validation) : name);
    event_file_add_scalar(&events[validates ? EVENTS_VALIDATION : EVENTS_TRAIN], time, tag.bytes,
                          value);
    text_release(&tag);
  }
}

/* "dense/kernel_0/histogram"; a tensor of which nothing is finite has none. */
static void add_histogram(const Run *run, const HistogramRow *row, const EventTime *time,
                          Text *events) {
  const Histogram *histogram = &row->histogram;
  if (isnan(histogram->range.minimum)) return;
  const ParameterTensor *tensor = &run->model->map.tensors[row->tensor];
  EventHistogram buckets = {histogram->range.minimum, histogram->range.maximum, HISTOGRAM_BUCKETS,
                            histogram->counts};
  Text tag = {0};
  text_append(&tag, "%s/%s_0%s/histogram", tensor->layer, tensor->name,
              row->of_gradient ? "_grad" : "");
  event_file_add_histogram(&events[EVENTS_TRAIN], time, tag.bytes, &buckets);
  text_release(&tag);
}

/* Everything about the epoch of a row of the history. */
static void add_epoch(const Run *run, size_t row, double wall_s, Text *events) {
  uint64_t epoch = (uint64_t)metric_table_at(&run->history.epochs, row, 0);
  EventTime time = {wall_s, (int64_t)epoch - 1}; /* Keras counts epochs from 0 */
  add_scalars(run, row, &time, events);
  const MetricTable *table = &run->history.histograms;
  size_t end = histogram_table_find(table, epoch + 1);
  for (size_t i = histogram_table_find(table, epoch); i < end; i++) {
    HistogramRow histogram = histogram_table_at(table, i);
    add_histogram(run, &histogram, &time, events);
  }
}

/* The history, as if its epochs had followed each other until now. */
static void add_history(const Run *run, double now_s, Text *events) {
  const MetricTable *epochs = &run->history.epochs;
  size_t seconds = metric_table_column(epochs, "seconds");
  double wall_s = now_s;
  for (size_t row = 0; row < epochs->n_rows; row++) wall_s -= metric_table_at(epochs, row, seconds);
  for (size_t part = 0; part < EVENT_PARTS; part++) event_file_begin(&events[part], wall_s);
  for (size_t row = 0; row < epochs->n_rows; row++) {
    wall_s += metric_table_at(epochs, row, seconds);
    add_epoch(run, row, wall_s, events);
  }
}

/* Hands the events to the files; without validation samples there is one. */
static Status write_events(const TensorboardState *state, const Run *run, Text *events,
                           Status (*write)(const EventFolder *, EventPart, const Text *)) {
  EventFolder folder = {run->folder, run->facts.host, state->begin_s};
  Status status = write(&folder, EVENTS_TRAIN, &events[EVENTS_TRAIN]);
  if (status == OK && run->data.has_validation) {
    status = write(&folder, EVENTS_VALIDATION, &events[EVENTS_VALIDATION]);
  }
  for (size_t part = 0; part < EVENT_PARTS; part++) text_release(&events[part]);
  return status;
}

static void take_outcome(TensorboardState *state, Status status) {
  if (status == OK) return;
  log_warning("%s; TensorBoard gets nothing more of this run until a resume", status_message());
  state->writes = false;
}

static Status begin(void *state, Run *run) {
  TensorboardState *tensorboard = state;
  tensorboard->writes = run->config.report.tensorboard && run_is_first_rank(run);
  if (tensorboard->writes) {
    double now_s = clock_wall_s();
    Text events[EVENT_PARTS] = {{0}};
    tensorboard->begin_s = (int64_t)now_s;
    add_history(run, now_s, events);
    take_outcome(tensorboard, write_events(state, run, events, event_folder_replace));
  }
  return OK;
}

static Status epoch(void *state, Run *run) {
  TensorboardState *tensorboard = state;
  if (tensorboard->writes) {
    Text events[EVENT_PARTS] = {{0}};
    add_epoch(run, run->history.epochs.n_rows - 1, clock_wall_s(), events);
    take_outcome(tensorboard, write_events(state, run, events, event_folder_append));
  }
  return OK;
}

const Observer tensorboard_observer = {
    .name = "tensorboard",
    .state_bytes = sizeof(TensorboardState),
    .begin = begin,
    .epoch = epoch,
};
