#!/bin/sh
# Compiles a module for Node: build-module.sh NAME OUTPUT [COMPILER OPTION...], from NAME.c. One file serves every version of Node. The
# same compiler produces the same bytes in every folder.
name=$1 output=$2
shift 2
exec "${CC:-cc}" -std=gnu11 -O2 -Wall -Wextra -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fvisibility=hidden -fPIC \
	-shared "-Wl,-soname,$name.node,-z,relro,-z,now" -s "$@" -o "$output" "${0%/*}/$name.c"
