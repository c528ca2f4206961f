/** A session on a bad network: addresses change, datagrams are lost, late, repeated, out of order, or all gone. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { needsOurs } from "../support/mosh-server.js";
import { NarrowPath, ROUTED4, ROUTED6 } from "../support/narrow-path.js";
import { needsRoot, needsTools } from "../support/requirements.js";
import { needsSession, PROMPT, startSession, startShell } from "../support/session.js";
import { HANG_MS, until } from "../support/wait.js";

/** On a path that loses every third datagram and takes a second for the round trip, patience is the point. */
const BAD_NETWORK_LIMIT_MS = 2 * HANG_MS;

describe("a session on a bad network", { skip: needsSession(), concurrency: 4 }, () => {
	it("follows a client whose address and port change", async (t) => {
		const { terminal, relay, close } = await startShell({ relay: {} });
		t.after(close);
		const ports = new Set([relay.sourcePort]);
		for (const address of ["127.0.0.2", "127.0.0.3", "127.0.0.3", "127.0.0.1"]) {
			await relay.moveTo(address);
			ports.add(relay.sourcePort);
			await terminal.enter(`echo from-$((${relay.sourcePort}))`);
			await terminal.seeText(`from-${relay.sourcePort}`);
		}
		assert.equal(ports.size, 5, "each move showed the server another port");
	});

	it("works with 30 % loss each way and 500 ms delay", async (t) => {
		const { terminal, relay, close } = await startSession({
			relay: { weather: { loss: 0.3, delayMs: 500 }, seed: 30 },
		});
		t.after(close);
		await terminal.seeText(PROMPT, BAD_NETWORK_LIMIT_MS);
		await terminal.type("seq 1 300; echo typed-$((6 * 7))x");
		await terminal.press("BSpace", "Enter");
		const lines = Array.from({ length: 22 }, (_, index) => String(279 + index));
		await terminal.shows(
			({ rows }) => assert.deepEqual(rows, [...lines, "typed-42", PROMPT]),
			BAD_NETWORK_LIMIT_MS,
		);
		assert.ok(relay.counts.lost > 0, "the relay lost datagrams");
	});

	it("ends cleanly with 30 % loss each way", async (t) => {
		const { terminal, relay, close } = await startSession({
			relay: { weather: { loss: 0.3, delayMs: 20 }, seed: 4 },
		});
		t.after(close);
		await terminal.seeText(PROMPT, BAD_NETWORK_LIMIT_MS);
		await terminal.enter("exit");
		// Either side may have to give up waiting for the other's last word: the status tells, both end.
		assert.ok([0, 1].includes(await terminal.exited(BAD_NETWORK_LIMIT_MS)));
		assert.ok(relay.counts.lost > 0, "the relay lost datagrams");
	});

	it("works when datagrams arrive twice and overtake each other", async (t) => {
		const { terminal, relay, close } = await startSession({
			relay: { weather: { duplicate: 0.5, delayMs: 5, jitterMs: 60, loss: 0.05 }, seed: 7 },
		});
		t.after(close);
		await terminal.seeText(PROMPT);
		const words = Array.from({ length: 10 }, (_, index) => `word${index}`).join(" ");
		await terminal.enter(`printf '%s\\n' ${words} | tac`);
		await terminal.shows(({ rows }) => {
			const first = rows.indexOf("word9");
			assert.deepEqual(rows.slice(first, first + 10), words.split(" ").reverse());
		});
		assert.ok(relay.counts.duplicated > 0, "the relay repeated datagrams");
	});

	it("comes back after a time without any network, and from another address", async (t) => {
		const { terminal, relay, close } = await startShell({ relay: {} });
		t.after(close);
		relay.blackhole = true;
		await terminal.type("echo kept-$((1 + 1))");
		// The client's own notice: it has really lost contact.
		await terminal.seeText("Last contact");
		await relay.moveTo("127.0.0.9");
		relay.blackhole = false;
		await terminal.press("Enter");
		await terminal.seeText("kept-2");
		await until("the notice goes", async () => {
			const { rows } = await terminal.screen();
			return !rows.some((row) => row.includes("Last contact"));
		});
	});
});

/** A screen that does not fit into one datagram, however well it is compressed. */
const NOISE = `awk 'BEGIN { srand(1); for (i = 0; i < 1800; i++) printf "%c", 34 + int(rand() * 92) }'`;
/** Two sizes are too long, each is given up after half a second: four transmissions of two datagrams. */
const LOST_MAX = 16;

describe("a path that carries less than 1280 bytes, without ICMP", {
	skip: needsSession() || needsOurs() || needsRoot() || needsTools("unshare", "nsenter", "ip", "nft"),
}, () => {
	let router: NarrowPath;
	before(async () => {
		router = await NarrowPath.start();
	});
	after(() => router.close());

	const firstScreen = async (address: string, close: (step: () => Promise<void>) => void) => {
		const session = await startSession({
			path: { router, address },
			words: ["-p", "60001:60999"],
			command: ["sh", "-c", `${NOISE}; echo; echo all-of-it; exec cat`],
		});
		close(session.close);
		await session.terminal.seeText("all-of-it");
	};

	for (const [mtu, address] of [
		[1_240, ROUTED4],
		[576, ROUTED4],
		[576, ROUTED6],
	] as const) {
		it(`shows a full screen at ${mtu} bytes, to ${address}`, async (t) => {
			router.carry(mtu);
			await firstScreen(address, (step) => t.after(step));
			const lost = router.lost();
			assert.ok(lost > 0 && lost <= LOST_MAX, `${lost} datagrams lost`);
		});
	}

	it("loses nothing where the server's own link is what is narrow", async (t) => {
		router.carry(1_000);
		router.shrinkServerLink(576);
		await firstScreen(ROUTED4, (step) => t.after(step));
		assert.equal(router.lost(), 0);
	});
});
