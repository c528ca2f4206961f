/**
 * Two hosts made of namespaces and joined by a veth pair: a server with private /etc, /run, /var/lib and /var/log,
 * so that it runs firewalls of its own, and a client to probe it from outside. Nothing of the machine's own network,
 * firewall or files is touched. Everything ends with the process that made it.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { SystemCommands } from "../../src/system/commands.js";
import { childrenOf } from "../support/processes.js";
import { ProbeAgent } from "./agent-client.js";

export const SERVER4 = "10.77.0.1";
export const SERVER6 = "fd77::1";
export const CLIENT4 = "10.77.0.2";
export const CLIENT6 = "fd77::2";

/**
 * The folder of another Debian release, such as mmdebstrap makes, to run every firewall of that release instead of the
 * machine's own. It stays unchanged.
 */
const ROOT = process.env.PORTGUARD_LAB_ROOT ?? "/";

/**
 * Arguments: a folder of its own, the root. Reads until the maker closes the pipe or dies, then takes the whole
 * namespace along, being its process 1. /proc stays the machine's: it serves processes inside and outside alike. Its ptys are
 * its own: a guard would scan whenever another test opens one.
 */
const INIT = `
mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs "$1"
mkdir -p "$1/up/etc" "$1/up/var/lib" "$1/scratch/etc" "$1/scratch/var/lib" "$1/log"
for tree in etc var/lib; do
	mount -t overlay overlay -o "lowerdir=$2/$tree,upperdir=$1/up/$tree,workdir=$1/scratch/$tree" "$2/$tree"
done
mount --bind "$1/log" "$2/var/log"
mount -t tmpfs -o mode=755 tmpfs "$2/run"
mkdir -p "$2/run/dbus" "$2/run/lock"
[ "$2" = / ] || for tree in proc dev sys; do mount --rbind "/$tree" "$2/$tree"; done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$2/dev/pts"
mount --bind "$2/dev/pts/ptmx" "$2/dev/ptmx"
ip link set lo up
echo ready
exec chroot "$2" cat
`;

export class LabHost {
	/** Product code given these runs its commands on this host. */
	readonly commands: SystemCommands;
	readonly #agent: ProbeAgent;

	readonly name: string;
	readonly pid: number;
	private readonly init: ChildProcess;
	private readonly folder: string;

	private constructor(name: string, pid: number, init: ChildProcess, folder: string) {
		this.name = name;
		this.pid = pid;
		this.init = init;
		this.folder = folder;
		this.commands = new SystemCommands(this.#enter("-m", "-r"));
		this.#agent = new ProbeAgent(this.#enter());
	}

	static async start(name: string): Promise<LabHost> {
		const folder = await mkdtemp(join(tmpdir(), `portguard-${name}-`));
		const namespaces = ["--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child"];
		const init = spawn(
			"/usr/bin/unshare",
			[...namespaces, "--propagation", "private", "/bin/sh", "-euc", INIT, "init", folder, ROOT],
			{ stdio: ["pipe", "pipe", "inherit"] },
		);
		await Promise.race([
			once(init.stdout, "data"),
			once(init, "exit").then(() => Promise.reject(new Error(`The lab host ${name} did not start.`))),
		]);
		const [pid = 0] = childrenOf(init.pid ?? 0);
		return new LabHost(name, pid, init, folder);
	}

	/** Runs a script of sh on this host and returns what it printed. */
	async sh(script: string): Promise<string> {
		const [file, ...args] = [...this.#enter("-m", "-r", "-p"), "/bin/sh", "-euc", script];
		const { stdout } = await execa(file as string, args, { cwd: "/", env: { LC_ALL: "C" } });
		return stdout;
	}

	/** Starts a program that stays, in this host's namespaces; it ends with the host at the latest. */
	spawn(script: string): ChildProcess {
		const [file, ...args] = [...this.#enter("-m", "-r", "-p"), "/bin/sh", "-euc", script];
		return spawn(file as string, args, { cwd: "/", stdio: "ignore" });
	}

	/** This host's file of that absolute path, as seen from outside. */
	path(absolute: string): string {
		return join(`/proc/${this.pid}/root`, absolute);
	}

	get agent(): ProbeAgent {
		return this.#agent;
	}

	async stop(): Promise<void> {
		await this.#agent.stop();
		this.init.stdin?.end();
		if (this.init.exitCode === null) {
			await once(this.init, "exit");
		}
		await rm(this.folder, { recursive: true, force: true });
	}

	#enter(...more: string[]): string[] {
		return ["/usr/bin/nsenter", "-t", String(this.pid), "-n", ...more, "--"];
	}
}

export interface Lab {
	readonly server: LabHost;
	readonly client: LabHost;
	/**
	 * Whether a datagram from the client reaches a socket on the server's `address`, `port`.
	 * Decided by a control datagram to `CONTROL_PORT` sent after it on the same path, so that a slow machine is not
	 * taken for a closed port: the ruleset under test must let that one port in.
	 */
	isOpen(address: string, port: number): Promise<boolean>;
	stop(): Promise<void>;
}

/** The port of the echo service: the administrator's rule for it shows that openings of the administrator are left alone. */
export const CONTROL_PORT = 7;

export async function startLab(): Promise<Lab> {
	const [server, client] = await Promise.all([LabHost.start("server"), LabHost.start("client")]);
	// Made between the two namespaces: it never exists in the machine's own.
	await execa("/usr/bin/nsenter", [
		...["-t", String(server.pid), "-n", "ip", "link", "add", "eth0", "type", "veth"],
		...["peer", "name", "eth0", "netns", String(client.pid)],
	]);
	await Promise.all([linkUp(server, SERVER4, SERVER6), linkUp(client, CLIENT4, CLIENT6)]);
	return {
		server,
		client,
		isOpen: async (address, port) => {
			await Promise.all([server.agent.echo(address, CONTROL_PORT), server.agent.echo(address, port)]);
			return client.agent.probe(address, port, CONTROL_PORT);
		},
		stop: async () => {
			await Promise.all([server.stop(), client.stop()]);
		},
	};
}

async function linkUp(host: LabHost, address4: string, address6: string): Promise<void> {
	await host.sh(`ip -batch - <<'END'
addr add ${address4}/24 dev eth0
addr add ${address6}/64 dev eth0 nodad
link set eth0 up
END`);
}

/** Why the lab cannot run here, or undefined when it can. */
export async function labMissing(...tools: string[]): Promise<string | undefined> {
	if (process.getuid?.() !== 0) {
		return "needs root to make namespaces";
	}
	const commands = new SystemCommands();
	for (const tool of ["unshare", "nsenter", "ip", ...tools]) {
		if ((await commands.find(tool)) === undefined) {
			return `needs the command ${tool}`;
		}
	}
	return undefined;
}
