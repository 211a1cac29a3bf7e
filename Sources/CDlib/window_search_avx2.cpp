#if defined(__x86_64__)

#include "dlib_standard_headers.h"
#include "window_search.h"

// dlib chooses its vector classes by these when it is compiled, not when it runs.
#define DLIB_HAVE_SSE2
#define DLIB_HAVE_SSE3
#define DLIB_HAVE_SSE41
#define DLIB_HAVE_AVX
#define DLIB_HAVE_AVX2

#define DLIB_NO_GUI_SUPPORT
#define dlib dlib_avx2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "hog_search.inc"
#pragma clang attribute pop

std::unique_ptr<WindowSearch> makeAVX2Search(const FaceModel &model) { return std::make_unique<HOGSearch>(model); }

#endif
