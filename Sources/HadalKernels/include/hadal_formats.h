#ifndef HADAL_FORMATS_H
#define HADAL_FORMATS_H
#endif
