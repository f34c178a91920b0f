// Point checks on Edwards25519 (RFC 8032, 5.1): -x^2 + y^2 = 1 + d x^2 y^2 over p = 2^255 - 19.
// NEAR has a host function that verifies Ed25519 signatures but none that looks at points, and QuickJS' big integers would
// cost 6 Tgas for one square root. All inputs are public: nothing is constant-time.
#include "ed25519.h"
#include "field25519.h"
#include <string.h>

typedef struct {
  fe x, y;
} point;

static const uint8_t D_BYTES[32] = {0xa3, 0x78, 0x59, 0x13, 0xca, 0x4d, 0xeb, 0x75, 0xab, 0xd8, 0x41,
                                    0x41, 0x4d, 0x0a, 0x70, 0x00, 0x98, 0xe8, 0x79, 0x77, 0x79, 0x40,
                                    0xc7, 0x8c, 0x73, 0xfe, 0x6f, 0x2b, 0xee, 0x6c, 0x03, 0x52};

// Is the encoded y below p?
static int read_y(fe y, const uint8_t encoding[32]) {
  uint8_t again[32];
  fe_from_bytes(y, encoding);
  fe_to_bytes(again, y);
  again[31] |= encoding[31] & 128;
  return memcmp(again, encoding, 32) == 0;
}

// x^2 = u/v = (y^2 - 1) / (d y^2 + 1); v is never zero
static void x_squared(fe u, fe v, const fe y) {
  fe_from_bytes(v, D_BYTES);
  fe_square(u, y);
  fe_mul(v, u, v);
  fe_sub(u, u, FE_ONE);
  fe_add(v, v, FE_ONE);
}

// RFC 8032, 5.1.3, canonical encodings only: y < p, and no negative zero.
static int decompress(point *out, const uint8_t encoding[32]) {
  fe u, v, x;
  uint8_t again[32];
  if (!read_y(out->y, encoding)) return 0;
  x_squared(u, v, out->y);
  if (!fe_root_of_ratio(x, u, v)) return 0;
  fe_to_bytes(again, x);
  int sign = encoding[31] >> 7;
  if (fe_is_zero(x) && sign) return 0;
  if ((again[0] & 1) != sign) fe_sub(x, FE_ZERO, x);
  fe_mul(out->x, x, FE_ONE);
  return 1;
}

// Curve25519, v^2 = u^3 + A u^2 + u, is the same curve: u = (1 + y) / (1 - y), v = ROOT_C u / x (RFC 7748, 4.1).
static const fe A = {486662};
// sqrt(-(A + 2))
static const uint8_t ROOT_C[32] = {0x06, 0x7e, 0x45, 0xff, 0xaa, 0x04, 0x6e, 0xcc, 0x82, 0x1a, 0x7d,
                                   0x4b, 0xd1, 0xd3, 0xa1, 0xc5, 0x7e, 0x4f, 0xfc, 0x03, 0xdc, 0x08,
                                   0x7b, 0xd2, 0xbb, 0x06, 0xa0, 0x60, 0xf4, 0xed, 0x26, 0x0f};
// sqrt(A + 2): v of a point of order 4, whose u is 1
static const uint8_t V_OF_ORDER_4[32] = {0xd8, 0xbb, 0x77, 0x63, 0x10, 0xb7, 0x5d, 0x16, 0x9c, 0x6c, 0xb5,
                                         0xd7, 0x38, 0xee, 0xa5, 0x9c, 0x10, 0x59, 0x0b, 0x28, 0x85, 0x58,
                                         0xe0, 0x3d, 0x50, 0x3d, 0x56, 0x06, 0x68, 0x0b, 0x1b, 0x14};

// Is P, with x not 0, 8 times another point? The group is cyclic, of order 8 L with L prime: the multiples of 8 are those of
// order L, and the identity. Multiplying by L says the same for three times the price.
//
// A point is twice another if its u is a square (2-descent: u is the character of E/2E, which has two elements). P = 2Q, with
// s^2 = u(P) and w = v/u, goes over the curve Y^2 = X^3 - 2A X^2 + (A^2 - 4) X, to which and from which there are isogenies of
// degree 2 that make the doubling: X = 2u + A - 2ws is the point between if it is a square, else that with -s (their product
// A^2 - 4 is none); w(Q) = sqrt(X); u(Q) = (X - A)/2 - s w(Q). There are two Q; whether one is a multiple of 4 is the same
// for both. It is, if the Tate pairing of order 4 of T = (1, sqrt(A + 2)) with Q is trivial. Its function is
// (v - v(T) u)^2 / u, so that is: u(Q) is a square, r^2, and r and v - v(T) u are both squares or both not.
static int is_eight_times_another(const point *p) {
  fe u, z, s, w, c, ux, zx, az, sum, cross, n, d, t, r;
  fe_add(u, FE_ONE, p->y); // u(P) = u/z
  fe_sub(z, FE_ONE, p->y);
  fe_mul(t, u, z);
  if (fe_symbol(t) != 1 || !fe_root_of_ratio(s, u, z)) return 0;
  // X = n/d = (2 u x + A z x -+ 2 ROOT_C s z) / (z x)
  fe_from_bytes(c, ROOT_C);
  fe_mul(ux, u, p->x);
  fe_mul(zx, z, p->x);
  fe_mul(az, A, zx);
  fe_add(sum, ux, ux);
  fe_add(sum, sum, az);
  fe_mul(cross, c, s);
  fe_mul(cross, cross, z);
  fe_add(cross, cross, cross);
  memcpy(d, zx, sizeof(fe));
  fe_sub(n, sum, cross);
  fe_mul(t, n, d);
  if (fe_symbol(t) != 1) {
    fe_add(n, sum, cross);
    fe_sub(t, FE_ZERO, s);
    fe_mul(s, t, FE_ONE);
  }
  if (!fe_root_of_ratio(w, n, d)) return 0; // w(Q)
  // u(Q) = (n - A d - 2 s w d) / (2 d)
  fe_mul(t, s, w);
  fe_mul(t, t, d);
  fe_add(t, t, t);
  fe_sub(n, n, az);
  fe_sub(n, n, t);
  fe_add(d, d, d);
  if (!fe_root_of_ratio(r, n, d)) return 0;
  // v - v(T) u = u (w - v(T)), and u is a square
  fe_from_bytes(t, V_OF_ORDER_4);
  fe_sub(t, w, t);
  int symbol = fe_symbol(t);
  return symbol != 0 && symbol == fe_symbol(r);
}

int ed25519_classify(const uint8_t encoding[32]) {
  point p;
  if (!decompress(&p, encoding)) return ED25519_NO_POINT;
  // x = 0: the identity and the point of order 2
  return !fe_is_zero(p.x) && is_eight_times_another(&p) ? ED25519_PRIME_ORDER : ED25519_ON_CURVE;
}

// y^2 of the points of order 8
static const uint8_t Y_SQUARED_OF_ORDER_8[32] = {
    0x91, 0x52, 0x15, 0x9c, 0x85, 0x91, 0x47, 0xae, 0x03, 0xa1, 0xf0, 0xb4, 0x34, 0x9e, 0xdf, 0x6b,
    0x05, 0x9c, 0x60, 0xba, 0xc2, 0xeb, 0xc2, 0xc2, 0x57, 0xb2, 0xd5, 0x8b, 0x5b, 0x12, 0xb9, 0x76};

int ed25519_is_key(const uint8_t encoding[32]) {
  fe y, u, v, order8, product;
  if (!read_y(y, encoding)) return 0;
  x_squared(u, v, y);
  // The points of small order, by y: 1 and -1 (u = 0), 0 (order 4), and those of order 8.
  fe_from_bytes(order8, Y_SQUARED_OF_ORDER_8);
  fe_square(product, y);
  fe_sub(product, product, order8);
  fe_mul(product, product, y);
  if (fe_is_zero(product)) return 0;
  // Is there an x? What it is does not matter.
  fe_mul(product, u, v);
  return fe_symbol(product) == 1;
}
