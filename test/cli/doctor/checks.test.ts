import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Context, systemContext } from "../../../src/cli/context.js";
import type { Check, Examined } from "../../../src/cli/doctor/check.js";
import { clients } from "../../../src/cli/doctor/clients.js";
import { cloudFirewall, cloudOf } from "../../../src/cli/doctor/cloud-firewall.js";
import { guard } from "../../../src/cli/doctor/guard.js";
import { host } from "../../../src/cli/doctor/host.js";
import { type HostFacts, parseHostFacts } from "../../../src/cli/doctor/host-facts.js";
import { locale } from "../../../src/cli/doctor/locale.js";
import { logout } from "../../../src/cli/doctor/logout.js";
import { server } from "../../../src/cli/doctor/server.js";
import { tools } from "../../../src/cli/doctor/tools.js";
import type { PortStatus, Status } from "../../../src/guard/report/status.js";
import type { Commands } from "../../../src/system/commands.js";
import { checkout } from "../../support/mosh-server.js";
import { needsRoot } from "../../support/requirements.js";
import { scratchFolder } from "../../support/scratch.js";

const OPEN: PortStatus = {
	family: "ipv4",
	address: "192.0.2.1",
	port: 60001,
	state: "open",
	uid: 1000,
	ageSeconds: 40,
	pid: 7,
	reports: true,
};

interface World {
	/** What each command prints; one that is not named is not installed. */
	readonly prints?: Readonly<Record<string, string>>;
	readonly ports?: readonly PortStatus[];
	readonly facts?: HostFacts;
	readonly config?: string;
	readonly privileged?: boolean;
}

/** Where no guard listens. */
const EMPTY = scratchFolder();

function examined({ prints = {}, ports = [], facts = {}, config, privileged = true }: World): Examined {
	const commands: Commands = {
		find: async (tool) => (tool in prints ? `/usr/bin/${tool}` : undefined),
		run: async (tool) => ({ stdout: prints[tool] ?? "", stderr: "", exitCode: 0 }),
		follow: () => Promise.reject(new Error("not here")),
		started: () => false,
	};
	const system = systemContext({ runtimeFolder: EMPTY });
	const context: Context = {
		...system,
		commands,
		privileged,
		paths: { ...system.paths, config: config ?? "/nonexistent/config.toml" },
	};
	const status: Status = {
		schema: 1,
		guard: { running: true, pid: 1 },
		firewall: { name: "ufw", reason: "", healthy: true },
		range: { first: 60001, last: 60999 },
		ports,
		leftOver: [],
		problems: [],
	};
	return { context, status: async () => status, facts: async () => facts };
}

async function finds(check: Check, world: World) {
	const finding = await check.examine(examined(world));
	assert.ok(finding !== undefined);
	return finding;
}

describe("doctor finds", () => {
	test("a host without a UTF-8 locale", async () => {
		assert.equal((await finds(locale, { prints: { locale: "C\nPOSIX\nen_US.iso88591\n" } })).state, "bad");
		const { state, says } = await finds(locale, { prints: { locale: "C\nC.utf8\nde_DE.UTF-8\n" } });
		assert.deepEqual([state, says], ["good", "C.utf8, de_DE.UTF-8"]);
	});

	test("a missing lock as bad, and what else is missing as worth a hint", async () => {
		const all = { flock: "", stdbuf: "", ss: "", conntrack: "" };
		assert.equal((await finds(tools, { prints: all })).state, "good");
		const { conntrack, ...without } = all;
		const { state, remedy } = await finds(tools, { prints: without });
		assert.deepEqual([state, remedy], ["hint", "apt install conntrack"]);
		assert.equal((await finds(tools, {})).state, "bad");
	});

	test("a logind that ends what a login leaves, by its last word", async () => {
		const says = (text: string) =>
			finds(logout, { prints: { loginctl: "", "systemd-analyze": text } }).then(({ state }) => state);
		assert.equal(await says("[Login]\n#KillUserProcesses=yes\n"), "good");
		assert.equal(await says("[Login]\nKillUserProcesses=no\n[Login]\nKillUserProcesses = yes\n"), "bad");
		assert.equal(await says("[Login]\nKillUserProcesses=yes\nKillUserProcesses=no\n"), "good");
		assert.equal((await finds(logout, {})).state, "good");
	});

	test("a missing guard", async () => {
		const { state, remedy } = await finds(guard, {});
		assert.deepEqual([state, remedy], ["bad", "systemctl enable --now mosh-portguard"]);
	});

	test("a missing mosh-server, and one that others than root can change", async () => {
		const folder = scratchFolder();
		const configured = async (server_: string) => {
			const config = join(folder, "config.toml");
			writeFileSync(config, `[servers]\nexecutables = ["${server_}"]\n`);
			chmodSync(config, 0o600);
			return finds(server, { config });
		};
		const missing = await configured("/nonexistent/mosh-server");
		assert.equal(missing.state, "bad");
		assert.match(missing.says, /none .*\/nonexistent\/mosh-server/);
		const loose = join(folder, "mosh-server");
		writeFileSync(loose, "");
		chmodSync(loose, 0o777);
		assert.match((await configured(loose)).says, /writable by users other than root/);
		chmodSync(loose, 0o755);
		assert.equal((await configured(loose)).state, "good");
	});

	test("a client that was never heard, and how to see where its datagrams stay", async () => {
		const { state, says, remedy } = await finds(clients, { ports: [OPEN] });
		assert.equal(state, "hint");
		assert.equal(says, "nothing received from the client of 192.0.2.1:60001 (open for 40s)");
		assert.match(remedy ?? "", /tcpdump -ni any udp port 60001/);
	});

	test("no fault in clients that were heard, have just come, or of whom nothing is told", async () => {
		const client = { address: "203.0.113.5", port: 5 };
		const heard = await finds(clients, { ports: [{ ...OPEN, client, silentSeconds: 9000 }] });
		assert.deepEqual(heard, { state: "good", says: "heard: 1" });
		for (const port of [
			{ ...OPEN, ageSeconds: 2 },
			{ ...OPEN, reports: false },
			{ ...OPEN, state: "refused" as const },
		]) {
			assert.equal(await clients.examine(examined({ ports: [port] })), undefined);
		}
		assert.equal(await clients.examine(examined({ ports: [OPEN], privileged: false })), undefined);
	});

	test("the cloud, whose firewall this host cannot see", async () => {
		const { state, says, remedy } = await finds(cloudFirewall, {
			facts: { manufacturer: "Hetzner", model: "vServer" },
		});
		assert.equal(state, "hint");
		assert.match(says, /Hetzner/);
		assert.match(remedy ?? "", /UDP 60001–60999/);
		assert.equal(cloudOf({ assetTag: "OracleCloud.com" }, "")?.id, "oracle");
		assert.equal(cloudOf({ manufacturer: "Xen", firmware: "Xen 4.11.amazon" }, "")?.id, "aws");
		assert.equal(cloudOf({ manufacturer: "QEMU" }, "openstack")?.where, "security groups");
		assert.equal(cloudOf({ manufacturer: "LENOVO", model: "ThinkPad" }, "nocloud"), undefined);
		assert.equal((await finds(cloudFirewall, { facts: { manufacturer: "LENOVO" } })).state, "good");
	});
});

describe("the host's facts", () => {
	test("are one line for a bug report", async () => {
		const facts = {
			distribution: "Debian GNU/Linux 12 (bookworm)",
			kernel: "6.1.0-28-amd64",
			architecture: "x64",
			manufacturer: "QEMU",
			model: "Standard PC",
			virtual: "KVM",
		};
		const { says } = await finds(host, { facts });
		assert.match(
			says,
			/^Debian GNU\/Linux 12 \(bookworm\), kernel 6\.1\.0-28-amd64, x64; QEMU Standard PC; virtual \(KVM\); mosh-portguard .*, Node \d+\.\d+\.\d+$/,
		);
		assert.match((await finds(host, {})).says, /^Linux, kernel \S+, \w+; mosh-portguard /);
	});

	test("are what an unprivileged process says, so only short texts count", () => {
		const told = [
			'{"kernel":"6.1","manufacturer":7,"model":"  "}',
			"no JSON",
			"[]",
			"null",
			`{"distribution":"${"x".repeat(5000)}","unknown":"y"}`,
		].join("\n");
		assert.deepEqual(parseHostFacts(told), { kernel: "6.1", distribution: "x".repeat(100) });
	});

	test("are never asked for as root", { skip: needsRoot() }, () => {
		const facts = new URL("../../../src/cli/doctor/host-facts.ts", import.meta.url).href;
		// Nobody may be barred from this checkout: what counts is who he is by then.
		const script = `
			const { tellHostFacts } = await import("${facts}");
			await tellHostFacts({ privileged: true, write: () => undefined }).catch(() => undefined);
			console.log(process.getuid(), process.geteuid(), process.getgid(), process.getgroups().join());`;
		const line = ["--import", import.meta.resolve("tsx"), "--input-type=module", "-e", script];
		assert.equal(execFileSync(process.execPath, line, { encoding: "utf8" }), "65534 65534 65534 65534\n");
	});

	const dist = join(checkout, "dist");
	const skip = !existsSync(join(dist, "mosh-portguard.mjs")) && "needs dist/: npm run build";
	test("are asked for by a library that no command loads with itself", { skip }, () => {
		const parts = readdirSync(dist).filter((name) => name.endsWith(".mjs"));
		const text = (name: string) => readFileSync(join(dist, name), "utf8");
		const loads = (name: string): string[] => [
			name,
			...[...text(name).matchAll(/\b(?:from|import)"\.\/([^"]+)"/g)].flatMap(([, other = ""]) =>
				loads(other),
			),
		];
		const holding = parts.filter((name) => text(name).includes("dmidecode"));
		assert.equal(holding.length, 1);
		const commands = parts.filter((name) => /^(mosh-portguard\.|(daemon|status|doctor)-)/.test(name));
		assert.equal(commands.length, 4);
		assert.ok(commands.flatMap(loads).length > commands.length);
		assert.ok(!commands.flatMap(loads).includes(holding[0] ?? ""));
	});
});
