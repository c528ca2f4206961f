/** What `mosh-portguard status` says of many sessions at once, against the kernel's word and the firewall's own. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { PortStatus, Status } from "../../src/guard/status.js";
import { CLIENT4, CLIENT6, SERVER4, SERVER6 } from "../lab/hosts.js";
import { until } from "../support/wait.js";
import { nftables } from "./backends.js";
import { LoginHost, needsLoginHost, PROMPT, type ServerKind, USERS } from "./login-host.js";
import { openPorts } from "./open-ports.js";

/** With a client; the others are started by ssh and nobody has come yet, so that twenty are there in little time. */
const ATTENDED = 6;
const SESSIONS = 20;

interface Wanted {
	readonly server: ServerKind;
	readonly user: (typeof USERS)[number];
	readonly family: 4 | 6;
}

/** Every mixture of server, user and family, several times over. */
function wanted(index: number): Wanted {
	const server = index % 2 === 0 ? "ours" : "watched";
	const family = Math.floor(index / 2) % 2 === 0 ? 4 : 6;
	return { server, family, user: USERS[index % USERS.length] ?? "alice" };
}

describe("the status of twenty sessions", { skip: await needsLoginHost(...nftables.tools) }, () => {
	let host: LoginHost;
	const clients = new Map<string, Wanted>();
	before(async () => {
		host = await LoginHost.start(nftables);
		for (let index = 0; index < ATTENDED; index++) {
			const session = wanted(index);
			const { terminal, port } = await host.login(session);
			await terminal.seeText(PROMPT);
			clients.set(keyOf({ address: addressOf(session), port }), session);
		}
		for (let index = ATTENDED; index < SESSIONS; index++) {
			const { server, user, family } = wanted(index);
			const words = `new -i ${addressOf({ family })} -l LANG=C.UTF-8 -- sleep 600`;
			await host.ssh(user, `${host.serverWord(server)} ${words}`);
		}
	});
	after(() => host?.close());

	const status = async (): Promise<Status> => {
		return until("every session is known and open", async () => {
			const now = await host.installed.status();
			const settled = now.ports.filter(({ state }) => state === "open");
			return settled.length === SESSIONS && now;
		});
	};

	it("has a row for each, with address, port, process and user as the kernel has them", async () => {
		const { ports } = await status();
		const rows = ports.map(({ address, port, pid, user }) => ({ address, port, pid, user }));
		assert.deepEqual(rows.sort(byPlace), (await host.holders()).sort(byPlace));
		assert.deepEqual(new Set(ports.map(({ user }) => user)), new Set(USERS));
	});

	it("says open of exactly what the firewall lists", async () => {
		const { ports, leftOver, problems } = await status();
		const open = ports.filter(({ state }) => state === "open");
		assert.deepEqual(
			open.map(({ address, port }) => `${address} ${port}`).sort(),
			await openPorts(host.installed.lab),
		);
		assert.deepEqual(leftOver, []);
		assert.deepEqual(problems, []);
	});

	it("knows which report, and of those with a client where that is and when it was heard", async () => {
		const { ports, guard } = await status();
		const reporting = ports.filter(({ reports }) => reports);
		assert.equal(reporting.length, SESSIONS / 2);
		assert.equal(guard.leases, SESSIONS / 2);
		for (const port of ports) {
			assert.equal(port.reports, port.server !== "/usr/bin/mosh-server", keyOf(port));
			const session = clients.get(keyOf(port));
			const expected = session?.server === "ours" ? clientOf(session) : undefined;
			assert.equal(port.client?.address, expected, keyOf(port));
			assert.equal(port.silentSeconds !== undefined, expected !== undefined);
			assert.ok((port.silentSeconds ?? 0) <= port.ageSeconds + 1);
		}
	});

	it("is told to an ordinary user without where clients are", async () => {
		const { stdout } = await host.ssh("alice", `${host.installed.folder}/bin/mosh-portguard status --json`);
		const { ports } = JSON.parse(stdout) as Status;
		assert.equal(ports.length, SESSIONS);
		assert.ok(
			ports.every(({ client, silentSeconds }) => client === undefined && silentSeconds === undefined),
		);
	});

	it("shows the same to a person", async () => {
		const { stdout } = await host.installed.portguard("status");
		assert.match(stdout, new RegExp(`${SESSIONS} open, 0 pending, 0 refused`));
		for (const { pid, user } of await host.holders()) {
			assert.match(stdout, new RegExp(` open +${user} +${pid} `));
		}
	});
});

function addressOf({ family }: Pick<Wanted, "family">): string {
	return family === 4 ? SERVER4 : SERVER6;
}

function clientOf({ family }: Wanted): string {
	return family === 4 ? CLIENT4 : CLIENT6;
}

function keyOf({ address, port }: Pick<PortStatus, "address" | "port">): string {
	return `${address} ${port}`;
}

function byPlace(a: { address: string; port: number }, b: { address: string; port: number }): number {
	return a.address.localeCompare(b.address) || a.port - b.port;
}
