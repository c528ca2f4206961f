/** Looks up users and groups by name in the host's databases (NSS). */

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

export class SystemAccounts implements Accounts {
	readonly #commands: Commands;

	constructor(commands: Commands) {
		this.#commands = commands;
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
			const { stdout } = await this.#commands.run("getent", ["passwd"]);
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
		const { stdout, exitCode } = await this.#commands.run("getent", [database, key], { answers: [NO_ENTRY] });
		return exitCode === 0 ? stdout.split("\n")[0]?.split(":") : undefined;
	}
}

function number(text: string | undefined): number | undefined {
	return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
