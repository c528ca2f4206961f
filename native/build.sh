#!/bin/sh
# Compiles boundary.c to the file named; a compiler is there wherever npm could build node-pty's native part.
exec "${CC:-cc}" -O2 -Wall -Wextra -s -pthread -o "$1" "${0%/*}/boundary.c"
