#!/bin/sh
# Compiles trim.c: build-trim.sh OUTPUT [COMPILER OPTION...]. One file serves every version of Node. The same compiler produces
# the same bytes in every folder.
output=$1
shift
exec "${CC:-cc}" -std=c11 -O2 -Wall -Wextra -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fvisibility=hidden -fPIC \
	-shared -Wl,-soname,trim.node,-z,relro,-z,now -s "$@" -o "$output" "${0%/*}/trim.c"
