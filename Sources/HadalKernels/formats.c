#include "HadalKernels.h"
