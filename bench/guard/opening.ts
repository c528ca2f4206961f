/** From the bind of a server's socket to the first datagram of the other host that passes the firewall. */

import { readFileSync } from "node:fs";
import { SERVER4 } from "../../test/lab/hosts.js";
import { eventually } from "../measure/time.js";
import type { GuardHost } from "./host.js";

/** A client of mosh's gives up after 15 s; here nobody waits that long. */
const OPEN_LIMIT = 5000;

const NS_PER_MS = 1e6;

export interface Bound {
	/** Monotonic milliseconds. */
	readonly boundAt: number;
	readonly firstSentAt: number;
}

/**
 * A stock server under strace, which stops it at `bind` and `recvmsg` only and so costs each login about 1 ms.
 * `atStart` runs as soon as the server has said MOSH CONNECT. Milliseconds; rejects when nothing passed.
 */
export async function watchOpening(
	host: GuardHost,
	port: number,
	atStart: () => void = () => undefined,
): Promise<number> {
	const trace = host.file(`trace-${port}`);
	const only = ["-D", "-f", "-qq", "--seccomp-bpf", "-e", "trace=bind,recvmsg", "-e", "signal=none"];
	await host.prober.start({ do: "shoot", address: SERVER4, port });
	const offset = wallClockOffset();
	try {
		const pid = await host.serve(port, ["strace", ...only, "-ttt", "-s", "40", "-o", trace]);
		atStart();
		let found: Bound | undefined;
		const passed = await eventually(OPEN_LIMIT, 10, () => {
			found = readTrace(readFileSync(trace, "latin1"), port, offset);
			return found !== undefined;
		});
		host.end(pid);
		if (!passed || found === undefined) {
			throw new Error(`port ${port} did not open within ${OPEN_LIMIT} ms`);
		}
		// The probe in flight at the bind counts as none waited for.
		return Math.max(0, found.firstSentAt - found.boundAt);
	} finally {
		await host.prober.stop();
	}
}

/** `trace`: strace's lines with `-ttt`; undefined until a datagram came in. `offset`: wall clock − monotonic, ms. */
export function readTrace(trace: string, port: number, offset: number): Bound | undefined {
	const bind = new RegExp(`^\\d+ +(\\d+\\.\\d+) bind\\(.*htons\\(${port}\\).* = 0$`, "m").exec(trace)?.[1];
	const sent = /recvmsg\(.*iov_base="(\d+);/.exec(trace)?.[1];
	if (bind === undefined || sent === undefined) {
		return undefined;
	}
	return { boundAt: Number(bind) * 1000 - offset, firstSentAt: Number(sent) / NS_PER_MS };
}

/** To some microseconds, by waiting for the wall clock's next millisecond. */
function wallClockOffset(): number {
	const start = Date.now();
	let now = start;
	while (now === start) {
		now = Date.now();
	}
	return now - Number(process.hrtime.bigint()) / NS_PER_MS;
}

export interface ReportOpening {
	/** To the guard's answer. */
	readonly answered: number;
	/** To the first datagram that passes. */
	readonly passed: number;
}

export async function reportOpening(host: GuardHost, port: number): Promise<ReportOpening> {
	await host.prober.start({ do: "shoot", address: SERVER4, port });
	try {
		const { boundAt, answeredAt, firstSentAt, state } = await host.report(port);
		if (state !== "open") {
			throw new Error(`the report of port ${port} was answered ${state}`);
		}
		const since = (time: string) => Math.max(0, Number(BigInt(time) - BigInt(boundAt)) / NS_PER_MS);
		return { answered: since(answeredAt), passed: since(firstSentAt) };
	} finally {
		await host.prober.stop();
	}
}
