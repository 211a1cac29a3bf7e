#include "lane.h"
#include "vector_loops.h"

/// Inputs whose products are summed by themselves: shorter sums round less, and their weights stay in the cache.
enum { WIDTH = 16, INPUTS = 256 };

/// `ROWS` rows, a number that the compiler knows: their sums stay in registers.
static inline __attribute__((always_inline)) void add_rows(
    const float *weights, const float *x, ptrdiff_t x_step, ptrdiff_t count, float *sums, const int ROWS) {
  Panel parts[6];
  for (int row = 0; row < ROWS; row++) parts[row] = (Panel){0};
  for (ptrdiff_t k = 0; k < count; k++) {
    Panel w;
    LOAD(w, weights + k * WIDTH);
    for (int row = 0; row < ROWS; row++) parts[row] += x[row * x_step + k] * w;
  }
  for (int row = 0; row < ROWS; row++) {
    Panel sum;
    LOAD(sum, sums + row * WIDTH);
    sum += parts[row];
    memcpy(sums + row * WIDTH, &sum, sizeof(sum));
  }
}

FOR_EACH_PROCESSOR
void linear_panel(const LinearPanel *panel, const float *x, float *sums, ptrdiff_t rows) {
  const ptrdiff_t inputs = panel->inputs;
  for (ptrdiff_t first = 0; first < inputs; first += INPUTS) {
    const ptrdiff_t count = inputs - first < INPUTS ? inputs - first : INPUTS;
    const float *weights = panel->weights + first * WIDTH;
    ptrdiff_t row = 0;
    for (; row + 6 <= rows; row += 6) {
      add_rows(weights, x + row * inputs + first, inputs, count, sums + row * WIDTH, 6);
    }
    for (; row + 2 <= rows; row += 2) {
      add_rows(weights, x + row * inputs + first, inputs, count, sums + row * WIDTH, 2);
    }
    if (row < rows) add_rows(weights, x + row * inputs + first, inputs, count, sums + row * WIDTH, 1);
  }
}
