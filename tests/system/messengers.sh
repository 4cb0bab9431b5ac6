#!/bin/bash
# Messaging platforms from outside: each against a platform of our own that shares no code with its codec.
# $1: the build folder.  The kills in full, with their result kept:
#     python3 tests/system/messengers/run_kills.py build/dev/tenstep --messages 1000 --kills 100 \
#         --seed N --result tests/campaign/channel_kills.txt
cd "$(dirname "$0")/messengers" || exit 2
status=0
for script in run_*.py; do
	/usr/bin/python3 -B "$script" "$1/tenstep" || status=1
done
exit $status
