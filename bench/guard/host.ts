/** A lab host with the guard as it is installed: bundled, started by its launcher, on a firewall that drops by default. */

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { Installed } from "../../test/cli/installed.js";
import { SERVER4 } from "../../test/lab/hosts.js";
import { within } from "../measure/time.js";
import { kill } from "../servers.js";
import type { LabFirewall } from "./firewalls.js";
import { Prober } from "./prober.js";
import type { Reported } from "./programs/reporter.js";

/** Ports of sessions that are measured, then of those that merely stand by. */
export const FIRST_PORT = 60001;
const MEASURED_PORTS = 800;
const FIRST_STANDING = 61001;

/** The script everyone uses, written from its description. */
export const RIVAL = new URL("programs/rival.sh", import.meta.url).pathname;

/** ptys of its own, so that no other program of the machine wakes the guard; ICMP answers to every probe. */
const PREPARE = `
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts /dev/pts
mount --bind /dev/pts/ptmx /dev/ptmx
sysctl -qw net.ipv4.icmp_ratelimit=0
sysctl -qw net.ipv4.icmp_msgs_per_sec=1000000 net.ipv4.icmp_msgs_burst=1000 2>/dev/null || :
`;

export class GuardHost {
	readonly #installed: Installed;
	readonly #prober: Prober;
	readonly #folder: string;
	readonly #children = new Set<ChildProcess>();
	readonly #servers = new Set<number>();
	#port = FIRST_PORT;

	private constructor(installed: Installed, folder: string) {
		this.#installed = installed;
		this.#prober = new Prober(installed.lab.client);
		this.#folder = folder;
	}

	static async start(firewall: LabFirewall): Promise<GuardHost> {
		const folder = mkdtempSync(join(tmpdir(), "portguard-bench-"));
		const reporter = join(folder, "reporter.mjs");
		await build({
			entryPoints: [new URL("programs/reporter.ts", import.meta.url).pathname],
			outfile: reporter,
			bundle: true,
			platform: "node",
			format: "esm",
		});
		const installed = await Installed.create(firewall.setUp);
		await installed.lab.server.sh(PREPARE);
		installed.configure(`
			ports = { first = ${FIRST_PORT}, last = ${FIRST_STANDING + 1100} }
			limits = { per_user = 10000, total = 10000, per_minute = 10000 }
			[servers]
			executables = ["/usr/bin/mosh-server", "/usr/bin/perl"]
			scripts = [{ interpreter = "${process.execPath}", script = "${reporter}" }]
		`);
		return new GuardHost(installed, folder);
	}

	get prober(): Prober {
		return this.#prober;
	}

	/** A scratch file of that name. */
	file(name: string): string {
		return join(this.#folder, name);
	}

	/** No port twice within a run of measurements, so that no flow of the last one lives on. */
	nextPort(): number {
		this.#port = FIRST_PORT + ((this.#port + 1 - FIRST_PORT) % MEASURED_PORTS);
		return this.#port;
	}

	async startGuard(): Promise<void> {
		await this.#installed.startDaemon();
	}

	async guardPid(): Promise<number> {
		const { pid } = (await this.#installed.status()).guard;
		if (pid === undefined) {
			throw new Error(`the guard does not run: ${this.#installed.log}`);
		}
		return pid;
	}

	/** By the firewall's own listing, as the guard read it. */
	async isOpen(port: number): Promise<boolean> {
		const { ports } = await this.#installed.status();
		return ports.some((other) => other.port === port && other.state === "open");
	}

	async sync(): Promise<void> {
		const { code, stderr } = await this.#installed.portguard("sync");
		if (code !== 0) {
			throw new Error(`sync failed: ${stderr}`);
		}
	}

	/** A program on the server; it ends with the host at the latest. */
	spawn(...line: string[]): ChildProcess {
		const child = this.#installed.spawn(...line);
		this.#children.add(child);
		child.once("exit", () => this.#children.delete(child));
		return child;
	}

	async run(...line: string[]): Promise<void> {
		const { code, stderr } = await this.#installed.run(...line);
		if (code !== 0) {
			throw new Error(`${line.join(" ")} failed: ${stderr}`);
		}
	}

	/** A stock mosh-server; resolves with its pid. */
	async serve(port: number, prefix: string[] = []): Promise<number> {
		const pid = await this.#installed.moshServer(SERVER4, port, prefix);
		this.#servers.add(pid);
		return pid;
	}

	end(pid: number): void {
		this.#servers.delete(pid);
		kill(pid, "SIGKILL");
	}

	/** A reporting server that ends after its first datagram. */
	async report(port: number): Promise<Reported> {
		const child = this.spawn(process.execPath, this.file("reporter.mjs"), SERVER4, String(port));
		child.stderr?.pipe(process.stderr);
		const [data] = (await within(
			10_000,
			"report",
			once(child.stdout as object as NodeJS.ReadableStream as never, "data"),
		)) as [Buffer];
		child.kill("SIGKILL");
		return JSON.parse(String(data)) as Reported;
	}

	/** `count` genuine sessions that do nothing. Resolves with what ends them. */
	async stand(count: number): Promise<() => void> {
		const program = new URL("programs/holders.pl", import.meta.url).pathname;
		const child = this.spawn("/usr/bin/perl", program, SERVER4, String(FIRST_STANDING), String(count));
		if (child.stdout === null) {
			throw new Error("no output of the holders");
		}
		await within(30_000, "holders", once(child.stdout, "data"));
		await this.sync();
		return () => child.kill("SIGTERM");
	}

	async remove(): Promise<void> {
		for (const pid of this.#servers) {
			kill(pid, "SIGKILL");
		}
		for (const child of this.#children) {
			child.kill("SIGTERM");
		}
		await this.#prober.end();
		await this.#installed.remove();
		rmSync(this.#folder, { recursive: true, force: true });
	}
}
