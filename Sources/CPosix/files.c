#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cposix.h"

int cposix_open_for_reading(const char *path, bool follow_symlinks) {
  int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (follow_symlinks ? 0 : O_NOFOLLOW);
  int descriptor;
  do {
    descriptor = open(path, flags);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor < 0 ? -errno : descriptor;
}

static int64_t nanoseconds(struct timespec time) { return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec; }

static enum cposix_file_kind kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return cposix_regular;
    case S_IFDIR: return cposix_directory;
    case S_IFLNK: return cposix_symlink;
    case S_IFIFO: return cposix_fifo;
    case S_IFSOCK: return cposix_socket_file;
    case S_IFCHR:
    case S_IFBLK: return cposix_device;
    default: return cposix_unknown_kind;
  }
}

int cposix_status_of(int descriptor, struct cposix_status *out) {
  struct stat status;
  if (fstat(descriptor, &status) != 0) return -errno;
  out->kind = kind_of(status.st_mode);
  out->size = status.st_size;
  out->stored_bytes = (int64_t)status.st_blocks * 512;
  out->modified_nanoseconds = nanoseconds(status.st_mtim);
  out->changed_nanoseconds = nanoseconds(status.st_ctim);
  out->device = status.st_dev;
  out->inode = status.st_ino;
  return 0;
}

int64_t cposix_first_hole(int descriptor) {
  off_t hole = lseek(descriptor, 0, SEEK_HOLE);
  int64_t result = hole < 0 ? -errno : hole;
  lseek(descriptor, 0, SEEK_SET);
  return result;
}

static int resource_of(enum cposix_limit limit) {
  switch (limit) {
    case cposix_limit_address_space: return RLIMIT_AS;
    case cposix_limit_cpu_seconds: return RLIMIT_CPU;
    case cposix_limit_file_size: return RLIMIT_FSIZE;
    case cposix_limit_open_files: return RLIMIT_NOFILE;
    case cposix_limit_core: return RLIMIT_CORE;
  }
  return -1;
}

int cposix_set_limit(enum cposix_limit limit, uint64_t value) {
  int resource = resource_of(limit);
  struct rlimit current;
  if (getrlimit(resource, &current) != 0) return -errno;
  current.rlim_cur = value < current.rlim_max ? value : current.rlim_max;
  // For good, but for the time: that is renewed with each file.
  if (limit != cposix_limit_cpu_seconds) current.rlim_max = current.rlim_cur;
  return setrlimit(resource, &current) == 0 ? 0 : -errno;
}
