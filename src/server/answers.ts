/** Answers the requests of a user's other logins: facts about the session, its end, its history, and an attach. */

import { formatKey, generateKey } from "../ssp/index.js";
import type { Answered, Answerer } from "./control/listener.js";
import type { AttachQuestion, Question, SessionFacts } from "./control/messages.js";
import { type Doors, Refused } from "./doors.js";
import type { Session } from "./session/session.js";

export interface AnswerParts {
	readonly session: Session;
	readonly doors: Doors;
	/** When the session began (ms since the epoch). */
	readonly startedAt: number;
	/** On the session's clock. */
	readonly now: () => number;
	/** Name of the program in the foreground. */
	readonly program: () => string | undefined;
	/** A client may come. */
	readonly promised: (question: AttachQuestion, port: number) => void;
}

export function controlAnswers(parts: AnswerParts): Answerer {
	return async (question: Question): Promise<Answered> => {
		switch (question.type) {
			case "who":
				return { reply: facts(parts) };
			case "end":
				parts.session.end("request");
				return { reply: { type: "ending" } };
			case "history": {
				const piece = parts.session.history(question.from, question.colours);
				const reason = "it keeps no history";
				return { reply: piece ? { type: "history", ...piece } : { type: "refused", reason } };
			}
			case "attach":
				return admit(question, parts);
		}
	};
}

function facts({ session, doors, startedAt, now, program }: AnswerParts): SessionFacts {
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
		ports: doors.ports,
		...(peer && { client: peer.address }),
		...(lastHeardAt !== undefined && { silentMs: since(lastHeardAt) }),
		...(lastInputAt !== undefined && { idleMs: since(lastInputAt) }),
		watchers,
	};
}

async function admit(question: AttachQuestion, { session, doors, promised }: AnswerParts): Promise<Answered> {
	const ending = { reply: { type: "refused", reason: "its session has ended" } } as const;
	if (session.clientActivity.ending) {
		return ending;
	}
	const warnings: string[] = [];
	try {
		const { seat, port } = await doors.admit(question, (sentence) => warnings.push(sentence));
		if (session.clientActivity.ending) {
			return ending;
		}
		const key = generateKey();
		session.promise(key, seat, question.watch);
		promised(question, port);
		return {
			reply: { type: "admitted", port, key: formatKey(key), warnings },
			undo: () => session.withdraw(seat),
		};
	} catch (error) {
		if (error instanceof Refused) {
			return { reply: { type: "refused", reason: error.message } };
		}
		throw error;
	}
}
