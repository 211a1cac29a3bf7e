#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cposix.h"

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static double cpu_seconds(const struct rusage *usage) { return seconds(usage->ru_utime) + seconds(usage->ru_stime); }

int cposix_reap(pid_t pid, struct cposix_exit *out) {
  int status;
  struct rusage usage;
  pid_t reaped;
  do {
    reaped = wait4(pid, &status, WNOHANG, &usage);
  } while (reaped < 0 && errno == EINTR);
  if (reaped < 0) return -errno;
  if (reaped == 0) return 0;
  out->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  out->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  out->peak_memory_bytes = (int64_t)usage.ru_maxrss * 1024;
  out->cpu_seconds = cpu_seconds(&usage);
  return 1;
}

int cposix_wait_for_exit(pid_t pid, int timeout_milliseconds) {
  const struct timespec pause = {.tv_nsec = 1000000};
  for (int waited = 0;; waited++) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return -errno;
    if (info.si_pid != 0) return 1;
    if (waited >= timeout_milliseconds) return 0;
    nanosleep(&pause, NULL);
  }
}

static void usage_of(int who, int64_t *peak_memory_bytes, double *used_cpu_seconds) {
  struct rusage usage;
  getrusage(who, &usage);
  *peak_memory_bytes = (int64_t)usage.ru_maxrss * 1024;
  *used_cpu_seconds = cpu_seconds(&usage);
}

void cposix_own_usage(int64_t *peak_memory_bytes, double *used_cpu_seconds) {
  usage_of(RUSAGE_SELF, peak_memory_bytes, used_cpu_seconds);
}

void cposix_children_usage(int64_t *peak_memory_bytes, double *used_cpu_seconds) {
  usage_of(RUSAGE_CHILDREN, peak_memory_bytes, used_cpu_seconds);
}

int cposix_never_raise_priority(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NICE, &limit) != 0) return -errno;
  limit.rlim_cur = 0;
  if (setrlimit(RLIMIT_NICE, &limit) != 0) return -errno;

  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, sets) != 0) return -errno;
  struct __user_cap_data_struct *set = &sets[CAP_TO_INDEX(CAP_SYS_NICE)];
  set->effective &= ~CAP_TO_MASK(CAP_SYS_NICE);
  set->permitted &= ~CAP_TO_MASK(CAP_SYS_NICE);
  return syscall(SYS_capset, &header, sets) == 0 ? 0 : -errno;
}
