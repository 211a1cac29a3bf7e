#include "lane.h"
#include "vector_loops.h"

enum { WIDTH = 16 };

/// The value where it is within the bounds, else the nearer bound; NaN stays NaN.
#define CLAMP(value, low, high) \
  do { \
    const PanelMask below = (value) < (low); \
    value = (Panel)((below & (PanelMask)(low)) | (~below & (PanelMask)(value))); \
    const PanelMask above = (value) > (high); \
    value = (Panel)((above & (PanelMask)(high)) | (~above & (PanelMask)(value))); \
  } while (0)

/// The sum as a layer stores it: added to what the target holds, if the layer says so, and clamped.
#define FINISH(layer, sum, target) \
  do { \
    if ((layer)->adds_to_output) { \
      Panel held; \
      LOAD(held, target); \
      sum += held; \
    } \
    const Panel low = (Panel){0} + (layer)->low, high = (Panel){0} + (layer)->high; \
    CLAMP(sum, low, high); \
    memcpy((target), &(sum), sizeof(sum)); \
  } while (0)

/// `ROWS` rows and `PANELS` panels, numbers that the compiler knows: the sums stay in registers.
static inline __attribute__((always_inline)) void panel_block(
    const PanelLayer *layer, ptrdiff_t first, const float *x, float *y, const int ROWS, const int PANELS) {
  const ptrdiff_t inputs = layer->inputs, tail = layer->outputs - first;
  const float *weights = layer->weights + first * inputs;
  Panel sums[ROWS][PANELS];
  for (int p = 0; p < PANELS; p++) {
    Panel bias;
    LOAD(bias, layer->bias + first + p * WIDTH);
    for (int row = 0; row < ROWS; row++) sums[row][p] = bias;
  }
  for (ptrdiff_t i = 0; i < inputs; i++) {
    Panel w[PANELS];
    for (int p = 0; p < PANELS; p++) LOAD(w[p], weights + (p * inputs + i) * WIDTH);
    for (int row = 0; row < ROWS; row++) {
      for (int p = 0; p < PANELS; p++) sums[row][p] += x[row * layer->x_step + i] * w[p];
    }
  }
  for (int row = 0; row < ROWS; row++) {
    for (int p = 0; p < PANELS; p++) {
      float *target = y + row * layer->y_step + first + p * WIDTH;
      if (tail >= (p + 1) * WIDTH) {
        FINISH(layer, sums[row][p], target);
      } else {
        float rest[WIDTH] = {0};
        const size_t bytes = (size_t)(tail - p * WIDTH) * sizeof(float);
        memcpy(rest, target, bytes);
        FINISH(layer, sums[row][p], rest);
        memcpy(target, rest, bytes);
      }
    }
  }
}

FOR_EACH_PROCESSOR
void panel_rows(const PanelLayer *layer, const float *x, float *y, ptrdiff_t rows) {
  for (ptrdiff_t first = 0; first < layer->outputs; first += 2 * WIDTH) {
    const int is_pair = layer->outputs - first > WIDTH;
    ptrdiff_t row = 0;
    for (; row + 6 <= rows; row += 6) {
      const float *source = x + row * layer->x_step;
      float *target = y + row * layer->y_step;
      if (is_pair) {
        panel_block(layer, first, source, target, 6, 2);
      } else {
        panel_block(layer, first, source, target, 6, 1);
      }
    }
    for (; row < rows; row++) {
      const float *source = x + row * layer->x_step;
      float *target = y + row * layer->y_step;
      if (is_pair) {
        panel_block(layer, first, source, target, 1, 2);
      } else {
        panel_block(layer, first, source, target, 1, 1);
      }
    }
  }
}

/// One output pixel, 16 channels: the taps of `rows` filter rows and `columns` filter columns, which lie in the picture.
static inline __attribute__((always_inline)) void depthwise_pixel(
    const DepthwiseLayer *layer, const float *x, const float *weights, const float *bias, float *y, const int ROWS,
    const int COLUMNS) {
  Panel sum;
  LOAD(sum, bias);
  for (int r = 0; r < ROWS; r++) {
    for (int s = 0; s < COLUMNS; s++) {
      Panel value, w;
      LOAD(value, x + r * layer->tap_row_step + s * layer->tap_column_step);
      LOAD(w, weights + (r * layer->kernel_width + s) * layer->channels);
      sum += value * w;
    }
  }
  FINISH(layer, sum, y);
}

/// One channel of one output pixel.
static inline void depthwise_channel(
    const DepthwiseLayer *layer, const float *x, const float *weights, float bias, float *y, ptrdiff_t rows,
    ptrdiff_t columns) {
  float sum = bias;
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (ptrdiff_t s = 0; s < columns; s++) {
      sum += x[r * layer->tap_row_step + s * layer->tap_column_step] *
             weights[(r * layer->kernel_width + s) * layer->channels];
    }
  }
  if (layer->adds_to_output) sum += *y;
  sum = sum < layer->low ? layer->low : sum;
  *y = sum > layer->high ? layer->high : sum;
}

FOR_EACH_PROCESSOR
void depthwise_pixels(
    const DepthwiseLayer *layer, const float *x, const float *weights, float *y, ptrdiff_t pixels, ptrdiff_t x_step,
    ptrdiff_t rows, ptrdiff_t columns) {
  ptrdiff_t c = 0;
  for (; c + WIDTH <= layer->channels; c += WIDTH) {
    const float *bias = layer->bias + c;
    if (rows == 3 && columns == 3) {
      for (ptrdiff_t i = 0; i < pixels; i++) {
        depthwise_pixel(layer, x + i * x_step + c, weights + c, bias, y + i * layer->channels + c, 3, 3);
      }
    } else {
      for (ptrdiff_t i = 0; i < pixels; i++) {
        depthwise_pixel(
            layer, x + i * x_step + c, weights + c, bias, y + i * layer->channels + c, (int)rows, (int)columns);
      }
    }
  }
  for (; c < layer->channels; c++) {
    for (ptrdiff_t i = 0; i < pixels; i++) {
      depthwise_channel(
          layer, x + i * x_step + c, weights + c, layer->bias[c], y + i * layer->channels + c, rows, columns);
    }
  }
}
