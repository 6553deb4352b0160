#include "HadalFirewallModel.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char bytes[] = {
#embed "firewall.model"
};

const unsigned char *hadal_firewall_model(void) { return bytes; }

size_t hadal_firewall_model_size(void) { return sizeof bytes; }
