/**
 * A real sshd on loopback, with keys, configuration and users of its own in a mount namespace of its own
 * (`sshd-host.sh`), and the real `mosh` wrapper to log in with. The host's users and files stay as they are.
 */

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
	chmodSync,
	copyFileSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkout, type ServerName, serverProgram, serverUnderTest } from "./mosh-server.js";
import { commandLineOf, endProcess, udpPortHolders } from "./processes.js";
import { needsRoot, needsTools } from "./requirements.js";
import { TmuxTerminal } from "./tmux.js";
import { until } from "./wait.js";

const run = promisify(execFile);

export const needsSshd = (): string | false =>
	needsRoot() || needsTools("sshd", "ssh", "ssh-keygen", "unshare", "mosh", "tmux", "ss");

export interface Login {
	readonly terminal: TmuxTerminal;
	/** What the wrapper passed to mosh-client. */
	readonly clientAddress: string;
	readonly port: number;
	readonly serverPid: number;
}

export interface LoginOptions {
	/** Wrapper options, before the destination. `--ssh` and `--server` have values that work unless given. */
	readonly options?: readonly string[];
	readonly to?: string;
	readonly command?: readonly string[];
	/** Environment of the wrapper and client; a UTF-8 locale unless changed. */
	readonly environment?: Readonly<Record<string, string>>;
}

export class SshHost {
	readonly #folder: string;
	readonly #sshdPid: number;
	readonly #log: () => string;
	readonly sshPort: number;
	readonly #undo: (() => Promise<void>)[] = [];

	private constructor(folder: string, sshdPid: number, sshPort: number, log: () => string) {
		this.#log = log;
		this.#folder = folder;
		this.#sshdPid = sshdPid;
		this.sshPort = sshPort;
	}

	static async start(): Promise<SshHost> {
		const folder = mkdtempSync(join(tmpdir(), "mosh-sshd-"));
		chmodSync(folder, 0o755);
		mkdirSync(join(folder, "inside"));
		const port = await freeTcpPort();
		const listen = { addresses: ["127.0.0.1", "::1"] as const, port };
		const path = `${folder}/inside/bin:/usr/local/bin:/usr/bin:/bin`;
		await writeSshFiles(folder, listen, path);
		const script = join(checkout, "test/support/sshd-host.sh");
		const words = ["--mount", "sh", script, folder, checkout, process.execPath];
		const sshd = spawn("unshare", words, { stdio: ["ignore", "ignore", "pipe"] });
		let log = "";
		sshd.stderr.setEncoding("utf8").on("data", (text: string) => {
			log += text;
		});
		const host = new SshHost(folder, sshd.pid ?? 0, port, () => log);
		await until("sshd answers", () => sshd.exitCode === null && answers(port), { explain: () => log });
		return host;
	}

	/** The `--server` word for the server under test, reachable by every user of the host. */
	serverWord(name: ServerName = serverUnderTest): string {
		return serverProgram(name).replace(checkout, join(this.#folder, "inside/checkout"));
	}

	sshWord(...more: string[]): string {
		return ["ssh", "-F", join(this.#folder, "ssh_config"), ...more].join(" ");
	}

	/** Runs a command on the host through plain ssh, without a terminal. */
	async ssh(to: string, command: string): Promise<{ stdout: string; stderr: string }> {
		const words = ["-F", join(this.#folder, "ssh_config"), "-n", to, "--", command];
		return run("ssh", words, { env: clientEnvironment({}) });
	}

	/** Starts the wrapper in a terminal. */
	async mosh({
		options = [],
		to = "walker@lab",
		command = [],
		environment = {},
	}: LoginOptions): Promise<TmuxTerminal> {
		const given = (option: string) => options.some((word) => word.startsWith(`${option}=`));
		const words = [...options];
		if (!given("--ssh")) {
			words.push(`--ssh=${this.sshWord()}`);
		}
		if (!given("--server")) {
			words.push(`--server=${this.serverWord()}`);
		}
		const terminal = await TmuxTerminal.start({
			command: ["mosh", ...words, to, ...(command.length > 0 ? ["--", ...command] : [])],
			environment: clientEnvironment(environment),
		});
		this.#undo.push(() => terminal.close());
		return terminal;
	}

	/** Starts the wrapper and waits until it has become mosh-client with a server behind it. */
	async login(options: LoginOptions): Promise<Login> {
		const terminal = await this.mosh(options);
		const isClient = () => {
			if (terminal.exitStatus() !== undefined) {
				throw new Error(`no login:\n${terminal.output()}\n${this.#log()}`);
			}
			const words = commandLineOf(terminal.processId());
			return words[0] === "mosh-client" && words;
		};
		const words = await until("the wrapper becomes mosh-client", isClient, {
			explain: () => terminal.describe(),
		});
		const port = Number(words.at(-1));
		const clientAddress = words.at(-2) ?? "";
		const holder = async () => (await udpPortHolders(port, clientAddress))[0];
		const serverPid = await until("a server holds the port", holder);
		this.#undo.push(() => endProcess(serverPid));
		return { terminal, clientAddress, port, serverPid };
	}

	/** Ends every login and the daemon; the users and files vanish with the last of their processes. */
	async close(): Promise<void> {
		for (const step of this.#undo.reverse()) {
			await step();
		}
		await endProcess(this.#sshdPid);
		rmSync(this.#folder, { recursive: true, force: true });
	}
}

export function clientEnvironment(changes: Readonly<Record<string, string>>): Record<string, string> {
	return {
		PATH: process.env.PATH ?? "",
		LANG: "C.UTF-8",
		LC_ALL: "",
		MOSH_PREDICTION_DISPLAY: "never",
		...changes,
	};
}

export interface Listening {
	/** IPv4 and IPv6. */
	readonly addresses: readonly [string, string];
	readonly port: number;
}

/**
 * Keys, `sshd_config` and `ssh_config` in `folder`; by the latter, `lab` and `lab6` are the host by either family.
 * @param path PATH of those who log in
 */
export async function writeSshFiles(folder: string, listening: Listening, path: string): Promise<void> {
	for (const name of ["host_key", "user_key"]) {
		await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(folder, name)]);
	}
	copyFileSync(join(folder, "user_key.pub"), join(folder, "authorized_keys"));
	writeFileSync(join(folder, "known_hosts"), `lab ${readFileSync(join(folder, "host_key.pub"), "utf8")}`);
	writeFileSync(join(folder, "sshd_config"), sshdConfiguration(folder, listening, path));
	writeFileSync(join(folder, "ssh_config"), sshConfiguration(folder, listening));
}

function sshdConfiguration(folder: string, { addresses, port }: Listening, path: string): string {
	return [
		`Port ${port}`,
		...addresses.map((address) => `ListenAddress ${address}`),
		`HostKey ${folder}/host_key`,
		`AuthorizedKeysFile ${folder}/authorized_keys`,
		"PidFile none",
		// Keys are in the temporary folder, which everybody may write to.
		"StrictModes no",
		"UsePAM no",
		"UseDNS no",
		"PasswordAuthentication no",
		// As Debian has it.
		"AcceptEnv LANG LC_*",
		`SetEnv PATH=${path}`,
		"",
	].join("\n");
}

function sshConfiguration(folder: string, { addresses, port }: Listening): string {
	return [
		"Host lab",
		`HostName ${addresses[0]}`,
		"Host lab6",
		`HostName ${addresses[1]}`,
		"Host *",
		`Port ${port}`,
		"HostKeyAlias lab",
		`UserKnownHostsFile ${folder}/known_hosts`,
		`IdentityFile ${folder}/user_key`,
		"IdentitiesOnly yes",
		"LogLevel ERROR",
		"",
	].join("\n");
}

async function freeTcpPort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, "close");
	return port;
}

function answers(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, "127.0.0.1");
		socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
		socket.on("connect", () => socket.destroy());
	});
}
