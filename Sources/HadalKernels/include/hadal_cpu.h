#ifndef HADAL_CPU_H
#define HADAL_CPU_H
#endif
