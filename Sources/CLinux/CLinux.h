// What Glibc's Swift module lacks and the event loops need: epoll, eventfd, accept4 and names for
// threads.
//
// `_GNU_SOURCE` is not defined here: it would change the layout of types that Glibc's own module
// has already exported. `accept4` and `pthread_setname_np` are declared by hand instead.
#pragma once

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int pthread_setname_np(pthread_t thread, const char *name);
