#include "lane.h"
#include "vector_loops.h"

/// Whether the centres are evenly spaced.
static int are_even(const BinCentres *bins) {
  for (ptrdiff_t k = 1; k + 1 < bins->count; k++) {
    if (bins->inverse_gaps[k] != bins->inverse_gaps[0]) return 0;
  }
  return 1;
}

FOR_EACH_PROCESSOR
void bin_places(const BinCentres *bins, const float *x, int *lower, float *share, ptrdiff_t count) {
  const float last = (float)(bins->count - 2);
  if (are_even(bins)) {
    const float centre = bins->centres[0], inverse = bins->inverse_gaps[0];
    for (ptrdiff_t i = 0; i < count; i++) {
      float place = (x[i] - centre) * inverse;
      place = place < 0 ? 0 : place;
      place = place > last + 1 ? last + 1 : place;
      const int below = (int)(place < last ? place : last);
      lower[i] = below;
      share[i] = place - (float)below;
    }
    return;
  }
  enum { BLOCK = 256 };
  for (ptrdiff_t start = 0; start < count; start += BLOCK) {
    const ptrdiff_t length = count - start < BLOCK ? count - start : BLOCK;
    float places[BLOCK] = {0};
    // Each gap adds the part of it below x: the interpolated bin position, without a branch.
    for (ptrdiff_t k = 0; k + 1 < bins->count; k++) {
      const float centre = bins->centres[k], inverse = bins->inverse_gaps[k];
      for (ptrdiff_t i = 0; i < length; i++) {
        float part = (x[start + i] - centre) * inverse;
        part = part < 0 ? 0 : part;
        places[i] += part > 1 ? 1 : part;
      }
    }
    for (ptrdiff_t i = 0; i < length; i++) {
      const float limited = places[i] < last ? places[i] : last;
      const int below = (int)limited;
      lower[start + i] = below;
      share[start + i] = places[i] - (float)below;
    }
  }
}

// Interpolation weights of the corners: four for the first two elements, and those of the remaining elements.
#define CORNERS(length, shares, step, first, last) \
  const float p = (shares)[0], q = (shares)[step]; \
  const float first[4] = {(1 - p) * (1 - q), (1 - p) * q, p * (1 - q), p * q}; \
  float last[4] = {1, 1, 1, 1}; \
  if ((length) == 3) { \
    last[1] = (shares)[2 * (step)]; \
    last[0] = 1 - last[1]; \
  } else if ((length) == 4) { \
    const float r = (shares)[2 * (step)], s = (shares)[3 * (step)]; \
    last[0] = (1 - r) * (1 - s), last[1] = (1 - r) * s, last[2] = r * (1 - s), last[3] = r * s; \
  }

#define CUBE(length, gaps, places, step, channel) \
  ptrdiff_t cube = channel; \
  for (int k = 0; k < (length); k++) cube = cube * (gaps) + (places)[k * (step)]

#define FOR_EACH_RUN(field, ...) \
  for (ptrdiff_t row = 0; row < (field)->rows; row++) { \
    for (ptrdiff_t column = 0; column < (field)->columns; column++) { \
      for (ptrdiff_t c = 0; c < (field)->channels; c++) { \
        const ptrdiff_t at = (field)->start + row * (field)->row_step + column * (field)->channels + c; \
        __VA_ARGS__ \
      } \
    } \
  }

// A constant length lets the compiler unroll the loops over one run.
#define COUNT_RUNS(length) \
  FOR_EACH_RUN(field, { \
    enum { TAIL = 1 << ((length) - 2) }; \
    CORNERS(length, share + at, step, first, last) \
    CUBE(length, gaps, lower + at, step, c); \
    float *target = cubes + (cube << (length)); \
    for (int k = 0; k < 4; k++) { \
      for (int l = 0; l < TAIL; l++) target[k * TAIL + l] += first[k] * last[l]; \
    } \
  })

/// The weights of the four corners of the pair `(p, q)`, for several pairs.
#define PAIR_CORNERS(target, p, q) \
  do { \
    const float product = (p) * (q); \
    (target)[0] = 1 - (p) - (q) + product; \
    (target)[1] = (q) - product; \
    (target)[2] = (p) - product; \
    (target)[3] = product; \
  } while (0)

typedef float Corners __attribute__((vector_size(16)));
typedef float Cube __attribute__((vector_size(64)));

/// Runs of four in blocks: first the weights of each pair in whole vectors, then one vector addition per run.
FOR_EACH_PROCESSOR
static void count_runs_of_four(const RunField *field, const int *lower, const float *share, float *cubes) {
  enum { BLOCK = 256 };
  const ptrdiff_t step = field->distance, length = field->columns * field->channels;
  const int gaps = (int)field->bins - 1, stride = gaps * gaps * gaps * gaps * 16;
  float first[4 * BLOCK], last[4 * BLOCK];
  int place[BLOCK];
  for (ptrdiff_t row = 0; row < field->rows; row++) {
    int channel = 0;
    for (ptrdiff_t start = 0; start < length; start += BLOCK) {
      const ptrdiff_t count = length - start < BLOCK ? length - start : BLOCK;
      const ptrdiff_t at = field->start + row * field->row_step + start;
      const float *x = share + at;
      const int *low = lower + at;
      for (ptrdiff_t i = 0; i < count; i++) {
        PAIR_CORNERS(first + 4 * i, x[i], x[i + step]);
        PAIR_CORNERS(last + 4 * i, x[i + 2 * step], x[i + 3 * step]);
      }
      for (ptrdiff_t i = 0; i < count; i++) {
        place[i] = (((low[i] * gaps + low[i + step]) * gaps + low[i + 2 * step]) * gaps + low[i + 3 * step]) * 16;
      }
      for (ptrdiff_t i = 0; i < count; i++) {
        Corners a, b;
        LOAD(a, first + 4 * i);
        LOAD(b, last + 4 * i);
        const Cube slow = __builtin_shufflevector(a, a, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        const Cube quick = __builtin_shufflevector(b, b, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
        float *target = cubes + channel + place[i];
        Cube sum;
        LOAD(sum, target);
        sum += slow * quick;
        memcpy(target, &sum, sizeof(sum));
        channel = channel + stride == stride * (int)field->channels ? 0 : channel + stride;
      }
    }
  }
}

FOR_EACH_PROCESSOR
void run_counts(const RunField *field, const int *lower, const float *share, float *cubes) {
  const ptrdiff_t gaps = field->bins - 1, step = field->distance;
  switch (field->length) {
  case 2: COUNT_RUNS(2) break;
  case 3: COUNT_RUNS(3) break;
  default: count_runs_of_four(field, lower, share, cubes); break;
  }
}

// Summing the cube's gradient over the first pair's corners, or the others', leaves the two sides of each element.
#define ADD_RUN_GRADIENTS(length) \
  FOR_EACH_RUN(field, { \
    enum { TAIL = 1 << ((length) - 2) }; \
    CORNERS(length, share + at, step, first, last) \
    CUBE(length, gaps, lower + at, step, c); \
    const float *source = cubes + (cube << (length)); \
    float over_last[4] = {0}; \
    float over_first[4] = {0}; \
    for (int k = 0; k < 4; k++) { \
      for (int l = 0; l < TAIL; l++) { \
        over_last[k] += source[k * TAIL + l] * last[l]; \
        over_first[l] += source[k * TAIL + l] * first[k]; \
      } \
    } \
    gradient[at] += (1 - q) * (over_last[2] - over_last[0]) + q * (over_last[3] - over_last[1]); \
    gradient[at + step] += (1 - p) * (over_last[1] - over_last[0]) + p * (over_last[3] - over_last[2]); \
    if ((length) == 3) gradient[at + 2 * step] += over_first[1] - over_first[0]; \
    if ((length) == 4) { \
      const float r = share[at + 2 * step], s = share[at + 3 * step]; \
      gradient[at + 2 * step] += (1 - s) * (over_first[2] - over_first[0]) + s * (over_first[3] - over_first[1]); \
      gradient[at + 3 * step] += (1 - r) * (over_first[1] - over_first[0]) + r * (over_first[3] - over_first[2]); \
    } \
  })

FOR_EACH_PROCESSOR
void run_counts_gradient(
    const RunField *field, const int *lower, const float *share, const float *cubes, float *gradient) {
  const ptrdiff_t gaps = field->bins - 1, step = field->distance;
  switch (field->length) {
  case 2: ADD_RUN_GRADIENTS(2) break;
  case 3: ADD_RUN_GRADIENTS(3) break;
  default: ADD_RUN_GRADIENTS(4) break;
  }
}
