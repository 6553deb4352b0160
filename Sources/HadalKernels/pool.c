#include <pthread.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif
#include <stdatomic.h>
#include <stdlib.h>
#include <sched.h>

#include "hadal_cpu.h"

// A job is announced by a new generation number. Workers spin on it for a while, since the next operation of a step
// follows within microseconds, and then sleep on the condition.
struct hadal_pool {
    int threads;
    pthread_t *handles;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    atomic_uint generation;
    atomic_int sleepers;
    atomic_int unfinished;  // workers that have not left the current job
    atomic_bool stops;
    _Atomic int64_t next;
    int64_t count;
    int64_t grain;
    hadal_task task;
    void *context;
};

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

enum { SPINS = 4000 };  // about 50–150 µs

static void take_pieces(hadal_pool *pool) {
    for (;;) {
        int64_t begin = atomic_fetch_add_explicit(&pool->next, pool->grain, memory_order_relaxed);
        if (begin >= pool->count) return;
        int64_t end = begin + pool->grain < pool->count ? begin + pool->grain : pool->count;
        pool->task(pool->context, begin, end);
    }
}

static void *work(void *argument) {
    hadal_pool *pool = argument;
#if defined(__linux__)
    prctl(PR_SET_NAME, "compute");  // as profiles and top show it
#endif
    unsigned seen = 0;
    for (;;) {
        int spins = 0;
        while (atomic_load_explicit(&pool->generation, memory_order_acquire) == seen && spins++ < SPINS) relax();
        if (atomic_load(&pool->generation) == seen) {
            pthread_mutex_lock(&pool->mutex);
            atomic_fetch_add(&pool->sleepers, 1);
            while (atomic_load(&pool->generation) == seen) pthread_cond_wait(&pool->wake, &pool->mutex);
            atomic_fetch_sub(&pool->sleepers, 1);
            pthread_mutex_unlock(&pool->mutex);
        }
        seen++;
        if (atomic_load_explicit(&pool->stops, memory_order_acquire)) return NULL;
        take_pieces(pool);
        atomic_fetch_sub_explicit(&pool->unfinished, 1, memory_order_release);
    }
}

static void announce(hadal_pool *pool) {
    atomic_fetch_add(&pool->generation, 1);
    if (atomic_load(&pool->sleepers) > 0) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
    }
}

hadal_pool *hadal_pool_create(int threads) {
    hadal_pool *pool = calloc(1, sizeof *pool);
    if (!pool) return NULL;
    pool->threads = 1;
    pool->handles = calloc((size_t)threads, sizeof(pthread_t));
    if (!pool->handles) {
        free(pool);
        return NULL;
    }
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    for (int index = 1; index < threads; index++) {
        if (pthread_create(&pool->handles[pool->threads], NULL, work, pool) != 0) {
            hadal_pool_destroy(pool);
            return NULL;
        }
        pool->threads++;
    }
    return pool;
}

void hadal_pool_destroy(hadal_pool *pool) {
    if (!pool) return;
    atomic_store(&pool->stops, true);
    announce(pool);
    for (int index = 1; index < pool->threads; index++) pthread_join(pool->handles[index], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->mutex);
    free(pool->handles);
    free(pool);
}

void hadal_pool_run(hadal_pool *pool, int64_t count, int64_t grain, hadal_task task, void *context) {
    if (count <= 0) return;
    if (pool->threads == 1 || count <= grain) {
        task(context, 0, count);
        return;
    }
    pool->count = count;
    pool->grain = grain;
    pool->task = task;
    pool->context = context;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    atomic_store_explicit(&pool->unfinished, pool->threads - 1, memory_order_relaxed);
    announce(pool);
    take_pieces(pool);
    for (int spins = 0; atomic_load_explicit(&pool->unfinished, memory_order_acquire) > 0; spins++) {
        if (spins < SPINS) relax(); else sched_yield();
    }
}
