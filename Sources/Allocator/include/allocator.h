#ifndef SAGAD_ALLOCATOR_H
#define SAGAD_ALLOCATOR_H

/// How jemalloc is set where a program is linked with it; without it, nobody reads this.
///
/// What the environment says in `MALLOC_CONF` comes after it, and goes before it.
extern const char *malloc_conf;

#endif
