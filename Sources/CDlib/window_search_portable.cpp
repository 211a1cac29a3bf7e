#include "dlib_standard_headers.h"
#include "window_search.h"

#define DLIB_NO_GUI_SUPPORT
#include "hog_search.inc"

std::unique_ptr<WindowSearch> makePortableSearch(const FaceModel &model) {
  return std::make_unique<HOGSearch>(model);
}
