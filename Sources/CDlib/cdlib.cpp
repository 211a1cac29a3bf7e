#include "cdlib.h"
