#pragma once
#include <dnnl.h>

/// From libgomp, oneDNN's threading library: the number of threads of parallel regions that the *calling* thread
/// starts. (`omp.h` belongs to GCC and is not on Clang's search path.)
void omp_set_num_threads(int count);
