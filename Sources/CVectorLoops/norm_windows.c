#include "lane.h"
#include "vector_loops.h"

FOR_EACH_PROCESSOR
void norm_windows(const WindowRow *row, const NormLines *lines, const float *x, float *y, float *winners) {
  Lane factor, offset;
  LOAD(factor, lines->factor);
  LOAD(offset, lines->offset);
  for (ptrdiff_t column = 0; column < row->columns; column++) {
    Lane winner;
    LOAD(winner, x);
    Lane best = winner * factor + offset;
    for (ptrdiff_t i = 0; i < row->other_count; i++) {
      Lane candidate;
      LOAD(candidate, x + row->others[i]);
      const Lane value = candidate * factor + offset;
      const LaneMask wins = value > best;
      best = CHOOSE(wins, value, best);
      winner = CHOOSE(wins, candidate, winner);
    }
    STORE(winners, winner);
    STORE(y, KEEP(~(best < 0), best));
    x += row->x_step;
    y += row->y_step;
    winners += row->y_step;
  }
}

FOR_EACH_PROCESSOR
void norm_windows_gradient(
    const WindowRow *row, const NormLines *lines, const float *x, const float *winners, const float *dy, float *dx) {
  Lane factor, offset, slope, constant;
  LOAD(factor, lines->factor);
  LOAD(offset, lines->offset);
  LOAD(slope, lines->slope);
  LOAD(constant, lines->constant);
  for (ptrdiff_t column = 0; column < row->columns; column++) {
    Lane winner, rest, value;
    LOAD(winner, winners);
    LOAD(rest, dy);
    // The remaining gradient: the first element equal to the maximum takes it.
    rest = KEEP(~(winner * factor + offset <= 0), rest * factor);
    LOAD(value, x);
    LaneMask wins = value == winner;
    STORE(dx, value * slope + constant + KEEP(wins, rest));
    rest = KEEP(~wins, rest);
    for (ptrdiff_t i = 0; i < row->other_count; i++) {
      LOAD(value, x + row->others[i]);
      wins = value == winner;
      STORE(dx + row->others[i], value * slope + constant + KEEP(wins, rest));
      rest = KEEP(~wins, rest);
    }
    x += row->x_step;
    dx += row->x_step;
    dy += row->y_step;
    winners += row->y_step;
  }
}

FOR_EACH_PROCESSOR
void norm_windows_sums(
    const WindowRow *row, const NormLines *lines, const float *centre, const float *winners, const float *dy,
    double *scale_sums, double *shift_sums) {
  Lane factor, offset, middle, scale_sum = {0}, shift_sum = {0};
  LOAD(factor, lines->factor);
  LOAD(offset, lines->offset);
  LOAD(middle, centre);
  for (ptrdiff_t column = 0; column < row->columns; column++) {
    Lane winner, gradient;
    LOAD(winner, winners);
    LOAD(gradient, dy);
    gradient = KEEP(~(winner * factor + offset <= 0), gradient);
    shift_sum += gradient;
    scale_sum += gradient * (winner - middle);
    winners += row->y_step;
    dy += row->y_step;
  }
  for (int i = 0; i < 8; i++) {
    scale_sums[i] += (double)scale_sum[i];
    shift_sums[i] += (double)shift_sum[i];
  }
}

FOR_EACH_PROCESSOR
void lane_moments(
    const float *x, const float *guess, ptrdiff_t count, ptrdiff_t step, double *sums, double *squares) {
  Lane centre, sum = {0}, square = {0};
  LOAD(centre, guess);
  for (ptrdiff_t i = 0; i < count; i++) {
    Lane value;
    LOAD(value, x);
    value -= centre;
    sum += value;
    square += value * value;
    x += step;
  }
  for (int i = 0; i < 8; i++) {
    sums[i] += (double)sum[i];
    squares[i] += (double)square[i];
  }
}
