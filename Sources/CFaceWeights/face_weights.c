#include "face_weights.h"

static const unsigned char weights[] = {
#embed "face-detector.safetensors"
};

const unsigned char *face_detector_weights(size_t *count) {
  *count = sizeof weights;
  return weights;
}
