/* Philox against its authors' known answers; the shapes of the distributions; orders. */

#include "math/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

enum { SAMPLES = 1000000 };

static const RandomStream STREAM = {0x0123456789abcdef, RANDOM_DATA, 3, 7};

/* Random123's tests/kat_vectors, the lines "philox4x32 10". */
static void words_match_the_known_answers_of_random123(void **state) {
  (void)state;
  static const struct {
    uint32_t counter[4], key[2], words[4];
  } known[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    const uint32_t *counter = known[i].counter;
    RandomStream stream = {.seed = known[i].key[0] | (uint64_t)known[i].key[1] << 32,
                           .purpose = (RandomPurpose)(counter[0] & 0xff),
                           .stream = counter[0] >> 8,
                           .epoch = counter[1]};
    uint32_t words[4];
    random_words(&stream, counter[2], counter[3], words);
    assert_memory_equal(words, known[i].words, sizeof words);
  }
}

typedef void (*Fill)(const RandomStream *, uint32_t position, size_t first, size_t count, real *);

static void assert_cuts_do_not_matter(Fill fill_numbers) {
  enum { COUNT = 1000 };
  real whole[COUNT], parts[COUNT];
  fill_numbers(&STREAM, 5, 0, COUNT, whole);
  for (size_t width = 1; width < 300; width += width < 10 ? 1 : 37) {
    for (size_t first = 0; first < COUNT; first += width) {
      size_t count = COUNT - first < width ? COUNT - first : width;
      fill_numbers(&STREAM, 5, first, count, parts + first);
    }
    assert_memory_equal(whole, parts, sizeof whole);
  }
}

static void elements_do_not_depend_on_how_the_range_is_cut(void **state) {
  (void)state;
  assert_cuts_do_not_matter(random_fill_uniform);
  assert_cuts_do_not_matter(random_fill_normal);
}

static void an_empty_range_writes_nothing(void **state) {
  (void)state;
  real number = 42;
  random_fill_uniform(&STREAM, 0, 3, 0, &number);
  random_fill_truncated_normal(&STREAM, 0, &number);
  assert_true(number == 42);
}

/* Pins the bits: every result of the program hangs on them, in the float and the double build. */
static void numbers_never_change(void **state) {
  (void)state;
  static const float uniform[] = {0x1.ebd24cp-2f, 0x1.65f5fep-1f, 0x1.81a656p-1f,
                                  0x1.aa4954p-1f, 0x1.662242p-1f, 0x1.b8286ep-1f};
  static const float normal[] = {-0x1.700876p-2f, -0x1.1610a6p+0f, 0x1.a8cabep-1f,
                                 -0x1.73e09p+0f,  0x1.f8d9c8p-1f,  -0x1.325e52p+0f};
  static const float truncated[] = {-0x1.9e669ep-5f, 0x1.c1f29ep-2f,  -0x1.cc65eap-1f,
                                    -0x1.216ed2p-2f, -0x1.4bfefap-3f, -0x1.b63a7ep-5f};
  real numbers[6];
  random_fill_uniform(&STREAM, 9, 2, 6, numbers);
  for (size_t i = 0; i < 6; i++) assert_true(numbers[i] == uniform[i]);
  random_fill_normal(&STREAM, 9, 2, 6, numbers);
  for (size_t i = 0; i < 6; i++) assert_true(numbers[i] == normal[i]);
  random_fill_truncated_normal(&STREAM, 6, numbers);
  for (size_t i = 0; i < 6; i++) assert_true(numbers[i] == truncated[i]);
}

static void normal_numbers_follow_box_and_muller(void **state) {
  (void)state;
  const double two_pi = 6.283185307179586;
  real numbers[4000];
  random_fill_normal(&STREAM, 5, 0, 4000, numbers);
  for (size_t block = 0; block < 1000; block++) {
    uint32_t words[4];
    random_words(&STREAM, 5, (uint32_t)block, words);
    for (size_t pair = 0; pair < 4; pair += 2) {
      double radius = sqrt(-2 * log(1 - (double)random_uniform(words[pair])));
      double angle = two_pi * (double)random_uniform(words[pair + 1]);
      assert_true(fabs((double)numbers[4 * block + pair] - radius * cos(angle)) < 1e-6);
      assert_true(fabs((double)numbers[4 * block + pair + 1] - radius * sin(angle)) < 1e-6);
    }
  }
}

/* sum_i x[i]^power / count */
static double moment(size_t count, const real *x, int power) {
  double sum = 0;
  for (size_t i = 0; i < count; i++) {
    double product = 1;
    for (int p = 0; p < power; p++) product *= (double)x[i];
    sum += product;
  }
  return sum / (double)count;
}

/* Passes within five standard errors of the mean of numbers with that variance. */
static void assert_mean_near(double mean, double expected, double variance) {
  assert_true(fabs(mean - expected) < 5 * sqrt(variance / SAMPLES));
}

static void uniform_numbers_have_the_right_moments(void **state) {
  (void)state;
  real *x = NEW_ARRAY(real, SAMPLES);
  random_fill_uniform(&STREAM, 0, 0, SAMPLES, x);
  for (size_t i = 0; i < SAMPLES; i++) {
    assert_true(x[i] >= 0 && x[i] < 1);
    assert_true((double)x[i] * 0x1p24 == floor((double)x[i] * 0x1p24));
  }
  assert_mean_near(moment(SAMPLES, x, 1), 1.0 / 2, 1.0 / 12);
  assert_mean_near(moment(SAMPLES, x, 2), 1.0 / 3, 4.0 / 45);
  memory_release(x);
}

static void normal_numbers_have_the_right_moments(void **state) {
  (void)state;
  real *x = NEW_ARRAY(real, SAMPLES);
  random_fill_normal(&STREAM, 0, 0, SAMPLES, x);
  assert_mean_near(moment(SAMPLES, x, 1), 0, 1);
  assert_mean_near(moment(SAMPLES, x, 2), 1, 2);
  assert_mean_near(moment(SAMPLES, x, 3), 0, 15);
  assert_mean_near(moment(SAMPLES, x, 4), 3, 96);
  memory_release(x);
}

static void normal_numbers_are_independent_of_their_neighbours(void **state) {
  (void)state;
  real *x = NEW_ARRAY(real, SAMPLES + 4);
  random_fill_normal(&STREAM, 0, 0, SAMPLES + 4, x);
  for (size_t lag = 1; lag <= 4; lag++) {
    double products = 0, products_of_squares = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
      double product = (double)x[i] * (double)x[i + lag];
      products += product;
      products_of_squares += product * product;
    }
    assert_mean_near(products / SAMPLES, 0, 1);
    assert_mean_near(products_of_squares / SAMPLES, 1, 8);
  }
  memory_release(x);
}

static void truncated_numbers_keep_within_two_standard_deviations(void **state) {
  (void)state;
  const double deviation = 0.87962566; // Keras's correction
  real *x = NEW_ARRAY(real, SAMPLES);
  random_fill_truncated_normal(&STREAM, SAMPLES, x);
  for (size_t i = 0; i < SAMPLES; i++) assert_true(fabs((double)x[i]) <= 2);
  assert_mean_near(moment(SAMPLES, x, 1), 0, deviation * deviation);
  assert_mean_near(moment(SAMPLES, x, 2), deviation * deviation, 0.82);
  memory_release(x);
}

static void truncated_numbers_are_drawn_again_from_the_next_epochs(void **state) {
  (void)state;
  enum { COUNT = 20000 };
  real *x = NEW_ARRAY(real, COUNT), *plain = NEW_ARRAY(real, COUNT);
  random_fill_truncated_normal(&STREAM, COUNT, x);
  RandomStream stream = STREAM;
  size_t open = COUNT;
  for (; open > 0; stream.epoch++) {
    random_fill_normal(&stream, 0, 0, COUNT, plain);
    open = 0;
    for (size_t i = 0; i < COUNT; i++) {
      if (fabs((double)x[i]) > 2) continue; // found in an earlier epoch
      if (fabs((double)plain[i]) > 2) {
        open++;
      } else {
        assert_true(plain[i] == x[i]);
        x[i] = 3;
      }
    }
  }
  assert_in_range(stream.epoch - STREAM.epoch, 2, 8);
  memory_release(plain);
  memory_release(x);
}

static void every_part_of_the_counter_and_the_key_matters(void **state) {
  (void)state;
  RandomStream streams[7];
  uint32_t words[8][4];
  for (size_t i = 0; i < 7; i++) streams[i] = STREAM;
  streams[1].seed ^= 1;
  streams[2].seed ^= UINT64_C(1) << 63;
  streams[3].purpose = RANDOM_DROPOUT;
  streams[4].stream ^= 1 << 23;
  streams[5].epoch ^= 1;
  for (size_t i = 0; i < 7; i++) random_words(&streams[i], i == 6, 0, words[i]);
  random_words(&STREAM, 0, 1, words[7]);
  for (size_t i = 0; i < 8; i++) {
    for (size_t j = 0; j < i; j++) assert_memory_not_equal(words[i], words[j], sizeof words[0]);
  }
}

static RandomStream order_of_epoch(uint32_t epoch) {
  return (RandomStream){.seed = 42, .purpose = RANDOM_ORDER, .epoch = epoch};
}

static void permutation_holds_every_element_once(void **state) {
  (void)state;
  static const uint64_t sizes[] = {1, 2, 3, 4, 5, 16, 17, 64, 65, 1000, 60000};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    for (uint32_t epoch = 0; epoch < 3; epoch++) {
      RandomStream stream = order_of_epoch(epoch);
      Permutation permutation = permutation_create(&stream, sizes[s]);
      uint8_t *seen = NEW_ARRAY(uint8_t, sizes[s]);
      for (uint64_t position = 0; position < sizes[s]; position++) {
        uint64_t element = permutation_at(&permutation, position);
        assert_true(element < sizes[s]);
        assert_false(seen[element]++);
      }
      memory_release(seen);
    }
  }
}

static void permutation_of_a_huge_range_stays_inside(void **state) {
  (void)state;
  static const uint64_t sizes[] = {(UINT64_C(1) << 40) + 1, UINT64_C(1) << 62, UINT64_MAX};
  RandomStream stream = order_of_epoch(0);
  for (size_t s = 0; s < 3; s++) {
    Permutation permutation = permutation_create(&stream, sizes[s]);
    for (uint64_t i = 0; i < 1000; i++) {
      assert_true(permutation_at(&permutation, i) < sizes[s]);
      assert_true(permutation_at(&permutation, sizes[s] - 1 - i) < sizes[s]);
    }
  }
}

static void orders_of_different_epochs_differ(void **state) {
  (void)state;
  enum { N = 1000, EPOCHS = 100 };
  size_t same = 0;
  for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
    RandomStream now = order_of_epoch(epoch), next = order_of_epoch(epoch + 1);
    Permutation a = permutation_create(&now, N), b = permutation_create(&next, N);
    for (uint64_t i = 0; i < N; i++) same += permutation_at(&a, i) == permutation_at(&b, i);
  }
  // Two random orders agree in one place on average, with variance one.
  assert_in_range(same, EPOCHS - 50, EPOCHS + 50);
}

/* sum_bins (found - expected)^2 / expected of `count` counts over equal bins */
static double chi_square(size_t n_bins, const size_t *bins, double expected) {
  double sum = 0;
  for (size_t b = 0; b < n_bins; b++) {
    sum += ((double)bins[b] - expected) * ((double)bins[b] - expected) / expected;
  }
  return sum;
}

/* Above it, ten equally likely bins are found once in 100,000 times. */
static const double CHI_SQUARE_OF_TEN = 39.3;

static void first_positions_of_an_order_are_spread(void **state) {
  (void)state;
  enum { N = 60000, BINS = 10, FIRST = 1000 };
  size_t within[BINS] = {0}, over_epochs[BINS] = {0};
  for (uint32_t epoch = 0; epoch < FIRST; epoch++) {
    RandomStream stream = order_of_epoch(epoch);
    Permutation permutation = permutation_create(&stream, N);
    over_epochs[permutation_at(&permutation, 0) * BINS / N]++;
    if (epoch > 0) continue;
    for (uint64_t i = 0; i < FIRST; i++) within[permutation_at(&permutation, i) * BINS / N]++;
  }
  assert_true(chi_square(BINS, within, FIRST / BINS) < CHI_SQUARE_OF_TEN);
  assert_true(chi_square(BINS, over_epochs, FIRST / BINS) < CHI_SQUARE_OF_TEN);
}

static void neighbours_of_an_order_are_not_neighbours_of_the_data(void **state) {
  (void)state;
  enum { N = 60000, BINS = 10 };
  size_t gaps[BINS] = {0};
  RandomStream stream = order_of_epoch(0);
  Permutation permutation = permutation_create(&stream, N);
  for (uint64_t i = 0; i + 1 < N; i++) {
    uint64_t gap = permutation_at(&permutation, i + 1) + N - permutation_at(&permutation, i);
    gaps[gap % N * BINS / N]++;
  }
  assert_true(chi_square(BINS, gaps, (double)(N - 1) / BINS) < CHI_SQUARE_OF_TEN);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(words_match_the_known_answers_of_random123),
      cmocka_unit_test(elements_do_not_depend_on_how_the_range_is_cut),
      cmocka_unit_test(an_empty_range_writes_nothing),
      cmocka_unit_test(numbers_never_change),
      cmocka_unit_test(normal_numbers_follow_box_and_muller),
      cmocka_unit_test(uniform_numbers_have_the_right_moments),
      cmocka_unit_test(normal_numbers_have_the_right_moments),
      cmocka_unit_test(normal_numbers_are_independent_of_their_neighbours),
      cmocka_unit_test(truncated_numbers_keep_within_two_standard_deviations),
      cmocka_unit_test(truncated_numbers_are_drawn_again_from_the_next_epochs),
      cmocka_unit_test(every_part_of_the_counter_and_the_key_matters),
      cmocka_unit_test(permutation_holds_every_element_once),
      cmocka_unit_test(permutation_of_a_huge_range_stays_inside),
      cmocka_unit_test(orders_of_different_epochs_differ),
      cmocka_unit_test(first_positions_of_an_order_are_spread),
      cmocka_unit_test(neighbours_of_an_order_are_not_neighbours_of_the_data),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
