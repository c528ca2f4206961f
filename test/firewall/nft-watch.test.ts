import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { isStructural, watchNft, watchOtherRules } from "../../src/firewall/nft-watch.js";
import type { Commands } from "../../src/system/commands.js";
import { attribute, message, type Netlink, NetlinkError } from "../../src/system/netlink.js";
import { netlinkModule, ToldNetlink } from "../support/netlink.js";
import { needsRoot, needsTools } from "../support/requirements.js";

const OUR_PID = 10;
/** Of the kernel's messages. */
const [NEW_TABLE, NEW_RULE, DELETE_RULE, NEW_ELEMENT, NEW_GENERATION] = [0, 6, 8, 12, 15];
const [INET, IP] = [1, 2];

/** One and the same transaction, as each of the two sources tells it. */
interface Told {
	readonly lines: readonly string[];
	readonly messages: () => readonly Buffer[];
}

const nfTables = (type: number, family: number, ...attributes: readonly Buffer[]) =>
	message((10 << 8) | type, 0, Buffer.from([family, 0, 0, 0]), ...attributes);
const text = (type: number, value: string) => attribute(type, Buffer.from(`${value}\0`));
const number = (type: number, value: number) => {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(value);
	return attribute(type, bytes);
};
const generation = (id: number, pid: number, program: string): Told => ({
	lines: [`# new generation ${id} by process ${pid} (${program})`],
	messages: () => [nfTables(NEW_GENERATION, 0, number(1, id), number(2, pid), text(3, program))],
});
const change = (line: string, type: number, family: number, table: string): Told => ({
	lines: [line],
	messages: () => [nfTables(type, family, text(1, table))],
});
const OURS = [
	change("add rule ip filter MOSH-PORTGUARD udp dport 60001 accept", NEW_RULE, IP, "filter"),
	generation(7, OUR_PID, "iptables-nft-re"),
];
const THEIRS = [
	change("delete rule ip filter INPUT handle 5", DELETE_RULE, IP, "filter"),
	generation(8, 11, "iptables-nft"),
];
const ELSEWHERE = [change("add table inet x", NEW_TABLE, INET, "x"), generation(9, 12, "nft")];
const ELEMENT = [
	change("add element inet x s { 192.0.2.1 }", NEW_ELEMENT, INET, "x"),
	generation(10, 13, "nft"),
];

interface Source {
	readonly name: string;
	/** What a watch is given to hear by it, and what tells it. */
	readonly create: () => {
		readonly netlink?: Netlink;
		readonly commands: Partial<Commands>;
		readonly tell: (told: readonly Told[]) => void;
	};
}

const SOURCES: readonly Source[] = [
	{
		name: "by the kernel's messages",
		create: () => {
			const netlink = new ToldNetlink();
			return {
				netlink,
				commands: { follow: () => assert.fail("no command is needed") },
				tell: (told) => netlink.tell(...told.flatMap(({ messages }) => messages())),
			};
		},
	},
	{
		name: "by nft's monitor",
		create: () => {
			let write = (_line: string): void => undefined;
			return {
				commands: {
					follow: async (_tool, _args, onLine) => {
						write = onLine;
						return { pid: 1, stop: async () => undefined };
					},
				},
				tell: (told) => {
					for (const line of told.flatMap(({ lines }) => lines)) {
						write(line);
					}
				},
			};
		},
	},
];

for (const { name, create } of SOURCES) {
	describe(`changes to nf_tables, told ${name}`, () => {
		/** What is said of all this, and what of changes elsewhere. */
		const said = async (t: test.TestContext, ...transactions: readonly (readonly Told[])[]) => {
			t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
			const { netlink, commands, tell } = create();
			const [causes, elsewhere]: [string[], string[]] = [[], []];
			const watch = await watchNft({ started: (pid: number) => pid === OUR_PID, ...commands } as Commands, {
				concerns: ({ table }) => table === "filter",
				listener: (cause) => causes.push(cause),
				elsewhere: (cause) => elsewhere.push(cause),
				netlink,
			});
			for (const told of transactions) {
				tell(told);
				t.mock.timers.tick(150);
			}
			await watch.stop();
			return { causes, elsewhere };
		};

		test("name the program that made them, unless it was ours or they do not concern us", async (t) => {
			assert.deepEqual(await said(t, OURS, THEIRS, ELSEWHERE, ELEMENT), {
				causes: ["iptables-nft changed the rules"],
				elsewhere: ["nft changed rules"],
			});
		});

		test("are not taken for those of the next program", async (t) => {
			const [rule, ours] = OURS as [Told, Told];
			const told = [rule, ours, generation(8, 11, "y")];
			assert.deepEqual(await said(t, told), { causes: [], elsewhere: [] });
		});

		test("may come in pieces", async (t) => {
			const { causes } = await said(t, ...THEIRS.map((one) => [one]));
			assert.deepEqual(causes, ["iptables-nft changed the rules"]);
		});
	});
}

test("after a loss all is looked at, and what was told in part is forgotten", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
	const netlink = new ToldNetlink();
	const commands: Partial<Commands> = { started: () => false };
	const causes: string[] = [];
	const watch = await watchNft(commands as Commands, {
		concerns: ({ table }) => table === "filter",
		listener: (cause) => causes.push(cause),
		netlink,
	});
	const [rule] = THEIRS as [Told, Told];
	netlink.tell(...rule.messages());
	netlink.tell(undefined);
	netlink.tell(...generation(9, 12, "nft").messages());
	t.mock.timers.tick(150);
	assert.deepEqual(causes, ["more changed than could be told"]);
	await watch.stop();
	assert.equal(netlink.heard, undefined);
});

test("where the kernel lets nobody listen, nft's monitor is followed", async () => {
	const followed: string[] = [];
	const commands: Partial<Commands> = {
		follow: async (tool, args) => {
			followed.push([tool, ...args].join(" "));
			return { pid: 1, stop: async () => undefined };
		},
	};
	class Refusing extends ToldNetlink {
		override async listen(): Promise<() => void> {
			throw new NetlinkError("EPERM");
		}
	}
	const watch = await watchNft(commands as Commands, {
		concerns: () => true,
		listener: () => undefined,
		netlink: new Refusing(),
	});
	await watch.stop();
	assert.deepEqual(followed, ["nft monitor"]);
});

test("of other rules, all changes count but elements, and firewalld's where it reports them itself", async (t) => {
	t.mock.timers.enable({ apis: ["setTimeout"] });
	const netlink = new ToldNetlink();
	const commands: Partial<Commands> = { find: async () => "/usr/sbin/nft", started: () => false };
	const causes: string[] = [];
	const watch = await watchOtherRules(commands as Commands, {
		listener: (cause) => causes.push(cause),
		netlink,
		isFirewalldOurs: true,
	});
	const firewalld = change("add rule inet firewalld x accept", NEW_RULE, INET, "firewalld");
	for (const told of [[firewalld, generation(1, 5, "firewalld")], ELEMENT, ELSEWHERE]) {
		netlink.tell(...told.flatMap(({ messages }) => messages()));
		t.mock.timers.tick(150);
	}
	assert.deepEqual(causes, ["nft changed the rules"]);
	await watch?.stop();
	assert.equal(
		await watchOtherRules({ ...commands, find: async () => undefined } as Commands, {
			listener: () => undefined,
			netlink,
			isFirewalldOurs: false,
		}),
		undefined,
	);
});

test("elements are no structure", () => {
	const [family, table, isDeletion] = ["inet", "t", true];
	assert.ok(!isStructural({ kind: "element", family, table, isDeletion }));
	assert.ok(isStructural({ kind: "set", family, table, isDeletion }));
});

const source = (path: string) => JSON.stringify(new URL(`../../src/${path}`, import.meta.url));

/** Changes rules by commands and messages of its own and by a command that is not, and prints what the watch says of each. */
const watching = (module: string) => `
	import { execFileSync } from "node:child_process";
	import { once } from "node:events";
	import { watchNft } from ${source("firewall/nft-watch.ts")};
	import { SystemCommands } from ${source("system/commands.ts")};
	import { attribute, FLAG, loadNetlink, message, messagesIn } from ${source("system/netlink.ts")};
	const commands = new SystemCommands();
	const netlink = loadNetlink(${JSON.stringify(module)});
	const stay = setInterval(() => undefined, 1000);
	const heard = new EventTarget();
	const causes = [];
	const watch = await watchNft(commands, {
		concerns: () => true,
		listener: (cause) => {
			causes.push(cause);
			heard.dispatchEvent(new Event("cause"));
		},
		netlink,
	});
	if (netlink === undefined) {
		await once(heard, "cause");
	}
	await commands.run("nft", ["-f", "-"], { input: "add table inet ours" });
	await commands.run("iptables-nft-restore", ["--noflush"], { input: "*filter\\n:OURS - [0:0]\\nCOMMIT\\n" });
	await commands.run("nft", ["list", "tables"]);
	if (netlink !== undefined) {
		const edge = (type) => message(type, FLAG.request, Buffer.from([0, 0, 0, 10]));
		const flags = FLAG.request | FLAG.ack | FLAG.create;
		const table = message(10 << 8, flags, Buffer.from([1, 0, 0, 0]), attribute(1, Buffer.from("ours2\\0")));
		const answer = await netlink.ask(12, Buffer.concat([edge(16), table, edge(17)]));
		if ([...messagesIn(answer, 1)].length > 0) {
			throw new Error("not acknowledged");
		}
	}
	execFileSync("nft", ["add", "table", "inet", "theirs"]);
	await once(heard, "cause");
	console.log(JSON.stringify(causes));
	await watch.stop();
	clearInterval(stay);
`;

for (const [name, module, first] of [
	["by the kernel's messages", () => netlinkModule(), []],
	["by nft's monitor", () => "/nonexistent", ["monitoring of the rules started"]],
] as const) {
	test(`a guard in a process namespace of its own, where the kernel's numbers mean nothing, knows its own changes ${name}`, {
		skip: needsRoot() || needsTools("unshare", "nft", "iptables-nft-restore"),
	}, async () => {
		const { stdout } = await promisify(execFile)("unshare", [
			...["--net", "--pid", "--fork", "--mount-proc", "--kill-child", process.execPath],
			...["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", watching(module())],
		]);
		assert.deepEqual(JSON.parse(stdout), [...first, "nft changed the rules"]);
	});
}
