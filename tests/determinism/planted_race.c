// A data race on purpose: ThreadSanitizer must report it, or its silence elsewhere means nothing.
#include <stdio.h>

int main(void) {
    int shared = 0;
#pragma omp parallel for schedule(runtime) num_threads(2)
    for (int i = 0; i < 100000; i++) {
        shared += i & 1;
    }
    printf("%d\n", shared);
    return 0;
}
