// The C kernels under Hadal's Swift targets: number formats here, the CPU device's arithmetic in its own header.
#ifndef HADAL_KERNELS_H
#define HADAL_KERNELS_H

#include "hadal_formats.h"
#include "hadal_cpu.h"

#endif
