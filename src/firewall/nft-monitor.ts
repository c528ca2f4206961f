/** Hears of every change to nf_tables, whichever command made it (nft, iptables-nft, firewalld), except our own. */

import type { Commands, Follower } from "../system/commands.js";
import { Throttle } from "../system/throttle.js";
import type { Watch } from "./firewall.js";

/** At first within the time a first datagram takes to come; during a reload of 2 s, not a hundred times a second. */
const PACE = { delayMs: 10, intervalMs: 100 };

/** The monitor ends when the kernel's queue overflows. A host without nf_tables must not be asked in a tight loop. */
const RESTART_MS = 1000;

/** The monitor does not say when it has begun to listen (3 ms on an idle machine): what it missed is looked for now. */
const LISTENING_AFTER_MS = 1000;

const GENERATION = /^# new generation \d+ by process (\d+) \((.*)\)$/;

export interface NftEvents {
	/** Whether a line of the monitor, such as `add rule ip filter INPUT …`, concerns the watcher. */
	readonly concerns: (line: string) => boolean;
	readonly listener: (cause: string) => void;
}

/** Collects the monitor's lines into changes and names who made each. Pure but for its two fields. */
export class GenerationReader {
	#concerned = false;

	constructor(
		private readonly concerns: (line: string) => boolean,
		private readonly ours: (pid: number) => boolean,
	) {}

	/** The name of the foreign program that completed a change which concerns us, if this line completes one. */
	read(line: string): string | undefined {
		const generation = GENERATION.exec(line);
		if (generation === null) {
			this.#concerned ||= this.concerns(line);
			return undefined;
		}
		const concerned = this.#concerned;
		this.#concerned = false;
		const [, pid, program] = generation;
		return concerned && !this.ours(Number(pid)) ? program : undefined;
	}
}

/** @throws FirewallError `tool-missing` without nft. */
export async function watchNft(commands: Commands, events: NftEvents): Promise<Watch> {
	const settle = new Throttle(events.listener, PACE);
	let follower: Follower | undefined;
	let restart: NodeJS.Timeout | undefined;
	let listening: NodeJS.Timeout | undefined;
	let stopped = false;

	const start = async () => {
		const reader = new GenerationReader(events.concerns, (pid) => commands.started(pid));
		const onLine = (line: string) => {
			const program = reader.read(line);
			if (program !== undefined) settle.event(`${program} changed the rules`);
		};
		const onEnd = () => {
			if (stopped) return;
			clearTimeout(listening);
			restart = setTimeout(() => {
				settle.event("monitoring of the rules was interrupted");
				start().catch(onEnd);
			}, RESTART_MS);
		};
		follower = await commands.follow("nft", ["monitor"], onLine, onEnd);
		if (stopped) await follower.stop();
		else listening = setTimeout(() => settle.event("monitoring of the rules started"), LISTENING_AFTER_MS);
	};

	await start();
	return {
		stop: async () => {
			stopped = true;
			clearTimeout(restart);
			clearTimeout(listening);
			settle.stop();
			await follower?.stop();
		},
	};
}
