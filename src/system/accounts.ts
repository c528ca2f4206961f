/** Looks up users and groups by name in the host's databases (NSS), which may be remote and slow to answer. */

import type { Commands } from "./commands.js";

export interface Accounts {
	/**
	 * The uid or gid of a name; undefined if there is none.
	 * @throws CommandError when the databases cannot be read
	 */
	uid(name: string): Promise<number | undefined>;
	gid(name: string): Promise<number | undefined>;
	userName(uid: number): Promise<string | undefined>;
	/** Users with a login shell, as far as the host lists its users. Empty if they cannot be listed. */
	loginUids(): Promise<readonly number[]>;
}

/** Exit code of getent: no such entry. */
const NO_ENTRY = 2;

/** One answer from a directory across the world takes a second; a service that hangs takes for ever. */
const DEFAULT_LIMIT_MS = 10_000;

export interface AccountsOptions {
	/** For each question, after which it rejects. */
	readonly timeoutMs?: number;
	/** No question keeps this process from ending: for one who does not wait for the answers alone. */
	readonly background?: boolean;
}

export class SystemAccounts implements Accounts {
	readonly #commands: Pick<Commands, "run">;
	readonly #options: Required<AccountsOptions>;

	constructor(commands: Pick<Commands, "run">, { timeoutMs, background }: AccountsOptions = {}) {
		this.#commands = commands;
		this.#options = { timeoutMs: timeoutMs ?? DEFAULT_LIMIT_MS, background: background ?? false };
	}

	async uid(name: string): Promise<number | undefined> {
		return number((await this.#entry("passwd", name))?.[2]);
	}

	async gid(name: string): Promise<number | undefined> {
		return number((await this.#entry("group", name))?.[2]);
	}

	async userName(uid: number): Promise<string | undefined> {
		return (await this.#entry("passwd", String(uid)))?.[0];
	}

	async loginUids(): Promise<readonly number[]> {
		try {
			const { stdout } = await this.#commands.run("getent", ["passwd"], this.#options);
			return stdout.split("\n").flatMap((line) => {
				const [, , uid, , , , shell = ""] = line.split(":");
				const id = number(uid);
				return id === undefined || /\/(nologin|false|sync)$/.test(shell) ? [] : [id];
			});
		} catch {
			return [];
		}
	}

	async #entry(database: string, key: string): Promise<string[] | undefined> {
		const { stdout, exitCode } = await this.#commands.run("getent", [database, key], {
			answers: [NO_ENTRY],
			...this.#options,
		});
		return exitCode === 0 ? stdout.split("\n")[0]?.split(":") : undefined;
	}
}

function number(text: string | undefined): number | undefined {
	return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
