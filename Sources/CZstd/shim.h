// The system's libzstd (Debian: libzstd-dev).
#include <zstd.h>
