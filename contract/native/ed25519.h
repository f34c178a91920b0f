// Is this the canonical encoding of a point of Edwards25519, and is the point of prime order?
#ifndef HOLDFAST_ED25519_H
#define HOLDFAST_ED25519_H
#include <stdint.h>

enum {
  ED25519_NO_POINT = 0,    // not canonical, or not on the curve
  ED25519_ON_CURVE = 1,    // a point, but the identity or with a component of small order
  ED25519_PRIME_ORDER = 2, // a point other than the identity in the subgroup of prime order
};

int ed25519_classify(const uint8_t encoding[32]);

// Can it be somebody's public key: the canonical encoding of a point that is not of small order? For those of small order
// anybody can make signatures. A tenth of the price of ed25519_classify.
int ed25519_is_key(const uint8_t encoding[32]);

#endif
