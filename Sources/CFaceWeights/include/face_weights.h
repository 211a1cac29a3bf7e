#pragma once
#include <stddef.h>

/// Weights of the built-in face detector, a safetensors file.
///
/// A resource that SwiftPM embeds is a Swift array literal of half a million elements, which takes minutes to compile.
const unsigned char *_Nonnull face_detector_weights(size_t *_Nonnull count);
