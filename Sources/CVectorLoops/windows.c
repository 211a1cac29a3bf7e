#include "lane.h"
#include "vector_loops.h"

FOR_EACH_PROCESSOR
void windows_maximum(const WindowRow *row, const float *x, float *y) {
  for (ptrdiff_t column = 0; column < row->columns; column++) {
    Lane best;
    LOAD(best, x);
    for (ptrdiff_t i = 0; i < row->other_count; i++) {
      Lane value;
      LOAD(value, x + row->others[i]);
      best = CHOOSE(value > best, value, best);
    }
    STORE(y, best);
    x += row->x_step;
    y += row->y_step;
  }
}

FOR_EACH_PROCESSOR
void windows_maximum_gradient(const WindowRow *row, const float *x, const float *dy, float *dx, float floor) {
  for (ptrdiff_t column = 0; column < row->columns; column++) {
    Lane first, best;
    LOAD(first, x);
    best = first;
    for (ptrdiff_t i = 0; i < row->other_count; i++) {
      Lane value;
      LOAD(value, x + row->others[i]);
      best = CHOOSE(value > best, value, best);
    }
    // The remaining gradient: the first element equal to the maximum takes it.
    Lane rest;
    LOAD(rest, dy);
    rest = KEEP(~(best <= floor), rest);
    LaneMask wins = first == best;
    STORE(dx, KEEP(wins, rest));
    rest = KEEP(~wins, rest);
    for (ptrdiff_t i = 0; i < row->other_count; i++) {
      Lane value;
      LOAD(value, x + row->others[i]);
      wins = value == best;
      STORE(dx + row->others[i], KEEP(wins, rest));
      rest = KEEP(~wins, rest);
    }
    x += row->x_step;
    dx += row->x_step;
    dy += row->y_step;
  }
}
