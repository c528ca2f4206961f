#!/bin/sh
# Compiles node-pty's native part: build-pty.sh OUTPUT NODE_HEADERS [COMPILER OPTION...]. Its interface to Node is Node-API, so
# one file serves every version of Node. The options are those of node-pty's binding.gyp, and hardening. The same compiler
# produces the same bytes in every folder.
output=$1 headers=$2
shift 2
modules=${0%/*}/../node_modules
exec "${CXX:-c++}" -std=gnu++17 -O2 -Wall -fexceptions -fno-rtti -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	-DNODE_GYP_MODULE_NAME=pty -DBUILDING_NODE_EXTENSION -DNAPI_CPP_EXCEPTIONS -D_FILE_OFFSET_BITS=64 -fPIC -shared -pthread \
	-ffile-prefix-map="$modules/=" -I"$headers" -I"$modules/node-addon-api" -Wl,-soname,pty.node,-z,relro,-z,now -s "$@" \
	-o "$output" "$modules/node-pty/src/unix/pty.cc" -lutil
