// Finding things in JSON text without parsing it: the contract's own, which is well formed and has no spaces.
#ifndef HOLDFAST_JSON_TEXT_H
#define HOLDFAST_JSON_TEXT_H
#include <stddef.h>

// The member of an object: where its name begins (with the quote), its value begins, and its value ends. 0 if there is none.
int json_member(const char *text, size_t length, const char *name, size_t name_length, size_t found[3]);

// In the list that begins at `from`: the element that is itself a list and begins with this text. 0 if there is none.
int json_row(const char *text, size_t length, size_t from, const char *first, size_t first_length, size_t found[2]);

// Does the part occur anywhere in the text?
int text_contains(const char *text, size_t length, const char *part, size_t part_length);

#endif
