// The six WASI functions that QuickJS and wasi-libc still refer to. A contract has no clock and no files: each answers
// "not supported" (WASI errno 58), so that the wasm imports nothing but NEAR's own `env`.
#include <stdint.h>

enum { WASI_ENOTSUP = 58 };

int32_t __imported_wasi_snapshot_preview1_clock_time_get(int32_t id, int64_t precision, int32_t time) {
  (void)id, (void)precision, (void)time;
  return WASI_ENOTSUP;
}

int32_t __imported_wasi_snapshot_preview1_fd_close(int32_t fd) {
  (void)fd;
  return WASI_ENOTSUP;
}

int32_t __imported_wasi_snapshot_preview1_fd_fdstat_get(int32_t fd, int32_t stat) {
  (void)fd, (void)stat;
  return WASI_ENOTSUP;
}

int32_t __imported_wasi_snapshot_preview1_fd_seek(int32_t fd, int64_t offset, int32_t whence, int32_t size) {
  (void)fd, (void)offset, (void)whence, (void)size;
  return WASI_ENOTSUP;
}

int32_t __imported_wasi_snapshot_preview1_fd_write(int32_t fd, int32_t iovs, int32_t count, int32_t written) {
  (void)fd, (void)iovs, (void)count, (void)written;
  return WASI_ENOTSUP;
}

_Noreturn void __imported_wasi_snapshot_preview1_proc_exit(int32_t code) {
  (void)code;
  __builtin_trap();
}
