#pragma once
#include <stddef.h>

// The loops of `Compute` that run over every pixel several times a training step, compiled for AVX-512, AVX2 and plain
// x86-64; the processor's own is chosen when the program starts. (Swift compiles for one instruction set only.)
//
// A lane is eight neighbouring floats: eight channels of one pixel. Steps and places count floats.

/// One row of windows: `columns` windows, `x_step` floats apart, their results `y_step` apart; a window's elements are
/// its first one and those `others` floats behind it.
typedef struct {
  const ptrdiff_t *others;
  ptrdiff_t other_count;
  ptrdiff_t columns;
  ptrdiff_t x_step;
  ptrdiff_t y_step;
} WindowRow;

/// y = the maximum of each window.
void windows_maximum(const WindowRow *row, const float *x, float *y);

/// dx = dy at each window's first greatest element unless that is at most `floor`, 0 elsewhere.
void windows_maximum_gradient(const WindowRow *row, const float *x, const float *dy, float *dx, float floor);

/// Eight channels' lines: `factor · x + offset` normalises, `slope · x + constant` is what every element's gradient gets.
typedef struct {
  float factor[8];
  float offset[8];
  float slope[8];
  float constant[8];
} NormLines;

/// y = max(0, the greatest of each window's normalised elements), winners = that element before it was normalised.
void norm_windows(const WindowRow *row, const NormLines *lines, const float *x, float *y, float *winners);

/// dx = the lines' part, and `factor · dy` more at the first element that equals a winner above 0.
void norm_windows_gradient(
    const WindowRow *row, const NormLines *lines, const float *x, const float *winners, const float *dy, float *dx);

/// Adds the gradients of winners above 0 to `shift_sums`, and times `winner - centre` to `scale_sums`, eight each.
void norm_windows_sums(
    const WindowRow *row, const NormLines *lines, const float *centre, const float *winners, const float *dy,
    double *scale_sums, double *shift_sums);

/// Adds `x - guess` and its square over `count` lanes, `step` floats apart, to eight sums each.
void lane_moments(
    const float *x, const float *guess, ptrdiff_t count, ptrdiff_t step, double *sums, double *squares);

/// y = 1 / (1 + e⁻ˣ), to about 2 units in the last place.
void sigmoid_forward(const float *x, float *y, ptrdiff_t count);

/// y = x · sigmoid(x).
void silu_forward(const float *x, float *y, ptrdiff_t count);

/// dx = dy times the slope of x · sigmoid(x).
void silu_gradient(const float *x, const float *dy, float *dx, ptrdiff_t count);

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

/// Centres of bins in ascending order, and one over each gap between two of them.
typedef struct {
  const float *centres;
  const float *inverse_gaps;
  ptrdiff_t count;
} BinCentres;

/// The bin whose centre is next below each x (never the last bin), and its distance from there in gaps, 0…1; what lies
/// outside the centres counts as the outermost one.
void bin_places(const BinCentres *bins, const float *x, int *lower, float *share, ptrdiff_t count);

/// Runs of 2, 3 or 4 elements of `[rows, columns, channels]` pictures: the first ones begin at `start`, `row_step` from row
/// to row, each further one lies `distance` behind the one before.
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

/// Adds each run to the corners of its cube `[channels, bins - 1, …, bins - 1, 2^length]`: a corner's number has a binary
/// digit for each element, the first one's in front, 0 for its lower bin and 1 for its upper one. (Cubes of their own,
/// instead of the cells that they share, make a run a few vectors' loads and stores.)
void run_counts(const RunField *field, const int *lower, const float *share, float *cubes);

/// Adds what the cubes' gradient means for each element's place.
void run_counts_gradient(
    const RunField *field, const int *lower, const float *share, const float *cubes, float *gradient);

/// The weights of 16 outputs of a fully connected layer: `[inputs, 16]`.
typedef struct {
  const float *weights;
  ptrdiff_t inputs;
} LinearPanel;

/// sums[row, :] += x[row, :] · weights, for `[rows, inputs]` and `[rows, 16]`. Every row's products are added in the same
/// order, so that a row's sums do not depend on the others.
void linear_panel(const LinearPanel *panel, const float *x, float *sums, ptrdiff_t rows);

/// One row of a depthwise convolution's output with the row of its input that one row of the filters meets.
typedef struct {
  ptrdiff_t channels;
  /// Floats from a pixel to the next, and from a tap of the filters to the next.
  ptrdiff_t pixel_step;
  ptrdiff_t tap_step;
  /// Pixels of the output's row and of the input's.
  ptrdiff_t columns;
  ptrdiff_t width;
  ptrdiff_t taps;
  ptrdiff_t stride;
  ptrdiff_t dilation;
  ptrdiff_t padding;
} DepthwiseRow;

/// dw[s, c] += the sum over the row of dy[column, c] · x[column · stride - padding + s · dilation, c].
void depthwise_weight_gradient(const DepthwiseRow *row, const float *x, const float *dy, float *dw);
