#pragma once

#include "window_search.h"

/// Decodes the model that dlib keeps as text in one of its headers; throws what dlib throws.
FaceModel unpackFaceModel();
