// Numbers modulo p = 2^255 - 19.
#ifndef HOLDFAST_FIELD25519_H
#define HOLDFAST_FIELD25519_H
#include <stdint.h>

// Ten limbs of 26 bits, least significant first. Limbs may hold a few bits more between operations: every function takes
// limbs below 2^30 (`fe_sub` a subtrahend below 2^28) and, but for `fe_add` and `fe_sub`, returns limbs of at most 26 bits
// (the second: a hair more).
enum { FE_LIMBS = 10 };
typedef uint64_t fe[FE_LIMBS];

extern const fe FE_ZERO, FE_ONE;

void fe_mul(fe out, const fe a, const fe b);
void fe_square(fe out, const fe a);
void fe_add(fe out, const fe a, const fe b);
void fe_sub(fe out, const fe a, const fe b);

// 32 bytes, little endian, fully reduced.
void fe_to_bytes(uint8_t out[32], const fe a);
// 255 bits, little endian, reduced or not; the highest bit is left out.
void fe_from_bytes(fe out, const uint8_t in[32]);

int fe_equal(const fe a, const fe b);
int fe_is_zero(const fe a);

// The Legendre symbol: 1 for a square, -1 for none, 0 for zero. A tenth of the price of a square root.
int fe_symbol(const fe a);
// Is a/b (b not zero) a square? If so one of its roots is in `out`.
int fe_root_of_ratio(fe out, const fe a, const fe b);

#endif
