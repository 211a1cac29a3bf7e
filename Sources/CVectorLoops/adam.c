#include <math.h>

#include "lane.h"
#include "vector_loops.h"

FOR_EACH_PROCESSOR
void adam_step(
    const AdamStep *step, float *restrict w, float *restrict m, float *restrict v, const float *restrict g,
    ptrdiff_t count) {
  const AdamStep s = *step;
  for (ptrdiff_t i = 0; i < count; i++) {
    m[i] = s.beta1 * m[i] + (1 - s.beta1) * g[i];
    v[i] = s.beta2 * v[i] + (1 - s.beta2) * g[i] * g[i];
    w[i] = w[i] * (1 - s.decay) - s.rate * m[i] / (sqrtf(v[i] * s.correction) + s.epsilon);
  }
}
