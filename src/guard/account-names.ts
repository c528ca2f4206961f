/**
 * The numbers behind the users and groups that the configuration names. The name service may be slow, silent or not there yet:
 * nobody waits for it longer than said, what it once answered stays, and what is still unknown is asked for again.
 */

import type { Accounts } from "../system/accounts.js";

export interface AccountName {
	readonly kind: "user" | "group";
	readonly name: string;
}

export interface NameAnswer {
	/** Without an answer to the last question: the number that was told before, if any. */
	readonly id?: number;
	readonly state: "known" | "absent" | "unanswered";
}

export interface Names {
	answerOf(name: AccountName): NameAnswer;
}

/** Processes that ask at the same time. */
const AT_ONCE = 8;

export class AccountNames implements Names {
	readonly #accounts: Pick<Accounts, "uid" | "gid">;
	readonly #answers = new Map<string, NameAnswer>();
	/** Not asked twice at once: what asks may hang for good. */
	readonly #asked = new Map<string, Promise<void>>();

	constructor(accounts: Pick<Accounts, "uid" | "gid">) {
		this.#accounts = accounts;
	}

	answerOf(name: AccountName): NameAnswer {
		const id = numericId(name);
		return id === undefined
			? (this.#answers.get(keyOf(name)) ?? { state: "unanswered" })
			: { id, state: "known" };
	}

	/** Resolves when all have been answered, or after `limitMs`; what is answered later counts all the same. Never rejects. */
	async ask(names: readonly AccountName[], limitMs: number): Promise<void> {
		const waiting = names.filter((name) => numericId(name) === undefined);
		const worker = async () => {
			for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
				await this.#ask(name);
			}
		};
		const workers = Array.from({ length: Math.min(AT_ONCE, waiting.length) }, worker);
		let timer: NodeJS.Timeout | undefined;
		const limit = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, limitMs);
		});
		await Promise.race([Promise.all(workers), limit]);
		clearTimeout(timer);
	}

	#ask(name: AccountName): Promise<void> {
		const key = keyOf(name);
		let asked = this.#asked.get(key);
		if (asked === undefined) {
			asked = this.#answer(name).then((answer) => {
				this.#answers.set(key, answer);
				this.#asked.delete(key);
			});
			this.#asked.set(key, asked);
		}
		return asked;
	}

	async #answer(account: AccountName): Promise<NameAnswer> {
		const { kind, name } = account;
		const before = this.#answers.get(keyOf(account))?.id;
		const last = before === undefined ? {} : { id: before };
		try {
			const id = await (kind === "user" ? this.#accounts.uid(name) : this.#accounts.gid(name));
			return id === undefined ? { ...last, state: "absent" } : { id, state: "known" };
		} catch {
			return { ...last, state: "unanswered" };
		}
	}
}

export function isSameAnswer(a: NameAnswer, b: NameAnswer): boolean {
	return a.id === b.id && a.state === b.state;
}

/** A number is what the kernel vouches for, and needs no name service. */
function numericId({ name }: AccountName): number | undefined {
	return /^\d+$/.test(name) ? Number(name) : undefined;
}

function keyOf({ kind, name }: AccountName): string {
	return `${kind} ${name}`;
}
