// The wasm's own C file: the SDK's builder, unchanged, used in another order. What the builder does at the start of every
// call (make a QuickJS runtime and its objects, read the bytecode, run the module's top level) is the same every time and
// costs 6 Tgas; here it is done once, when the contract is built: `snapshot_init` does it, and the build keeps the memory
// it leaves behind as the wasm's data (scripts/contract-build/snapshot.ts). A call begins from that memory.
#include "quickjs-libc-min.h"
#include "base58.h"
#include "ed25519.h"
#include "json_text.h"
#include <malloc.h>

// Not used by the contract; left out, the linker drops JavaScript's parser and compiler and the calendar with them: 125 KB.
#define JS_AddIntrinsicDate(ctx) ((void)0)
#define JS_AddIntrinsicEval(ctx) ((void)0)
#define JS_AddIntrinsicStringNormalize(ctx) ((void)0)
#define JS_AddIntrinsicProxy(ctx) ((void)0)
#define JS_AddIntrinsicPromise(ctx) ((void)0)

// methods.h, which the builder includes last, says SNAPSHOT_METHOD(name) for each method.
static void run_method(const char *name);
#define SNAPSHOT_METHOD(name) \
  void name(void) __attribute__((export_name(#name))) { run_method(#name); }
#include "builder.c"

static JSContext *context;
static JSValue methods;
static int taking_snapshot;

// The 32 bytes of a Uint8Array, or NULL with an exception.
static const uint8_t *point_argument(JSContext *ctx, int argc, JSValueConst *argv) {
  size_t length = 0;
  const uint8_t *bytes = argc == 1 ? JS_Uint8Array_to_C(ctx, argv[0], &length) : NULL;
  if (bytes != NULL && length == 32) return bytes;
  JS_ThrowTypeError(ctx, "Expect a Uint8Array of 32 bytes");
  return NULL;
}

// env.ed25519_classify(Uint8Array of 32) -> 0, 1 or 2: see ed25519.h
static JSValue holdfast_ed25519_classify(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  const uint8_t *point = point_argument(ctx, argc, argv);
  (void)this_val;
  return point == NULL ? JS_EXCEPTION : JS_NewInt32(ctx, ed25519_classify(point));
}

// env.ed25519_is_key(Uint8Array of 32) -> see ed25519.h
static JSValue holdfast_ed25519_is_key(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  const uint8_t *point = point_argument(ctx, argc, argv);
  (void)this_val;
  return point == NULL ? JS_EXCEPTION : JS_NewBool(ctx, ed25519_is_key(point));
}

static JSValue uint8_array(JSContext *ctx, const uint8_t *bytes, size_t length) {
  JSValue buffer = JS_NewArrayBufferCopy(ctx, bytes, length);
  JSValue global = JS_GetGlobalObject(ctx);
  JSValue constructor = JS_GetPropertyStr(ctx, global, "Uint8Array");
  JSValue array = JS_CallConstructor(ctx, constructor, 1, (JSValueConst *)&buffer);
  JS_FreeValue(ctx, constructor);
  JS_FreeValue(ctx, global);
  JS_FreeValue(ctx, buffer);
  return array;
}

// Registers that the SDK, which uses register 0, leaves alone: what is in them never enters the contract's memory.
enum { INPUT_REGISTER = 1, DIGEST_REGISTER = 2, ACCOUNT_REGISTER = 3 };
// Stands for a length where what is meant is in the register named in the place of the address.
static const uint64_t OF_REGISTER = UINT64_MAX;

// env.input_sha256() -> Uint8Array of 32. The arguments stay in their register.
static JSValue holdfast_input_sha256(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  uint8_t digest[32];
  (void)this_val, (void)argc, (void)argv;
  input(INPUT_REGISTER);
  sha256(OF_REGISTER, INPUT_REGISTER, DIGEST_REGISTER);
  read_register(DIGEST_REGISTER, (uint64_t)(uintptr_t)digest);
  return uint8_array(ctx, digest, sizeof(digest));
}

// NEP-330, written here by the build (scripts/contract-build/source-metadata.ts): JSON filled up with spaces.
#include "source_metadata.h"
static const char source_metadata[] = SOURCE_METADATA;

// env.source_metadata() -> text
static JSValue holdfast_source_metadata(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  (void)this_val, (void)argc, (void)argv;
  return JS_NewStringLen(ctx, source_metadata, sizeof(source_metadata) - 1);
}

// The method of this name that other SDKs' contracts have: the ABI as JSON compressed with zstd. No JavaScript.
#include "abi.h"
void __contract_abi(void) __attribute__((export_name("__contract_abi"))) {
  value_return(sizeof(abi), (uint64_t)(uintptr_t)abi);
}

// What a migration gets at least; all that is left is added.
static const uint64_t MIGRATION_GAS = 20000000000000;

// env.deploy_input(arguments of migrate), after input_sha256: the input becomes the account's code, and its `migrate` is
// called, in one receipt, whose outcome is this call's.
static JSValue holdfast_deploy_input(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  static const char METHOD[] = "migrate";
  const uint64_t no_deposit[2] = {0, 0};
  size_t length;
  const char *arguments = argc == 1 ? JS_ToCStringLen(ctx, &length, argv[0]) : NULL;
  (void)this_val;
  if (arguments == NULL) return JS_ThrowTypeError(ctx, "Expect a text");
  current_account_id(ACCOUNT_REGISTER);
  uint64_t promise = promise_batch_create(OF_REGISTER, ACCOUNT_REGISTER);
  promise_batch_action_deploy_contract(promise, OF_REGISTER, INPUT_REGISTER);
  promise_batch_action_function_call_weight(promise, sizeof(METHOD) - 1, (uint64_t)(uintptr_t)METHOD, length,
                                            (uint64_t)(uintptr_t)arguments, (uint64_t)(uintptr_t)no_deposit,
                                            MIGRATION_GAS, 1);
  promise_return(promise);
  return JS_UNDEFINED;
}

// env.base58_decode(text, length) -> Uint8Array of exactly so many bytes, or null for any other text
static JSValue holdfast_base58_decode(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  uint8_t bytes[BASE58_MAX_BYTES];
  size_t text_length;
  int32_t length;
  (void)this_val;
  if (argc != 2 || JS_ToInt32(ctx, &length, argv[1]) < 0) return JS_ThrowTypeError(ctx, "Expect a text and a length");
  const char *text = JS_ToCStringLen(ctx, &text_length, argv[0]);
  if (text == NULL) return JS_EXCEPTION;
  int valid = length > 0 && base58_decode(bytes, (size_t)length, text, text_length);
  JS_FreeCString(ctx, text);
  if (!valid) return JS_NULL;
  return uint8_array(ctx, bytes, (size_t)length);
}

// env.base58_encode(Uint8Array) -> text
static JSValue holdfast_base58_encode(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  char text[2 * BASE58_MAX_BYTES];
  size_t length = 0;
  const uint8_t *bytes = argc == 1 ? JS_Uint8Array_to_C(ctx, argv[0], &length) : NULL;
  (void)this_val;
  if (bytes == NULL || length > BASE58_MAX_BYTES) return JS_ThrowTypeError(ctx, "Expect a Uint8Array of at most 96 bytes");
  return JS_NewStringLen(ctx, text, base58_encode(text, bytes, length));
}

// A text argument; texts of ASCII, as the contract's own are, are not copied. Positions count its bytes.
typedef struct {
  const char *start;
  size_t length;
} text_argument;

static int read_texts(JSContext *ctx, JSValueConst *argv, text_argument *texts, int count) {
  for (int i = 0; i < count; i++) {
    texts[i].start = JS_ToCStringLen(ctx, &texts[i].length, argv[i]);
    if (texts[i].start == NULL) {
      while (i-- > 0) JS_FreeCString(ctx, texts[i].start);
      return 0;
    }
  }
  return 1;
}

static void free_texts(JSContext *ctx, text_argument *texts, int count) {
  for (int i = 0; i < count; i++) JS_FreeCString(ctx, texts[i].start);
}

static JSValue positions(JSContext *ctx, int found, const size_t *at, int count) {
  if (!found) return JS_NULL;
  JSValue list = JS_NewArray(ctx);
  for (int i = 0; i < count; i++) JS_SetPropertyUint32(ctx, list, i, JS_NewInt64(ctx, (int64_t)at[i]));
  return list;
}

// env.json_member(text, name) -> [name, value, end] or null: see json_text.h
static JSValue holdfast_json_member(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  text_argument texts[2];
  size_t at[3];
  (void)this_val;
  if (argc != 2) return JS_ThrowTypeError(ctx, "Expect a text and a name");
  if (!read_texts(ctx, argv, texts, 2)) return JS_EXCEPTION;
  int found = json_member(texts[0].start, texts[0].length, texts[1].start, texts[1].length, at);
  free_texts(ctx, texts, 2);
  return positions(ctx, found, at, 3);
}

// env.json_row(text, first, from) -> [start, end] or null
static JSValue holdfast_json_row(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  text_argument texts[2];
  size_t at[2];
  int64_t from;
  (void)this_val;
  if (argc != 3 || JS_ToInt64(ctx, &from, argv[2]) < 0) return JS_ThrowTypeError(ctx, "Expect a text, a text and a place");
  if (!read_texts(ctx, argv, texts, 2)) return JS_EXCEPTION;
  int found = json_row(texts[0].start, texts[0].length, (size_t)from, texts[1].start, texts[1].length, at);
  free_texts(ctx, texts, 2);
  return positions(ctx, found, at, 2);
}

// env.text_contains(text, part) -> does the part occur
static JSValue holdfast_text_contains(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  text_argument texts[2];
  (void)this_val;
  if (argc != 2) return JS_ThrowTypeError(ctx, "Expect two texts");
  if (!read_texts(ctx, argv, texts, 2)) return JS_EXCEPTION;
  int found = text_contains(texts[0].start, texts[0].length, texts[1].start, texts[1].length);
  free_texts(ctx, texts, 2);
  return JS_NewBool(ctx, found);
}

static void add_own_functions(JSContext *ctx) {
  static const struct {
    const char *name;
    JSCFunction *function;
    int arguments;
  } own[] = {
      {"ed25519_classify", holdfast_ed25519_classify, 1},
      {"ed25519_is_key", holdfast_ed25519_is_key, 1},
      {"base58_decode", holdfast_base58_decode, 2},
      {"base58_encode", holdfast_base58_encode, 1},
      {"source_metadata", holdfast_source_metadata, 0},
      {"json_member", holdfast_json_member, 2},
      {"json_row", holdfast_json_row, 3},
      {"text_contains", holdfast_text_contains, 2},
      {"input_sha256", holdfast_input_sha256, 0},
      {"deploy_input", holdfast_deploy_input, 1},
  };
  JSValue global = JS_GetGlobalObject(ctx);
  JSValue env = JS_GetPropertyStr(ctx, global, "env");
  for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
    JSValue function = JS_NewCFunction(ctx, own[i].function, own[i].name, own[i].arguments);
    JS_SetPropertyStr(ctx, env, own[i].name, function);
  }
  JS_FreeValue(ctx, env);
  JS_FreeValue(ctx, global);
}

// Run by the build alone; the export is removed afterwards.
void snapshot_init(void) __attribute__((export_name("snapshot_init"))) {
  taking_snapshot = 1;
  JSRuntime *runtime = JS_NewRuntime();
  // Less than the linker gives (link.ts), which begins at address 0: QuickJS compares addresses.
  JS_SetMaxStackSize(runtime, 240 * 1024);
  context = JS_NewCustomContext(runtime);
  js_add_near_host_functions(context);
  add_own_functions(context);
  methods = js_load_module_binary(context, code, code_size);
  JS_RunGC(runtime);
  // QuickJS has its own copy
  memset(code, 0, code_size);
  taking_snapshot = 0;
}

// As the builder ends a failed call, but without the stack: whoever made the call can do nothing with it.
static void panic_with(JSValue error) {
  size_t length;
  const char *message = JS_ToCStringLen(context, &length, JS_GetPropertyStr(context, error, "message"));
  panic_utf8(length, (uint64_t)(uintptr_t)message);
}

static void run_method(const char *name) {
  JSValue result = JS_Call(context, JS_GetPropertyStr(context, methods, name), methods, 0, NULL);
  if (JS_IsException(result)) panic_with(JS_GetException(context));
  js_std_loop(context);
}

// Regular expressions are literals, which qjsc has compiled. Without the compiler go the tables of Unicode's properties. The
// linker puts this in its place (--wrap).
uint8_t *__wrap_lre_compile(int *length, char *error, int error_size, const char *text, size_t text_length, int flags,
                            void *opaque) {
  (void)length, (void)text, (void)text_length, (void)flags, (void)opaque;
  snprintf(error, error_size, "only literals");
  return NULL;
}

// What is freed while the snapshot is taken is zeroed, because only bytes that are not zero become part of the wasm. The
// linker puts these in front of the C library's (--wrap).
extern void __real_free(void *memory);
extern void *__real_realloc(void *memory, size_t size);

void __wrap_free(void *memory) {
  if (taking_snapshot && memory != NULL) memset(memory, 0, malloc_usable_size(memory));
  __real_free(memory);
}

void *__wrap_realloc(void *memory, size_t size) {
  if (!taking_snapshot || memory == NULL || size == 0) return __real_realloc(memory, size);
  size_t usable = malloc_usable_size(memory);
  if (size <= usable && size > usable / 2) return memory;
  void *moved = malloc(size);
  if (moved == NULL) return NULL;
  memcpy(moved, memory, usable < size ? usable : size);
  __wrap_free(memory);
  return moved;
}
