// What Glibc's Swift module lacks and the event loops need: epoll, eventfd and accept4.
//
// `_GNU_SOURCE` is not defined here: it would change the layout of types that Glibc's own module
// has already exported. `accept4` is declared by hand instead.
#pragma once

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
