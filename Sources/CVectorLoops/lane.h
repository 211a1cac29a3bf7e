#pragma once
#include <string.h>

/// Compiled three times; the loader takes the best that the processor has.
#if defined(__x86_64__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

typedef float Lane __attribute__((vector_size(32)));
typedef int LaneMask __attribute__((vector_size(32)));
/// 16 outputs of a layer, or 16 channels: one AVX-512 register.
typedef float Panel __attribute__((vector_size(64)));
typedef int PanelMask __attribute__((vector_size(64)));
typedef double WideLane __attribute__((vector_size(64)));

// Macros, because a vector passed to a function would have another register in each clone.
#define LOAD(target, pointer) memcpy(&(target), (pointer), sizeof(target))
#define STORE(pointer, value) \
  do { \
    const Lane stored = (value); \
    memcpy((pointer), &stored, sizeof(stored)); \
  } while (0)
/// `yes` where the mask is set, else `no`.
#define CHOOSE(mask, yes, no) ((Lane)(((mask) & (LaneMask)(yes)) | (~(mask) & (LaneMask)(no))))
/// `value` where the mask is set, else 0.
#define KEEP(mask, value) ((Lane)((mask) & (LaneMask)(value)))
