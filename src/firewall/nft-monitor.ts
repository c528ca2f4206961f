/** Hears of changes to nf_tables by `nft monitor`, where the kernel's messages cannot be had. */

import type { Commands, Follower } from "../system/commands.js";
import type { NftReports } from "./nft-change.js";

/** Delay before a restart: the monitor exits when the kernel's queue overflows, and at once on a host without nf_tables. */
const RESTART_MS = 1000;

/** The monitor does not report when it starts to listen (3 ms on an idle host), so one event is raised after this time. */
const LISTENING_AFTER_MS = 1000;

/**
 * A monitor that ends so often in a row, each time before it has lived so long (ms), does not work here: nft 1.0.6 loads all sets
 * when it starts, with 300,000 addresses for 6 s and into 390 MB, which is more than the service may have. It is then tried again
 * after 10 minutes. Until it is known to listen, by a first line or because it lives, the rules are compared every 10 s.
 */
const SHORT_LIFE_MS = 60_000;
const SHORT_LIVES = 4;
const COMPARE_MS = 10_000;
const TRY_AGAIN_MS = 600_000;

const GENERATION = /^# new generation (\d+) by process (\d+) \((.*)\)$/;

/**
 * @returns ends it
 * @throws FirewallError `tool-missing` where nft is not installed
 */
export async function followNft(commands: Commands, reports: NftReports): Promise<() => Promise<void>> {
	let follower: Follower | undefined;
	let restart: NodeJS.Timeout | undefined;
	let listening: NodeJS.Timeout | undefined;
	let outlived: NodeJS.Timeout | undefined;
	let shortLives = 0;
	let stopped = false;
	const comparison = new Comparison(commands, () => reports.missed("rules have changed"));
	const onLine = (line: string) => {
		comparison.stop();
		report(line, reports);
	};
	const start = async () => {
		const onEnd = () => {
			if (stopped) {
				return;
			}
			clearTimeout(listening);
			clearTimeout(outlived);
			shortLives += 1;
			const works = shortLives < SHORT_LIVES;
			comparison.start();
			restart = setTimeout(
				() => {
					reports.missed("monitoring of the rules was interrupted");
					start().catch(onEnd);
				},
				works ? RESTART_MS : TRY_AGAIN_MS,
			);
		};
		follower = await commands.follow("nft", ["monitor"], onLine, onEnd);
		if (stopped) {
			await follower.stop();
		} else {
			comparison.start();
			listening = setTimeout(() => reports.missed("monitoring of the rules started"), LISTENING_AFTER_MS);
			outlived = setTimeout(() => {
				shortLives = 0;
				comparison.stop();
			}, SHORT_LIFE_MS);
		}
	};
	await start();
	return async () => {
		stopped = true;
		clearTimeout(restart);
		clearTimeout(listening);
		clearTimeout(outlived);
		comparison.stop();
		await follower?.stop();
	};
}

/** A line such as `add rule ip filter INPUT …`, or the one that ends a transaction. Pure. */
export function report(
	line: string,
	{ changed, committed }: Pick<NftReports, "changed" | "committed">,
): void {
	const generation = GENERATION.exec(line);
	if (generation !== null) {
		const [, number, pid, program = ""] = generation;
		committed({ generation: Number(number), pid: Number(pid), program, isOurs: false });
		return;
	}
	const [verb = "", kind = "", family = "", table = ""] = line.split(" ", 4);
	changed({ isDeletion: verb === "delete", kind, family, table });
}

/** Lists all rules again and again, where nothing reports their changes. */
class Comparison {
	readonly #commands: Commands;
	readonly #changed: () => void;
	#timer: NodeJS.Timeout | undefined;
	#last: string | undefined;

	constructor(commands: Commands, changed: () => void) {
		this.#commands = commands;
		this.#changed = changed;
	}

	start(): void {
		this.#timer ??= setInterval(() => void this.#compare(), COMPARE_MS);
	}

	stop(): void {
		clearInterval(this.#timer);
		this.#timer = undefined;
		this.#last = undefined;
	}

	/** Without counters and the elements of sets. Where nft fails, there is nothing to compare. */
	async #compare(): Promise<void> {
		const listed = await this.#commands.run("nft", ["-s", "-t", "list", "ruleset"]).catch(() => undefined);
		if (listed === undefined || this.#timer === undefined) {
			return;
		}
		const before = this.#last;
		this.#last = listed.stdout;
		if (before !== undefined && before !== listed.stdout) {
			this.#changed();
		}
	}
}
