#!/bin/sh
# Compiles boundary.c: build.sh OUTPUT [COMPILER OPTION...]. The same compiler produces the same bytes in every folder.
output=$1
shift
exec "${CC:-cc}" -std=c11 -O2 -Wall -Wextra -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fPIE -pie \
	-Wl,-z,relro,-z,now -s -pthread "$@" -o "$output" "${0%/*}/boundary.c"
