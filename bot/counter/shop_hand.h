/* `tenstep shop ACTION …`: asks a running demo shop to do something, from the command line. */
#ifndef TENSTEP_COUNTER_SHOP_HAND_H
#define TENSTEP_COUNTER_SHOP_HAND_H

#include "bot/common/options.h"

/* One line an action, for --help. */
extern const char shop_hand_help[];

/* Does what @word says ("step", "A-1001", "ship") at the shop of DATA/shop and prints what came of
 * it; an exit status. */
int shop_hand(const struct options *options, char **word, size_t n);

#endif
