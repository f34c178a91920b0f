// Point checks on Edwards25519 (RFC 8032, 5.1): -x^2 + y^2 = 1 + d x^2 y^2 over p = 2^255 - 19.
// NEAR has a host function that verifies Ed25519 signatures but none that looks at points, and QuickJS' big integers would
// cost 6 Tgas for one square root; here the whole check costs about one. All inputs are public: nothing is constant-time.
#include "ed25519.h"
#include <string.h>

// A field element: ten limbs of 26 bits, least significant first, value taken modulo p. Limbs may hold a few bits more
// between operations; `mul` accepts limbs below 2^30 and returns limbs of at most 26 bits (the lowest: a hair more).
enum { LIMBS = 10, BITS = 26 };
#define MASK ((1u << BITS) - 1)
// 2^260 = 32 * 2^255 = 32 * 19 (mod p)
#define FOLD 608u
typedef uint64_t fe[LIMBS];

typedef struct {
  fe x, y, z, t; // affine (x/z, y/z), t = x*y/z
} point;

static inline __attribute__((always_inline)) void fold(fe out, const uint64_t *w) {
  uint64_t c[2 * LIMBS];
  uint64_t carry = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < 2 * LIMBS - 1; i++) { uint64_t v = w[i] + carry; c[i] = v & MASK; carry = v >> BITS; }
  c[2 * LIMBS - 1] = carry;
  carry = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < LIMBS; i++) { uint64_t v = c[i] + carry + FOLD * c[i + LIMBS]; out[i] = v & MASK; carry = v >> BITS; }
  out[0] += FOLD * carry;
  out[1] += out[0] >> BITS;
  out[0] &= MASK;
}
static void carry_and_fold(fe out, uint64_t *wide, int count) {
  for (int i = 0; i < count - 1; i++) {
    wide[i + 1] += wide[i] >> BITS;
    wide[i] &= MASK;
  }
  uint64_t carry = 0;
  for (int i = 0; i < LIMBS; i++) {
    uint64_t v = wide[i] + carry + (i + LIMBS < count ? FOLD * wide[i + LIMBS] : 0);
    out[i] = v & MASK;
    carry = v >> BITS;
  }
  out[0] += FOLD * carry;
  out[1] += out[0] >> BITS;
  out[0] &= MASK;
}

static __attribute__((noinline)) void mul(fe out, const fe a, const fe b) {
  uint64_t w[2 * LIMBS - 1];
#pragma clang loop unroll(full)
  for (int k = 0; k < 2 * LIMBS - 1; k++) {
    uint64_t s = 0;
#pragma clang loop unroll(full)
    for (int i = 0; i < LIMBS; i++) if (k - i >= 0 && k - i < LIMBS) s += a[i] * b[k - i];
    w[k] = s;
  }
  fold(out, w);
}
static __attribute__((noinline)) void square(fe out, const fe a) {
  uint64_t w[2 * LIMBS - 1], t[LIMBS];
#pragma clang loop unroll(full)
  for (int i = 0; i < LIMBS; i++) t[i] = 2 * a[i];
#pragma clang loop unroll(full)
  for (int k = 0; k < 2 * LIMBS - 1; k++) {
    uint64_t s = 0;
#pragma clang loop unroll(full)
    for (int i = 0; i < LIMBS; i++) { int j = k - i; if (j > i && j < LIMBS) s += t[i] * a[j]; if (j == i) s += a[i] * a[i]; }
    w[k] = s;
  }
  fold(out, w);
}

static void add(fe out, const fe a, const fe b) {
#pragma clang loop unroll(full)
  for (int i = 0; i < LIMBS; i++) out[i] = a[i] + b[i];
}

// a - b, made positive by adding 128 p, whose limbs are all above those of any b that is a product or a sum of two.
static void sub(fe out, const fe a, const fe b) {
  out[0] = a[0] + 4 * (uint64_t)(MASK + 1 - FOLD) - b[0];
#pragma clang loop unroll(full)
  for (int i = 1; i < LIMBS; i++) out[i] = a[i] + 4 * (uint64_t)MASK - b[i];
}

static void square_times(fe out, const fe a, int times) {
  square(out, a);
  while (--times > 0) square(out, out);
}

// 32 bytes, little endian, fully reduced.
static void to_bytes(uint8_t out[32], const fe a) {
  fe t;
  uint64_t wide[LIMBS + 1] = {0};
  memcpy(wide, a, sizeof(fe));
  carry_and_fold(t, wide, LIMBS + 1);
  memcpy(wide, t, sizeof(fe));
  wide[LIMBS] = 0;
  carry_and_fold(t, wide, LIMBS + 1);
  // now below 2^260; bring it below 2^255 + 19, then subtract p once if needed
  for (int pass = 0; pass < 2; pass++) {
    uint64_t high = t[9] >> 21;
    t[9] &= (1u << 21) - 1;
    t[0] += 19 * high;
    for (int i = 0; i < LIMBS - 1; i++) {
      t[i + 1] += t[i] >> BITS;
      t[i] &= MASK;
    }
  }
  fe s;
  uint64_t c = 19;
  for (int i = 0; i < LIMBS; i++) {
    c += t[i];
    s[i] = c & MASK;
    c >>= BITS;
  }
  // t + 19 reached 2^255: then t >= p and t - p is what is left
  if (s[9] >> 21) {
    s[9] &= (1u << 21) - 1;
    memcpy(t, s, sizeof(fe));
  }
  uint64_t acc = 0;
  int bits = 0, n = 0;
  for (int i = 0; i < LIMBS; i++) {
    acc |= t[i] << bits;
    for (bits += BITS; bits >= 8; bits -= 8, acc >>= 8)
      if (n < 32) out[n++] = (uint8_t)acc;
  }
  if (n < 32) out[n] = (uint8_t)acc;
}

static void from_bytes(fe out, const uint8_t in[32]) {
  uint64_t acc = 0;
  int bits = 0, limb = 0;
  memset(out, 0, sizeof(fe));
  for (int i = 0; i < 32; i++) {
    acc |= (uint64_t)(i == 31 ? in[i] & 127 : in[i]) << bits;
    for (bits += 8; bits >= BITS; bits -= BITS, acc >>= BITS) out[limb++] = acc & MASK;
  }
  out[limb] = acc;
}

static int equal(const fe a, const fe b) {
  uint8_t x[32], y[32];
  to_bytes(x, a);
  to_bytes(y, b);
  return memcmp(x, y, 32) == 0;
}

static int is_zero(const fe a) {
  static const fe zero = {0};
  return equal(a, zero);
}

// a^(2^252 - 3) = a^((p - 5) / 8)
static void power_for_root(fe out, const fe a) {
  fe t0, t1, x5, x10, x20, x50, x100;
  square(t0, a);             // 2
  square_times(t1, t0, 2);   // 8
  mul(t1, t1, a);            // 9
  mul(t0, t0, t1);           // 11
  square(t0, t0);            // 22
  mul(x5, t0, t1);           // 2^5 - 1
  square_times(t0, x5, 5);
  mul(x10, t0, x5);          // 2^10 - 1
  square_times(t0, x10, 10);
  mul(x20, t0, x10);         // 2^20 - 1
  square_times(t0, x20, 20);
  mul(t0, t0, x20);          // 2^40 - 1
  square_times(t0, t0, 10);
  mul(x50, t0, x10);         // 2^50 - 1
  square_times(t0, x50, 50);
  mul(x100, t0, x50);        // 2^100 - 1
  square_times(t0, x100, 100);
  mul(t0, t0, x100);         // 2^200 - 1
  square_times(t0, t0, 50);
  mul(t0, t0, x50);          // 2^250 - 1
  square_times(t0, t0, 2);
  mul(out, t0, a);           // 2^252 - 3
}

static const fe ONE = {1};
static const uint8_t D_BYTES[32] = {0xa3, 0x78, 0x59, 0x13, 0xca, 0x4d, 0xeb, 0x75, 0xab, 0xd8, 0x41,
                                    0x41, 0x4d, 0x0a, 0x70, 0x00, 0x98, 0xe8, 0x79, 0x77, 0x79, 0x40,
                                    0xc7, 0x8c, 0x73, 0xfe, 0x6f, 0x2b, 0xee, 0x6c, 0x03, 0x52};
// sqrt(-1) = 2^((p - 1) / 4)
static const uint8_t ROOT_OF_MINUS_ONE[32] = {0xb0, 0xa0, 0x0e, 0x4a, 0x27, 0x1b, 0xee, 0xc4, 0x78, 0xe4, 0x2f,
                                              0xad, 0x06, 0x18, 0x43, 0x2f, 0xa7, 0xd7, 0xfb, 0x3d, 0x99, 0x00,
                                              0x4d, 0x2b, 0x0b, 0xdf, 0xc1, 0x4f, 0x80, 0x24, 0x83, 0x2b};

// RFC 8032, 5.1.3, canonical encodings only: y < p, and no negative zero.
static int decompress(point *out, const uint8_t encoding[32]) {
  fe u, v, v3, candidate, check, root;
  uint8_t again[32];
  from_bytes(out->y, encoding);
  to_bytes(again, out->y);
  again[31] |= encoding[31] & 128;
  if (memcmp(again, encoding, 32) != 0) return 0;
  fe d;
  from_bytes(d, D_BYTES);
  square(u, out->y);
  mul(v, u, d);
  sub(u, u, ONE); // u = y^2 - 1
  add(v, v, ONE); // v = d y^2 + 1
  square(v3, v);
  mul(v3, v3, v);
  square(candidate, v3);
  mul(candidate, candidate, v);
  mul(candidate, candidate, u); // u v^7
  power_for_root(candidate, candidate);
  mul(candidate, candidate, v3);
  mul(candidate, candidate, u); // (u/v)^((p+3)/8)
  square(check, candidate);
  mul(check, check, v);
  if (!equal(check, u)) {
    from_bytes(root, ROOT_OF_MINUS_ONE);
    mul(candidate, candidate, root);
    square(check, candidate);
    mul(check, check, v);
    if (!equal(check, u)) return 0;
  }
  to_bytes(again, candidate);
  int sign = encoding[31] >> 7;
  if (is_zero(candidate) && sign) return 0;
  static const fe zero = {0};
  if ((again[0] & 1) != sign) sub(candidate, zero, candidate);
  memcpy(out->z, ONE, sizeof(fe));
  mul(out->x, candidate, ONE);
  mul(out->t, out->x, out->y);
  return 1;
}

// Hisil, Wong, Carter, Dawson (2008), for a = -1. `t` is only computed when an addition follows.
static void twice(point *p, int with_t) {
  fe a, b, c, e, f, g, h, s;
  static const fe zero = {0};
  square(a, p->x);
  square(b, p->y);
  square(c, p->z);
  add(c, c, c);
  add(s, p->x, p->y);
  square(e, s);
  sub(e, e, a);
  sub(e, e, b);
  sub(g, b, a);
  sub(f, g, c);
  add(s, a, b);
  sub(h, zero, s);
  mul(p->x, e, f);
  mul(p->y, g, h);
  mul(p->z, f, g);
  if (with_t) mul(p->t, e, h);
}

// p + q for an affine q (z = 1); `dt2` is 2 d times q's t. The formula is complete: it holds for every pair of points.
static void plus(point *p, const point *q, const fe dt2) {
  fe a, b, c, d, e, f, g, h, s, t;
  sub(s, p->y, p->x);
  sub(t, q->y, q->x);
  mul(a, s, t);
  add(s, p->y, p->x);
  add(t, q->y, q->x);
  mul(b, s, t);
  mul(c, p->t, dt2);
  add(d, p->z, p->z);
  sub(e, b, a);
  sub(f, d, c);
  add(g, d, c);
  add(h, b, a);
  mul(p->x, e, f);
  mul(p->y, g, h);
  mul(p->t, e, h);
  mul(p->z, f, g);
}

// L = 2^252 + 27742317777372353535851937790883648493, the prime order of the base point's group
static const uint8_t ORDER[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                  0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                  0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};

static int order_bit(int i) { return (ORDER[i >> 3] >> (i & 7)) & 1; }

int ed25519_classify(const uint8_t encoding[32]) {
  point p, q;
  fe d, dt2;
  if (!decompress(&p, encoding)) return ED25519_NO_POINT;
  if (is_zero(p.x) && equal(p.y, p.z)) return ED25519_ON_CURVE;
  from_bytes(d, D_BYTES);
  mul(dt2, p.t, d);
  add(dt2, dt2, dt2);
  q = p;
  for (int i = 251; i >= 0; i--) {
    twice(&q, order_bit(i));
    if (order_bit(i)) plus(&q, &p, dt2);
  }
  return is_zero(q.x) && equal(q.y, q.z) ? ED25519_PRIME_ORDER : ED25519_ON_CURVE;
}

int ed25519_is_key(const uint8_t encoding[32]) {
  point p;
  if (!decompress(&p, encoding)) return 0;
  // 8 times a point of small order is the identity
  for (int i = 0; i < 3; i++) twice(&p, 0);
  return !(is_zero(p.x) && equal(p.y, p.z));
}
