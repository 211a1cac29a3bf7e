#include "lane.h"
#include "vector_loops.h"

FOR_EACH_PROCESSOR
void bin_places(const BinCentres *bins, const float *x, int *lower, float *share, ptrdiff_t count) {
  const float last = (float)(bins->count - 2);
  enum { BLOCK = 256 };
  for (ptrdiff_t start = 0; start < count; start += BLOCK) {
    const ptrdiff_t length = count - start < BLOCK ? count - start : BLOCK;
    float places[BLOCK] = {0};
    // Each gap between centres adds what of it lies below x: a place on the scale of the bins without a branch.
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

// How the corners share a run: the four of its first two elements, and those of the others.
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

// A constant length lets the compiler unroll what belongs to one run.
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

FOR_EACH_PROCESSOR
void run_counts(const RunField *field, const int *lower, const float *share, float *cubes) {
  const ptrdiff_t gaps = field->bins - 1, step = field->distance;
  switch (field->length) {
  case 2: COUNT_RUNS(2) break;
  case 3: COUNT_RUNS(3) break;
  default: COUNT_RUNS(4) break;
  }
}

// The cube's gradient summed over the first pair's corners, or over the others', leaves each element's own two sides.
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
