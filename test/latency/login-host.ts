/**
 * A host to log in to from another: a firewall that drops by default, a real sshd, users, the guard and both
 * mosh-servers. The real `mosh` wrapper and the stock mosh-client run on the other host.
 */

import { execFile } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Installed } from "../cli/installed.js";
import { readStillCensus, startCensus } from "../lab/census.js";
import { labMissing, SERVER4, SERVER6 } from "../lab/hosts.js";
import { checkout } from "../support/mosh-server.js";
import { commandLineOf, endProcess } from "../support/processes.js";
import { needsRootsNode, needsTools } from "../support/requirements.js";
import { clientEnvironment, type Listening, writeSshFiles } from "../support/sshd.js";
import { TmuxTerminal } from "../support/tmux.js";
import { until } from "../support/wait.js";
import type { Backend } from "./backends.js";

const run = promisify(execFile);

export const USERS = ["alice", "bob", "carol"] as const;
export type User = (typeof USERS)[number];
export const PROMPT = "lab$";

/** `watched`: the stock server, found by the guard alone; `shim`: the stock server started by `mosh-portguard run`. */
export type ServerKind = "ours" | "watched" | "shim";

/**
 * Whether the server, or `mosh-portguard run`, says that it has not waited any longer for the guard's answer. It waits for
 * REPORT_BUDGET_MS, which is too short where everything else on the machine wants the processor.
 */
export function gaveUp(output: string): boolean {
	return /no answer from the guard in \d+ ms/.test(output);
}

export interface LoginOptions {
	readonly server?: ServerKind;
	readonly user?: User;
	readonly family?: 4 | 6;
	/** In front of the server's command, such as an assignment of the environment. */
	readonly prefix?: string;
	/** After it, such as `attach last`. */
	readonly words?: string;
	/** Instead of the login shell. */
	readonly command?: readonly string[];
	/** Of the terminal: 80 columns and 24 rows unless given. */
	readonly size?: { readonly columns: number; readonly rows: number };
	/** Where ssh connects to, when that is not the server itself. */
	readonly via?: Listening;
}

export interface Login {
	readonly terminal: TmuxTerminal;
	readonly port: number;
	/** Of mosh-client. */
	readonly clientPid: number;
}

export async function needsLoginHost(...tools: readonly string[]): Promise<string | false> {
	const wanted = ["sshd", "ssh", "ssh-keygen", "mosh", "mosh-server", "tmux", "ss", "nft"];
	return needsRootsNode() || needsTools(...wanted) || ((await labMissing(...tools)) ?? false);
}

const SERVER_FILES = [
	"mosh-server.cjs",
	"ssp.cjs",
	"xterm.cjs",
	"session.cjs",
	"commands.cjs",
	"pty.node",
	"trim.node",
	"boundary",
	"node-path",
].map((name) => `dist/${name}`);

export class LoginHost {
	readonly installed: Installed;
	readonly #folder: string;
	readonly #terminals: TmuxTerminal[] = [];
	/** By uid. */
	readonly #users = new Map<string, string>();
	#stopSshd: () => void = () => undefined;

	private readonly backend: Backend;

	private constructor(backend: Backend, installed: Installed, folder: string) {
		this.backend = backend;
		this.installed = installed;
		this.#folder = folder;
	}

	/** The guard runs already when it resolves. */
	static async start(backend: Backend): Promise<LoginHost> {
		const folder = mkdtempSync(join(tmpdir(), "portguard-login-"));
		chmodSync(folder, 0o755);
		const installed = await Installed.create((lab) => backend.setUp(lab));
		const host = new LoginHost(backend, installed, folder);
		mkdirSync(join(installed.folder, "shim"), { recursive: true });
		for (const file of [...SERVER_FILES, "bin/mosh-server", "shim/mosh-server"]) {
			copyFileSync(join(checkout, file), join(installed.folder, file));
		}
		await host.#populate();
		await host.#startSshd();
		await startCensus(installed.lab.server);
		// A limit that no test reaches.
		host.configure();
		await installed.startDaemon();
		return host;
	}

	/** `more`: further tables of the configuration. */
	configure(more = ""): void {
		this.installed.configure(`[limits]\nper_minute = 10000\n${more}`);
	}

	serverWord(kind: ServerKind): string {
		const { folder } = this.installed;
		if (kind === "ours") {
			return `${folder}/bin/mosh-server`;
		}
		return kind === "watched" ? "mosh-server" : `${folder}/shim/mosh-server`;
	}

	/** Starts the wrapper on the other host, and waits until it has become mosh-client. */
	async login(options: LoginOptions = {}): Promise<Login> {
		const terminal = await this.mosh(options);
		this.#terminals.push(terminal);
		const isClient = () => {
			if (terminal.exitStatus() !== undefined) {
				throw new Error(`no login:\n${terminal.output()}`);
			}
			const words = commandLineOf(terminal.processId());
			return words[0] === "mosh-client" && words;
		};
		const explain = () => terminal.describe();
		const words = await until("the wrapper becomes mosh-client", isClient, { explain });
		return { terminal, port: Number(words.at(-1)), clientPid: terminal.processId() };
	}

	mosh(options: LoginOptions): Promise<TmuxTerminal> {
		const { server = "ours", user = "alice", family = 4, prefix = "", words: more = "" } = options;
		const { command = [], via, size } = options;
		const ssh = ["ssh", "-F", this.sshConfig];
		if (via !== undefined) {
			ssh.push("-p", String(via.port), "-o", `HostName=${via.addresses[family === 4 ? 0 : 1]}`);
		}
		const words = [
			`--ssh=${ssh.join(" ")}`,
			`--server=${prefix} ${this.serverWord(server)} ${more}`,
			`-${family}`,
		];
		const destination = `${user}@${family === 4 ? "lab" : "lab6"}`;
		return TmuxTerminal.start({
			command: [
				...this.onClient,
				"mosh",
				...words,
				destination,
				...(command.length > 0 ? ["--", ...command] : []),
			],
			environment: clientEnvironment({}),
			...size,
		});
	}

	/** Runs a command on the host through plain ssh, as a user. */
	async ssh(user: User, command: string): Promise<{ stdout: string; stderr: string }> {
		const [file = "", ...enter] = this.onClient;
		const words = [...enter, "ssh", "-F", this.sshConfig, "-n", `${user}@lab`, "--", command];
		return run(file, words, { env: clientEnvironment({}) });
	}

	/** How many datagrams for mosh-servers the firewall has dropped so far. */
	async dropped(): Promise<number> {
		const { arrived, passed } = await readStillCensus(this.installed.lab.server);
		return arrived - passed;
	}

	/** Who holds UDP ports of the range, according to the kernel. */
	async holders(): Promise<{ address: string; port: number; pid: number; user: string }[]> {
		const { stdout } = await this.installed.run("ss", "-lunpeH");
		const lines = stdout.split("\n").flatMap((line) => {
			const found = /(\S+):(60\d{3})\s.*pid=(\d+)/.exec(line);
			return found === null ? [] : [{ found, uid: /\buid:(\d+)/.exec(line)?.[1] ?? "0" }];
		});
		return lines.map(({ found: [, address = "", port, pid], uid }) => ({
			address: address.replace(/[[\]]/g, ""),
			port: Number(port),
			pid: Number(pid),
			user: this.#users.get(uid) ?? uid,
		}));
	}

	/** The administrator reloads the rules: everything else in the firewall is gone. */
	async reloadFirewall(): Promise<void> {
		await this.backend.setUp(this.installed.lab);
		await startCensus(this.installed.lab.server);
	}

	/** Ends every session, from both sides. */
	async endAll(): Promise<void> {
		await Promise.all(this.#terminals.splice(0).map((terminal) => terminal.close()));
		await Promise.all((await this.holders()).map(({ pid }) => endProcess(pid)));
	}

	async close(): Promise<void> {
		await this.endAll();
		this.#stopSshd();
		await this.installed.remove();
		rmSync(this.#folder, { recursive: true, force: true });
	}

	/** The file by which the other host's ssh knows this one as `lab` and `lab6`. */
	get sshConfig(): string {
		return join(this.#folder, "ssh_config");
	}

	/** In front of a command that runs on the other host. */
	get onClient(): string[] {
		return ["nsenter", "-t", String(this.installed.lab.client.pid), "-n", "--"];
	}

	async #populate(): Promise<void> {
		// Hosts of this kind share /tmp, where servers without a /run/user have their sockets, by uid.
		const base = 20_000 + ((this.installed.lab.server.pid * USERS.length) % 30_000);
		const lines = USERS.map(
			(
				user,
				at,
			) => `useradd --uid ${base + at} --password '*' --create-home --home-dir /run/home/${user} --shell /bin/bash ${user}
			touch /run/home/${user}/.hushlogin
			echo "PS1='${PROMPT} '" >/run/home/${user}/.bash_profile
			install -d -m 700 -o ${user} /run/user/$(id -u ${user})`,
		);
		await this.installed.lab.server.sh(`mkdir -p /run/home /run/sshd /run/user
			install -m 664 -g utmp /dev/null /run/utmp
			${lines.join("\n")}`);
		for (const user of USERS) {
			this.#users.set((await this.installed.lab.server.sh(`id -u ${user}`)).trim(), user);
		}
	}

	async #startSshd(): Promise<void> {
		const listening = { addresses: [SERVER4, SERVER6] as const, port: 22 };
		await writeSshFiles(this.#folder, listening, "/usr/local/bin:/usr/bin:/bin");
		const sshd = this.installed.spawn("/usr/sbin/sshd", "-D", "-e", "-f", join(this.#folder, "sshd_config"));
		let log = "";
		sshd.stderr?.setEncoding("utf8").on("data", (text: string) => {
			log += text;
		});
		this.#stopSshd = () => sshd.kill();
		const listens = async () => (await this.installed.run("ss", "-ltnH")).stdout.includes(`${SERVER4}:22`);
		await until("sshd listens", listens, { explain: () => log });
	}
}
