/** Reports every change to nf_tables, made by whichever command (nft, iptables-nft, firewalld), except our own changes. */

import type { Commands, Follower } from "../system/commands.js";
import type { Netlink } from "../system/netlink.js";
import { Throttle } from "../system/throttle.js";
import type { Watch } from "./firewall.js";
import { GenerationCount } from "./generation.js";

/** The first report comes before a first datagram would; a reload that takes 2 s is not reported a hundred times a second. */
const PACE = { delayMs: 10, intervalMs: 100 };

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

export interface NftEvents {
	/** Whether a line of the monitor, such as `add rule ip filter INPUT …`, is relevant. */
	readonly concerns: (line: string) => boolean;
	readonly listener: (cause: string) => void;
	/** Told of changes to rules that are not relevant: elsewhere on the host. */
	readonly elsewhere?: ((cause: string) => void) | undefined;
	/** Tells whether every change was reported. */
	readonly netlink?: Netlink | undefined;
}

/** Elements of sets come and go by the hundred (fail2ban); rules, chains, sets and tables rarely change. */
export function isStructural(line: string): boolean {
	return !line.includes(" element ");
}

/** Groups the monitor's lines into transactions and names the program that made each. */
export class GenerationReader {
	#concerned = false;

	private readonly concerns: (line: string) => boolean;
	private readonly ours: (pid: number, program: string) => boolean;

	constructor(concerns: (line: string) => boolean, ours: (pid: number, program: string) => boolean) {
		this.concerns = concerns;
		this.ours = ours;
	}

	/** The program that made a relevant change, if this line completes one and the program was not started by us. */
	read(line: string): string | undefined {
		const generation = GENERATION.exec(line);
		if (generation === null) {
			this.#concerned ||= this.concerns(line);
			return undefined;
		}
		const concerned = this.#concerned;
		this.#concerned = false;
		const [, , pid, program = ""] = generation;
		return concerned && !this.ours(Number(pid), program) ? program : undefined;
	}
}

/** @throws FirewallError `tool-missing` where nft is not installed */
export async function watchNft(commands: Commands, events: NftEvents): Promise<Watch> {
	const throttle = new Throttle(events.listener, PACE);
	const elsewhere = new Throttle(events.elsewhere ?? (() => undefined), PACE);
	let follower: Follower | undefined;
	let restart: NodeJS.Timeout | undefined;
	let listening: NodeJS.Timeout | undefined;
	let outlived: NodeJS.Timeout | undefined;
	let shortLives = 0;
	let stopped = false;
	const comparison = new Comparison(commands, (cause) => throttle.event(cause));

	const count = new GenerationCount(events.netlink);

	const start = async () => {
		const isOurs = (pid: number, program: string) => commands.started(pid, program);
		const reader = new GenerationReader(events.concerns, isOurs);
		const others = new GenerationReader((line) => isStructural(line) && !events.concerns(line), isOurs);
		const onLine = (line: string) => {
			comparison.stop();
			const program = reader.read(line);
			const other = others.read(line);
			const [, generation, pid, name = ""] = GENERATION.exec(line) ?? [];
			if (generation !== undefined) {
				count.saw(Number(generation), isOurs(Number(pid), name));
			}
			if (program !== undefined) {
				throttle.event(`${program} changed the rules`);
			} else if (other !== undefined) {
				elsewhere.event(`${other} changed rules`);
			}
		};
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
					throttle.event("monitoring of the rules was interrupted");
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
			listening = setTimeout(() => throttle.event("monitoring of the rules started"), LISTENING_AFTER_MS);
			outlived = setTimeout(() => {
				shortLives = 0;
				comparison.stop();
			}, SHORT_LIFE_MS);
		}
	};

	await start();
	return {
		seesAllOfNft: true,
		othersMark: () => count.othersMark(),
		stop: async () => {
			stopped = true;
			clearTimeout(restart);
			clearTimeout(listening);
			clearTimeout(outlived);
			comparison.stop();
			throttle.stop();
			elsewhere.stop();
			await follower?.stop();
		},
	};
}

/** Lists all rules again and again, where nothing reports their changes. */
class Comparison {
	readonly #commands: Commands;
	readonly #changed: (cause: string) => void;
	#timer: NodeJS.Timeout | undefined;
	#last: string | undefined;

	constructor(commands: Commands, changed: (cause: string) => void) {
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
			this.#changed("rules have changed");
		}
	}
}

/** firewalld reports by D-Bus what it changes in its tables, our own rules among it. */
const OF_FIREWALLD = /^\S+ \S+ \S+ firewalld\b/;

export interface OtherRules {
	readonly listener: (cause: string) => void;
	/** As in `NftEvents`. */
	readonly netlink?: Netlink | undefined;
	/** Whether the guard itself opens ports in firewalld. */
	readonly isFirewalldOurs: boolean;
}

/**
 * For a firewall that does not see all of nf_tables itself: any change to rules of others may shut a port, or be another firewall
 * that comes. Without nft there is nothing to watch.
 */
export async function watchOtherRules(
	commands: Commands,
	{ listener, netlink, isFirewalldOurs }: OtherRules,
): Promise<Watch | undefined> {
	if ((await commands.find("nft")) === undefined) {
		return undefined;
	}
	const concerns = (line: string) => isStructural(line) && !(isFirewalldOurs && OF_FIREWALLD.test(line));
	return watchNft(commands, { concerns, listener, netlink });
}
