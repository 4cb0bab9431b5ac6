#!/bin/bash
# A cancellation, killed at its system calls: done once, and told.  $1: the build folder.  In full, with its result kept:
#     python3 tests/system/shop_chat/run_cancel_kill.py build/release/tenstep --worlds 6 \
#         --result tests/campaign/cancel_kills.txt
cd "$(dirname "$0")/shop_chat" || exit 2
exec /usr/bin/python3 -B run_cancel_kill.py "$1/tenstep" --every 5 --worlds 4
