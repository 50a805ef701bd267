// What Glibc's Swift module lacks and the event loops need: epoll, eventfd, accept4, what a peer has
// not taken yet, names for threads and the length of their turns.
//
// `_GNU_SOURCE` is not defined here: it would change the layout of types that Glibc's own module
// has already exported. `accept4` and `pthread_setname_np` are declared by hand instead.
#pragma once

#include <pthread.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int pthread_setname_np(pthread_t thread, const char *name);
long syscall(long number, ...);

/// Bytes written to a TCP socket that its peer has not acknowledged; negative when the system does
/// not say.
static inline int unacknowledged_byte_count(int descriptor) {
    int count = -1;
    return ioctl(descriptor, SIOCOUTQ, &count) == 0 ? count : -1;
}

/// Asks the scheduler for turns of that length for the calling thread, from 100 µs to 100 ms. A
/// thread with shorter turns waits less for each of them and gets no more time in all. Before
/// Linux 6.12 it changes nothing.
static inline int set_turn_length(uint64_t nanoseconds) {
    // As the kernel knows it since 3.14; Glibc has no name for it before 2.41.
    struct {
        uint32_t size;
        uint32_t policy;
        uint64_t flags;
        int32_t niceness;
        uint32_t priority;
        uint64_t runtime;
        uint64_t deadline;
        uint64_t period;
    } attributes = {0};
    attributes.size = sizeof attributes;
    attributes.flags = 0x08; // The policy stays as it is.
    attributes.niceness = getpriority(PRIO_PROCESS, 0);
    attributes.runtime = nanoseconds;
    return (int)syscall(SYS_sched_setattr, 0, &attributes, 0);
}
