#include "face_model.h"

#define DLIB_NO_GUI_SUPPORT
#include <dlib/assert.h>
#include <dlib/test_for_odr_violations.h>
#undef DLIB_USE_BLAS
#undef DLIB_USE_LAPACK
#include <dlib/image_processing/frontal_face_detector.h>

FaceModel unpackFaceModel() {
  const dlib::frontal_face_detector detector = dlib::get_frontal_face_detector();
  const auto &scanner = detector.get_scanner();
  FaceModel model{
      scanner.get_detection_window_width(),
      scanner.get_detection_window_height(),
      scanner.get_padding(),
      scanner.get_cell_size(),
      scanner.get_min_pyramid_layer_width(),
      scanner.get_min_pyramid_layer_height(),
      {}};
  for (unsigned long i = 0; i < detector.num_detectors(); ++i) {
    const auto &weights = detector.get_w(i);
    model.filters.emplace_back(weights.begin(), weights.end());
  }
  return model;
}
