/** A whole live session: the server under test, the stock mosh-client in a terminal, and maybe a bad network. */

import {
	type MoshServer,
	makeHome,
	type ServerName,
	type ServerOptions,
	startServer,
} from "./mosh-server.js";
import type { NarrowPath } from "./narrow-path.js";
import { type RelayWeather, UdpRelay } from "./relay.js";
import { needsTools } from "./requirements.js";
import { TmuxTerminal } from "./tmux.js";

export const needsSession = (): string | false => needsTools("mosh-client", "tmux", "bash");

export const PROMPT = "e2e$";

export interface SessionOptions {
	readonly server?: ServerName;
	readonly words?: readonly string[];
	/** What runs instead of the login shell. */
	readonly command?: readonly string[];
	readonly serverEnvironment?: Readonly<Record<string, string>>;
	/** How the client shows keys before the server has: nothing but the server's own screen unless asked. */
	readonly predict?: "never" | "always" | "adaptive";
	/** Leaves the terminal's main screen in use, as `mosh --no-init`; lines that the terminal then keeps. */
	readonly history?: number;
	readonly columns?: number;
	readonly rows?: number;
	/** Puts a router between client and server; the server's address. */
	readonly path?: { readonly router: NarrowPath; readonly address: string };
	/** Puts a relay between client and server. */
	readonly relay?: { readonly weather?: RelayWeather; readonly seed?: number; readonly keep?: number };
}

export interface Session {
	readonly server: MoshServer;
	readonly terminal: TmuxTerminal;
	readonly home: string;
	close(): Promise<void>;
}

export interface RelayedSession extends Session {
	readonly relay: UdpRelay;
}

type WithRelay = SessionOptions & Required<Pick<SessionOptions, "relay">>;

export async function startSession(options: WithRelay): Promise<RelayedSession>;
export async function startSession(options?: SessionOptions): Promise<Session>;
export async function startSession(options: SessionOptions = {}): Promise<Session & { relay?: UdpRelay }> {
	const home = makeHome();
	const undo: (() => unknown)[] = [home.remove];
	const close = async () => {
		for (const step of undo.reverse()) {
			await step();
		}
	};
	try {
		const server = await startServer(serverOptions(options, home.path));
		undo.push(server.stop);
		const relay = options.relay && (await UdpRelay.start(server.port, options.relay));
		if (relay) {
			undo.push(() => relay.close());
		}
		const terminal = await startClient(server, relay?.port ?? server.port, options);
		undo.push(() => terminal.close());
		return { server, terminal, home: home.path, close, ...(relay && { relay }) };
	} catch (error) {
		await close();
		throw error;
	}
}

/** As `startSession` without a command, and waits for the shell's prompt. */
export async function startShell<O extends SessionOptions>(
	options: O,
): Promise<O extends WithRelay ? RelayedSession : Session>;
export async function startShell(options: SessionOptions): Promise<Session> {
	const session = await startSession(options);
	try {
		await session.terminal.seeText(PROMPT);
	} catch (error) {
		await session.close();
		throw error;
	}
	return session;
}

function serverOptions(
	{ server, words, command, serverEnvironment, path }: SessionOptions,
	home: string,
): ServerOptions {
	return {
		home,
		...(server && { server }),
		...(words && { words }),
		...(path && { words: ["-i", path.address, ...(words ?? [])], within: path.router.serverSide }),
		...(command && { command }),
		...(serverEnvironment && { environment: serverEnvironment }),
	};
}

function startClient({ key }: MoshServer, port: number, options: SessionOptions): Promise<TmuxTerminal> {
	const address = options.path?.address ?? "127.0.0.1";
	const within = options.path?.router.clientSide ?? [];
	return TmuxTerminal.start({
		command: [...within, "mosh-client", address, String(port)],
		environment: {
			MOSH_KEY: key,
			MOSH_PREDICTION_DISPLAY: options.predict ?? "never",
			...(options.history !== undefined && { MOSH_NO_TERM_INIT: "1" }),
		},
		...(options.history !== undefined && { history: options.history }),
		...(options.columns !== undefined && { columns: options.columns }),
		...(options.rows !== undefined && { rows: options.rows }),
	});
}
