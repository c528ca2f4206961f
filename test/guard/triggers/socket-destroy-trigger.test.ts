/** Events of destroyed sockets, as the kernel tells them and as `ss` prints them. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import { destroyedPort, SocketDestroyTrigger } from "../../../src/guard/triggers/socket-destroy-trigger.js";
import type { Commands } from "../../../src/system/commands.js";
import { message, NetlinkError } from "../../../src/system/netlink.js";
import { netlinkModule, ToldNetlink } from "../../support/netlink.js";
import { needsRoot, needsTools } from "../../support/requirements.js";

const RANGE = { first: 60001, last: 60999 };

describe("a destroyed socket", () => {
	test("is known by its local port", () => {
		assert.equal(destroyedPort("0      -1     127.0.0.1:60001     0.0.0.0:*"), 60001);
		assert.equal(destroyedPort("UNCONN 0 -1 [fd00::1]:60001 [::]:*"), 60001);
		assert.ok(Number.isNaN(destroyedPort("Recv-Q Send-Q")));
		assert.ok(Number.isNaN(destroyedPort("")));
	});

	test("is an event only if a socket on its port is known", async () => {
		let write: (line: string) => void = () => assert.fail("not followed");
		const follow: Commands["follow"] = async (_tool, _args, onLine) => {
			write = onLine;
			return { pid: 1, stop: async () => undefined };
		};
		const held = new Set([60001]);
		const trigger = new SocketDestroyTrigger(
			{ follow },
			() => RANGE,
			(port) => held.has(port),
		);
		const events: unknown[] = [];
		trigger.start(
			(port) => events.push(port),
			() => assert.fail("it works"),
		);
		write("0      -1     127.0.0.1:60002     0.0.0.0:*");
		write("0      -1     127.0.0.1:53     0.0.0.0:*");
		assert.deepEqual(events, []);
		write("0      -1     127.0.0.1:60001     0.0.0.0:*");
		assert.deepEqual(events, [60001]);
		await trigger.stop();
	});

	test("is asked of the kernel for the range alone", async () => {
		let asked: readonly string[] = [];
		const follow: Commands["follow"] = async (_tool, args) => {
			asked = args;
			return { pid: 1, stop: async () => undefined };
		};
		const trigger = new SocketDestroyTrigger(
			{ follow },
			() => RANGE,
			() => true,
		);
		trigger.start(
			() => undefined,
			() => undefined,
		);
		assert.equal(asked.at(-1), "sport >= :60001 and sport <= :60999");
		await trigger.stop();
	});

	test("is made up for by regular events while a flood has ended the stream", async (t) => {
		t.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
		const ends: (() => void)[] = [];
		const follow: Commands["follow"] = async (_tool, _args, _onLine, onEnd) => {
			ends.push(onEnd);
			return { pid: 1, stop: async () => undefined };
		};
		const trigger = new SocketDestroyTrigger(
			{ follow },
			() => RANGE,
			() => true,
		);
		let events = 0;
		let failures = 0;
		trigger.start(
			() => events++,
			() => failures++,
		);
		const turn = () => new Promise((resolve) => setImmediate(resolve));
		// The second time it stays away for a second.
		for (const wait of [100, 900]) {
			ends.at(-1)?.();
			t.mock.timers.tick(wait);
			await turn();
		}
		assert.deepEqual([ends.length, failures], [2, 2]);
		assert.equal(events, 6);
		t.mock.timers.tick(100);
		await turn();
		assert.equal(ends.length, 3);
		t.mock.timers.tick(10_000);
		assert.equal(events, 6);
		await trigger.stop();
	});
});

/** A `struct inet_diag_msg` of the port. */
function ended(port: number): Buffer {
	const body = Buffer.alloc(72);
	body.writeUInt16BE(port, 4);
	return message(20, 0, body);
}

describe("a destroyed socket of which the kernel tells", () => {
	const held = new Set([60001]);
	const setUp = async (netlink: ToldNetlink, follow: Commands["follow"]) => {
		const trigger = new SocketDestroyTrigger(
			{ follow },
			() => RANGE,
			(port) => held.has(port),
			netlink,
		);
		const events: unknown[] = [];
		trigger.start(
			(port) => events.push(port),
			() => assert.fail("it works"),
		);
		await new Promise((resolve) => setImmediate(resolve));
		return { trigger, events };
	};

	test("is an event only if a socket on its port is known, and lost ones are one of any port", async () => {
		const netlink = new ToldNetlink();
		const { trigger, events } = await setUp(netlink, () => assert.fail("no command is needed"));
		netlink.tell(ended(60002), ended(53));
		assert.deepEqual(events, []);
		netlink.tell(ended(60001), ended(60002), ended(60001));
		netlink.tell(undefined);
		assert.deepEqual(events, [60001, undefined]);
		assert.equal(trigger.isHeard, true);
		await trigger.stop();
		assert.deepEqual([netlink.heard, trigger.isHeard], [undefined, false]);
	});

	test("is printed by ss where nobody may listen", async () => {
		class Refusing extends ToldNetlink {
			override async listen(): Promise<() => void> {
				throw new NetlinkError("EPERM");
			}
		}
		let write = (_line: string): void => assert.fail("not followed");
		const { trigger, events } = await setUp(new Refusing(), async (_tool, _args, onLine) => {
			write = onLine;
			return { pid: 1, stop: async () => undefined };
		});
		write("0      -1     127.0.0.1:60001     0.0.0.0:*");
		const { isHeard } = trigger;
		await trigger.stop();
		assert.deepEqual([events, isHeard], [[60001], false]);
	});
});

const ENDS = 60_000;
const FLOOD = `
	use Socket;
	my $at = pack_sockaddr_in(60901, inet_aton("127.0.0.1"));
	for (1 .. ${ENDS}) {
		socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die;
		bind($socket, $at) or die;
	}
`;

const source = (path: string) => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url));

/**
 * Prints how many events a flood makes, during which the one socket that is known ends, how many of them are of any port, and how often
 * the trigger failed. Does not come to an end if nothing tells of the end of that socket.
 */
const flooded = (module: string) => `
	import { execFileSync, spawn } from "node:child_process";
	import { createSocket } from "node:dgram";
	import { once } from "node:events";
	import { setTimeout as pause } from "node:timers/promises";
	import { SocketDestroyTrigger } from ${source("guard/triggers/socket-destroy-trigger.ts")};
	import { SystemCommands } from ${source("system/commands.ts")};
	import { loadNetlink } from ${source("system/netlink.ts")};
	execFileSync("ip", ["link", "set", "lo", "up"]);
	let [events, failures] = [[], 0];
	const heard = new EventTarget();
	const trigger = new SocketDestroyTrigger(new SystemCommands(), () => ({ first: 60001, last: 60999 }),
		(port) => port === 60001, loadNetlink(${JSON.stringify(module)}));
	trigger.start((port) => {
		events.push(port);
		heard.dispatchEvent(new Event("event"));
	}, () => failures++);
	const end = async () => {
		const socket = createSocket("udp4");
		socket.bind(60001, "127.0.0.1");
		await once(socket, "listening");
		const told = once(heard, "event");
		socket.close();
		await told;
	};
	const stay = setInterval(() => undefined, 1000);
	const tries = setInterval(() => createSocket("udp4").bind(60001, "127.0.0.1", function () { this.close(); }), 50);
	await once(heard, "event");
	clearInterval(tries);
	const flood = spawn("perl", ["-e", ${JSON.stringify(FLOOD)}], { stdio: "inherit" });
	const over = once(flood, "exit");
	events = [];
	await pause(100);
	await end();
	await over;
	const during = events.length;
	const lost = events.filter((port) => port === undefined).length;
	console.log(JSON.stringify({ during, lost, failures }));
	clearInterval(stay);
	await trigger.stop();
`;

describe("a flood of destroyed sockets, which any user can cause", {
	skip: needsRoot() || needsTools("unshare", "perl", "ip", "ss", "stdbuf"),
}, () => {
	const flood = async (module: string): Promise<{ during: number; lost: number; failures: number }> => {
		const { stdout } = await promisify(execFile)("unshare", [
			...["--net", "--kill-child", "--fork", process.execPath],
			...["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", flooded(module)],
		]);
		return JSON.parse(stdout);
	};

	test("is a few looks at the table by the kernel's messages, and the end of another's socket is told of", async (t) => {
		const figures = await flood(netlinkModule());
		t.diagnostic(JSON.stringify(figures));
		assert.equal(figures.failures, 0);
		assert.ok(figures.lost > 0 && figures.during < ENDS / 100, JSON.stringify(figures));
	});

	test("does not hide the end of another's socket from ss, or where it ends that, from the guard", async (t) => {
		const figures = await flood("/nonexistent");
		t.diagnostic(JSON.stringify(figures));
		assert.ok(figures.during > 0);
	});
});
