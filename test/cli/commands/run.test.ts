import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { run } from "../../../src/cli/commands/run.js";
import { type Context, systemContext } from "../../../src/cli/context.js";
import type { SocketTable } from "../../../src/guard/kernel/sockets.js";
import type { UdpSocket } from "../../../src/guard/kernel/udp-socket.js";
import type { Answer, Request } from "../../../src/guard-protocol/messages.js";
import { PretendedGuard } from "../../support/pretended-guard.js";
import { scratchFolder } from "../../support/scratch.js";

const ANNOUNCEMENT = "MOSH CONNECT 60001 key";
const COMMAND = ["sh", "-c", `echo; echo '${ANNOUNCEMENT}'; echo later; exit 7`];

const socketAt = (address: string, inode: number): UdpSocket => ({
	family: "ipv4",
	address,
	port: 60001,
	uid: process.getuid?.() ?? 0,
	inode,
});

let guard: PretendedGuard | undefined;
afterEach(async () => {
	await guard?.stop();
	guard = undefined;
});

/** Runs COMMAND; `before` and `after` are the sockets before it starts and when it announces itself. */
async function runs(
	before: UdpSocket[],
	after: UdpSocket[],
	answer?: (request: Request) => Answer | undefined,
) {
	const folder = scratchFolder();
	if (answer !== undefined) {
		guard = await PretendedGuard.start(answer, `${folder}/guard.sock`);
	}
	let [written, complaints] = ["", ""];
	const context: Context = {
		...systemContext({ runtimeFolder: folder }),
		write: (text) => {
			written += text;
		},
		complain: (text) => {
			complaints += text;
		},
	};
	const sockets: SocketTable = { read: async () => before, readPorts: async () => after };
	const code = await run(context, COMMAND, sockets);
	return { code, written, complaints, heard: guard?.heard ?? [] };
}

const NO_SOCKETS: SocketTable = { read: async () => [], readPorts: async () => [] };

describe("a command run until its port is open", () => {
	it("has its output and exit code passed on", async () => {
		const fresh = socketAt("192.0.2.1", 2);
		const { code, written, complaints, heard } = await runs([], [fresh], () => ({ type: "open" }));
		assert.equal(code, 7);
		assert.equal(written, `\n${ANNOUNCEMENT}\nlater\n`);
		assert.equal(complaints, "");
		assert.deepEqual(heard, [{ type: "ask", family: "ipv4", address: "192.0.2.1", port: 60001 }]);
	});

	it("is asked after by its own socket, not by that of an earlier session on the same port", async () => {
		const [old, fresh] = [socketAt("192.0.2.9", 1), socketAt("192.0.2.1", 2)];
		const { heard, complaints } = await runs([old], [old, fresh], (request) =>
			request.type === "ask" && request.address === fresh.address
				? { type: "open" }
				: { type: "refused", code: "not-bound", reason: "it has ended" },
		);
		assert.equal(heard.length, 1);
		assert.equal(complaints, "");
	});

	it("is let go on with one line on what is wrong: refused, not answered for, no guard", async () => {
		const refusal: Answer = { type: "refused", code: "user-limit", reason: "too many ports" };
		const error: Answer = { type: "error", code: "too-fast", reason: "too many requests of this user" };
		for (const [answer, reason] of [
			[() => refusal, /too many ports/],
			[() => error, /too many requests/],
			[undefined, /no guard listens/],
		] as const) {
			const { code, written, complaints } = await runs([], [socketAt("192.0.2.1", 2)], answer);
			assert.equal(code, 7);
			assert.ok(written.includes(ANNOUNCEMENT));
			assert.match(complaints, reason);
			assert.equal(complaints.trim().split("\n").length, 1);
			await guard?.stop();
			guard = undefined;
		}
	});

	it("that a signal ends is told as a shell tells it", async () => {
		const context = { ...systemContext({}), write: () => undefined, complain: () => undefined };
		assert.equal(await run(context, ["sh", "-c", "kill -TERM $$"], NO_SOCKETS), 128 + 15);
	});

	it("that cannot be started ends with 127", async () => {
		const context = { ...systemContext({}), write: () => undefined, complain: () => undefined };
		assert.equal(await run(context, ["/no/such/command"], NO_SOCKETS), 127);
	});
});
