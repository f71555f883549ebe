#include "distributed/reduction_benchmark.h"

#include "base/clock.h"
#include "base/memory.h"
#include "distributed/mpi_door.h"
#include "math/elementwise.h"

/* Everything that a round needs. */
typedef struct Bench {
  Communicator *communicator;
  ShardPlan plan;
  ParameterMap map;
  GradientReduction *reduction;
  real *vector; /* what MPI_Allreduce works on */
} Bench;

static Bench bench_create(Communicator *communicator, size_t bytes) {
  size_t n_ranks = (size_t)communicator->size, count = bytes / sizeof(real);
  Bench bench = {.communicator = communicator};
  shard_plan_create(n_ranks, n_ranks, (size_t)communicator->rank, &bench.plan);
  parameter_map_add(&bench.map, "bench", "vector", (Shape){1, {count}});
  bench.vector = NEW_ARRAY(real, count);
  return bench;
}

/* The plan and the map lie in the bench, which must not move from here on. */
static void bench_begin(Bench *bench) {
  ReductionSetup setup = {.path = REDUCTION_AUTO};
  bench->reduction =
      gradient_reduction_create(bench->communicator, &bench->plan, &bench->map, &setup);
  real *partial = gradient_reduction_partial(bench->reduction, bench->plan.rank);
  for (size_t i = 0; i < bench->map.count; i++) partial[i] = bench->vector[i] = (real)(i % 7);
}

static void bench_end(Bench *bench) {
  gradient_reduction_destroy(bench->reduction);
  memory_release(bench->vector);
  parameter_map_release(&bench->map);
  shard_plan_release(&bench->plan);
}

static double time_own(Bench *bench) {
  GradientReduction *reduction = bench->reduction;
  real *parameters = gradient_reduction_parameters(reduction);
  Range slice = gradient_reduction_slice(reduction);
  communicator_wait(bench->communicator);
  double begin_s = clock_monotonic_s();
  gradient_reduction_begin(reduction, bench->plan.n_shards);
  gradient_reduction_exchange(reduction);
  for (size_t at = slice.begin; at < slice.end; at += PARAMETER_BLOCK) {
    size_t left = slice.end - at, count = left < PARAMETER_BLOCK ? left : PARAMETER_BLOCK;
    elements_scale(count, 1, gradient_reduction_stretch(reduction, at, count), parameters + at);
  }
  gradient_reduction_publish(reduction);
  return clock_monotonic_s() - begin_s;
}

static double time_allreduce(Bench *bench) {
  communicator_wait(bench->communicator);
  double begin_s = clock_monotonic_s();
  MPI_CHECK(MPI_Allreduce(MPI_IN_PLACE, bench->vector, as_mpi_count(bench->map.count), mpi_real(),
                          MPI_SUM, bench->communicator->world));
  double seconds = clock_monotonic_s() - begin_s;
  /* Or else the numbers would grow without end. */
  elements_scale(bench->map.count, 1 / (real)bench->communicator->size, bench->vector,
                 bench->vector);
  return seconds;
}

ReductionTimes reduction_benchmark(Communicator *communicator, size_t bytes, size_t rounds) {
  enum { WARM_UP = 3 };
  Bench bench = bench_create(communicator, bytes);
  bench_begin(&bench);
  double *own = NEW_ARRAY(double, rounds), *allreduce = NEW_ARRAY(double, rounds);
  double *ratio = NEW_ARRAY(double, rounds);
  for (size_t i = 0; i < WARM_UP + rounds; i++) {
    double own_s = communicator_max(communicator, time_own(&bench));
    double allreduce_s = communicator_max(communicator, time_allreduce(&bench));
    if (i < WARM_UP) continue;
    own[i - WARM_UP] = own_s;
    allreduce[i - WARM_UP] = allreduce_s;
    ratio[i - WARM_UP] = own_s / allreduce_s;
  }
  ReductionTimes times = {.path = gradient_reduction_path(bench.reduction),
                          .own = spread_of(own, rounds),
                          .allreduce = spread_of(allreduce, rounds),
                          .ratio = spread_of(ratio, rounds)};
  memory_release(own);
  memory_release(allreduce);
  memory_release(ratio);
  bench_end(&bench);
  return times;
}
