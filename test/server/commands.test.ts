/** What is asked of this user's other servers. Those of the user who runs the test, if there are any, are left alone. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { attach, end, env, history, list } from "../../src/server/commands.js";
import type { Reply } from "../../src/server/control/messages.js";
import { noteLogin } from "../../src/server/control/newest-login.js";
import { DEFAULT_PORTS, type ServerOptions } from "../../src/server/startup/arguments.js";
import { PretendedServers } from "../support/pretended-server.js";
import { scratchFolder } from "../support/scratch.js";
import { FACTS } from "../support/session-facts.js";

const PID = 4711;
const NOBODY = 2 ** 22 + 1;
const SSH = "192.0.2.9 5 192.0.2.1 22";
const OPTIONS: Partial<ServerOptions> = { bind: { kind: "ssh" }, ports: DEFAULT_PORTS };
const ADMITTED: Reply = { type: "admitted", port: 60002, key: "key", warnings: ["A warning."] };

const servers = new PretendedServers();
afterEach(() => servers.stop());

/** The environment of a user who has one server, which answers so. */
async function user(replies: Partial<Record<string, Reply>> = {}, pid = PID) {
	const runtime = scratchFolder();
	const folder = join(runtime, "mosh-portguard");
	mkdirSync(folder, { mode: 0o700 });
	const heard = await servers.reply(
		folder,
		pid,
		({ type }) =>
			replies[type] ?? (type === "who" ? { ...FACTS, pid } : { type: "refused", reason: "it will not" }),
	);
	return { environment: { XDG_RUNTIME_DIR: runtime, SSH_CONNECTION: SSH }, folder, heard };
}

describe("attaching", () => {
	async function attached(target: number, replies: Partial<Record<string, Reply>>, watch = false) {
		const { environment, folder, heard } = await user(replies);
		const warnings: string[] = [];
		const wish = { target, watch, options: OPTIONS as ServerOptions };
		const outcome = await attach(wish, environment, (sentence) => warnings.push(sentence));
		return { outcome, warnings, heard: heard.at(-1), noted: existsSync(join(folder, "login.json")) };
	}

	it("has the server expect the client, and tells it how that reaches this host", async () => {
		const { outcome, warnings, heard, noted } = await attached(PID, { attach: ADMITTED });
		assert.deepEqual(outcome, { kind: "admitted", pid: PID, port: 60002, key: "key" });
		assert.deepEqual(warnings, ["A warning."]);
		assert.deepEqual(heard, { type: "attach", bind: { kind: "ssh" }, ssh: SSH, watch: false });
		assert.equal(noted, true, "this login is the newest");
	});

	it("to watch is no login", async () => {
		const { outcome, noted } = await attached(PID, { attach: ADMITTED }, true);
		assert.deepEqual([outcome.kind, noted], ["admitted", false]);
	});

	it("to one that is named and refuses, or is not there, is refused in a sentence", async () => {
		const { outcome } = await attached(PID, {});
		assert.deepEqual(outcome, { kind: "refused", message: `cannot attach to process ${PID}: it will not.` });
		const none = await attached(NOBODY, {});
		assert.ok(none.outcome.kind === "refused");
		assert.match(none.outcome.message, /^no session of yours has the process id \d+;/);
	});
});

describe("a session's end", () => {
	it("is asked of its server", async () => {
		const { environment, heard } = await user({ end: { type: "ending" } });
		assert.equal(await end(PID, environment), undefined);
		assert.deepEqual(heard.at(-1), { type: "end" });
	});

	it("that it does not understand, or of a session that is not there, is a sentence", async () => {
		const { environment } = await user();
		assert.match((await end(PID, environment)) ?? "", /^cannot end process 4711: .*\.$/);
		assert.match((await end(NOBODY, environment)) ?? "", /^no session of yours/);
	});
});

describe("a history", () => {
	it("is asked for piece by piece", async () => {
		const { environment, folder } = await user();
		const pieces: Reply[] = [
			{ type: "history", text: "one\n", next: 7 },
			{ type: "history", text: "two\n" },
		];
		const heard = await servers.reply(folder, 4712, ({ type }) =>
			type === "who" ? { ...FACTS, pid: 4712 } : (pieces.shift() as Reply),
		);
		assert.deepEqual(await history(4712, NOBODY, true, environment), { kind: "history", text: "one\ntwo\n" });
		assert.deepEqual(heard.slice(1), [
			{ type: "history", from: 0, colours: true },
			{ type: "history", from: 7, colours: true },
		]);
	});

	it("is that of the session that the asker runs in, unless another is named", async () => {
		const { environment } = await user({ history: { type: "history", text: "mine\n" } }, process.ppid);
		assert.deepEqual(await history(undefined, process.pid, false, environment), {
			kind: "history",
			text: "mine\n",
		});
	});

	it("that is not kept is a sentence", async () => {
		const { environment } = await user();
		const refused = { kind: "refused", message: "process 4711: it will not." };
		assert.deepEqual(await history(PID, NOBODY, false, environment), refused);
	});
});

it("sessions are listed as text or as JSON", async () => {
	const { environment } = await user();
	assert.match(await list(false, environment), /^4711 .* vim$/m);
	const { sessions } = JSON.parse(await list(true, environment));
	assert.ok(sessions.some(({ pid }: { pid: number }) => pid === PID));
});

it("the newest login's environment is that of the first folder that has one", async () => {
	const { environment, folder } = await user();
	noteLogin(folder, { DISPLAY: ":7" });
	assert.match(env(environment) ?? "", /^export DISPLAY=':7';$/m);
	assert.match(readFileSync(join(folder, "login.json"), "utf8"), /:7/);
});
