import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { askAll, askServer } from "../../../src/server/control/ask.js";
import { serversIn, socketPath } from "../../../src/server/control/folder.js";
import { encode, MAX_HISTORY_BYTES, MAX_LINE_BYTES } from "../../../src/server/control/messages.js";
import { killedListener, PretendedServers } from "../../support/pretended-server.js";
import { scratchFolder } from "../../support/scratch.js";
import { FACTS } from "../../support/session-facts.js";

describe("servers that are asked", () => {
	const servers = new PretendedServers();
	afterEach(() => servers.stop());

	it("are all of the user's but this one, by process id, with what each says of itself", async () => {
		const folder = scratchFolder();
		await servers.listen(folder, 4712, (socket) => socket.end(encode({ ...FACTS, pid: 4712 })));
		await servers.listen(folder, 99, (socket) =>
			socket.end(encode({ type: "refused", reason: "it is of another version" })),
		);
		await servers.listen(folder, process.pid, (socket) => socket.end(encode(FACTS)));
		const asked = await askAll({}, undefined, [join(folder, "missing"), folder]);
		assert.deepEqual(
			asked.map(({ pid, facts }) => [pid, facts?.pid]),
			[
				[99, undefined],
				[4712, 4712],
			],
		);
	});

	it("may answer nothing that is understood, or hang up", async () => {
		const folder = scratchFolder();
		const odd = await servers.listen(folder, 1, (socket) => socket.end("what?\n"));
		assert.equal(await askServer(odd, { type: "who" }), undefined);
		const silent = await servers.listen(folder, 2, (socket) => socket.destroy());
		assert.equal(await askServer(silent, { type: "who" }), "silent");
		assert.equal(await askServer(socketPath(folder, 3), { type: "who" }), "gone");
	});

	it("are not listened to beyond a line's length; a piece of a history may be longer", async (t) => {
		// The limit of time does not come.
		t.mock.timers.enable({ apis: ["setTimeout"] });
		const folder = scratchFolder();
		// In one piece, and in several.
		for (const [pid, length] of [
			[3, MAX_LINE_BYTES],
			[1, 30 * MAX_LINE_BYTES],
		] as const) {
			const reply = encode({ type: "history", text: "x".repeat(length) });
			const path = await servers.listen(folder, pid, (socket) => socket.end(reply));
			assert.equal(await askServer(path, { type: "who" }), undefined);
		}
		const text = "x".repeat(30 * MAX_LINE_BYTES);
		const path = socketPath(folder, 1);
		assert.deepEqual(await askServer(path, { type: "history", from: 0, colours: false }), {
			v: 1,
			type: "history",
			text,
		});
		const endless = await servers.listen(folder, 2, (socket) =>
			socket.write("x".repeat(MAX_HISTORY_BYTES + 1)),
		);
		assert.equal(await askServer(endless, { type: "history", from: 0, colours: false }), undefined);
	});

	it("leaves nothing for long if it is killed: who asks next removes its socket", async () => {
		const folder = scratchFolder();
		await killedListener(folder, 4712);
		assert.deepEqual(serversIn(folder), [4712]);
		assert.deepEqual(await askAll({}, undefined, [folder]), []);
		assert.deepEqual(serversIn(folder), []);
	});
});
