#include "json_text.h"
#include <string.h>

// After the string whose opening quote is at `at`.
static size_t after_string(const char *text, size_t length, size_t at) {
  for (at++; at < length && text[at] != '"'; at++)
    if (text[at] == '\\') at++;
  return at + 1;
}

// After the value that begins at `at`.
static size_t after_value(const char *text, size_t length, size_t at) {
  int depth = 0;
  while (at < length) {
    char c = text[at];
    if (c == '"') {
      at = after_string(text, length, at);
    } else {
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
      depth += (c == '{' || c == '[') - (c == '}' || c == ']');
      at++;
    }
    if (depth == 0 && (c == '"' || c == '}' || c == ']')) return at;
  }
  return length;
}

// Is the string whose opening quote is at `at` this one? Neither has escapes, or they are not the same.
static int is_string(const char *text, size_t length, size_t at, const char *wanted, size_t wanted_length) {
  return at + 1 + wanted_length < length && memcmp(text + at + 1, wanted, wanted_length) == 0 &&
         text[at + 1 + wanted_length] == '"';
}

int json_member(const char *text, size_t length, const char *name, size_t name_length, size_t found[3]) {
  for (size_t at = 1; at < length && text[at] == '"';) {
    size_t value = after_string(text, length, at) + 1;
    size_t end = after_value(text, length, value);
    if (is_string(text, length, at, name, name_length)) {
      found[0] = at;
      found[1] = value;
      found[2] = end;
      return 1;
    }
    at = end + 1;
  }
  return 0;
}

int json_row(const char *text, size_t length, size_t from, const char *first, size_t first_length, size_t found[2]) {
  for (size_t at = from + 1; at < length && text[at] == '[';) {
    size_t end = after_value(text, length, at);
    if (text[at + 1] == '"' && is_string(text, length, at + 1, first, first_length)) {
      found[0] = at;
      found[1] = end;
      return 1;
    }
    at = end + 1;
  }
  return 0;
}

int text_contains(const char *text, size_t length, const char *part, size_t part_length) {
  if (part_length == 0) return 1;
  for (size_t at = 0; at + part_length <= length; at++)
    if (text[at] == part[0] && memcmp(text + at, part, part_length) == 0) return 1;
  return 0;
}
