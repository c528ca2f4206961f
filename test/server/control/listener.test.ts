/** The socket at which a session can be asked, and what it answers to whatever is sent there. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createConnection } from "node:net";
import { afterEach, describe, it, mock } from "node:test";
import { askServer } from "../../../src/server/control/ask.js";
import { socketPath } from "../../../src/server/control/folder.js";
import {
	CONNECTION_LIMIT_MS,
	ControlListener,
	MAX_CONNECTIONS,
} from "../../../src/server/control/listener.js";
import {
	type ControlRequest,
	encode,
	MAX_LINE_BYTES,
	type SessionFacts,
} from "../../../src/server/control/messages.js";
import { killedListener } from "../../support/pretended-server.js";
import { scratchFolder } from "../../support/scratch.js";
import { FACTS } from "../../support/session-facts.js";
import { until } from "../../support/wait.js";

describe("a server that can be asked", () => {
	const open: ControlListener[] = [];
	afterEach(() => {
		mock.timers.reset();
		for (const listener of open.splice(0)) {
			listener.close();
		}
	});

	function listen(
		answer: (question: ControlRequest) => Promise<SessionFacts> = async () => FACTS,
		folder = scratchFolder(),
	) {
		let undone = 0;
		const listener = new ControlListener(async (question) => ({
			reply: await answer(question),
			undo: () => {
				undone++;
			},
		}));
		listener.listen(folder);
		open.push(listener);
		return { folder, listener, path: socketPath(folder, process.pid), undone: () => undone };
	}

	/** What comes back for these bytes, and that the connection is closed. */
	function send(path: string, bytes: string | Buffer): Promise<string> {
		return new Promise((resolve) => {
			let text = "";
			const socket = createConnection(path);
			socket.on("error", () => {});
			socket.setEncoding("utf8").on("data", (more: string) => {
				text += more;
			});
			socket.on("close", () => resolve(text));
			socket.write(bytes);
		});
	}

	it("answers a line of its version, and refuses in words what it does not know", async () => {
		const { path } = listen();
		assert.deepEqual(await askServer(path, { type: "who" }), { v: 1, ...FACTS });
		for (const [line, reason] of [
			['{"v":2,"type":"who"}', /another version/],
			['{"v":1,"type":"dance"}', /older/],
			['{"v":1,"type":"attach","bind":{"kind":"moon"}}', /incomplete/],
			['{"v":1,"type":"attach","bind":{"kind":"any"},"ports":{"first":2,"last":70000}}', /incomplete/],
			["garbage", /not a line of JSON/],
			["[]", /not a line of JSON/],
		] as const) {
			const reply = JSON.parse(await send(path, `${line}\n`));
			assert.equal(reply.type, "refused");
			assert.match(reply.reason, reason);
		}
	});

	it("closes on garbage without an end, and on more than one question, and still answers", async () => {
		const { path } = listen();
		assert.equal(await send(path, Buffer.alloc(1 << 20, "x")), "");
		assert.ok(Buffer.byteLength(encode({ ...FACTS, title: "x".repeat(MAX_LINE_BYTES) })) > MAX_LINE_BYTES);
		const twice = encode({ type: "who" });
		await send(path, twice + twice);
		assert.deepEqual(await askServer(path, { type: "who" }), { v: 1, ...FACTS });
	});

	it("closes on one that says half a line and waits", async () => {
		mock.timers.enable({ apis: ["setTimeout"] });
		const { path } = listen();
		let said: string | undefined;
		void send(path, '{"v":1,').then((text) => {
			said = text;
		});
		for (let turn = 0; turn < 100 && said === undefined; turn++) {
			await new Promise((resolve) => setImmediate(resolve));
			mock.timers.tick(CONNECTION_LIMIT_MS);
		}
		assert.equal(said, "");
	});

	it("turns connections away beyond a number, and answers again when they have gone", async () => {
		const { path } = listen();
		const sockets = Array.from({ length: 100 }, () => createConnection(path).on("error", () => {}));
		const left = () => sockets.filter((socket) => !socket.destroyed && socket.readyState === "open").length;
		await until("the others are turned away", () => left() === MAX_CONNECTIONS);
		for (const socket of sockets) {
			socket.destroy();
		}
		await until("it answers", async () => typeof (await askServer(path, { type: "who" })) === "object");
	});

	it("takes back what it has promised to an asker that has gone", async () => {
		let answer: (facts: SessionFacts) => void = () => {};
		const asked = new Promise<void>((resolve) => {
			answer = () => resolve();
		});
		let finish: (facts: SessionFacts) => void = () => {};
		const { path, undone } = listen(() => {
			answer(FACTS);
			return new Promise((resolve) => {
				finish = resolve;
			});
		});
		const socket = createConnection(path);
		socket.write(encode({ type: "who" }));
		await asked;
		socket.destroy();
		await new Promise((resolve) => setTimeout(resolve, 50));
		finish(FACTS);
		await until("it is undone", () => undone() === 1);
	});

	it("makes its socket anew where somebody has removed it, and takes it away at the end", () => {
		const { folder, listener, path } = listen();
		spawnSync("rm", [path]);
		listener.listen(folder);
		assert.equal(existsSync(path), true);
		listener.close();
		assert.equal(existsSync(path), false);
	});

	it("takes the place of one that had its number and was killed", async () => {
		const folder = scratchFolder();
		const path = await killedListener(folder, process.pid);
		listen(async () => FACTS, folder);
		assert.deepEqual(await askServer(path, { type: "who" }), { v: 1, ...FACTS });
	});
});
