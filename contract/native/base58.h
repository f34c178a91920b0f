// Base58 in Bitcoin's alphabet, as NEAR writes keys and hashes.
#ifndef HOLDFAST_BASE58_H
#define HOLDFAST_BASE58_H
#include <stddef.h>
#include <stdint.h>

enum { BASE58_MAX_BYTES = 96 };

// Does `text` stand for exactly `length` bytes (at most BASE58_MAX_BYTES)? If so they are in `out`. Every byte string has
// one text, so equal bytes mean equal texts.
int base58_decode(uint8_t *out, size_t length, const char *text, size_t text_length);

// Writes the text of at most BASE58_MAX_BYTES bytes to `out` (room for twice as many), without a zero at its end; returns
// how long it is.
size_t base58_encode(char *out, const uint8_t *bytes, size_t length);

#endif
