import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { KeptFile } from "../../src/system/kept-file.js";
import { scratchFolder } from "../support/scratch.js";

test("each reading is of the file as it is, from its beginning", () => {
	const path = join(scratchFolder(), "counts");
	writeFileSync(path, "UDP: inuse 7\n");
	const file = new KeptFile(path);
	assert.equal(file.read(), "UDP: inuse 7\n");
	writeFileSync(path, "UDP: inuse 11\n");
	assert.equal(file.read(), "UDP: inuse 11\n");
	renameSync(path, `${path}.old`);
	assert.equal(file.read(), "UDP: inuse 11\n", "it is kept open");
});

test("the kernel's counts are those of now", async () => {
	const path = "/proc/self/net/sockstat";
	const file = new KeptFile(path);
	const before = file.read();
	assert.equal(before, readFileSync(path, "latin1"));
	const sockets = Array.from({ length: 5 }, () => createSocket("udp4"));
	for (const socket of sockets) {
		socket.bind(0, "127.0.0.1");
		await once(socket, "listening");
	}
	const inUse = (text: string) => Number(/^UDP: inuse (\d+)/m.exec(text)?.[1]);
	assert.ok(inUse(file.read()) > inUse(before));
	for (const socket of sockets) {
		socket.close();
	}
});

test("a file that is not there may come", () => {
	const path = join(scratchFolder(), "counts");
	const file = new KeptFile(path);
	assert.throws(() => file.read(), { code: "ENOENT" });
	writeFileSync(path, "1");
	assert.equal(file.read(), "1");
});
