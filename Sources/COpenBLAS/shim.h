#pragma once
#include <openblas/cblas.h>
