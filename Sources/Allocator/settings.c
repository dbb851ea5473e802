#include "allocator.h"

// Two arenas, as the machine that was measured has two cores, and pages that are free for half a
// second go back to the kernel: it keeps ten and more MiB less, for no time that could be measured.
const char *malloc_conf = "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0";
