#include "lane.h"
#include "vector_loops.h"

/// 1 / (1 + e⁻ˣ): 2ᵏ · eʳ with |r| ≤ ln 2 / 2 by its Taylor polynomial (Cody and Waite 1980), without a branch, so that
/// loops over it become vector code.
static inline __attribute__((always_inline)) float sigmoid(float x) {
  float limited = -x < -87.3f ? -87.3f : -x;
  limited = limited > 88.3f ? 88.3f : limited;
  // Adding and taking off 1.5 · 2²³ rounds to a whole number.
  const float shifted = limited * 1.442695f + 12582912.0f;
  const float power = shifted - 12582912.0f;
  const float r = (limited - power * 0.6933594f) + power * 2.1219444e-4f;
  const float series =
      1 + r * (1 + r * (0.5f + r * (1.0f / 6 + r * (1.0f / 24 + r * (1.0f / 120 + r * (1.0f / 720))))));
  unsigned bits, whole;
  memcpy(&bits, &series, sizeof(bits));
  memcpy(&whole, &shifted, sizeof(whole));
  bits += whole << 23;
  float exponential;
  memcpy(&exponential, &bits, sizeof(exponential));
  return 1 / (1 + exponential);
}

FOR_EACH_PROCESSOR
void sigmoid_forward(const float *x, float *y, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) y[i] = sigmoid(x[i]);
}

FOR_EACH_PROCESSOR
void silu_forward(const float *x, float *y, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) y[i] = x[i] * sigmoid(x[i]);
}

FOR_EACH_PROCESSOR
void silu_gradient(const float *x, const float *dy, float *dx, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++) {
    const float s = sigmoid(x[i]);
    dx[i] = dy[i] * s * (1 + x[i] * (1 - s));
  }
}

// Source and target may be the same memory, element by element: without the pragma the loop would test for overlap and
// then run without vectors.
#define EACH(i, count) \
  _Pragma("clang loop vectorize(assume_safety)") for (ptrdiff_t i = 0; i < (count); i++)

FOR_EACH_PROCESSOR
void clip_forward(const float *x, float *y, ptrdiff_t count, float low, float high) {
  EACH(i, count) {
    const float raised = x[i] < low ? low : x[i];
    y[i] = raised > high ? high : raised;
  }
}

FOR_EACH_PROCESSOR
void clip_gradient(const float *x, const float *dy, float *dx, ptrdiff_t count, float low, float high) {
  EACH(i, count) {
    const float slope = dy[i];
    dx[i] = (x[i] > low) & (x[i] < high) ? slope : 0;
  }
}

FOR_EACH_PROCESSOR
void relu_forward(const float *x, float *y, ptrdiff_t count) {
  EACH(i, count) y[i] = x[i] < 0 ? 0 : x[i];
}

FOR_EACH_PROCESSOR
void relu_gradient(const float *y, const float *dy, float *dx, ptrdiff_t count) {
  EACH(i, count) {
    const float slope = dy[i];
    dx[i] = y[i] > 0 ? slope : 0;
  }
}
