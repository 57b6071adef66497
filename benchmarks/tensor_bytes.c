/* Counts the bytes that TensorFlow's allocator of CPU tensors holds, at this moment and at most.

   Loaded before TensorFlow, it takes the place of the functions by which TensorFlow allocates and
   frees aligned memory. TensorFlow must run with TF_ONEDNN_USE_SYSTEM_ALLOCATOR=1, so that every
   tensor is an allocation of its own. */
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_long held, most;

static void count(long bytes)
{
    long now = atomic_fetch_add(&held, bytes) + bytes, before = atomic_load(&most);
    while (now > before && !atomic_compare_exchange_weak(&most, &before, now))
        ;
}

/* tsl::port::AlignedMalloc(size_t, std::align_val_t) */
void *_ZN3tsl4port13AlignedMallocEmSt11align_val_t(size_t bytes, size_t alignment)
{
    void *memory = NULL;
    if (alignment < sizeof(void *))
        alignment = sizeof(void *);
    if (posix_memalign(&memory, alignment, bytes))
        return NULL;
    count(malloc_usable_size(memory));
    return memory;
}

/* tsl::port::AlignedMalloc(size_t, int) */
void *_ZN3tsl4port13AlignedMallocEmi(size_t bytes, int alignment)
{
    return _ZN3tsl4port13AlignedMallocEmSt11align_val_t(bytes, alignment);
}

/* tsl::port::AlignedFree(void*) */
void _ZN3tsl4port11AlignedFreeEPv(void *memory)
{
    if (memory)
        count(-(long)malloc_usable_size(memory));
    free(memory);
}

/* tsl::port::AlignedSizedFree(void*, size_t, std::align_val_t) */
void _ZN3tsl4port16AlignedSizedFreeEPvmSt11align_val_t(void *memory, size_t bytes, size_t alignment)
{
    _ZN3tsl4port11AlignedFreeEPv(memory);
}

long tensor_bytes(void) { return held; }

long tensor_bytes_at_most(void) { return most; }

void tensor_bytes_begin(void) { most = held; }
