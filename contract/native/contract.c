// The wasm's own C file: the SDK's builder, unchanged, with one more function in the `env` object that the contract's
// JavaScript sees. The builder loads the contract's bytecode with `js_load_module_binary`; the macro makes it come here
// first.
#include "quickjs-libc-min.h"
#include "ed25519.h"

static void add_own_functions(JSContext *ctx);

static JSValue load_with_own_functions(JSContext *ctx, const uint8_t *code, size_t size) {
  add_own_functions(ctx);
  return js_load_module_binary(ctx, code, size);
}

#define js_load_module_binary load_with_own_functions
#include "builder.c"

// env.ed25519_classify(Uint8Array of 32) -> 0, 1 or 2: see ed25519.h
static JSValue holdfast_ed25519_classify(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv) {
  size_t length = 0;
  const uint8_t *encoded = argc == 1 ? JS_Uint8Array_to_C(ctx, argv[0], &length) : NULL;
  (void)this_val;
  if (encoded == NULL || length != 32) return JS_ThrowTypeError(ctx, "Expect a Uint8Array of 32 bytes");
  return JS_NewInt32(ctx, ed25519_classify(encoded));
}

static void add_own_functions(JSContext *ctx) {
  JSValue global = JS_GetGlobalObject(ctx);
  JSValue env = JS_GetPropertyStr(ctx, global, "env");
  JS_SetPropertyStr(ctx, env, "ed25519_classify",
                    JS_NewCFunction(ctx, holdfast_ed25519_classify, "ed25519_classify", 1));
  JS_FreeValue(ctx, env);
  JS_FreeValue(ctx, global);
}
