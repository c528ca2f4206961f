import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { ProcessFacts } from "../../../src/guard/kernel/processes.js";
import type { UdpSocket } from "../../../src/guard/kernel/udp-socket.js";
import { type Identity, identify } from "../../../src/guard/sessions/identity.js";
import type { Refusal } from "../../../src/guard/sessions/refusals.js";
import type { Trust } from "../../../src/guard/sessions/trust.js";
import { FakeHost, HOME, MOSH, NODE, SCRIPT } from "../../support/fake-host.js";

const TRUST: Trust = { executables: [MOSH], scripts: [{ interpreter: NODE, script: SCRIPT }] };

function judge(
	host: FakeHost,
	pid: number,
	socket: UdpSocket,
	reported = false,
	executables = TRUST.executables,
): Identity | Refusal {
	const facts = host.describe(pid) as ProcessFacts;
	return identify(facts, socket, { ...TRUST, executables }, HOME, reported, (path) => host.file(path));
}

function codeOf(outcome: Identity | Refusal): string {
	return "code" in outcome ? outcome.code : outcome.kind;
}

function serveWith(
	over: Parameters<FakeHost["serve"]>[1],
	prepare?: (host: FakeHost) => void,
	reported = false,
) {
	const host = new FakeHost();
	prepare?.(host);
	const { pid, socket } = host.serve(60001, over);
	return codeOf(judge(host, pid, socket, reported));
}

describe("a mosh-server of its own executable", () => {
	test("is known by its file", () => assert.equal(serveWith({}), "executable"));

	test("is still known after a package upgrade unlinked its file", () => {
		const host = new FakeHost();
		const old = host.file(MOSH);
		assert.ok(old);
		host.install(MOSH);
		const { pid, socket } = host.serve(60001, { executable: { ...old, deleted: true } });
		assert.equal(codeOf(judge(host, pid, socket)), "executable");
	});

	test("is not known when another file stands at its path (a bind mount)", () => {
		const host = new FakeHost();
		const executable = { ...(host.file(MOSH) as NonNullable<ReturnType<FakeHost["file"]>>), inode: 4n };
		const { pid, socket } = host.serve(60001, { executable });
		assert.equal(codeOf(judge(host, pid, socket)), "executable-replaced");
	});

	test("whose file is not at its path here is said to be hidden", () => {
		const host = new FakeHost();
		const executable = host.install("/srv/mosh/bin/mosh-server");
		host.files.delete(executable.path);
		const { pid, socket } = host.serve(60001, { executable });
		assert.equal(codeOf(judge(host, pid, socket, false, [executable.path])), "executable-hidden");
	});

	test("is not known by its name: a copy is another path", () => {
		const host = new FakeHost();
		const copy = host.install("/home/eve/mosh-server", { ownerUid: 1000 });
		const { pid, socket } = host.serve(60001, { executable: copy, commandLine: [MOSH, "new"] });
		assert.equal(codeOf(judge(host, pid, socket)), "unlisted-server");
	});

	for (const [what, over] of [
		["its owner", { ownerUid: 1000 }],
		["its group", { mode: 0o100775 }],
		["others", { mode: 0o100757 }],
	] as const) {
		test(`is refused when ${what} could change the file`, () => {
			const host = new FakeHost();
			const { pid, socket } = host.serve(60001, { executable: host.install(MOSH, over) });
			assert.equal(codeOf(judge(host, pid, socket)), "executable-writable");
		});
	}

	test("is refused from another namespace", () => {
		assert.equal(serveWith({ userNamespace: "user:[9]" }), "foreign-namespace");
		assert.equal(serveWith({ netNamespace: "net:[9]" }), "foreign-namespace");
	});

	test("is refused when any of its uids is not the socket's", () => {
		assert.equal(serveWith({ realUid: 1001 }), "wrong-user");
		assert.equal(serveWith({ effectiveUid: 0 }), "wrong-user");
		assert.equal(serveWith({ savedUid: 0 }), "wrong-user");
	});
});

describe("a mosh-server run by a shared interpreter", () => {
	const executable = new FakeHost().file(NODE);
	const asScript = { commandLine: ["node", "--no-warnings", SCRIPT, "new"] };
	const onNode = (over: object, prepare?: (host: FakeHost) => void, reported = true) => {
		const host = new FakeHost();
		prepare?.(host);
		const { pid, socket } = host.serve(60001, { executable: host.file(NODE) as never, ...over });
		return codeOf(judge(host, pid, socket, reported));
	};

	test("counts with a report and as the installed script", () => {
		assert.ok(executable);
		assert.equal(onNode(asScript), "script");
	});
	test("counts when its launcher names it by way of another folder", () => {
		assert.equal(
			onNode({ commandLine: ["node", "/usr/lib/mosh-portguard/bin/../server.js", "1"] }),
			"script",
		);
	});
	test("does not count without a report", () =>
		assert.equal(onNode(asScript, undefined, false), "needs-report"));
	test("does not count as any other script", () => {
		assert.equal(onNode({ commandLine: ["node", "/home/eve/server.js"] }), "untrusted-executable");
		// The script's path as the program's name is not running it.
		assert.equal(onNode({ commandLine: [SCRIPT] }), "untrusted-executable");
	});
	test("does not count when others could change the script", () => {
		const loosen = (host: FakeHost) => void host.install(SCRIPT, { mode: 0o100666 });
		assert.equal(onNode(asScript, loosen), "executable-writable");
	});
});

describe("a pattern of paths", () => {
	const PATTERN = "/nix/store/*/bin/mosh-server";
	const STORE = "/nix/store/0a1b-mosh-1.4.0";
	/** As a multi-user nix has it: the store is its builders' too, and sticky. */
	const FOLDERS = {
		"/": 0o40755,
		"/nix": 0o40755,
		"/nix/store": 0o41775,
		[STORE]: 0o40555,
		[`${STORE}/bin`]: 0o40555,
	};
	const outcome = (
		folders: Readonly<Record<string, number | { mode: number; ownerUid: number }>> = {},
		path = `${STORE}/bin/mosh-server`,
		pattern = PATTERN,
	) => {
		const host = new FakeHost();
		for (const [folder, found] of Object.entries({ ...FOLDERS, ...folders })) {
			host.install(folder, typeof found === "number" ? { mode: found } : found);
		}
		const { pid, socket } = host.serve(60001, { executable: host.install(path) });
		return codeOf(judge(host, pid, socket, false, [MOSH, pattern]));
	};

	test("lists what is at such a path", () => assert.equal(outcome(), "executable"));

	test("a star stands within one folder's name", () => {
		assert.equal(outcome({}, "/nix/store/a/b/bin/mosh-server"), "unlisted-server");
		assert.equal(outcome({}, "/nix/store/bin/mosh-server"), "unlisted-server");
		assert.equal(outcome({}, `${STORE}/bin/mosh-server-1`), "unlisted-server");
		assert.equal(outcome({}, `/home/eve${STORE}/bin/mosh-server`), "unlisted-server");
	});

	test("everything else in it is taken as it stands", () => {
		const folders = { "/opt": 0o40755, "/opt/m+1": 0o40755, "/opt/m1": 0o40755, "/opt/mm1": 0o40755 };
		assert.equal(outcome(folders, "/opt/m+1/mosh-server", "/opt/m+*/mosh-server"), "executable");
		assert.equal(outcome(folders, "/opt/mm1/mosh-server", "/opt/m+*/mosh-server"), "unlisted-server");
		assert.equal(outcome(folders, "/opt/m1/mosh-server", "/opt/.1/mosh-server"), "unlisted-server");
	});

	for (const [what, folders] of [
		["the folder of the file", { [`${STORE}/bin`]: 0o40775 }],
		["the folder of the file, though sticky,", { [`${STORE}/bin`]: 0o41777 }],
		["a folder above", { "/nix": 0o40777 }],
		["the top", { "/": 0o40757 }],
	] as const) {
		test(`does not list a file where others may write to ${what}`, () =>
			assert.equal(outcome(folders), "executable-writable"));
	}

	test("does not list a file in another user's folder", () => {
		assert.equal(outcome({ [STORE]: { mode: 0o40755, ownerUid: 1000 } }), "executable-writable");
		assert.equal(outcome({ "/nix": { mode: 0o40755, ownerUid: 1000 } }), "executable-writable");
		assert.equal(outcome({ "/nix/store": { mode: 0o41775, ownerUid: 1000 } }), "executable-writable");
	});

	test("does not list a file whose folder is none, or cannot be seen", () => {
		assert.equal(outcome({ [STORE]: 0o120777 }), "executable-writable");
		const host = new FakeHost();
		const { pid, socket } = host.serve(60001, { executable: host.install(`${STORE}/bin/mosh-server`) });
		assert.equal(codeOf(judge(host, pid, socket, false, [PATTERN])), "executable-writable");
	});
});
