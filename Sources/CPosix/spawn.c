#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cposix.h"

// PR_SET_PDEATHSIG fires when the *thread* that made the child ends, and Dispatch ends its threads when it likes.
// So one thread, which lives as long as the process, makes all children; it serves one request at a time.

struct request {
  const char *path;
  char *const *argv;
  char *const *envp;
  int socket;
  int error_output;
  pid_t result;
};

static pthread_mutex_t one_caller = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static pthread_cond_t served = PTHREAD_COND_INITIALIZER;
static struct request *pending;
static int start_error;

static void close_from(int first) {
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
  struct rlimit limit;
  int end = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
  for (int descriptor = first; descriptor < end; descriptor++) close(descriptor);
}

static void reset_signals(void) {
  for (int number = 1; number < NSIG; number++) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    action.sa_handler = SIG_DFL;
    action.sa_flags = 0;
    sigaction(number, &action, NULL);
  }
  // A terminal's Ctrl-C and a service manager's SIGTERM go to the whole group. The parent finishes the videos under
  // way when it gets them, so its children must outlive them.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/// Runs in the child, which borrows the parent's memory until it executes: system calls only.
/// @return errno of the call that failed.
static int become(const struct request *request, pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
  if (getppid() != parent) return ESRCH;
  reset_signals();
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);

  // Move both above the numbers that are about to be taken.
  int socket = fcntl(request->socket, F_DUPFD, 10);
  int error_output = request->error_output < 0 ? open("/dev/null", O_WRONLY) : request->error_output;
  int high_error_output = fcntl(error_output, F_DUPFD, 10);
  int input = open("/dev/null", O_RDWR);
  int high_input = fcntl(input, F_DUPFD, 10);
  if (socket < 0 || high_error_output < 0 || high_input < 0) return errno;
  if (dup2(high_input, 0) < 0 || dup2(high_input, 1) < 0 || dup2(high_error_output, 2) < 0 ||
      dup2(socket, cposix_child_socket) < 0)
    return errno;
  close_from(cposix_child_socket + 1);
  execve(request->path, request->argv, request->envp);
  return errno;
}

static pid_t make_child(const struct request *request) {
  pid_t parent = getpid();
  volatile int error = 0;
  // vfork and not fork: nothing is copied from a parent that may hold hundreds of megabytes, and no atfork handler
  // runs (OpenBLAS would shut its threads down while others compute).
  pid_t child = vfork();
  if (child == 0) {
    error = become(request, parent);
    _exit(127);
  }
  if (child < 0) return -errno;
  if (error != 0) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
    return -error;
  }
  return child;
}

static void *serve(void *unused) {
  (void)unused;
  pthread_mutex_lock(&guard);
  for (;;) {
    while (pending == NULL) pthread_cond_wait(&arrived, &guard);
    pending->result = make_child(pending);
    pending = NULL;
    pthread_cond_signal(&served);
  }
}

static void start_server(void) {
  // The thread takes no signals, so no handler of the program runs in a child that still shares its memory.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  start_error = pthread_create(&thread, NULL, serve, NULL);
  if (start_error == 0) pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

pid_t cposix_spawn(const char *path, char *const argv[], char *const envp[], int socket, int error_output) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start_server);
  if (start_error != 0) return -start_error;

  struct request request = {path, argv, envp, socket, error_output, 0};
  pthread_mutex_lock(&one_caller);
  pthread_mutex_lock(&guard);
  pending = &request;
  pthread_cond_signal(&arrived);
  while (pending != NULL) pthread_cond_wait(&served, &guard);
  pthread_mutex_unlock(&guard);
  pthread_mutex_unlock(&one_caller);
  return request.result;
}
