/** The commands of mosh-server besides `new`: requests to this user's other servers. */

import { readFileSync, statSync } from "node:fs";
import { logoutBehavior } from "../logind/logout.js";
import { type Asking, askAll, askServer } from "./control/ask.js";
import { choose } from "./control/choose.js";
import { listJson, listText } from "./control/describe.js";
import { existingFolders, ownFolder } from "./control/folder.js";
import type { AttachRequest } from "./control/messages.js";
import { newestEnvironment, noteLogin } from "./control/newest-login.js";
import { ancestorsOf } from "./host/ancestors.js";
import type { Environment } from "./host/locale.js";
import { DEFAULT_PORTS, type ServerOptions, type Target } from "./startup/arguments.js";

export type AttachOutcome =
	| { readonly kind: "admitted"; readonly pid: number; readonly port: number; readonly key: string }
	/** There is nothing to attach to: a new session is wanted. */
	| { readonly kind: "new" }
	/** `message` is a sentence. */
	| { readonly kind: "refused"; readonly message: string };

export interface AttachWish {
	readonly target: Target;
	readonly watch: boolean;
	readonly options: ServerOptions;
}

/** Has a server of this user's expect the client that is about to come. @param warn called with a sentence for people */
export async function attach(
	{ target, watch, options }: AttachWish,
	environment: Environment,
	warn: (sentence: string) => void,
): Promise<AttachOutcome> {
	const servers = await askAll(environment, typeof target === "number" ? target : undefined);
	const chosen = choose(servers, watch ? (target ?? "last") : target);
	const mustBe = typeof target === "number" || watch;
	if (chosen === undefined) {
		return mustBe ? { kind: "refused", message: await absent(target) } : { kind: "new" };
	}
	const { SSH_CONNECTION } = environment;
	const request: AttachRequest = {
		type: "attach",
		bind: options.bind,
		...(options.ports !== DEFAULT_PORTS && { ports: options.ports }),
		...(SSH_CONNECTION !== undefined && { ssh: SSH_CONNECTION }),
		watch,
	};
	const reply = chosen.silent ? "silent" : await askServer(chosen.path, request);
	if (typeof reply === "object" && reply.type === "admitted") {
		for (const warning of reply.warnings) {
			warn(warning);
		}
		const folder = watch ? undefined : ownFolder(environment);
		if (folder !== undefined) {
			noteLogin(folder, environment);
		}
		return { kind: "admitted", pid: chosen.pid, port: reply.port, key: reply.key };
	}
	const message = `cannot attach to process ${chosen.pid}: ${whyNot(reply)}.`;
	if (mustBe) {
		return { kind: "refused", message };
	}
	warn(message);
	return { kind: "new" };
}

/** Of an answer that is not the one hoped for; without full stop. */
function whyNot(reply: Asking): string {
	if (reply === "gone") {
		return "it has just ended";
	}
	if (reply === "silent") {
		return "it does not answer";
	}
	return reply?.type === "refused" ? reply.reason : "it is of another version";
}

export async function list(json: boolean, environment: Environment): Promise<string> {
	const servers = await askAll(environment);
	return json ? listJson(servers) : listText(servers);
}

/** Has a server end its session. Returns undefined if it does, else a sentence. */
export async function end(pid: number, environment: Environment): Promise<string | undefined> {
	const [server] = await askAll(environment, pid);
	if (server === undefined) {
		return absent(pid);
	}
	const reply = server.silent ? "silent" : await askServer(server.path, { type: "end" });
	const ends = reply === "gone" || (typeof reply === "object" && reply.type === "ending");
	return ends ? undefined : `cannot end process ${pid}: ${whyNot(reply)}.`;
}

export type HistoryOutcome =
	| { readonly kind: "history"; readonly text: string }
	/** `message` is a sentence. */
	| { readonly kind: "refused"; readonly message: string };

/**
 * What a session's user could look back at.
 * @param pid of its server; undefined: of the session that process `asker` runs in, or else of the one heard last
 */
export async function history(
	pid: number | undefined,
	asker: number,
	colours: boolean,
	environment: Environment,
): Promise<HistoryOutcome> {
	const servers = await askAll(environment, pid);
	const own = pid === undefined ? ancestorsOf(asker) : [];
	const server = servers.find((one) => own.includes(one.pid)) ?? choose(servers, pid ?? "last");
	if (server === undefined) {
		const message = pid === undefined ? "you have no session here." : await absent(pid);
		return { kind: "refused", message };
	}
	const pieces: string[] = [];
	for (let from: number | undefined = 0; from !== undefined; ) {
		const reply: Asking = server.silent
			? "silent"
			: await askServer(server.path, { type: "history", from, colours });
		if (typeof reply !== "object" || reply.type !== "history") {
			return { kind: "refused", message: `process ${server.pid}: ${whyNot(reply)}.` };
		}
		pieces.push(reply.text);
		from = reply.next;
	}
	return { kind: "history", text: pieces.join("") };
}

/** Commands for a shell's `eval`; undefined if no login is known. */
export function env(environment: Environment): string | undefined {
	return newestEnvironment(existingFolders(environment));
}

async function absent(target: Target): Promise<string> {
	if (typeof target !== "number") {
		return "you have no session here to watch.";
	}
	if (isOtherServer(target)) {
		return `process ${target} is a mosh-server without a control socket: the stock one, an older version, or one with MOSH_PORTGUARD_ATTACH=never.`;
	}
	const { ends } = await logoutBehavior();
	const why = ends === undefined ? "" : ` On this host a session of yours ends ${ends}.`;
	return `no session of yours has the process id ${target}; \`mosh-portguard-server list\` lists them.${why}`;
}

/** A mosh-server of this user's without a socket. */
function isOtherServer(pid: number): boolean {
	try {
		const isOwn = statSync(`/proc/${pid}`).uid === process.geteuid?.();
		return isOwn && readFileSync(`/proc/${pid}/comm`, "latin1").startsWith("mosh-server");
	} catch {
		return false;
	}
}
