#!/bin/bash
# TikTok Shop's buyer chat and webhooks from outside, against `tenstep shop`: buyers who share no code with the program.
# $1: the build folder
cd "$(dirname "$0")/shop_chat" || exit 2
status=0
for script in run_*.py; do
	/usr/bin/python3 -B "$script" "$1/tenstep" || status=1
done
exit $status
