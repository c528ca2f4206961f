/** What `mosh-portguard status` shows of many sessions at once, compared with the kernel and the firewall. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { PortStatus, Status } from "../../src/guard/report/status.js";
import { CLIENT4, CLIENT6, SERVER4, SERVER6 } from "../lab/hosts.js";
import { until } from "../support/wait.js";
import { nftables } from "./backends.js";
import { LoginHost, needsLoginHost, PROMPT, type ServerKind, USERS } from "./login-host.js";
import { openPorts } from "./open-ports.js";

/** Sessions with a client. The others are only started through ssh, so that setting up twenty takes little time. */
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
	/** By address and port, as they were asked for. */
	const sessions = new Map<string, Wanted & { readonly attended: boolean }>();
	before(async () => {
		host = await LoginHost.start(nftables);
		for (let index = 0; index < ATTENDED; index++) {
			const session = wanted(index);
			const { terminal, port } = await host.login(session);
			await terminal.seeText(PROMPT);
			sessions.set(keyOf({ address: addressOf(session), port }), { ...session, attended: true });
		}
		for (let index = ATTENDED; index < SESSIONS; index++) {
			const session = wanted(index);
			const address = addressOf(session);
			const words = `new -i ${address} -l LANG=C.UTF-8 -- sleep 600`;
			const { stdout } = await host.ssh(session.user, `${host.serverWord(session.server)} ${words}`);
			const port = Number(/^MOSH CONNECT (\d+) /m.exec(stdout)?.[1]);
			sessions.set(keyOf({ address, port }), { ...session, attended: false });
		}
	});
	after(() => host?.close());

	const status = async (): Promise<Status> => {
		await until("every session is known and open", async () => {
			const { ports } = await host.installed.status();
			return ports.filter(({ state }) => state === "open").length === SESSIONS;
		});
		return await host.installed.shown();
	};

	it("has a row for each, with address, port, process and user as the kernel has them", async () => {
		const { ports } = await status();
		const rows = ports.map(({ address, port, pid, user }) => ({ address, port, pid, user }));
		assert.deepEqual(rows.sort(byPlace), (await host.holders()).sort(byPlace));
	});

	it("has in it whom and what each was started for", async () => {
		const { ports } = await status();
		assert.equal(ports.length, SESSIONS);
		for (const port of ports) {
			const session = sessions.get(keyOf(port));
			assert.ok(session !== undefined, keyOf(port));
			assert.equal(port.user, session.user, keyOf(port));
			assert.equal(port.family, session.family === 4 ? "ipv4" : "ipv6", keyOf(port));
			assert.equal(port.server === "/usr/bin/mosh-server", session.server === "watched", keyOf(port));
			assert.equal(port.reports, session.server === "ours", keyOf(port));
		}
		const mixture = new Set(
			[...sessions.values()].map(({ server, user, family }) => `${server} ${user} ${family}`),
		);
		assert.equal(mixture.size, 2 * USERS.length * 2);
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

	it("knows of those that report and have a client where that is and when it was heard", async () => {
		const { ports, guard } = await status();
		assert.equal(guard.leases, SESSIONS / 2);
		for (const port of ports) {
			const session = sessions.get(keyOf(port));
			const told = session?.attended && session.server === "ours";
			const expected = told ? clientOf(session) : undefined;
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
