/** Answers the requests of a user's other logins: facts about the session, its end, its history, and an attach. */

import { formatKey, generateKey } from "../ssp/index.js";
import type { ControlHandler, HandledRequest } from "./control/listener.js";
import type { AttachRequest, ControlRequest, SessionFacts } from "./control/messages.js";
import type { Session } from "./session/session.js";
import { AttachRefused, type SessionPorts } from "./session-ports.js";

export interface ControlHandlerParts {
	readonly session: Session;
	readonly ports: SessionPorts;
	/** When the session began (ms since the epoch). */
	readonly startedAt: number;
	/** On the session's clock. */
	readonly now: () => number;
	/** Name of the program in the foreground. */
	readonly program: () => string | undefined;
	/** A client may come. */
	readonly promised: (request: AttachRequest, port: number) => void;
}

export function controlHandler(parts: ControlHandlerParts): ControlHandler {
	return async (request: ControlRequest): Promise<HandledRequest> => {
		switch (request.type) {
			case "who":
				return { reply: facts(parts) };
			case "end":
				parts.session.end("request");
				return { reply: { type: "ending" } };
			case "history": {
				const piece = parts.session.history(request.from, request.colours);
				const reason = "it keeps no history";
				return { reply: piece ? { type: "history", ...piece } : { type: "refused", reason } };
			}
			case "attach":
				return admit(request, parts);
		}
	};
}

function facts({ session, ports, startedAt, now, program }: ControlHandlerParts): SessionFacts {
	const { peer, lastHeardAt, lastInputAt, watchers, ending } = session.clientActivity;
	const { title = "", columns = 0, rows = 0 } = session.sight ?? {};
	const since = (at: number): number => Math.round(now() - at);
	const foreground = program();
	return {
		type: "session",
		pid: process.pid,
		startedAt,
		state: ending ? "ending" : lastHeardAt === undefined ? "starting" : "running",
		columns,
		rows,
		title,
		...(foreground !== undefined && { program: foreground }),
		ports: ports.numbers,
		...(peer && { client: peer.address }),
		...(lastHeardAt !== undefined && { silentMs: since(lastHeardAt) }),
		...(lastInputAt !== undefined && { idleMs: since(lastInputAt) }),
		watchers,
	};
}

async function admit(
	request: AttachRequest,
	{ session, ports, promised }: ControlHandlerParts,
): Promise<HandledRequest> {
	const ending = { reply: { type: "refused", reason: "its session has ended" } } as const;
	if (session.clientActivity.ending) {
		return ending;
	}
	const warnings: string[] = [];
	try {
		const { handle, port } = await ports.admit(request, (sentence) => warnings.push(sentence));
		if (session.clientActivity.ending) {
			return ending;
		}
		const key = generateKey();
		session.promise(key, handle, request.watch);
		promised(request, port);
		return {
			reply: { type: "admitted", port, key: formatKey(key), warnings },
			undo: () => session.withdraw(handle),
		};
	} catch (error) {
		if (error instanceof AttachRefused) {
			return { reply: { type: "refused", reason: error.message } };
		}
		throw error;
	}
}
