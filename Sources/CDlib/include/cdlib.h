#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// dlib's frontal face detector: five HOG filters over an image pyramid. Used by one thread at a time.
typedef struct cdlib_face_detector cdlib_face_detector;

/// One face, in pixels of the searched picture.
typedef struct {
  double left;
  double top;
  double width;
  double height;
  /// Distance from the deciding plane: above 0 is a face, 0.5 a clear one, more than 2 is rare.
  double score;
} cdlib_face;

typedef enum {
  cdlib_ok = 0,
  cdlib_out_of_memory = 1,
  cdlib_failed = 2,
} cdlib_status;

/// Unpacks the model, which is part of the library.
///
/// On success `*detector` is to be given to `cdlib_face_detector_free`.
cdlib_status cdlib_face_detector_create(cdlib_face_detector **detector);

void cdlib_face_detector_free(cdlib_face_detector *detector);

/// Searches a grey picture for upright faces of at least 80 pixels.
///
/// `grey` is `width * height` bytes, row by row. A face's score is above `threshold`; the box is the mean of the
/// windows around it. At most `capacity` faces are written, best first; `*count` is how many were.
cdlib_status cdlib_find_faces(
    cdlib_face_detector *detector, const uint8_t *grey, int32_t width, int32_t height, double threshold,
    cdlib_face *faces, int32_t capacity, int32_t *count);

#ifdef __cplusplus
}
#endif
