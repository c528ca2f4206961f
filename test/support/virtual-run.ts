/** Parties under one fake clock, which act in turn and say when they have to act next. */
import type { FakeClock } from "./fake-clock.js";

export interface VirtualRun {
	readonly clock: FakeClock;
	/** How long (ms) to run. */
	readonly ms: number;
	/** Every party does what is due. */
	act(): void;
	/** Milliseconds until one of them has to; Infinity: not until something happens. */
	waitTime(): number;
	/** Least step of the clock (ms), as real timers have a granularity. */
	readonly step: number;
	/** Once the time is over. */
	finish?(): void;
	done(): boolean;
}

/** Runs until the time is over or `done` says so; true when it did. */
export function runVirtually({ clock, ms, act, waitTime, step, finish, done }: VirtualRun): boolean {
	const end = clock.now() + ms;
	for (;;) {
		act();
		if (done()) {
			return true;
		}
		const wait = waitTime();
		if (clock.now() + wait > end) {
			break;
		}
		clock.advance(Math.max(wait, step));
	}
	clock.advanceTo(end);
	finish?.();
	return done();
}

/** Two transports and the link between them. */
export interface TransportPairRun extends Pick<VirtualRun, "clock" | "ms" | "step" | "done"> {
	readonly link: { deliverDue(): void; waitTime(): number };
	readonly server: { tick(): unknown; waitTime(): number };
	readonly client: { tick(): unknown; waitTime(): number };
}

/** Runs both sides until the time is over or `done` says so; true when it did. */
export function runTransports({ link, server, client, ...run }: TransportPairRun): boolean {
	return runVirtually({
		...run,
		act() {
			link.deliverDue();
			server.tick();
			client.tick();
		},
		waitTime: () => Math.min(server.waitTime(), client.waitTime(), link.waitTime()),
	});
}
