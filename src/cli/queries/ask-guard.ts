/** Sends a request to the running guard, through the socket that this user may use. */

import { ask, socketFor } from "../../guard-protocol/client.js";
import { GuardError } from "../../guard-protocol/errors.js";
import type { Answer, ErrorAnswer, Request } from "../../guard-protocol/messages.js";
import { CliError, type Context } from "../context.js";
import type { ExitName } from "../output/exit-codes.js";

/**
 * Undefined when no guard is running. The request must be idempotent, because it may be sent twice.
 * @throws CliError when the guard refuses or reports an error; GuardError when it does not answer
 */
export async function askGuard<T extends Answer["type"]>(
	context: Context,
	request: Request,
	expected: T,
): Promise<Extract<Answer, { type: T }> | undefined> {
	let answer: Answer;
	try {
		answer = await askTwice(context, request);
	} catch (error) {
		if (error instanceof GuardError && error.code === "no-guard") {
			return undefined;
		}
		throw error;
	}
	if (answer.type === expected) {
		return answer as Extract<Answer, { type: T }>;
	}
	const reason = "reason" in answer ? answer.reason : `the guard answered "${answer.type}"`;
	throw new CliError(exitOf(answer), reason);
}

/** A guard that is exiting closes the connection without an answer; the second attempt finds the next guard or none. */
async function askTwice({ paths, privileged }: Context, request: Request): Promise<Answer> {
	const path = privileged ? paths.adminSocket : socketFor(paths.publicSocket);
	try {
		return await ask(request, path);
	} catch (error) {
		if (error instanceof GuardError && error.code === "closed") {
			return ask(request, path);
		}
		throw error;
	}
}

function exitOf(answer: Answer): ExitName {
	if (answer.type === "refused") {
		return "notOpen";
	}
	return (answer.type === "error" && OF_ERROR[answer.code]) || "failed";
}

const OF_ERROR: Partial<Record<ErrorAnswer["code"], ExitName>> = {
	"not-permitted": "notPermitted",
	"firewall-failed": "firewall",
};
