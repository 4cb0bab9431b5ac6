#!/bin/bash
# Messaging platforms from outside: each against a platform of our own that shares no code with its codec.
# $1: the build folder
cd "$(dirname "$0")/messengers" || exit 2
status=0
for script in run_*.py; do
	/usr/bin/python3 -B "$script" "$1/tenstep" || status=1
done
exit $status
