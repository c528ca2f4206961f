/** The socket at which a session can be asked: who can reach it, and what it answers to whatever is sent there. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { afterEach, describe, it, mock } from "node:test";
import { type Asked, askAll, askServer } from "../../../src/server/control/ask.js";
import { choose } from "../../../src/server/control/choose.js";
import { detachedText, listJson, listText } from "../../../src/server/control/describe.js";
import { existingFolders, ownFolder, serversIn, socketPath } from "../../../src/server/control/folder.js";
import {
	CONNECTION_LIMIT_MS,
	ControlListener,
	MAX_CONNECTIONS,
} from "../../../src/server/control/listener.js";
import {
	decodeQuestion,
	encode,
	MAX_LINE_BYTES,
	type Question,
	type SessionFacts,
} from "../../../src/server/control/messages.js";
import { agentLink, newestEnvironment, noteLogin } from "../../../src/server/control/newest-login.js";
import { needsRoot } from "../../support/requirements.js";
import { scratchFolder } from "../../support/scratch.js";
import { until } from "../../support/wait.js";

const FACTS: SessionFacts = {
	type: "session",
	pid: 4711,
	startedAt: 0,
	state: "running",
	columns: 80,
	rows: 24,
	title: "",
	program: "vim",
	ports: [60001],
	client: "192.0.2.2",
	silentMs: 15_000,
	watchers: 0,
};

function server(pid: number, more: Partial<SessionFacts> = {}): Asked {
	return { pid, path: "", facts: { ...FACTS, pid, ...more }, silent: false };
}

describe("the folder of a user's sockets", () => {
	const uid = process.geteuid?.() ?? 0;
	const at =
		(...paths: string[]) =>
		() =>
			paths;

	it("is the first that is the user's alone, made if need be", () => {
		const [first, second] = [join(scratchFolder(), "first"), join(scratchFolder(), "second")];
		const unmade = join(scratchFolder(), "missing", "folder");
		assert.equal(ownFolder({}, uid, at(unmade, first, second)), first);
		assert.equal(existsSync(second), false);
		assert.deepEqual(existingFolders({}, uid, at(unmade, first, second)), [first]);
		const runtime = scratchFolder();
		assert.equal(ownFolder({ XDG_RUNTIME_DIR: runtime }), join(runtime, "mosh-portguard"));
		assert.notEqual(ownFolder({ XDG_RUNTIME_DIR: "relative" }), "relative/mosh-portguard");
	});

	it("is no link, no file, and nothing that others may enter", () => {
		const folder = scratchFolder();
		const [link, file, shared] = ["link", "file", "shared"].map((name) => join(folder, name)) as [
			string,
			string,
			string,
		];
		const target = join(folder, "target");
		mkdirSync(target, { mode: 0o700 });
		symlinkSync(target, link);
		writeFileSync(file, "");
		mkdirSync(shared);
		chmodSync(shared, 0o750);
		const long = join(folder, "x".repeat(100));
		assert.equal(ownFolder({}, uid, at(link, file, shared, long)), undefined);
		assert.deepEqual(existingFolders({}, uid, at(link, file, shared, long)), []);
	});

	it("is nobody else's, nor in a folder of somebody else's", { skip: needsRoot() }, () => {
		const folder = scratchFolder();
		const foreign = join(folder, "foreign");
		mkdirSync(foreign, { mode: 0o700 });
		spawnSync("chown", ["1234", foreign]);
		assert.equal(ownFolder({}, uid, at(foreign, join(foreign, "inside"))), undefined);
	});
});

describe("a server that can be asked", () => {
	const open: ControlListener[] = [];
	afterEach(() => {
		mock.timers.reset();
		for (const listener of open.splice(0)) {
			listener.close();
		}
	});

	function listen(
		answer: (question: Question) => Promise<SessionFacts> = async () => FACTS,
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
			['{"v":1,"type":"attach","bind":{"kind":"moon"}}', /lacks something/],
			['{"v":1,"type":"attach","bind":{"kind":"any"},"ports":{"first":2,"last":70000}}', /lacks something/],
			["garbage", /not a line of JSON/],
			["[]", /not a line of JSON/],
		] as const) {
			const reply = JSON.parse(await send(path, `${line}\n`));
			assert.equal(reply.type, "refused");
			assert.match(reply.reason, reason);
		}
	});

	it("understands what an asker says", () => {
		const question = {
			type: "attach",
			bind: { kind: "address", address: "::1" },
			ports: { first: 1, last: 2 },
			ssh: "a b c d",
			watch: true,
		} as const;
		assert.deepEqual(decodeQuestion(encode(question)), question);
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

	/** Ends as it comes to listen there, and takes nothing away. */
	async function killedListener(path: string): Promise<void> {
		const code = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
		await once(spawn(process.execPath, ["-e", code]), "exit");
		assert.equal(existsSync(path), true);
	}

	it("takes the place of one that had its number and was killed", async () => {
		const folder = scratchFolder();
		const path = socketPath(folder, process.pid);
		await killedListener(path);
		listen(async () => FACTS, folder);
		assert.deepEqual(await askServer(path, { type: "who" }), { v: 1, ...FACTS });
	});

	it("leaves nothing for long if it is killed: who asks next removes its socket", async () => {
		const folder = scratchFolder();
		await killedListener(socketPath(folder, 4712));
		assert.deepEqual(serversIn(folder), [4712]);
		assert.deepEqual(await askAll({}, undefined, [folder]), []);
		assert.deepEqual(serversIn(folder), []);
	});
});

describe("the session that an attach means", () => {
	const servers = [
		server(1, { silentMs: 15_000 }),
		server(2, { silentMs: 3_000 }),
		server(3, { silentMs: 12_000 }),
		server(4, { silentMs: 11_000, state: "ending" }),
		server(5, { state: "starting" }),
		{ pid: 6, path: "", facts: undefined, silent: false },
	];
	const chosen = (target: number | "last" | undefined, among: readonly Asked[] = servers) =>
		choose(among, target)?.pid;

	it("is the one heard last of those without a client, or of all, or the one named", () => {
		assert.equal(chosen(undefined), 3);
		assert.equal(chosen("last"), 2);
		assert.equal(chosen(1), 1);
		assert.equal(chosen(6), 6, "it may answer that it is of another version");
		assert.equal(chosen(7), undefined);
		assert.equal(chosen(undefined, [server(2, { silentMs: 9_999 })]), undefined);
		assert.equal(chosen("last", []), undefined);
	});
});

describe("sessions in words", () => {
	it("are a table, or JSON", () => {
		const servers = [
			server(4711, { idleMs: 3_600_000 * 3, watchers: 2, program: "v\x1bim" }),
			server(4712, { state: "ending", ports: [60002, 60001] }),
			{ pid: 4713, path: "", facts: undefined, silent: true },
			{ pid: 4714, path: "", facts: undefined, silent: false },
		];
		const [head, first, second, third, fourth] = listText(servers).split("\n");
		assert.match(head ?? "", /^PID +SINCE +SIZE +CLIENT +HEARD +TYPED +PORT +PROGRAM$/);
		assert.match(
			first ?? "",
			/^4711 +\S+ \S+ +80x24 +192\.0\.2\.2 +15 s ago +3 h ago +60001 +v\?im, 2 watching$/,
		);
		assert.match(second ?? "", /never +60002 60001 +\(ending\)$/);
		assert.match(third ?? "", /^4713 +does not answer$/);
		assert.match(fourth ?? "", /^4714 +is of another version$/);
		assert.equal(listText([]), "No sessions.\n");
		const { schema, sessions } = JSON.parse(listJson(servers));
		assert.equal(schema, 1);
		assert.deepEqual(
			Object.keys(sessions[0]).sort(),
			Object.keys({ ...FACTS, idleMs: 0 })
				.filter((key) => key !== "type")
				.sort(),
		);
		assert.deepEqual(sessions[2], { pid: 4713, state: "unknown" });
	});

	it("are told at a login if they are detached, with the command that gets each back", () => {
		const text = detachedText(
			[server(1), server(2, { silentMs: 3_000 }), server(3, { state: "ending" })],
			"alice@host",
		);
		assert.match(text, /a detached session on/);
		assert.match(
			text,
			/vim, heard 15 s ago: {2}mosh --server="mosh-portguard-server attach 1" alice@host\r\n/,
		);
		assert.doesNotMatch(text, /attach [23]/);
		assert.match(detachedText([server(1), server(2)], "a"), /2 detached sessions/);
		assert.equal(detachedText([], "a"), "");
	});
});

describe("the newest login", () => {
	it("leaves its environment, quoted for a shell, and a link to its agent while that is there", () => {
		const folder = scratchFolder();
		const agent = join(folder, "agent");
		assert.equal(newestEnvironment([folder]), undefined);
		writeFileSync(agent, "");
		noteLogin(folder, { SSH_AUTH_SOCK: agent, DISPLAY: "it's :1; exit", SECRET: "x" });
		const script = `${newestEnvironment([folder])}\nprintf '%s|%s|%s' "$DISPLAY" "$SSH_AUTH_SOCK" "\${XAUTHORITY-none}"`;
		const run = () =>
			spawnSync("sh", ["-c", script], { encoding: "utf8", env: { XAUTHORITY: "old" } }).stdout;
		assert.equal(run(), `it's :1; exit|${agentLink(folder)}|none`);
		noteLogin(folder, { SSH_AUTH_SOCK: agentLink(folder) });
		noteLogin(folder, {});
		assert.equal(existsSync(agentLink(folder)), true, "neither a link to itself nor none");
		spawnSync("rm", [agent]);
		assert.match(newestEnvironment([folder]) ?? "", /unset SSH_AUTH_SOCK/);
		assert.doesNotMatch(readFileSync(join(folder, "login.json"), "utf8"), /SECRET/);
		assert.deepEqual(readdirSync(folder).sort(), ["agent.sock", "login.json"]);
	});
});
