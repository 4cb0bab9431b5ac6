#!/bin/bash
# The server as a program that somebody operates: start, stop, reload, health, metrics, TLS, log, folders,
# a full disk.  $1: the build folder.
cd "$(dirname "$0")/serve" || exit 2
exec /usr/bin/python3 -B run_ops.py "$1/tenstep"
