/** `npm start`, as a script and as a person runs it. What it does as root to the host it runs on happens on a lab's. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { Installed } from "../cli/installed.js";
import { nftablesSubject } from "../firewall/nftables/subject.js";
import { ufwSubject } from "../firewall/ufw/subject.js";
import { labMissing, SERVER4 } from "../lab/hosts.js";
import { openPorts } from "../latency/open-ports.js";
import { checkout } from "../support/mosh-server.js";
import { needsRootsNode, needsTools } from "../support/requirements.js";
import { TmuxTerminal } from "../support/tmux.js";

const run = promisify(execFile);
const START = ["sh", join(checkout, "scripts/start.sh"), "--built"];

function start(...options: string[]): Promise<{ stdout: string }> {
	const [file = "", ...words] = START;
	return run(file, [...words, ...options]);
}

const needsNamespaces = (await labMissing()) ?? needsTools("nft", "sshd", "mosh", "script");

describe("npm start -- --demo", () => {
	it("logs in through a firewall of its own, shows what opened and closed, and leaves nothing", {
		skip: needsNamespaces,
	}, async () => {
		const rules = async () => (await run("nft", ["list", "ruleset"])).stdout;
		const before = await rules();
		const { stdout } = await start("--demo", "--script");
		assert.match(stdout, /policy drop/);
		// As the session itself saw it.
		assert.match(stdout, /10\.77\.0\.1:60001 +open +you /);
		assert.doesNotMatch(stdout, /may not be open/);
		assert.match(
			stdout,
			/opened {2}10\.77\.0\.1 UDP port 60001 for you\n\S+ {2}closed {2}10\.77\.0\.1 UDP port 60001\n/,
		);
		assert.match(stdout, /before the login: dropped, during: passed, after: dropped\n$/);
		assert.equal(await rules(), before);
	});

	it("gives a person a shell there", { skip: needsNamespaces || needsTools("tmux") }, async () => {
		const terminal = await TmuxTerminal.start({ command: [...START, "--demo"], columns: 100 });
		try {
			await terminal.seeText("you@demo$");
			await terminal.enter("mosh-portguard status");
			await terminal.seeText(/1 open, 0 pending, 0 refused/);
			await terminal.enter("exit");
			assert.equal(await terminal.exited(), 0);
			await terminal.seeText(/closed {2}10\.77\.0\.1 UDP port 60001/);
		} finally {
			await terminal.close();
		}
	});
});

const needsHost =
	needsRootsNode() || needsNamespaces || ((await labMissing("ufw", "iptables-nft", "tmux")) ?? false);

describe("npm start with the firewall of the host", { skip: needsHost }, () => {
	let host: Installed;
	before(async () => {
		host = await Installed.create(async () => undefined);
	});
	after(() => host?.remove());

	it("says so when nothing is blocked", async () => {
		const { code, stdout } = await host.run(...START, "--script");
		assert.equal(code, 0);
		assert.match(stdout, /No firewall is in force here: nothing is blocked/);
	});

	it("has a login open its port in ufw, shows it, and leaves no rule", async () => {
		const { lab } = host;
		await ufwSubject.setUp(lab);
		const before = await ufwSubject.listing(lab);
		const { code, stdout } = await host.run(...START, "--script");
		assert.equal(code, 0);
		assert.match(stdout, /^firewall {2}ufw: INPUT of iptables-nft jumps to its chains$/m);
		assert.match(stdout, /10\.77\.0\.1:60001 +open +root /);
		assert.match(
			stdout,
			/opened {2}10\.77\.0\.1 UDP port 60001 for root\n\S+ {2}closed {2}10\.77\.0\.1 UDP port 60001\n/,
		);
		assert.equal(await ufwSubject.listing(lab), before);
	});

	it("uses a guard that runs already, and lets it run", async () => {
		await host.startDaemon();
		const { pid } = (await host.status()).guard;
		const { code, stdout } = await host.run(...START, "--script");
		assert.equal(code, 0);
		assert.match(stdout, /A guard is already running on this host/);
		assert.match(stdout, /10\.77\.0\.1:60001 +open +root /);
		assert.equal((await host.status()).guard.pid, pid);
		await host.stopDaemon();
	});

	it("shows a person what every login opens and closes until Ctrl-C, and then leaves no rule", async () => {
		const { lab } = host;
		await lab.server.sh("ufw --force disable; nft flush ruleset");
		await nftablesSubject.setUp(lab);
		const before = await nftablesSubject.listing(lab);
		const command = ["nsenter", "-t", String(lab.server.pid), "-n", "-m", "--wdns=/", "--", ...START];
		const terminal = await TmuxTerminal.start({ command, columns: 120, rows: 40 });
		try {
			await terminal.seeText(/10\.77\.0\.1:60001 +open +root /);
			await terminal.enter("exit");
			await terminal.seeText(/mosh root@10\.77\.0\.1/);
			await terminal.seeText(/closed {2}10\.77\.0\.1 UDP port 60001/);
			// As a login from elsewhere has it.
			const server = await host.moshServer(SERVER4, 60002);
			await terminal.seeText(/opened {2}10\.77\.0\.1 UDP port 60002 for root/);
			assert.deepEqual(await openPorts(lab), [`${SERVER4} 60002`]);
			process.kill(server, "SIGKILL");
			await terminal.seeText(/closed {2}10\.77\.0\.1 UDP port 60002/);
			await terminal.press("C-c");
			await terminal.seeText("The guard has stopped and its rules have been removed.");
			assert.equal(await nftablesSubject.listing(lab), before);
		} finally {
			await terminal.close();
		}
	});

	it("opens the port in both where two firewalls drop", async () => {
		await host.lab.server.sh("ufw --force enable");
		const { code, stdout } = await host.run(...START, "--script");
		assert.equal(code, 0);
		assert.match(stdout, /^firewall {2}ufw \+ nftables: each of them drops: /m);
		assert.match(stdout, /10\.77\.0\.1:60001 +open +root /);
	});

	it("says what is wrong instead of logging in where the guard cannot start", async () => {
		host.configure("[ports]\nfirst = 1\n");
		const { code, stdout, stderr } = await host.run(...START, "--script");
		assert.equal(code, 6);
		assert.match(stderr, /ports\.first/);
		assert.doesNotMatch(stdout, /Logging in/);
	});
});

describe("npm start", () => {
	it("runs the server alone where there can be no guard", {
		skip: needsTools("mosh-client", "script"),
	}, async () => {
		const { stdout } = await start("--script", "--loopback");
		assert.match(stdout, /Hello through our mosh-server/);
	});

	it("refuses an option it does not know", async () => {
		await assert.rejects(start("--nonsense"), { code: 2 });
	});
});
