#include "cdlib.h"

#include <algorithm>
#include <new>
#include <tuple>

#include "face_model.h"
#include "window_search.h"

struct cdlib_face_detector {
  std::unique_ptr<WindowSearch> search;
  std::vector<Window> windows;
};

namespace {

/// Windows whose intersection over union is larger show one face.
constexpr double sameFaceOverlap = 0.4;
/// As do windows of which one covers this much of the other.
constexpr double sameFaceCover = 0.7;
/// Windows this far below the threshold still help to place the box of a face that is above it.
constexpr double supportDepth = 0.3;

std::unique_ptr<WindowSearch> makeSearch(const FaceModel &model) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return makeAVX2Search(model);
#endif
  return makePortableSearch(model);
}

/// Two real faces never overlap as much, nor does one lie within the other.
bool showOneFace(const Window &a, const Window &b) {
  const double width = std::min(a.left + a.width, b.left + b.width) - std::max(a.left, b.left);
  const double height = std::min(a.top + a.height, b.top + b.height) - std::max(a.top, b.top);
  if (width <= 0 || height <= 0) return false;
  const double shared = width * height;
  const double areaOfA = a.width * a.height, areaOfB = b.width * b.height;
  return shared > sameFaceOverlap * (areaOfA + areaOfB - shared) ||
         shared > sameFaceCover * std::min(areaOfA, areaOfB);
}

bool comesFirst(const Window &a, const Window &b) {
  return std::tie(b.score, a.top, a.left, a.width) < std::tie(a.score, b.top, b.left, b.width);
}

/// The windows that show one face, summed up.
///
/// Windows move in steps of a cell (a tenth of a face) and sizes in steps of 1.2; their mean, weighted by score,
/// wanders a fifth as much as the best window does when the picture is shifted or scaled.
struct Cluster {
  Window best;
  double weight = 0, left = 0, top = 0, width = 0, height = 0;

  void add(const Window &window, double floor) {
    const double share = window.score - floor;
    weight += share;
    left += share * window.left;
    top += share * window.top;
    width += share * window.width;
    height += share * window.height;
  }

  cdlib_face face() const {
    return {left / weight, top / weight, width / weight, height / weight, best.score};
  }
};

/// - windows: best first.
std::vector<Cluster> cluster(const std::vector<Window> &windows, double threshold, double floor) {
  std::vector<Cluster> clusters;
  for (const Window &window : windows) {
    const auto home = std::find_if(
        clusters.begin(), clusters.end(), [&](const Cluster &c) { return showOneFace(c.best, window); });
    if (home != clusters.end()) {
      home->add(window, floor);
    } else if (window.score > threshold) {
      clusters.push_back({window});
      clusters.back().add(window, floor);
    }
  }
  return clusters;
}

}  // namespace

extern "C" cdlib_status cdlib_face_detector_create(cdlib_face_detector **detector) {
  try {
    *detector = new cdlib_face_detector{makeSearch(unpackFaceModel()), {}};
    return cdlib_ok;
  } catch (const std::bad_alloc &) {
    return cdlib_out_of_memory;
  } catch (...) {
    return cdlib_failed;
  }
}

extern "C" void cdlib_face_detector_free(cdlib_face_detector *detector) { delete detector; }

extern "C" cdlib_status cdlib_find_faces(
    cdlib_face_detector *detector, const uint8_t *grey, int32_t width, int32_t height, double threshold,
    cdlib_face *faces, int32_t capacity, int32_t *count) {
  *count = 0;
  try {
    auto &windows = detector->windows;
    const double floor = threshold - supportDepth;
    windows.clear();
    detector->search->find(grey, width, height, floor, windows);
    std::sort(windows.begin(), windows.end(), comesFirst);

    for (const Cluster &found : cluster(windows, threshold, floor)) {
      if (*count == capacity) break;
      faces[(*count)++] = found.face();
    }
    return cdlib_ok;
  } catch (const std::bad_alloc &) {
    return cdlib_out_of_memory;
  } catch (...) {
    return cdlib_failed;
  }
}
