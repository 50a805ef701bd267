#ifndef C_ALLOCATIONS_H
#define C_ALLOCATIONS_H

#include <stdint.h>

/// How often the calling thread has asked for heap memory since it began.
uint64_t tessera_allocation_count(void);

#endif
