#pragma once

#include <cstdint>
#include <memory>
#include <vector>

/// One position of the sliding window that scored above the threshold.
struct Window {
  double score;
  double left;
  double top;
  double width;
  double height;
};

/// What the model says: the window that slides over the pyramid and one filter per pose.
struct FaceModel {
  unsigned long windowWidth;
  unsigned long windowHeight;
  unsigned long padding;
  unsigned long cellSize;
  unsigned long smallestLayerWidth;
  unsigned long smallestLayerHeight;
  /// The filters' weights; the last number of each is its bias.
  std::vector<std::vector<double>> filters;
};

/// A sliding window search that remembers its buffers.
class WindowSearch {
public:
  virtual ~WindowSearch() = default;

  /// Appends every window that scores above `threshold`, in a fixed order; throws what dlib throws.
  virtual void find(
      const std::uint8_t *grey, int width, int height, double threshold, std::vector<Window> &windows) = 0;
};

std::unique_ptr<WindowSearch> makePortableSearch(const FaceModel &model);

#if defined(__x86_64__)
/// For processors with AVX2 and FMA only: 1.6 times as fast.
std::unique_ptr<WindowSearch> makeAVX2Search(const FaceModel &model);
#endif
