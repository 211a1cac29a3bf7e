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

// Four floats that lie anywhere.
typedef float Quad __attribute__((vector_size(16), aligned(4)));

FOR_EACH_PROCESSOR
void pair_counts(const PairField *field, const int *lower, const float *share, float *squares) {
  const ptrdiff_t gaps = field->bins - 1, channels = field->channels;
  for (ptrdiff_t row = 0; row < field->rows; row++) {
    const ptrdiff_t start = field->start + row * field->row_step;
    for (ptrdiff_t column = 0; column < field->columns; column++) {
      const ptrdiff_t first = start + column * channels, second = first + field->distance;
      for (ptrdiff_t c = 0; c < channels; c++) {
        const float p = share[first + c], q = share[second + c];
        const Quad of_first = {1 - p, 1 - p, p, p}, of_second = {1 - q, q, 1 - q, q};
        Quad *square = (Quad *)(squares + 4 * ((c * gaps + lower[first + c]) * gaps + lower[second + c]));
        *square += of_first * of_second;
      }
    }
  }
}

FOR_EACH_PROCESSOR
void pair_counts_gradient(
    const PairField *field, const int *lower, const float *share, const float *squares, float *gradient) {
  const ptrdiff_t gaps = field->bins - 1, channels = field->channels;
  for (ptrdiff_t row = 0; row < field->rows; row++) {
    const ptrdiff_t start = field->start + row * field->row_step;
    for (ptrdiff_t column = 0; column < field->columns; column++) {
      const ptrdiff_t first = start + column * channels, second = first + field->distance;
      for (ptrdiff_t c = 0; c < channels; c++) {
        const float p = share[first + c], q = share[second + c];
        const float *square = squares + 4 * ((c * gaps + lower[first + c]) * gaps + lower[second + c]);
        gradient[first + c] += (1 - q) * (square[2] - square[0]) + q * (square[3] - square[1]);
        gradient[second + c] += (1 - p) * (square[1] - square[0]) + p * (square[3] - square[2]);
      }
    }
  }
}
