/** What is asked of a user's other servers, and what is made of each answer: none, one that hangs, one of another version. */

import assert from "node:assert/strict";
import { chownSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { attach, end, env, history, list } from "../../src/server/commands.js";
import { socketPath } from "../../src/server/control/folder.js";
import type { ControlReply, ControlRequest } from "../../src/server/control/messages.js";
import { noteLogin } from "../../src/server/control/newest-login.js";
import { DEFAULT_PORTS, type Target } from "../../src/server/startup/arguments.js";
import { PretendedServers } from "../support/pretended-server.js";
import { needsRoot } from "../support/requirements.js";
import { scratchFolder } from "../support/scratch.js";
import { FACTS as COMPLETE } from "../support/session-facts.js";

/** A user who has no servers but those of a test, wherever they may be. */
const UID = 54_321;
/** No process. */
const NOBODY = 2 ** 22 + 1;
/** What a user may wait for a server that hangs (ms). */
const PATIENCE_MS = 2_000;

const FACTS = {
	v: 1,
	type: "session",
	pid: 11,
	state: "running",
	silentMs: 20_000,
	startedAt: 0,
	watchers: 0,
};
const SIZE = { columns: 80, rows: 24, title: "", ports: [60001] };

const OPTIONS = {
	bind: { kind: "ssh" },
	ports: DEFAULT_PORTS,
	colors: 256,
	locale: [],
	verbosity: 0,
	command: [],
} as const;

let environment: Record<string, string>;
let folder: string;
const servers: Server[] = [];

beforeEach(() => {
	const runtime = scratchFolder();
	environment = { XDG_RUNTIME_DIR: runtime };
	folder = join(runtime, "mosh-portguard");
	mkdirSync(folder, { mode: 0o700 });
	chownSync(folder, UID, UID);
	mock.method(process as Required<Pick<NodeJS.Process, "geteuid">>, "geteuid", () => UID);
});
afterEach(() => {
	mock.timers.reset();
	mock.restoreAll();
	for (const server of servers.splice(0)) {
		server.close();
	}
});

/** A server that gives these answers; to a kind of question that is not among them, none. */
async function server(pid: number, answers: Partial<Record<ControlRequest["type"], object>>): Promise<void> {
	const listening = createServer((socket) => {
		socket.on("error", () => {});
		socket.setEncoding("utf8").on("data", (text: string) => {
			const answer = answers[(JSON.parse(text) as ControlRequest).type];
			if (answer !== undefined) {
				socket.end(`${JSON.stringify(answer)}\n`);
			}
		});
	});
	servers.push(listening);
	await new Promise<void>((resolve) => listening.listen(socketPath(folder, pid), resolve));
}

async function attached(target: Target, watch = false) {
	const warnings: string[] = [];
	const wish = { target, watch, options: OPTIONS };
	const outcome = await attach(wish, environment, (sentence) => warnings.push(sentence));
	return { outcome, warnings };
}

describe("an attach", { skip: needsRoot() }, () => {
	it("is a new session where there is none, and refused if one was named or is to be watched", async () => {
		assert.deepEqual(await attached(undefined), { outcome: { kind: "new" }, warnings: [] });
		assert.deepEqual(await attached("last"), { outcome: { kind: "new" }, warnings: [] });
		for (const [target, watch, words] of [
			[11, false, /^no session of yours has the process id 11;/],
			[undefined, true, /^you have no session here to watch\.$/],
		] as const) {
			const { outcome } = await attached(target, watch);
			assert.ok(outcome.kind === "refused");
			assert.match(outcome.message, words);
		}
	});

	it("finds none where only the socket of a server is left, whoever has its number now", async () => {
		writeFileSync(socketPath(folder, process.ppid), "");
		const { outcome } = await attached(process.ppid);
		assert.match(
			outcome.kind === "refused" ? outcome.message : "",
			/^no session of yours has the process id/,
		);
	});

	it("takes what it is admitted to, with its warnings", async () => {
		const warnings = ["UDP port 60002 may not be open: closed by a rule."];
		const admitted = { v: 1, type: "admitted", port: 60_002, key: "k", warnings };
		await server(11, { who: { ...FACTS, ...SIZE }, attach: admitted });
		assert.deepEqual(await attached(undefined), {
			outcome: { kind: "admitted", pid: 11, port: 60_002, key: "k" },
			warnings,
		});
	});

	it("says what an older server says, or that it is of another version, and is a new session unless one was named", async () => {
		const reason = "its server is older and does not know what was asked";
		await server(11, { who: { ...FACTS, ...SIZE }, attach: { v: 1, type: "refused", reason } });
		await server(12, { who: { v: 2, type: "facts" }, attach: { v: 2, type: "welcome" }, end: { v: 2 } });
		const message = `cannot attach to process 11: ${reason}.`;
		assert.deepEqual((await attached(11)).outcome, { kind: "refused", message });
		assert.deepEqual(await attached(undefined), { outcome: { kind: "new" }, warnings: [message] });
		const other = (await attached(12)).outcome;
		assert.match(other.kind === "refused" ? other.message : "", /process 12: it is of another version\.$/);
		assert.match((await end(12, environment)) ?? "", /^cannot end process 12: it is of another version\.$/);
	});
});

describe("a server that hangs", { skip: needsRoot() }, () => {
	for (const [what, ask] of [
		["an attach to it", async () => (await attached(11)).outcome],
		["its end", () => end(11, environment)],
		["its history", () => history(11, 1, false, environment)],
		["a list", () => list(false, environment)],
	] as const) {
		it(`keeps nobody waiting for ${what}`, async () => {
			await server(11, {});
			mock.timers.enable({ apis: ["setTimeout"] });
			const answer = ask();
			mock.timers.tick(PATIENCE_MS);
			assert.match(JSON.stringify(await answer), /does not answer/);
		});
	}

	it("does not keep what is asked of another one", async () => {
		await server(11, {});
		await server(12, { who: { ...FACTS, ...SIZE, pid: 12 }, end: { v: 1, type: "ending" } });
		mock.timers.enable({ apis: ["setTimeout"] });
		assert.equal(await end(12, environment), undefined);
	});
});

describe("a history", { skip: needsRoot() }, () => {
	const pretended = new PretendedServers();
	afterEach(() => pretended.stop());

	it("is asked for piece by piece", async () => {
		const pieces: ControlReply[] = [
			{ type: "history", text: "one\n", next: 7 },
			{ type: "history", text: "two\n" },
		];
		const heard = await pretended.reply(folder, 11, ({ type }) =>
			type === "who" ? { ...COMPLETE, pid: 11 } : (pieces.shift() as ControlReply),
		);
		const whole = { kind: "history", text: "one\ntwo\n" };
		assert.deepEqual(await history(11, NOBODY, true, environment), whole);
		assert.deepEqual(heard.slice(1), [
			{ type: "history", from: 0, colours: true },
			{ type: "history", from: 7, colours: true },
		]);
	});

	it("is that of the session that the asker runs in, unless another is named", async () => {
		const mine: ControlReply = { type: "history", text: "mine\n" };
		await pretended.reply(folder, process.ppid, ({ type }) =>
			type === "who" ? { ...COMPLETE, pid: process.ppid } : mine,
		);
		const outcome = await history(undefined, process.pid, false, environment);
		assert.deepEqual(outcome, { kind: "history", text: "mine\n" });
	});

	it("that is not kept is a sentence", async () => {
		await server(11, {
			who: { ...FACTS, ...SIZE },
			history: { v: 1, type: "refused", reason: "it will not" },
		});
		const refused = { kind: "refused", message: "process 11: it will not." };
		assert.deepEqual(await history(11, NOBODY, false, environment), refused);
	});
});

describe("the environment", { skip: needsRoot() }, () => {
	it("is that of the newest login", () => {
		noteLogin(folder, { DISPLAY: ":7" });
		assert.match(env(environment) ?? "", /^export DISPLAY=':7';$/m);
	});
});
