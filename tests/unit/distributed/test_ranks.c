/* distributed/: what ranks agree on, exchange and add. */

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "distributed/agreement.h"
#include "distributed/gradient_reduction.h"
#include "support/networks.h"

/* Before cmocka.h, whose macro `fail` would hide ours. */
static Status refuse_as(Status code, int rank) {
  return fail(code, "found rank %d", rank);
}

#include "unit/distributed/ranks.h"

/* ---- agreement ---- */

static void success_of_all_is_success(void **state) {
  (void)state;
  assert_on_all(agree(ranks, OK) == OK);
}

static void failure_of_one_rank_reaches_all_with_its_name(void **state) {
  (void)state;
  bool good = true;
  for (int failing = 1; failing < n_ranks; failing++) {
    refuse_as(ERR_IO, -1); /* a message from before */
    Status status = agree(ranks, rank == failing ? refuse_as(ERR_DATA, rank) : OK);
    char words[64];
    snprintf(words, sizeof words, "found rank %d (on rank %d, host ", failing, failing);
    good &= status == ERR_DATA && strncmp(status_message(), words, strlen(words)) == 0;
  }
  assert_on_all(good);
}

static void lowest_failing_rank_speaks_for_all(void **state) {
  (void)state;
  bool good = true;
  for (int first = 1; first < n_ranks; first++) {
    Status own = rank < first ? OK : refuse_as(rank == first ? ERR_CONFIG : ERR_IO, rank);
    char words[64];
    snprintf(words, sizeof words, "found rank %d (on rank %d, ", first, first);
    good &= agree(ranks, own) == ERR_CONFIG;
    good &= strncmp(status_message(), words, strlen(words)) == 0;
  }
  assert_on_all(good);
}

static void failure_of_all_or_of_rank_0_for_all_names_no_rank(void **state) {
  (void)state;
  Status status = agree(ranks, refuse_as(ERR_NO_INPUT, 7));
  bool good = status == ERR_NO_INPUT && strcmp(status_message(), "found rank 7") == 0;
  status = agree(ranks, rank == 0 ? refuse_as(ERR_OUTPUT, 8) : OK);
  good &= status == ERR_OUTPUT && strcmp(status_message(), "found rank 8") == 0;
  assert_on_all(good);
}

static void text_that_differs_on_one_rank_is_refused_on_all(void **state) {
  (void)state;
  bool good = agree_same(ranks, ERR_CONFIG, "the engine", "Zen") == OK;
  for (int other = 1; other < n_ranks; other++) {
    Status status = agree_same(ranks, ERR_CONFIG, "the engine", rank == other ? "Haswell" : "Zen");
    char words[128];
    snprintf(words, sizeof words,
             "the engine differs between ranks: found Haswell on rank %d, "
             "expected Zen as on rank 0",
             other);
    good &= status == ERR_CONFIG && strncmp(status_message(), words, strlen(words)) == 0;
  }
  assert_on_all(good);
}

/* ---- plain data ---- */

static void collect_puts_the_bytes_of_all_ranks_in_order(void **state) {
  (void)state;
  size_t *counts = NEW_ARRAY(size_t, n_ranks), total = 0, at = 0;
  for (int r = 0; r < n_ranks; r++) total += counts[r] = (size_t)(r * 5 % 7); /* some are empty */
  char *mine = memory_allocate(7), *all = memory_allocate(total);
  memset(mine, 'a' + rank % 26, 7);
  communicator_collect(ranks, mine, counts, all);
  bool good = true;
  for (int r = 0; r < n_ranks; r++) {
    for (size_t i = 0; i < counts[r]; i++) good &= all[at++] == 'a' + r % 26;
  }
  memory_release(counts), memory_release(mine), memory_release(all);
  assert_on_all(good);
}

static void largest_number_reaches_all(void **state) {
  (void)state;
  assert_on_all(communicator_max(ranks, rank == n_ranks / 2 ? 5 : -rank) == 5);
}

static void ranks_know_themselves(void **state) {
  (void)state;
  assert_on_all(communicator_rank(ranks) == communicator_expected_rank() &&
                communicator_hosts(ranks) == 1 && communicator_ranks_here(ranks) == n_ranks &&
                strncmp(communicator_library(), "Open MPI v", 10) == 0);
}

/* ---- reduction ---- */

/* One reduction: S shards, a map of several tensors, every path. */
typedef struct Trial {
  ParameterMap map;
  ShardPlan plan;
  GradientReduction *reduction;
  real **partials; /* per node of the plan, all of them on every rank */
} Trial;

static void fill_partial(const Trial *trial, size_t node) {
  real *out = trial->partials[node];
  fill_numbers(node + 1, -1, 1, trial->map.length, out);
  for (size_t i = 0; i < trial->map.length; i++) out[i] *= (i + node) % 3 ? (real)1e-3 : (real)1e4;
}

/* The reduction keeps pointers into the trial, which must not move. */
static void trial_init(Trial *trial, size_t n_shards, size_t n_tensors, ReductionPath path,
                       size_t ranks_per_node) {
  static const size_t counts[] = {2500, 1, 1024, 5, 3000};
  *trial = (Trial){0};
  for (size_t i = 0; i < n_tensors; i++) {
    parameter_map_add(&trial->map, "dense", "kernel", (Shape){1, {counts[i]}});
  }
  shard_plan_create(n_shards, (size_t)n_ranks, (size_t)rank, &trial->plan);
  ReductionSetup setup = {.path = path, .ranks_per_node = ranks_per_node};
  if (path == REDUCTION_POOLED) setup = (ReductionSetup){path, 0, (size_t)n_ranks};
  trial->reduction = gradient_reduction_create(ranks, &trial->plan, &trial->map, &setup);
  trial->partials = NEW_ARRAY(real *, trial->plan.n_nodes);
  for (size_t i = 0; i < trial->plan.n_nodes; i++) {
    trial->partials[i] = NEW_ARRAY(real, trial->map.length);
    fill_partial(trial, i);
  }
}

static void trial_release(Trial *trial) {
  for (size_t i = 0; i < trial->plan.n_nodes; i++) memory_release(trial->partials[i]);
  memory_release(trial->partials);
  gradient_reduction_destroy(trial->reduction);
  shard_plan_release(&trial->plan);
  parameter_map_release(&trial->map);
}

/* The definition: left + right down to the published nodes; what has no rows is absent. */
static bool add_tree(const Trial *trial, ShardNode node, size_t n_rows, size_t element, real *sum) {
  const ShardPlan *plan = &trial->plan;
  Range rows = shard_node_rows(n_rows, plan->n_shards, node);
  if (rows.begin >= rows.end) return false;
  for (size_t i = 0; i < plan->n_nodes; i++) {
    if (plan->nodes[i].level == node.level && plan->nodes[i].index == node.index) {
      *sum = trial->partials[i][element];
      return true;
    }
  }
  real left = 0, right = 0;
  bool has_left = add_tree(trial, shard_left(node), n_rows, element, &left);
  bool has_right = add_tree(trial, shard_right(node), n_rows, element, &right);
  *sum = has_left && has_right ? left + right : has_left ? left : right;
  return has_left || has_right;
}

/* Called for every block that this rank updates. */
typedef bool (*BlockCheck)(const Trial *trial, const ParameterBlock *block, void *context);

static bool for_own_blocks(const Trial *trial, BlockCheck check, void *context) {
  Range own = gradient_reduction_blocks(trial->reduction);
  ParameterBlock *blocks = NEW_ARRAY(ParameterBlock, parameter_block_count(&trial->map));
  parameter_blocks(&trial->map, blocks);
  bool good = true;
  for (size_t b = own.begin; b < own.end; b++) good &= check(trial, &blocks[b], context);
  memory_release(blocks);
  return good;
}

/* The block as a whole, and a part of it, since a caller may ask for any stretch. */
static bool sum_is_right(const Trial *trial, const ParameterBlock *block, void *context) {
  size_t n_rows = *(const size_t *)context, cut = block->count / 3;
  bool good = true;
  for (size_t begin = 0; begin <= cut; begin += cut ? cut : 1) {
    size_t first = block->offset + begin, count = block->count - begin;
    const real *found = gradient_reduction_stretch(trial->reduction, first, count);
    for (size_t i = 0; i < count; i++) {
      real expected = 0;
      add_tree(trial, shard_root(trial->plan.n_shards), n_rows, first + i, &expected);
      good &= memcmp(&found[i], &expected, sizeof(real)) == 0;
    }
  }
  return good;
}

/* Part by part, as they are wanted: numbers of an earlier step must not be sent instead. */
static void write_in_parts(const Trial *trial, size_t node, const PartOrder *order) {
  real *partial = gradient_reduction_partial(trial->reduction, node);
  for (size_t i = 0; i < trial->map.length; i++) partial[i] = NAN;
  for (size_t part = 0; part < order->count; part++) {
    Range range = order->parts[part];
    memcpy(partial + range.begin, trial->partials[node] + range.begin,
           range_count(range) * sizeof(real));
    order->finished(order->context, part);
  }
}

static bool sums_are_right(const Trial *trial, size_t n_rows) {
  const ShardPlan *plan = &trial->plan;
  gradient_reduction_begin(trial->reduction, n_rows);
  const PartOrder *order = gradient_reduction_order(trial->reduction);
  size_t end = plan->first_of_rank[rank + 1];
  for (size_t i = plan->first_of_rank[rank]; i < end; i++) {
    if (order && i + 1 == end && n_rows % 2 == 0) {
      write_in_parts(trial, i, order);
      continue;
    }
    real *partial = gradient_reduction_partial(trial->reduction, i);
    memcpy(partial, trial->partials[i], trial->map.length * sizeof(real));
  }
  gradient_reduction_exchange(trial->reduction);
  bool good = for_own_blocks(trial, sum_is_right, &n_rows);
  gradient_reduction_publish(trial->reduction); /* after it partial sums may be written again */
  return good;
}

/* Runs `passes` on every path, with shards that divide evenly and that do not, with fewer blocks of
 * parameters than ranks, and with one host that is taken for several. */
static bool on_every_trial(bool (*passes)(Trial *trial)) {
  const size_t shards[] = {(size_t)n_ranks, (size_t)n_ranks + 1, 16, 19};
  bool good = true;
  for (size_t path = 0; reduction_path_names[path]; path++) {
    for (size_t i = 0; i < 16; i++) {
      size_t ranks_per_node = i / 4, n_shards = shards[i % 4];
      Trial trial;
      trial_init(&trial, n_shards, i % 2 ? 5 : 2, (ReductionPath)path, ranks_per_node);
      good &= passes(&trial);
      trial_release(&trial);
    }
  }
  return good;
}

/* Whatever a rank has written to the pool, all see after the exchange. */
static bool pool_is_seen_by_all(const Trial *trial) {
  real *pool = gradient_reduction_pool(trial->reduction);
  bool good = pool != NULL;
  for (int round = 1; good && round < 20; round++) {
    pool[rank] = (real)(round * (rank + 1));
    gradient_reduction_begin(trial->reduction, 1);
    gradient_reduction_exchange(trial->reduction);
    for (int r = 0; r < n_ranks; r++) good &= pool[r] == (real)(round * (r + 1));
    gradient_reduction_publish(trial->reduction);
  }
  return good;
}

static bool passes_sums(Trial *trial) {
  if (gradient_reduction_path(trial->reduction) == REDUCTION_POOLED) {
    return pool_is_seen_by_all(trial);
  }
  size_t n_shards = trial->plan.n_shards;
  bool good = sums_are_right(trial, 4 * n_shards);
  good &= sums_are_right(trial, 1); /* one shard alone has samples */
  good &= sums_are_right(trial, n_shards / 2 + 1);
  return good & sums_are_right(trial, 3 * n_shards + 1); /* absent ones are back */
}

static void gradients_are_added_in_tree_order_on_every_path(void **state) {
  (void)state;
  assert_on_all(on_every_trial(passes_sums));
}

static bool set_own(const Trial *trial, const ParameterBlock *block, void *context) {
  memcpy((real *)context + block->offset, trial->partials[0] + block->offset,
         block->count * sizeof(real));
  return true;
}

static bool passes_publication(Trial *trial) {
  real *parameters = gradient_reduction_parameters(trial->reduction);
  for_own_blocks(trial, set_own, parameters);
  gradient_reduction_publish(trial->reduction);
  bool good = true;
  for (size_t t = 0; t < trial->map.n_tensors; t++) {
    const ParameterTensor *tensor = &trial->map.tensors[t];
    good &= memcmp(parameters + tensor->offset, trial->partials[0] + tensor->offset,
                   tensor->count * sizeof(real)) == 0;
  }
  return good;
}

static void updates_of_all_ranks_reach_every_rank(void **state) {
  (void)state;
  assert_on_all(on_every_trial(passes_publication));
}

static bool set_slice(const Trial *trial, const ParameterBlock *block, void *context) {
  size_t begin = gradient_reduction_slice(trial->reduction).begin;
  memcpy((real *)context + block->offset - begin, trial->partials[0] + block->offset,
         block->count * sizeof(real));
  return true;
}

static bool passes_collection(Trial *trial) {
  real *slice = NEW_ARRAY(real, trial->map.length);
  real *whole = rank ? NULL : NEW_ARRAY(real, trial->map.length);
  for_own_blocks(trial, set_slice, slice);
  gradient_reduction_collect(trial->reduction, slice, whole);
  bool good = true;
  for (size_t t = 0; whole && t < trial->map.n_tensors; t++) {
    const ParameterTensor *tensor = &trial->map.tensors[t];
    good &= memcmp(whole + tensor->offset, trial->partials[0] + tensor->offset,
                   tensor->count * sizeof(real)) == 0;
  }
  memory_release(slice), memory_release(whole);
  return good;
}

static void slices_of_all_ranks_come_together_on_rank_0(void **state) {
  (void)state;
  assert_on_all(on_every_trial(passes_collection));
}

static bool passes_block_sums(Trial *trial) {
  Range own = gradient_reduction_blocks(trial->reduction);
  double *partials = NEW_ARRAY(double, range_count(own)), expected = 0;
  for (size_t i = 0; i < range_count(own); i++) partials[i] = awkward(own.begin + i);
  for (size_t i = 0; i < parameter_block_count(&trial->map); i++) expected += awkward(i);
  double found = gradient_reduction_add_blocks(trial->reduction, partials);
  memory_release(partials);
  return memcmp(&found, &expected, sizeof found) == 0;
}

static void numbers_of_blocks_are_added_in_block_order(void **state) {
  (void)state;
  assert_on_all(on_every_trial(passes_block_sums));
}

/* What is found in the blocks of all ranks: a range per tensor, and how many blocks it has. */
static bool passes_histograms(Trial *trial) {
  size_t n_blocks = parameter_block_count(&trial->map), n_tensors = trial->map.n_tensors;
  Range own = gradient_reduction_blocks(trial->reduction);
  ParameterBlock *blocks = NEW_ARRAY(ParameterBlock, n_blocks);
  parameter_blocks(&trial->map, blocks);
  HistogramRange *ranges = NEW_ARRAY(HistogramRange, n_tensors);
  HistogramRange *expected = NEW_ARRAY(HistogramRange, n_tensors);
  int64_t *counts = NEW_ARRAY(int64_t, n_tensors), *all = NEW_ARRAY(int64_t, n_tensors);
  for (size_t t = 0; t < n_tensors; t++) ranges[t] = expected[t] = HISTOGRAM_EMPTY;
  for (size_t i = 0; i < n_blocks; i++) {
    size_t t = blocks[i].tensor;
    real value = (real)awkward(i);
    histogram_widen(&expected[t], 1, &value);
    all[t]++;
    if (i < own.begin || i >= own.end) continue;
    histogram_widen(&ranges[t], 1, &value);
    counts[t]++;
  }
  gradient_reduction_widen(trial->reduction, n_tensors, ranges);
  gradient_reduction_add_counts(trial->reduction, n_tensors, counts);
  bool good = memcmp(ranges, expected, n_tensors * sizeof *ranges) == 0 &&
              memcmp(counts, all, n_tensors * sizeof *counts) == 0;
  memory_release(blocks), memory_release(ranges), memory_release(expected);
  memory_release(counts), memory_release(all);
  return good;
}

static void ranges_and_counts_of_all_blocks_reach_every_rank(void **state) {
  (void)state;
  assert_on_all(on_every_trial(passes_histograms));
}

/* Initial parameters are written by the first rank of a group alone. */
static bool passes_sharing(Trial *trial) {
  real *parameters = gradient_reduction_parameters(trial->reduction);
  bool is_first = node_group_place(gradient_reduction_group(trial->reduction)) == 0;
  if (is_first) memcpy(parameters, trial->partials[0], trial->map.length * sizeof(real));
  gradient_reduction_share_parameters(trial->reduction);
  return memcmp(parameters, trial->partials[0], trial->map.length * sizeof(real)) == 0;
}

static void parameters_of_the_first_rank_of_a_group_reach_the_group(void **state) {
  (void)state;
  assert_on_all(on_every_trial(passes_sharing));
}

static bool passes_grouping(Trial *trial) {
  const NodeGroup *group = gradient_reduction_group(trial->reduction);
  size_t next = 0, index = node_group_index(group);
  for (size_t i = 0; i < node_group_count(group); i++) {
    Range members = node_group_ranks(group, i);
    if (members.begin != next || members.end <= members.begin) return false;
    next = members.end;
  }
  Range own = node_group_ranks(group, index);
  return next == (size_t)n_ranks && own.begin + node_group_place(group) == (size_t)rank;
}

static void groups_hold_every_rank_once_and_in_order(void **state) {
  (void)state;
  assert_on_all(on_every_trial(passes_grouping));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranks_know_themselves),
      cmocka_unit_test(success_of_all_is_success),
      cmocka_unit_test(failure_of_one_rank_reaches_all_with_its_name),
      cmocka_unit_test(lowest_failing_rank_speaks_for_all),
      cmocka_unit_test(failure_of_all_or_of_rank_0_for_all_names_no_rank),
      cmocka_unit_test(text_that_differs_on_one_rank_is_refused_on_all),
      cmocka_unit_test(collect_puts_the_bytes_of_all_ranks_in_order),
      cmocka_unit_test(largest_number_reaches_all),
      cmocka_unit_test(gradients_are_added_in_tree_order_on_every_path),
      cmocka_unit_test(updates_of_all_ranks_reach_every_rank),
      cmocka_unit_test(slices_of_all_ranks_come_together_on_rank_0),
      cmocka_unit_test(numbers_of_blocks_are_added_in_block_order),
      cmocka_unit_test(ranges_and_counts_of_all_blocks_reach_every_rank),
      cmocka_unit_test(parameters_of_the_first_rank_of_a_group_reach_the_group),
      cmocka_unit_test(groups_hold_every_rank_once_and_in_order),
  };
  RUN_ON_RANKS(tests);
}
