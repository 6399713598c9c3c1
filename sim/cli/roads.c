#include "roads.h"

#include "io/order_cache.h"

// METIS takes 7 us a link (0.5 s for 75,000 links): below this it is done in 0.15 s, and a file in somebody's home is
// not worth that.
enum { CACHED_FROM_LINKS = 20000 };

err_code roads_order(const network *n, uint8_t allow, arena *a, uint32_t **order) {
    uint64_t key;
    uint32_t count;
    *order = NULL;
    if (n->link.count < CACHED_FROM_LINKS) {
        return ERR_OK;
    }
    TRY(cch_car_order_key(n, allow, &key, &count));
    TRY(order_cache_get(key, count, a, order));
    if (*order == NULL) {
        TRY(cch_car_order(n, allow, a, order, &count));
        order_cache_put(key, *order, count);
    }
    return ERR_OK;
}
