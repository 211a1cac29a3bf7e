#pragma once
#include <stddef.h>

// The per-pixel loops of `Compute` that run several times per training step, compiled for AVX-512, AVX2 and baseline
// x86-64; the variant is selected at program start. (Swift compiles for one instruction set only.)
//
// A lane is eight contiguous floats: eight channels of one pixel. Steps and offsets are in floats.

/// One row of windows: `columns` windows, `x_step` floats apart, with results `y_step` apart; a window consists of its
/// first element and the elements at the offsets `others` from it.
typedef struct {
  const ptrdiff_t *others;
  ptrdiff_t other_count;
  ptrdiff_t columns;
  ptrdiff_t x_step;
  ptrdiff_t y_step;
} WindowRow;

/// y = the maximum of each window.
void windows_maximum(const WindowRow *row, const float *x, float *y);

/// dx = dy at each window's first maximum unless that is at most `floor`, 0 elsewhere.
void windows_maximum_gradient(const WindowRow *row, const float *x, const float *dy, float *dx, float floor);

/// Lines of eight channels: `factor · x + offset` normalises, `slope · x + constant` is every element's gradient term.
typedef struct {
  float factor[8];
  float offset[8];
  float slope[8];
  float constant[8];
} NormLines;

/// y = max(0, maximum of each window's normalised elements); winners = that element before normalisation.
void norm_windows(const WindowRow *row, const NormLines *lines, const float *x, float *y, float *winners);

/// dx = `slope · x + constant`, plus `factor · dy` at the first element that equals a winner above 0.
void norm_windows_gradient(
    const WindowRow *row, const NormLines *lines, const float *x, const float *winners, const float *dy, float *dx);

/// Adds the gradients of winners above 0 to `shift_sums`, and their products with `winner - centre` to `scale_sums`.
void norm_windows_sums(
    const WindowRow *row, const NormLines *lines, const float *centre, const float *winners, const float *dy,
    double *scale_sums, double *shift_sums);

/// Adds `x - guess` and its square over `count` lanes, `step` floats apart, to eight sums each.
void lane_moments(
    const float *x, const float *guess, ptrdiff_t count, ptrdiff_t step, double *sums, double *squares);

/// y = 1 / (1 + e⁻ˣ), accurate to about 2 ulp.
void sigmoid_forward(const float *x, float *y, ptrdiff_t count);

/// y = x · sigmoid(x).
void silu_forward(const float *x, float *y, ptrdiff_t count);

/// dx = dy times the derivative of x · sigmoid(x).
void silu_gradient(const float *x, const float *dy, float *dx, ptrdiff_t count);

// In the functions of activations the target may be one of the sources.

/// y = x within low…high, else the nearer bound; NaN stays NaN.
void clip_forward(const float *x, float *y, ptrdiff_t count, float low, float high);

/// dx = dy where x, or its clipped value, is strictly between low and high, else 0.
void clip_gradient(const float *x, const float *dy, float *dx, ptrdiff_t count, float low, float high);

/// y = max(x, 0); NaN stays NaN.
void relu_forward(const float *x, float *y, ptrdiff_t count);

/// dx = dy where the output y is positive, else 0.
void relu_gradient(const float *y, const float *dy, float *dx, ptrdiff_t count);

/// One step of Adam; see `VectorKernels.adam`.
typedef struct {
  float beta1;
  float beta2;
  float epsilon;
  float decay;
  float rate;
  float correction;
} AdamStep;

void adam_step(const AdamStep *step, float *w, float *m, float *v, const float *g, ptrdiff_t count);

/// Bin centres in ascending order, and the reciprocals of the gaps between them.
typedef struct {
  const float *centres;
  const float *inverse_gaps;
  ptrdiff_t count;
} BinCentres;

/// The bin with the largest centre below each x (never the last bin), and the fraction of the gap from there, 0…1.
/// Values outside the centres are clamped to the outermost one.
void bin_places(const BinCentres *bins, const float *x, int *lower, float *share, ptrdiff_t count);

/// Runs of 2, 3 or 4 elements of `[rows, columns, channels]` images: the first elements begin at `start`, `row_step`
/// floats between rows; each further element lies `distance` floats after the previous one.
typedef struct {
  ptrdiff_t start;
  ptrdiff_t row_step;
  ptrdiff_t distance;
  ptrdiff_t length;
  ptrdiff_t rows;
  ptrdiff_t columns;
  ptrdiff_t channels;
  ptrdiff_t bins;
} RunField;

/// Adds each run to the corners of its cube `[channels, bins - 1, …, bins - 1, 2^length]`. A corner's index has one bit
/// per element, the first element's as the most significant: 0 for its lower bin, 1 for its upper one. (Separate cubes,
/// instead of the shared cells, reduce a run to a few vector loads and stores.)
void run_counts(const RunField *field, const int *lower, const float *share, float *cubes);

/// Adds the gradient of the cubes with respect to each element's bin position.
void run_counts_gradient(
    const RunField *field, const int *lower, const float *share, const float *cubes, float *gradient);

/// The weights of 16 outputs of a fully connected layer: `[inputs, 16]`.
typedef struct {
  const float *weights;
  ptrdiff_t inputs;
} LinearPanel;

/// sums[row, :] += x[row, :] · weights, for `[rows, inputs]` and `[rows, 16]`. The summation order is the same for
/// every row, so a row's sums do not depend on the other rows.
void linear_panel(const LinearPanel *panel, const float *x, float *sums, ptrdiff_t rows);

/// One row of a depthwise convolution's output, with the input row that one filter row meets.
typedef struct {
  ptrdiff_t channels;
  /// Floats from one pixel to the next, and from one filter tap to the next.
  ptrdiff_t pixel_step;
  ptrdiff_t tap_step;
  /// Pixels of the output row and of the input row.
  ptrdiff_t columns;
  ptrdiff_t width;
  ptrdiff_t taps;
  ptrdiff_t stride;
  ptrdiff_t dilation;
  ptrdiff_t padding;
} DepthwiseRow;

/// dw[s, c] += the sum over the row of dy[column, c] · x[column · stride - padding + s · dilation, c].
void depthwise_weight_gradient(const DepthwiseRow *row, const float *x, const float *dy, float *dw);

/// Filters in panels of 16 outputs, `[outputs / 16, inputs, 16]`, and their bias, both filled up with zeros to whole
/// panels. Results are clamped to `low`…`high`.
typedef struct {
  const float *weights;
  const float *bias;
  ptrdiff_t inputs;
  ptrdiff_t outputs;
  /// Floats between the rows of `x` and of `y`.
  ptrdiff_t x_step;
  ptrdiff_t y_step;
  float low;
  float high;
  /// Whether the result is added to the contents of `y` before it is clamped.
  int adds_to_output;
} PanelLayer;

/// y[row, :] = x[row, :] · weights + bias. The summation order is the same for every row.
void panel_rows(const PanelLayer *layer, const float *x, float *y, ptrdiff_t rows);

/// A depthwise convolution of images `[H, W, channels]`; filters `[R, S, channels]`.
typedef struct {
  const float *bias;
  ptrdiff_t channels;
  ptrdiff_t kernel_width;
  /// Floats of the input between the taps of a filter.
  ptrdiff_t tap_row_step;
  ptrdiff_t tap_column_step;
  float low;
  float high;
  int adds_to_output;
} DepthwiseLayer;

/// `pixels` adjacent pixels of an output row, all of which meet the same `rows` rows and `columns` columns of the filter:
/// `x` and `weights` point to the first of these taps. The first pixel's taps are `x_step` floats before the next one's.
void depthwise_pixels(
    const DepthwiseLayer *layer, const float *x, const float *weights, float *y, ptrdiff_t pixels, ptrdiff_t x_step,
    ptrdiff_t rows, ptrdiff_t columns);
