// The system calls of Isolation that Swift cannot reach: macros, variadics, control messages and a spawn that
// survives threads. Functions return -errno on failure unless they say otherwise.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Processes.

/// Descriptor number under which a child finds its end of the socket pair.
enum { cposix_child_socket = 3 };

/// Starts `path` with its end of a socket pair as descriptor 3, standard input and output on /dev/null, no other
/// descriptor, no core dump, SIGINT, SIGTERM and SIGHUP ignored and SIGKILL on the parent's death.
///
/// @param error_output descriptor that becomes standard error, or -1 for /dev/null.
/// @return the process id, or -errno of the call that failed (of execve too).
pid_t cposix_spawn(const char *path, char *const argv[], char *const envp[], int socket, int error_output);

/// How a process ended and what it used.
struct cposix_exit {
  int code;    ///< exit code, or -1 when a signal ended it
  int signal;  ///< signal, or 0
  int64_t peak_memory_bytes;
  double cpu_seconds;  ///< user and system
};

/// Reaps `pid` if it has ended. @return 1 when reaped, 0 while it runs, -errno.
int cposix_reap(pid_t pid, struct cposix_exit *out);

/// Waits until `pid` has ended, without reaping it. @return 1 when it has, 0 after the timeout, -errno.
int cposix_wait_for_exit(pid_t pid, int timeout_milliseconds);

/// What this process has used so far.
void cposix_own_usage(int64_t *peak_memory_bytes, double *cpu_seconds);

/// What the processes that this one started, and whose end it has seen, have used: memory of the largest, time of all.
void cposix_children_usage(int64_t *peak_memory_bytes, double *cpu_seconds);

/// Takes from the calling thread, and from those that it starts, the right to lower a nice value (CAP_SYS_NICE and
/// RLIMIT_NICE). A process that one of them executes has what its user may have. @return 0 or -errno.
int cposix_never_raise_priority(void);

// Sockets.

/// Makes a connected pair of stream sockets, closed on exec. @return 0 or -errno.
int cposix_socket_pair(int ends[2]);

/// Sends bytes without blocking and without SIGPIPE; `descriptor` (or -1) travels with the first byte.
/// @return the bytes sent, or -errno (-EAGAIN when the socket is full).
ssize_t cposix_send(int socket, const void *bytes, size_t count, int descriptor);

/// Receives bytes without blocking. `descriptor` may be NULL: then the kernel drops any that the peer attached;
/// otherwise an attached descriptor (closed on exec) is stored there, which must hold -1 before.
/// @return the bytes received, 0 at the end, or -errno (-EAGAIN when there is nothing).
ssize_t cposix_receive(int socket, void *bytes, size_t count, int *descriptor);

/// Which of two descriptors became ready in `cposix_poll`.
enum { cposix_first_ready = 1, cposix_second_ready = 2 };

/// Waits until `first` (or `second`, unless it is -1) is ready or hung up.
/// @param writing whether `first` is waited on for writing instead of reading.
/// @param timeout_milliseconds negative waits for ever.
/// @return a set of the flags above, 0 after the timeout, or -errno.
int cposix_poll(int first, bool writing, int second, int timeout_milliseconds);

/// Makes a pipe whose ends do not block and are closed on exec. @return 0 or -errno.
int cposix_pipe(int ends[2]);

// Limits.

enum cposix_limit {
  cposix_limit_address_space,
  cposix_limit_cpu_seconds,
  cposix_limit_file_size,
  cposix_limit_open_files,
  cposix_limit_core,
};

/// Sets the limit (the soft one alone where it is CPU time) to `value` or to the hard limit, whichever is lower. @return 0 or -errno.
int cposix_set_limit(enum cposix_limit limit, uint64_t value);

// Files.

enum cposix_file_kind {
  cposix_regular,
  cposix_directory,
  cposix_symlink,
  cposix_fifo,
  cposix_socket_file,
  cposix_device,
  cposix_unknown_kind,
};

struct cposix_status {
  enum cposix_file_kind kind;
  int64_t size;
  int64_t stored_bytes;  ///< what the file system keeps for it: less than its size where there are holes
  int64_t modified_nanoseconds;
  int64_t changed_nanoseconds;
  uint64_t device;
  uint64_t inode;
};

/// Opens `path` for reading, never blocking on a FIFO and never becoming a controlling terminal.
/// @return the descriptor (closed on exec) or -errno; -ELOOP for a symlink that is not to be followed.
int cposix_open_for_reading(const char *path, bool follow_symlinks);

/// @return 0 or -errno.
int cposix_status_of(int descriptor, struct cposix_status *out);

/// @return where the first hole of a file begins, or its end; -errno.
int64_t cposix_first_hole(int descriptor);

// Sandbox.

/// @return the version of Landlock that the kernel offers, or -errno.
int cposix_landlock_abi(void);

/// Takes from the calling thread, and from those that it starts, every right to files, folders, TCP and, as far as the
/// kernel knows how, signals and abstract sockets. Descriptors that are open stay usable; there is no way back.
/// @return the version of Landlock in force, or -errno (-ENOSYS, -EOPNOTSUPP: the kernel has none).
int cposix_landlock_deny_all(void);

/// Leaves all threads of this process the system calls that decoding takes: others answer EPERM. No memory may become
/// executable. There is no way back.
/// @return 0 or -errno (-ENOSYS on architectures other than x86-64 and arm64).
int cposix_seccomp_filter(void);

// Service manager.

/// Sends `text` to the datagram socket `name` (a path, or an abstract name after '@'), as sd_notify(3) does.
/// @return 0 or -errno.
int cposix_notify(const char *name, const char *text);
