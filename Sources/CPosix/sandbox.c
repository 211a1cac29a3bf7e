#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cposix.h"

// MARK: Landlock. The numbers are written out: the headers of the build machine may be older than the kernel that the
// program runs on. (linux/landlock.h, uapi; `struct landlock_ruleset_attr` has grown twice.)

#define LANDLOCK_CREATE_RULESET 444
#define LANDLOCK_RESTRICT_SELF 446

struct ruleset {
  uint64_t file_system;  // ABI 1
  uint64_t network;      // ABI 4
  uint64_t scoped;       // ABI 6
};

int cposix_landlock_abi(void) {
  long abi = syscall(LANDLOCK_CREATE_RULESET, NULL, 0, 1U);
  return abi < 0 ? -errno : (int)abi;
}

int cposix_landlock_deny_all(void) {
  int abi = cposix_landlock_abi();
  if (abi < 0) return abi;
  // 13 rights of ABI 1, then REFER, TRUNCATE and, since ABI 5, IOCTL_DEV.
  int rights = abi >= 5 ? 16 : abi >= 3 ? 15 : abi == 2 ? 14 : 13;
  struct ruleset all = {.file_system = (1ULL << rights) - 1};
  // TCP bind and connect; sockets with abstract names and signals to processes outside.
  if (abi >= 4) all.network = 3;
  if (abi >= 6) all.scoped = 3;
  size_t size = abi >= 6 ? sizeof all : abi >= 4 ? offsetof(struct ruleset, scoped) : offsetof(struct ruleset, network);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  int ruleset = (int)syscall(LANDLOCK_CREATE_RULESET, &all, size, 0U);
  if (ruleset < 0) return -errno;
  // No rule is added: nothing is allowed.
  int result = syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0U) == 0 ? abi : -errno;
  close(ruleset);
  return result;
}

// MARK: seccomp.

#if defined(__x86_64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define OUR_ARCHITECTURE 0
#endif

/// What a process that decodes needs once everything is loaded: memory, its descriptors, threads, time.
static const int allowed_calls[] = {
    SYS_brk, SYS_munmap, SYS_mremap, SYS_read, SYS_pread64, SYS_readv, SYS_write, SYS_writev, SYS_lseek,
    SYS_close, SYS_fstat, SYS_ppoll, SYS_sendmsg, SYS_recvmsg, SYS_futex, SYS_set_robust_list, SYS_sched_yield,
    SYS_sched_getaffinity, SYS_gettid, SYS_getpid, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
    SYS_sigaltstack, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_nanosleep, SYS_clock_nanosleep,
    SYS_getrusage, SYS_sysinfo, SYS_exit, SYS_exit_group, SYS_restart_syscall, SYS_getrandom, SYS_getcpu, SYS_membarrier,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_poll
    SYS_poll,
#endif
};

enum { call_count = sizeof allowed_calls / sizeof *allowed_calls, most_instructions = 256 };

/// A filter that grows instruction by instruction; each check leaves the number of the call in the accumulator.
struct program {
  struct sock_filter code[most_instructions];
  unsigned short length;
};

static void add(struct program *program, struct sock_filter instruction) {
  if (program->length < most_instructions) program->code[program->length] = instruction;
  program->length++;
}

static void load(struct program *program, size_t offset) {
  add(program, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

static void answer(struct program *program, unsigned action) {
  add(program, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static const unsigned refuse = SECCOMP_RET_ERRNO | EPERM;

/// The lower half of an argument: both architectures are little-endian.
static size_t argument(int index) { return offsetof(struct seccomp_data, args) + 8 * (size_t)index; }

static void load_call(struct program *program) { load(program, offsetof(struct seccomp_data, nr)); }

/// Skips `count` instructions unless the accumulator is `value`.
static void unless_equal(struct program *program, unsigned value, unsigned char count) {
  add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count));
}

/// Lets `call` pass only when an argument has `value` under `mask`.
static void check(struct program *program, int call, int index, unsigned mask, unsigned value) {
  unless_equal(program, (unsigned)call, 5);
  load(program, argument(index));
  add(program, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
  unless_equal(program, value, 1);
  answer(program, SECCOMP_RET_ALLOW);
  answer(program, refuse);
}

/// Lets this process, but no other, get the time for the next file; no other limit changes.
static void check_limits(struct program *program) {
  unless_equal(program, SYS_prlimit64, 6);
  load(program, argument(0));
  unless_equal(program, 0, 3);
  load(program, argument(1));
  unless_equal(program, RLIMIT_CPU, 1);
  answer(program, SECCOMP_RET_ALLOW);
  answer(program, refuse);
}

static void build(struct program *program) {
  load(program, offsetof(struct seccomp_data, arch));
  add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCHITECTURE, 1, 0));
  answer(program, SECCOMP_RET_KILL_PROCESS);
  load_call(program);
#ifdef __x86_64__
  // Calls of the x32 interface have this bit.
  add(program, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));
  answer(program, SECCOMP_RET_KILL_PROCESS);
#endif
  for (int i = 0; i < call_count; i++) {
    unless_equal(program, (unsigned)allowed_calls[i], 1);
    answer(program, SECCOMP_RET_ALLOW);
  }
  check(program, SYS_mmap, 2, PROT_EXEC, 0);
  check(program, SYS_mprotect, 2, PROT_EXEC, 0);
  // Advice of the usual kind; that of 100 and 101 breaks pages for good, in the name of root.
  check(program, SYS_madvise, 2, ~31U, 0);
  // Threads, but no processes. glibc takes `clone` where `clone3`, whose flags lie in memory, does not exist.
  check(program, SYS_clone, 0, CLONE_THREAD, CLONE_THREAD);
#ifdef SYS_clone3
  unless_equal(program, SYS_clone3, 1);
  answer(program, SECCOMP_RET_ERRNO | ENOSYS);
#endif
#ifdef SYS_newfstatat
  // fstat(3) of glibc; no names.
  check(program, SYS_newfstatat, 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
#endif
  // F_GETFD and F_GETFL, 1 and 3: others make the kernel send signals.
  check(program, SYS_fcntl, 1, ~2U, F_GETFD);
  // abort(3): signals to this process alone.
  check(program, SYS_tgkill, 0, ~0U, (unsigned)getpid());
  check_limits(program);
  answer(program, refuse);
}

int cposix_seccomp_filter(void) {
  if (OUR_ARCHITECTURE == 0) return -ENOSYS;
  struct program program = {.length = 0};
  build(&program);
  if (program.length > most_instructions) return -E2BIG;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  struct sock_fprog filter = {.len = program.length, .filter = program.code};
  // TSYNC: threads that libraries have started are bound too.
  long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
  if (result > 0) return -EAGAIN;
  return result == 0 ? 0 : -errno;
}
