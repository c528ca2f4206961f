/** The command as it is installed: built, run as root on a lab host with a firewall that drops by default. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	realpathSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { chmod, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Status } from "../../src/guard/report/status.js";
import { ask } from "../../src/guard-protocol/client.js";
import { GuardError } from "../../src/guard-protocol/errors.js";
import { CONTROL_PORT, type Lab, startLab } from "../lab/hosts.js";
import { until } from "../support/wait.js";

export interface Ended {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

const CONFIG = "/etc/mosh-portguard/config.toml";
const RUNTIME = "/run/mosh-portguard";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

export class Installed {
	readonly lab: Lab;
	/** Holds bin/. */
	readonly folder: string;
	#daemon: ChildProcess | undefined;
	#log = "";

	private constructor(lab: Lab, folder: string) {
		this.lab = lab;
		this.folder = folder;
	}

	/** `setUp` puts a firewall that drops by default in force on the server; `install` fills a folder with bin/ and the rest. */
	static async create(
		setUp: (lab: Lab) => Promise<unknown> = dropByDefault,
		install: (folder: string) => Promise<unknown> = build,
	): Promise<Installed> {
		const folder = await mkdtemp(join(tmpdir(), "portguard-bundle-"));
		// Ordinary users run it too.
		await chmod(folder, 0o755);
		await install(folder);
		const lab = await startLab();
		await setUp(lab);
		const installed = new Installed(lab, folder);
		installed.configure("");
		return installed;
	}

	configure(text: string): void {
		const file = this.lab.server.path(CONFIG);
		mkdirSync(join(file, ".."), { recursive: true });
		writeFileSync(file, text, { mode: 0o644 });
	}

	/** Runs a program on the server, in the machine's process namespace, so that pids mean what /proc says. */
	async run(...line: string[]): Promise<Ended> {
		const child = this.spawn(...line);
		const texts = { stdout: "", stderr: "" };
		child.stdout?.on("data", (data) => {
			texts.stdout += data;
		});
		child.stderr?.on("data", (data) => {
			texts.stderr += data;
		});
		const closed = once(child, "close");
		const [code] = (await once(child, "exit")) as [number | null];
		// Its last output comes after its end; but what it left running may hold the output open. A machine that stood
		// still for so long runs the timer first: what is there is read before the immediate.
		await Promise.race([closed, sleep(1000, undefined, { ref: false }).then(() => setImmediate())]);
		return { code, ...texts };
	}

	spawn(...line: string[]): ChildProcess {
		const enter = ["-t", String(this.lab.server.pid), "-n", "-m", "--wdns=/", "--"];
		const env = { PATH: process.env.PATH, LC_ALL: "C.UTF-8" };
		return spawn("/usr/bin/nsenter", [...enter, ...line], { stdio: ["ignore", "pipe", "pipe"], env });
	}

	portguard(...args: string[]): Promise<Ended> {
		return this.run(...this.command(...args));
	}

	/** The guard itself as the service starts it, so that a signal to it is one to the guard; everything else as users do. */
	command(...args: string[]): string[] {
		if (args[0] !== "daemon") {
			return [join(this.folder, "bin/mosh-portguard"), ...args];
		}
		return [join(dirname(realpathSync(join(this.folder, "bin/mosh-portguard"))), "guard"), ...args];
	}

	async startDaemon(): Promise<void> {
		this.launchDaemon();
		await this.until(() => this.guards(this.#daemon) && this.#log.includes("guard.started"));
	}

	/** Whether that process guards and answers. */
	guards(daemon: ChildProcess | undefined): boolean {
		return daemon?.pid !== undefined && this.readyPid === daemon.pid;
	}

	/** Of the guard that has said last that it guards, unless it ended in good order since. */
	get readyPid(): number | undefined {
		const file = this.lab.server.path(`${RUNTIME}/ready`);
		return existsSync(file) ? Number(readFileSync(file, "utf8")) : undefined;
	}

	/** Starts it and does not wait until it guards. */
	launchDaemon(): void {
		const daemon = this.spawn(...this.command("daemon"));
		this.#daemon = daemon;
		this.#log = "";
		daemon.stdout?.on("data", (data) => {
			this.#log += data;
		});
		daemon.stderr?.pipe(process.stderr);
	}

	get log(): string {
		return this.#log;
	}

	signal(name: NodeJS.Signals): void {
		this.#daemon?.kill(name);
	}

	async stopDaemon(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
		const daemon = this.#daemon;
		this.#daemon = undefined;
		if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) {
			return daemon?.exitCode ?? null;
		}
		daemon.kill(signal);
		const [code] = (await once(daemon, "exit")) as [number | null];
		return code;
	}

	/** Its exit code, when it ends by itself. */
	async daemonEnded(): Promise<number | null> {
		const daemon = this.#daemon;
		if (daemon === undefined) {
			throw new Error("no daemon was started");
		}
		if (daemon.exitCode === null) {
			await once(daemon, "exit");
		}
		return daemon.exitCode;
	}

	/** As the guard tells it, without the command's process, which costs more than all else in a test that waits; else as `shown`. */
	async status(): Promise<Status> {
		const answer = await ask({ type: "status" }, this.lab.server.path(`${RUNTIME}/admin.sock`)).catch(
			(error: unknown) => {
				if (error instanceof GuardError && (error.code === "no-guard" || error.code === "closed")) {
					return undefined;
				}
				throw error;
			},
		);
		return answer?.type === "status" ? (answer.status as Status) : this.shown();
	}

	/** The status once it says of every port whether it is open: a loaded machine has too little time for all rules, and says so. */
	async decided(): Promise<Status> {
		const status = async () => {
			const found = await this.status();
			return found.ports.every(({ state }) => state !== "unverified" && state !== "pending") && found;
		};
		return until("every port is open, or shut", status, { pollMs: 50, explain: () => this.#log });
	}

	/** As the command shows it. */
	async shown(): Promise<Status> {
		const { code, stdout, stderr } = await this.portguard("status", "--json");
		if (stdout === "") {
			throw new Error(`status ended with ${code}: ${stderr}`);
		}
		return JSON.parse(stdout) as Status;
	}

	/** A stock mosh-server on an address of the server; its pid. */
	async moshServer(address: string, port: number, prefix: string[] = []): Promise<number> {
		const line = [...prefix, "mosh-server", "new", "-i", address, "-p", String(port), "--", "sleep", "60"];
		const { stderr, stdout } = await this.run(...line);
		const pid = /pid = (\d+)/.exec(stderr)?.[1];
		if (pid === undefined) {
			throw new Error(`mosh-server did not start: ${stdout}${stderr}`);
		}
		return Number(pid);
	}

	/** The rules as the firewall itself lists them, counters left out. */
	async rules(): Promise<string> {
		const listed = await this.lab.server.sh("iptables-save -t filter; exec ip6tables -S");
		return listed.replace(/^#.*\n/gm, "").replace(/^(:.*) \[.*/gm, "$1");
	}

	async until(condition: () => Promise<boolean> | boolean): Promise<void> {
		await until("what was waited for", condition, { pollMs: 50, explain: () => this.#log });
	}

	async remove(): Promise<void> {
		await this.stopDaemon();
		await this.lab.stop();
		await rm(this.folder, { recursive: true, force: true });
	}
}

/** What `npm run build` makes: copied where it has been made from the sources as they are. */
async function build(folder: string): Promise<void> {
	for (const name of ["bin", "hooks", "shim"]) {
		await cp(join(checkout, name), join(folder, name), { recursive: true });
	}
	const [built, dist] = [join(checkout, "dist"), join(folder, "dist")];
	if (!isFresh(built)) {
		await execa(process.execPath, [join(checkout, "scripts/build.js"), dist]);
		return;
	}
	// Not the packages, which `npm run package` puts there too.
	const filter = (path: string) => !/\.(deb|rpm)$/.test(path);
	await cp(built, dist, { recursive: true, filter });
}

/** Whether no source is younger than what the build writes last. */
function isFresh(dist: string): boolean {
	const last = join(dist, "node-path");
	if (!existsSync(last)) {
		return false;
	}
	const { mtimeMs } = statSync(last);
	const sources = ["src", "native"].flatMap((folder) =>
		readdirSync(join(checkout, folder), { recursive: true, encoding: "utf8" }).map((name) =>
			join(folder, name),
		),
	);
	return [...sources, "scripts/build.js", "package.json", "package-lock.json"].every(
		(name) => statSync(join(checkout, name)).mtimeMs <= mtimeMs,
	);
}

function dropByDefault({ server }: Lab): Promise<string> {
	return server.sh(`
		for tool in iptables ip6tables; do
			$tool -P INPUT DROP
			$tool -A INPUT -i lo -j ACCEPT
			$tool -A INPUT -p udp --dport ${CONTROL_PORT} -j ACCEPT
		done
	`);
}
