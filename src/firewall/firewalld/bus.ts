/** A persistent connection to the system's message bus: a call takes 0.3 ms, a spawned command at least 10 ms. */

import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { FirewallError } from "../errors.js";

/** firewalld answers in 4 ms, and in 2 s while it reloads. */
const CALL_TIMEOUT_MS = 15_000;

/** A call must not start a firewalld that the administrator stopped. */
const NO_AUTO_START = 2;

const SIGNAL = 4;

export interface Call {
	readonly destination: string;
	readonly path: string;
	readonly interface: string;
	readonly member: string;
	readonly signature?: string;
	readonly body?: readonly unknown[];
}

export interface Signal {
	readonly interface: string;
	readonly member: string;
	readonly body: readonly unknown[];
}

/** Declared here because the package's declarations lack it. */
interface Message extends Partial<Signal> {
	readonly type: number;
}

interface Connection {
	readonly stream: Socket;
	on(event: "message", listener: (message: Message) => void): void;
	on(event: "error" | "end", listener: (error?: Error) => void): void;
	end(): void;
}

interface Client {
	readonly connection: Connection;
	invoke(
		message: Call & { flags: number },
		callback: (error: { name?: string; message?: unknown } | null, ...values: unknown[]) => void,
	): void;
}

/** The package, which is a third of this program, is loaded where there is a bus to speak to. */
async function createClient(busAddress: string): Promise<Client> {
	const [, socket] = /^unix:path=([^,;]+)$/.exec(busAddress) ?? [];
	if (socket !== undefined && !existsSync(socket)) {
		throw new FirewallError("not-in-force", "There is no system bus (D-Bus).");
	}
	const { default: dbus } = (await import("@homebridge/dbus-native")) as unknown as {
		default: { createClient(options: { busAddress: string }): Client };
	};
	return dbus.createClient({ busAddress });
}

export interface BusEvents {
	readonly onSignal: (signal: Signal) => void;
	/** Called once, when the connection is lost rather than closed. */
	readonly onLost: () => void;
}

export class Bus {
	readonly #client: Client;
	readonly #pending = new Set<(error: FirewallError) => void>();
	#lost: FirewallError | undefined;

	private constructor(client: Client, events: BusEvents) {
		this.#client = client;
		// The connection must not keep a finished command running; during a call, its timer does.
		client.connection.stream.unref();
		const lose = (cause?: Error) => {
			if (this.#lost !== undefined) {
				return;
			}
			this.#lost = new FirewallError("not-in-force", "The system bus (D-Bus) does not answer.", {
				cause,
			});
			for (const reject of this.#pending) {
				reject(this.#lost);
			}
			events.onLost();
		};
		client.connection.on("error", lose);
		client.connection.on("end", lose);
		client.connection.on("message", ({ type, interface: name, member, body }) => {
			if (type === SIGNAL) {
				events.onSignal({ interface: name ?? "", member: member ?? "", body: body ?? [] });
			}
		});
	}

	/** `matches`: D-Bus match rules of the signals to receive. @throws FirewallError */
	static async connect(busAddress: string, matches: readonly string[], events: BusEvents): Promise<Bus> {
		const bus = new Bus(await createClient(busAddress), events);
		for (const match of matches) {
			await bus.call({ ...DAEMON, member: "AddMatch", signature: "s", body: [match] });
		}
		return bus;
	}

	/** Whether a program holds the name: the bus itself answers. @throws FirewallError */
	async hasOwner(name: string): Promise<boolean> {
		return (await this.call({ ...DAEMON, member: "NameHasOwner", signature: "s", body: [name] })) === true;
	}

	/** Returns the first value of the reply. @throws FirewallError */
	call(call: Call): Promise<unknown> {
		if (this.#lost !== undefined) {
			return Promise.reject(this.#lost);
		}
		return new Promise((resolve, reject) => {
			const end = () => {
				clearTimeout(timer);
				this.#pending.delete(fail);
			};
			const fail = (error: FirewallError) => {
				end();
				reject(error);
			};
			const timer = setTimeout(
				() => fail(new FirewallError("tool-timeout", `firewalld did not answer ${call.member} in time.`)),
				CALL_TIMEOUT_MS,
			);
			this.#pending.add(fail);
			this.#client.invoke({ ...call, flags: NO_AUTO_START }, (error, value) => {
				if (error !== null) {
					return fail(explain(call.member, error));
				}
				end();
				resolve(value);
			});
		});
	}

	close(): void {
		this.#lost ??= new FirewallError("not-in-force", "The connection to the system bus (D-Bus) was closed.");
		this.#client.connection.end();
	}
}

/** Until then nothing comes in or goes out. */
const IN_PANIC = "firewalld is in panic mode, and changes no rule until that ends.";

const DAEMON = {
	destination: "org.freedesktop.DBus",
	path: "/org/freedesktop/DBus",
	interface: "org.freedesktop.DBus",
} as const;

/** An error code of firewalld's own, such as ALREADY_ENABLED, as the cause of a FirewallError. */
export class FirewalldAnswer extends Error {
	readonly answer: string;

	constructor(answer: string, message: string) {
		super(message);
		this.answer = answer;
	}
}

function explain(
	member: string,
	{ name = "", message }: { name?: string; message?: unknown },
): FirewallError {
	const words = String(message);
	if (/ServiceUnknown|NameHasNoOwner|NoReply|Disconnected/.test(name)) {
		return new FirewallError("not-in-force", "firewalld is not running.", {
			cause: new Error(`${name}: ${words}`),
		});
	}
	if (/AccessDenied|NotAuthorized|AuthFailed/.test(name)) {
		return new FirewallError("not-permitted", `firewalld refused ${member}: ${words}`);
	}
	const [, answer = ""] = /^([A-Z_]+)\b/.exec(words) ?? [];
	if (answer === "PANIC_MODE") {
		return new FirewallError("not-permitted", IN_PANIC);
	}
	const code = /No space left on device/.test(words) ? "disk-full" : "tool-failed";
	return new FirewallError(code, `firewalld's ${member} failed: ${words}`, {
		cause: new FirewalldAnswer(answer, words),
	});
}
