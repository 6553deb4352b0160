#ifndef HADAL_FIREWALL_MODEL_H
#define HADAL_FIREWALL_MODEL_H

#include <stddef.h>

/// The classifier's weights (`firewall.model`, written by `Firewall/train.py`) as part of the binary.
const unsigned char *hadal_firewall_model(void);
size_t hadal_firewall_model_size(void);

#endif
