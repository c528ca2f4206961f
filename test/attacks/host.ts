/**
 * A lab host under attack: the guard with a firewall that drops by default, users who keep logging in, and an ordinary user
 * who attacks. Measures the effect on those users and on the guard.
 */

import type { ChildProcess } from "node:child_process";
import {
	appendFileSync,
	cpSync,
	existsSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { PortStatus, Status } from "../../src/guard/report/status.js";
import { REFUSALS, type RefusalCode } from "../../src/guard/sessions/refusals.js";
import { Installed } from "../cli/installed.js";
import { iptablesSubject } from "../firewall/iptables/subject.js";
import { labMissing, SERVER4 } from "../lab/hosts.js";
import { bundled } from "../support/bundled.js";
import { childrenOf, isAlive } from "../support/processes.js";
import { sleep, until } from "../support/wait.js";
import { Doors } from "./door.js";
import { type Figures, LOGINS } from "./figures.js";
import type { Reported } from "./programs/reporter.js";

/** A folder with bin/ and dist/ of another version, as `npm run build` leaves it: that version is attacked instead. */
const BUILD = process.env.ATTACKS_BUILD;

const REPORTER = new URL("programs/reporter.ts", import.meta.url);
const FOLDER = "/run/mosh-portguard";
export const PUBLIC = `${FOLDER}/guard.sock`;
const ADMIN = `${FOLDER}/admin.sock`;
/** The attacker's own socket, if the guard makes one. */
export const OWN = `${FOLDER}/users/61234`;

const MALLORY = 61234;
const HOME = "/run/mallory";
/** They take turns, so that none exceeds the limit on logins per minute. */
const VICTIMS = [61501, 61502, 61503, 61504, 61505, 61506] as const;
const FIRST_PORT = 60001;
/** The victims use the ports below; the attacker uses the others. */
export const FIRST_HOSTILE = 60300;

/** A port that has not opened, or shut, by then counts as one that never does: the attack has succeeded. */
const OPEN_LIMIT_MS = 60_000;
const SHUT_LIMIT_MS = 60_000;
/** For all logins during one attack: those left over are reported as not tried. */
const TIME_LIMIT_MS = 240_000;

/** After all other rules: the kernel answers every datagram that passed. Only the knocker sends so few bytes. */
const DOORBELL = `
nft -f - <<'END'
table inet doorbell {
	chain behind { type filter hook input priority 500; policy accept; udp dport 60001-60999 udp length 12 reject; }
}
END
`;

/** The doorbell's chain turns some datagrams away by their length, which the guard does not weigh. */
const UNWEIGHED = "unverified" satisfies RefusalCode;

const PREPARE = `
echo 0 > /proc/sys/net/ipv4/icmp_ratelimit
echo 1000000 > /proc/sys/net/ipv4/icmp_msgs_per_sec
echo 1000000 > /proc/sys/net/ipv4/icmp_msgs_burst
install -d -o ${MALLORY} ${HOME}
`;

/** Runs the stock server and prints when it announced itself, by CLOCK_MONOTONIC. */
const STOCK = `
use Time::HiRes;
my $begun = Time::HiRes::clock_gettime(1);
open(my $out, "-|", join(" ", @ARGV) . " 2>&1 </dev/null") or die;
my ($text, $at) = ("", undef);
while (<$out>) { $at //= Time::HiRes::clock_gettime(1) if /MOSH CONNECT/; $text .= $_ }
printf "%s\\nannounced %.0f after %.0f ms\\n", $text, $at * 1e9, ($at - $begun) * 1e3;
`;

/** How a victim's server gets its port opened. */
export type Login =
	/** Seen by the guard itself. */
	| "stock"
	/** Reported, as by our server. */
	| "reported"
	/** Asked about, by `mosh-portguard run`. */
	| "asked";

interface Server {
	readonly pid: number;
	/** Monotonic nanoseconds. */
	readonly since: bigint;
	/** False when its user was told that the port is not open. */
	readonly told: boolean;
	readonly end: () => void;
}

const subject = iptablesSubject("nft");
export const skip =
	(await labMissing("mosh-server", "ss", "stdbuf", "perl", "setpriv", "nft", ...subject.tools)) ?? false;

async function anotherBuild(folder: string): Promise<void> {
	for (const part of ["bin", "dist"]) {
		cpSync(join(BUILD ?? "", part), join(folder, part), { recursive: true });
	}
}

export class AttackedHost {
	readonly #doors: Doors;
	readonly #attackers: ChildProcess[] = [];
	#guard = 0;
	#port = FIRST_PORT;
	#turn = 0;

	readonly installed: Installed;

	private constructor(installed: Installed) {
		this.installed = installed;
		this.#doors = new Doors(installed.lab.client.pid);
	}

	/** With a guard that runs. `config`: lines of its configuration. */
	static async start(config = ""): Promise<AttackedHost> {
		const installed = await (BUILD === undefined
			? Installed.create(subject.setUp)
			: Installed.create(subject.setUp, anotherBuild));
		const host = new AttackedHost(installed);
		try {
			await host.#begin(config);
		} catch (error) {
			await host.remove();
			throw error;
		}
		return host;
	}

	async #begin(config: string): Promise<void> {
		const { installed } = this;
		await installed.lab.server.sh(PREPARE + DOORBELL);
		for (const uid of [MALLORY, ...VICTIMS]) {
			appendFileSync(installed.lab.server.path("/etc/passwd"), `u${uid}:x:${uid}:${uid}::${HOME}:/bin/sh\n`);
		}
		installed.configure(`
			[firewall]
			name = "iptables"
			[servers]
			scripts = [{ interpreter = "${process.execPath}", script = "${bundled(REPORTER)}" }]
			${config}
		`);
		await installed.startDaemon();
		this.#guard = (await installed.status()).guard.pid ?? 0;
	}

	get guard(): number {
		return this.#guard;
	}

	/** What the guard's log tells, and how often. */
	events(): string {
		const counts = new Map<string, number>();
		for (const [, event = ""] of this.installed.log.matchAll(/"event":"([\w.]+)"/g)) {
			counts.set(event, (counts.get(event) ?? 0) + 1);
		}
		return [...counts].map(([event, count]) => `${event} ${count}`).join(", ");
	}

	/** Fewer than the guard has by itself. */
	async limitDescriptors(count: number): Promise<void> {
		const { code, stderr } = await this.installed.run(
			"prlimit",
			`--pid=${this.#guard}`,
			`--nofile=${count}:${count}`,
		);
		if (code !== 0) {
			throw new Error(stderr);
		}
	}

	/** The ports of the next `count` logins. */
	upcoming(count: number): number[] {
		return Array.from({ length: count }, (_, n) => this.#port + n);
	}

	/** Whether that socket is there, or comes within a moment: a guard makes users' own when it knows them. */
	has(path: string): Promise<boolean> {
		const there = () => existsSync(this.installed.lab.server.path(path));
		return until("socket", there, { limitMs: 1000 }).catch(() => false);
	}

	/** Starts a program of the attacker's with the highest descriptor limit allowed. Resolves once it says "ready". */
	async attack(...line: string[]): Promise<ChildProcess> {
		const child = this.#asUser(
			MALLORY,
			"/bin/sh",
			"-c",
			`ulimit -n "$(ulimit -Hn)"; exec "$@"`,
			"sh",
			...line,
		);
		this.#attackers.push(child);
		let said = "";
		child.stdout?.on("data", (data) => {
			said += data;
		});
		child.stderr?.on("data", (data) => {
			said += data;
		});
		await until("the attack begins", () => said.includes("ready"), { explain: () => said });
		return child;
	}

	/** Every process of the attacker's on this host. */
	async endAttack(): Promise<void> {
		const network = networkOf(this.installed.lab.server.pid);
		for (;;) {
			const theirs = readdirSync("/proc")
				.filter((name) => /^\d+$/.test(name))
				.map(Number)
				.filter((pid) => ownerOf(pid) === MALLORY && networkOf(pid) === network && isAlive(pid));
			if (theirs.length === 0) {
				break;
			}
			for (const pid of theirs) {
				kill(pid);
			}
			await sleep(20);
		}
		for (const child of this.#attackers.splice(0)) {
			if (child.exitCode === null) {
				child.kill("SIGKILL");
			}
		}
	}

	/** Others log in and out while the attack goes on; what they and the guard had of it. */
	async figures(
		attack: string,
		kinds: readonly Login[] = ["stock", "reported"],
		logins = LOGINS,
	): Promise<Figures> {
		const watch = new GuardWatch(this.#guard, this.installed);
		const opened: number[] = [];
		const shut: number[] = [];
		const counts = { neverOpened: 0, neverShut: 0, notTried: 0, refused: 0 };
		const deadline = performance.now() + TIME_LIMIT_MS;
		for (let n = 0; n < logins; n++) {
			if (performance.now() > deadline) {
				counts.notTried = logins - n;
				break;
			}
			const login = await this.#login(kinds[n % kinds.length] ?? "stock");
			if (login.opened === undefined) {
				counts.neverOpened++;
			} else {
				opened.push(login.opened);
			}
			if (!login.told) {
				counts.refused++;
			}
			if (login.opened === undefined) {
				continue;
			}
			if (login.shut === undefined) {
				counts.neverShut++;
			} else {
				shut.push(login.shut);
			}
		}
		return { attack, opened, shut, ...counts, guard: await watch.end() };
	}

	async #login(
		kind: Login,
	): Promise<{ opened: number | undefined; shut: number | undefined; told: boolean }> {
		const port = this.#port++;
		await this.#doors.knock(SERVER4, port);
		let server: Server | undefined;
		try {
			server = await this.#serve(kind, port);
			const openedAt = await this.#doors.opened(SERVER4, port, OPEN_LIMIT_MS);
			const opened = openedAt === undefined ? undefined : Math.max(0, Number(openedAt - server.since) / 1e6);
			// Let the burst of looks that its start caused pass.
			await sleep(120);
			const endedAt = process.hrtime.bigint();
			server.end();
			if (opened === undefined) {
				return { opened, shut: undefined, told: server.told };
			}
			const last = await this.#doors.shut(SERVER4, port, SHUT_LIMIT_MS);
			const shut = last === undefined ? undefined : Math.max(0, Number(last - endedAt) / 1e6);
			return { opened, shut, told: server.told };
		} finally {
			server?.end();
			await this.#doors.leave(SERVER4, port);
		}
	}

	/** A server of one of the victims at that port. */
	async #serve(kind: Login, port: number): Promise<Server> {
		const uid = VICTIMS[this.#turn++ % VICTIMS.length] ?? 0;
		return kind === "reported"
			? this.#serveReported(uid, port)
			: this.#serveStock(uid, port, kind === "asked");
	}

	async #serveReported(uid: number, port: number): Promise<Server> {
		const child = this.#asUser(uid, process.execPath, bundled(REPORTER), SERVER4, String(port));
		const said = await firstLine(child);
		const { pid, boundAt, state, code } = JSON.parse(said) as Reported;
		return {
			pid,
			since: BigInt(boundAt),
			told: state === "open" || code === UNWEIGHED,
			end: () => kill(pid),
		};
	}

	async #serveStock(uid: number, port: number, asked: boolean): Promise<Server> {
		const server = ["mosh-server", "new", "-i", SERVER4, "-p", String(port), "--", "sleep", "600"];
		const line = asked ? [...this.installed.command("run", "--"), ...server] : server;
		const child = this.#asUser(uid, "perl", "-e", STOCK, ...line);
		let said = "";
		child.stdout?.on("data", (data) => {
			said += data;
		});
		await until("a stock server starts", () => said.includes("announced"), {
			explain: () => said,
		});
		const pid = Number(/pid = (\d+)/.exec(said)?.[1]);
		const since = BigInt(/announced (\d+)/.exec(said)?.[1] ?? 0);
		return {
			pid,
			since,
			told: !said.includes("mosh-portguard:") || said.includes(REFUSALS[UNWEIGHED]),
			end: () => kill(pid),
		};
	}

	/** A stock server of a victim's that stays. */
	async serve(): Promise<{ pid: number; port: number; end: () => void }> {
		const port = this.#port++;
		const { pid, end } = await this.#serve("stock", port);
		return { pid, port, end };
	}

	/** As root sees that port. */
	async portStatus(port: number): Promise<PortStatus | undefined> {
		const status = await askStatus(this.installed);
		return status.ports.find((other) => other.port === port);
	}

	#asUser(uid: number, ...line: string[]): ChildProcess {
		return this.installed.spawn("setpriv", `--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", ...line);
	}

	async remove(): Promise<void> {
		await this.endAttack();
		await this.#doors.stop();
		// One that was attacked with success may not hear of its end.
		const late = setTimeout(() => this.#guard > 0 && kill(this.#guard), 5000);
		await this.installed.stopDaemon();
		clearTimeout(late);
		await this.installed.remove();
	}
}

/** Records memory, descriptors, log lines and response times of the guard from its creation on. */
class GuardWatch {
	readonly #pids: readonly number[];
	readonly #installed: Installed;
	readonly #linesBefore: number;
	#descriptors = 0;
	#kibibytes = 0;
	#mute = 0;
	#askedAt = 0;
	#ended = false;
	readonly #loop: Promise<void>;

	constructor(guard: number, installed: Installed) {
		// A guard may consist of several processes; the commands it starts are other programs.
		const program = executableOf(guard);
		this.#pids = [guard, ...childrenOf(guard).filter((pid) => executableOf(pid) === program)];
		this.#installed = installed;
		this.#linesBefore = lines(installed.log);
		for (const pid of this.#pids) {
			resetPeak(pid);
		}
		this.#loop = this.#watch();
		void this.#ask();
	}

	async end(): Promise<Figures["guard"]> {
		this.#ended = true;
		await this.#loop;
		const pending = this.#askedAt === 0 ? 0 : performance.now() - this.#askedAt;
		const [guard = 0] = this.#pids;
		return {
			mebibytes: this.#kibibytes / 1024,
			descriptors: this.#descriptors,
			logLines: lines(this.#installed.log) - this.#linesBefore,
			mute: Math.max(this.#mute, pending),
			restarted: !isAlive(guard),
		};
	}

	async #watch(): Promise<void> {
		while (!this.#ended) {
			const peaks = this.#pids.map(peakOf);
			this.#kibibytes = Math.max(
				this.#kibibytes,
				peaks.reduce((sum, peak) => sum + peak, 0),
			);
			this.#descriptors = Math.max(this.#descriptors, ...this.#pids.map(descriptorsOf));
			await sleep(100);
		}
	}

	/** One question after another; what takes long is one long silence. */
	async #ask(): Promise<void> {
		while (!this.#ended) {
			this.#askedAt = performance.now();
			await askStatus(this.#installed).catch(() => sleep(200));
			this.#mute = Math.max(this.#mute, performance.now() - this.#askedAt);
			this.#askedAt = 0;
			await sleep(500);
		}
	}
}

/** On the admin socket. */
function askStatus({ lab }: Installed): Promise<Status> {
	return new Promise((resolve, reject) => {
		const socket = connect(lab.server.path(ADMIN));
		socket.unref();
		socket.on("error", reject);
		socket.on("close", () => reject(new Error("the guard hung up")));
		let said = "";
		socket.on("data", (data) => {
			said += data;
			const end = said.indexOf("\n");
			if (end < 0) {
				return;
			}
			resolve((JSON.parse(said.slice(0, end)) as { status: Status }).status);
			socket.destroy();
		});
		socket.write('{"v":1,"type":"status"}\n');
	});
}

async function firstLine(child: ChildProcess): Promise<string> {
	let said = "";
	child.stdout?.on("data", (data) => {
		said += data;
	});
	child.stderr?.on("data", (data) => {
		said += data;
	});
	await until("a server speaks", () => said.includes("\n"), { explain: () => said });
	return said.slice(0, said.indexOf("\n"));
}

function kill(pid: number): void {
	try {
		process.kill(pid, "SIGKILL");
	} catch {
		// It has ended.
	}
}

const lines = (text: string) => text.split("\n").length;

function executableOf(pid: number): string | undefined {
	try {
		return readlinkSync(`/proc/${pid}/exe`);
	} catch {
		return undefined;
	}
}

function networkOf(pid: number): string | undefined {
	try {
		return readlinkSync(`/proc/${pid}/ns/net`);
	} catch {
		return undefined;
	}
}

function ownerOf(pid: number): number | undefined {
	try {
		return statSync(`/proc/${pid}`).uid;
	} catch {
		return undefined;
	}
}

function resetPeak(pid: number): void {
	writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function peakOf(pid: number): number {
	try {
		return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
	} catch {
		return 0;
	}
}

function descriptorsOf(pid: number): number {
	try {
		return readdirSync(`/proc/${pid}/fd`).length;
	} catch {
		return 0;
	}
}
