// All inputs are public: nothing here is constant-time.
#include "field25519.h"
#include <string.h>

enum { LIMBS = FE_LIMBS, BITS = 26 };
#define MASK ((1u << BITS) - 1)
// 2^260 = 32 * 2^255 = 32 * 19 (mod p)
#define FOLD 608u
// What an instruction costs makes unrolled loops twice as cheap.
#define UNROLLED _Pragma("clang loop unroll(full)")

const fe FE_ZERO = {0}, FE_ONE = {1};

// Limbs of at most 26 bits, the lowest but a hair more; whatever they were before.
static inline __attribute__((always_inline)) void carry(fe out, const uint64_t *limbs) {
  uint64_t over = 0;
  UNROLLED for (int i = 0; i < LIMBS; i++) {
    uint64_t v = limbs[i] + over;
    out[i] = v & MASK;
    over = v >> BITS;
  }
  out[0] += FOLD * over;
  out[1] += out[0] >> BITS;
  out[0] &= MASK;
}

// The columns of a product, folded in half.
static inline __attribute__((always_inline)) void fold(fe out, const uint64_t *columns) {
  uint64_t limbs[2 * LIMBS], over = 0;
  UNROLLED for (int i = 0; i < 2 * LIMBS - 1; i++) {
    uint64_t v = columns[i] + over;
    limbs[i] = v & MASK;
    over = v >> BITS;
  }
  limbs[2 * LIMBS - 1] = over;
  UNROLLED for (int i = 0; i < LIMBS; i++) limbs[i] += FOLD * limbs[i + LIMBS];
  carry(out, limbs);
}

__attribute__((noinline)) void fe_mul(fe out, const fe a, const fe b) {
  uint64_t columns[2 * LIMBS - 1];
  UNROLLED for (int k = 0; k < 2 * LIMBS - 1; k++) {
    uint64_t sum = 0;
    UNROLLED for (int i = 0; i < LIMBS; i++) {
      if (k - i >= 0 && k - i < LIMBS) sum += a[i] * b[k - i];
    }
    columns[k] = sum;
  }
  fold(out, columns);
}

__attribute__((noinline)) void fe_square(fe out, const fe a) {
  uint64_t columns[2 * LIMBS - 1], twice[LIMBS];
  UNROLLED for (int i = 0; i < LIMBS; i++) twice[i] = 2 * a[i];
  UNROLLED for (int k = 0; k < 2 * LIMBS - 1; k++) {
    uint64_t sum = 0;
    UNROLLED for (int i = 0; i < LIMBS; i++) {
      int j = k - i;
      if (j > i && j < LIMBS) sum += twice[i] * a[j];
      if (j == i) sum += a[i] * a[i];
    }
    columns[k] = sum;
  }
  fold(out, columns);
}

void fe_add(fe out, const fe a, const fe b) {
  UNROLLED for (int i = 0; i < LIMBS; i++) out[i] = a[i] + b[i];
}

// Made positive by adding 128 p, whose limbs are all above those of any b that is a product or a sum of two.
void fe_sub(fe out, const fe a, const fe b) {
  out[0] = a[0] + 4 * (uint64_t)(MASK + 1 - FOLD) - b[0];
  UNROLLED for (int i = 1; i < LIMBS; i++) out[i] = a[i] + 4 * (uint64_t)MASK - b[i];
}

static void square_times(fe out, const fe a, int times) {
  fe_square(out, a);
  while (--times > 0) fe_square(out, out);
}

void fe_to_bytes(uint8_t out[32], const fe a) {
  fe t;
  carry(t, a);
  carry(t, t);
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

void fe_from_bytes(fe out, const uint8_t in[32]) {
  uint64_t acc = 0;
  int bits = 0, limb = 0;
  memset(out, 0, sizeof(fe));
  for (int i = 0; i < 32; i++) {
    acc |= (uint64_t)(i == 31 ? in[i] & 127 : in[i]) << bits;
    for (bits += 8; bits >= BITS; bits -= BITS, acc >>= BITS) out[limb++] = acc & MASK;
  }
  out[limb] = acc;
}

int fe_equal(const fe a, const fe b) {
  uint8_t x[32], y[32];
  fe_to_bytes(x, a);
  fe_to_bytes(y, b);
  return memcmp(x, y, 32) == 0;
}

int fe_is_zero(const fe a) { return fe_equal(a, FE_ZERO); }

enum { WORDS = 4 };

static int is_below(const uint64_t a[WORDS], const uint64_t b[WORDS]) {
  for (int i = WORDS - 1; i > 0; i--)
    if (a[i] != b[i]) return a[i] < b[i];
  return a[0] < b[0];
}

// a - b, shifted down to the next odd number; how far, modulo 64 at least, is what is returned. a and b are odd, a > b.
static int difference_made_odd(uint64_t a[WORDS], const uint64_t b[WORDS]) {
  uint64_t borrow = 0;
  int words = 0;
  UNROLLED for (int i = 0; i < WORDS; i++) {
    uint64_t d = a[i] - b[i], e = d - borrow;
    borrow = (a[i] < b[i]) | (d < borrow);
    a[i] = e;
  }
  for (; a[0] == 0; words++) {
    for (int i = 0; i < WORDS - 1; i++) a[i] = a[i + 1];
    a[WORDS - 1] = 0;
  }
  int bits = __builtin_ctzll(a[0]);
  if (bits > 0) {
    UNROLLED for (int i = 0; i < WORDS - 1; i++) a[i] = a[i] >> bits | a[i + 1] << (64 - bits);
    a[WORDS - 1] >>= bits;
  }
  return bits;
}

// The binary Jacobi algorithm: quadratic reciprocity, and 2 is a square modulo n where n is 1 or 7 modulo 8.
int fe_symbol(const fe value) {
  uint8_t bytes[32];
  uint64_t a[WORDS] = {0}, n[WORDS] = {-19ull, -1ull, -1ull, -1ull >> 1};
  int negative = 0;
  fe_to_bytes(bytes, value);
  for (int i = 0; i < 32; i++) a[i / 8] |= (uint64_t)bytes[i] << 8 * (i % 8);
  if ((a[0] | a[1] | a[2] | a[3]) == 0) return 0;
  // 2 is no square modulo p, which is 5 modulo 8
  while ((a[0] & 1) == 0) {
    for (int i = 0; i < WORDS; i++) a[i] = a[i] >> 1 | (i + 1 < WORDS ? a[i + 1] << 63 : 0);
    negative ^= 1;
  }
  while (memcmp(a, n, sizeof(a)) != 0) {
    uint64_t *larger = a, *smaller = n;
    if (is_below(a, n)) {
      larger = n, smaller = a;
      negative ^= (a[0] & n[0] & 3) == 3;
    }
    // (larger / smaller) from here on, and the names do not matter
    int twos = difference_made_odd(larger, smaller);
    negative ^= twos & ((smaller[0] >> 1 ^ smaller[0] >> 2) & 1);
    if (larger == n) negative ^= (a[0] & n[0] & 3) == 3;
  }
  return negative ? -1 : 1;
}

// a^(2^252 - 3) = a^((p - 5) / 8)
static void power_for_root(fe out, const fe a) {
  fe t0, t1, x5, x10, x20, x50, x100;
  fe_square(t0, a);          // 2
  square_times(t1, t0, 2);   // 8
  fe_mul(t1, t1, a);         // 9
  fe_mul(t0, t0, t1);        // 11
  fe_square(t0, t0);         // 22
  fe_mul(x5, t0, t1);        // 2^5 - 1
  square_times(t0, x5, 5);
  fe_mul(x10, t0, x5);       // 2^10 - 1
  square_times(t0, x10, 10);
  fe_mul(x20, t0, x10);      // 2^20 - 1
  square_times(t0, x20, 20);
  fe_mul(t0, t0, x20);       // 2^40 - 1
  square_times(t0, t0, 10);
  fe_mul(x50, t0, x10);      // 2^50 - 1
  square_times(t0, x50, 50);
  fe_mul(x100, t0, x50);     // 2^100 - 1
  square_times(t0, x100, 100);
  fe_mul(t0, t0, x100);      // 2^200 - 1
  square_times(t0, t0, 50);
  fe_mul(t0, t0, x50);       // 2^250 - 1
  square_times(t0, t0, 2);
  fe_mul(out, t0, a);        // 2^252 - 3
}

// sqrt(-1) = 2^((p - 1) / 4)
static const uint8_t ROOT_OF_MINUS_ONE[32] = {0xb0, 0xa0, 0x0e, 0x4a, 0x27, 0x1b, 0xee, 0xc4, 0x78, 0xe4, 0x2f,
                                              0xad, 0x06, 0x18, 0x43, 0x2f, 0xa7, 0xd7, 0xfb, 0x3d, 0x99, 0x00,
                                              0x4d, 0x2b, 0x0b, 0xdf, 0xc1, 0x4f, 0x80, 0x24, 0x83, 0x2b};

// RFC 8032, 5.1.3: a b^3 (a b^7)^((p - 5) / 8) is the root of a/b or of -a/b.
int fe_root_of_ratio(fe out, const fe a, const fe b) {
  fe b3, candidate, check, root;
  fe_square(b3, b);
  fe_mul(b3, b3, b);
  fe_square(candidate, b3);
  fe_mul(candidate, candidate, b);
  fe_mul(candidate, candidate, a);
  power_for_root(candidate, candidate);
  fe_mul(candidate, candidate, b3);
  fe_mul(out, candidate, a);
  fe_square(check, out);
  fe_mul(check, check, b);
  if (fe_equal(check, a)) return 1;
  fe_from_bytes(root, ROOT_OF_MINUS_ONE);
  fe_mul(out, out, root);
  fe_square(check, out);
  fe_mul(check, check, b);
  return fe_equal(check, a);
}
