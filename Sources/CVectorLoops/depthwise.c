#include "lane.h"
#include "vector_loops.h"

/// Adds the products of one row to each tap's sum, for eight channels; `TAPS` is a compile-time constant.
static inline __attribute__((always_inline)) void add_taps(
    const DepthwiseRow *row, const float *x, const float *dy, float *dw, const int TAPS) {
  Lane sums[8];
  for (int s = 0; s < TAPS; s++) sums[s] = (Lane){0};
  for (ptrdiff_t column = 0; column < row->columns; column++) {
    Lane slope;
    LOAD(slope, dy + column * row->pixel_step);
    const ptrdiff_t left = column * row->stride - row->padding;
    const float *window = x + left * row->pixel_step;
    if (left >= 0 && left + row->dilation * (TAPS - 1) < row->width) {
      for (int s = 0; s < TAPS; s++) {
        Lane value;
        LOAD(value, window + s * row->dilation * row->pixel_step);
        sums[s] += slope * value;
      }
    } else {
      for (int s = 0; s < TAPS; s++) {
        const ptrdiff_t place = left + s * row->dilation;
        if (place < 0 || place >= row->width) continue;
        Lane value;
        LOAD(value, window + s * row->dilation * row->pixel_step);
        sums[s] += slope * value;
      }
    }
  }
  for (int s = 0; s < TAPS; s++) {
    Lane total;
    LOAD(total, dw + s * row->tap_step);
    STORE(dw + s * row->tap_step, total + sums[s]);
  }
}

/// One tap, one channel.
static float tap_sum(const DepthwiseRow *row, const float *x, const float *dy, ptrdiff_t tap) {
  float sum = 0;
  for (ptrdiff_t column = 0; column < row->columns; column++) {
    const ptrdiff_t place = column * row->stride - row->padding + tap * row->dilation;
    if (place >= 0 && place < row->width) sum += dy[column * row->pixel_step] * x[place * row->pixel_step];
  }
  return sum;
}

FOR_EACH_PROCESSOR
void depthwise_weight_gradient(const DepthwiseRow *row, const float *x, const float *dy, float *dw) {
  ptrdiff_t c = 0;
  for (; c + 8 <= row->channels; c += 8) {
    switch (row->taps) {
    case 3: add_taps(row, x + c, dy + c, dw + c, 3); break;
    case 5: add_taps(row, x + c, dy + c, dw + c, 5); break;
    default: {
      // Other widths: one tap at a time.
      DepthwiseRow single = *row;
      for (ptrdiff_t s = 0; s < row->taps; s++) {
        single.padding = row->padding - s * row->dilation;
        add_taps(&single, x + c, dy + c, dw + c + s * row->tap_step, 1);
      }
    }
    }
  }
  for (; c < row->channels; c++) {
    for (ptrdiff_t s = 0; s < row->taps; s++) dw[c + s * row->tap_step] += tap_sum(row, x + c, dy + c, s);
  }
}
