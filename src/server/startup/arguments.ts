/** The command line of mosh-server (protocol §6.1). Pure: returns what to print and what to do. */

import { usageText } from "./texts.js";

/** Ports tried when none is requested. */
export const DEFAULT_PORTS: PortRange = { first: 60001, last: 60999 };

/** Inclusive, 0 <= first <= last <= 65535. 0 is only valid alone and lets the kernel choose. */
export interface PortRange {
	readonly first: number;
	readonly last: number;
}

export interface ServerOptions {
	/** Where to bind: any address, a numeric address, or the server address of the ssh connection. */
	readonly bind: { readonly kind: "any" | "ssh" } | { readonly kind: "address"; readonly address: string };
	readonly ports: PortRange;
	/** Number of colours of the client's terminal; determines TERM. */
	readonly colors: number;
	/** `-l NAME=VALUE`, in order. */
	readonly locale: readonly (readonly [name: string, value: string])[];
	/** How many times -v was given. */
	readonly verbosity: number;
	/** `--scrollback=WORDS`: as in the environment, instead of it. */
	readonly scrollback?: string;
	/** Program and its arguments; empty for the login shell. */
	readonly command: readonly string[];
}

export type Invocation =
	| { readonly kind: "help" | "version" }
	| { readonly kind: "refused"; readonly message: string }
	/** `complaints` go to stderr; the server starts anyway, as the stock server does. */
	| { readonly kind: "serve"; readonly options: ServerOptions; readonly complaints: string }
	/** As `serve`, but for a client that is to get a session that there is. */
	| {
			readonly kind: "attach";
			readonly target: Target;
			readonly watch: boolean;
			readonly options: ServerOptions;
			readonly complaints: string;
	  }
	| { readonly kind: "list"; readonly json: boolean }
	| { readonly kind: "end"; readonly pid: number }
	| { readonly kind: "env" }
	/** `colours`: true if asked for; undefined: where a person reads it. */
	| { readonly kind: "history"; readonly pid: number | undefined; readonly colours: true | undefined };

/** A process id; undefined: any that has no client. */
export type Target = number | "last" | undefined;

const OPTIONS_WITH_ARGUMENT = "ipcl@";
const PLAIN_OPTIONS = "sv";
/** The wrapper puts what follows `--server=` before `new`, and the options that it has itself after it. */
const SCROLLBACK = "--scrollback=";

class Refusal extends Error {}

/** @param words the command line without the program's own name */
export function parseArguments(program: string, words: readonly string[]): Invocation {
	const end = words.indexOf("--");
	const all = end < 0 ? words : words.slice(0, end);
	const own = all.filter((word) => !word.startsWith(SCROLLBACK));
	const scrollback = all.findLast((word) => word.startsWith(SCROLLBACK))?.slice(SCROLLBACK.length);
	const command = end < 0 ? [] : words.slice(end + 1);
	for (const word of own) {
		if (word === "--help" || word === "-h") {
			return { kind: "help" };
		}
		if (word === "--version") {
			return { kind: "version" };
		}
	}
	try {
		const invocation = invocationOf(program, own, command);
		return scrollback === undefined || !("options" in invocation)
			? invocation
			: { ...invocation, options: { ...invocation.options, scrollback } };
	} catch (error) {
		if (error instanceof Refusal) {
			return { kind: "refused", message: error.message };
		}
		throw error;
	}
}

function invocationOf(program: string, own: readonly string[], command: readonly string[]): Invocation {
	switch (own[0]) {
		case "new":
			return newStyle(program, own.slice(1), command);
		case "attach":
			return attachment(program, own.slice(1), command);
		case "list":
		case "end":
		case "env":
		case "history":
			return other(program, own);
		default:
			return { kind: "serve", options: oldStyle(program, own, command), complaints: "" };
	}
}

/** The mosh wrapper appends `new` and its options to what it is told to run as the server. */
function attachment(program: string, words: readonly string[], command: readonly string[]): Invocation {
	let target: Target;
	let watch = false;
	for (const [index, word] of words.entries()) {
		if (word === "--watch") {
			watch = true;
		} else if (target === undefined && (word === "last" || isProcessId(word))) {
			target = word === "last" ? word : Number(word);
		} else if (word === "new" || word.startsWith("-")) {
			const { options, complaints } = newStyle(program, words.slice(index), command);
			return { kind: "attach", target, watch, options, complaints };
		} else {
			throw new Refusal(usageText(program));
		}
	}
	const { options, complaints } = newStyle(program, [], command);
	return { kind: "attach", target, watch, options, complaints };
}

function other(program: string, words: readonly string[]): Invocation {
	const [name, word, ...excess] = words;
	if (name === "history") {
		return history(program, words.slice(1));
	}
	if (excess.length === 0) {
		if (name === "list" && (word === undefined || word === "--json")) {
			return { kind: "list", json: word !== undefined };
		}
		if (name === "end" && word !== undefined && isProcessId(word)) {
			return { kind: "end", pid: Number(word) };
		}
		if (name === "env" && word === undefined) {
			return { kind: "env" };
		}
	}
	throw new Refusal(usageText(program));
}

function history(program: string, words: readonly string[]): Invocation {
	const [pid, ...excess] = words.filter((word) => word !== "--color");
	if (excess.length > 0 || (pid !== undefined && !isProcessId(pid))) {
		throw new Refusal(usageText(program));
	}
	const colours = words.includes("--color") || undefined;
	return { kind: "history", pid: pid === undefined ? undefined : Number(pid), colours };
}

function isProcessId(word: string): boolean {
	return /^[1-9]\d{0,9}$/.test(word);
}

function newStyle(
	program: string,
	words: readonly string[],
	command: readonly string[],
): Extract<Invocation, { kind: "serve" }> {
	let bind: ServerOptions["bind"] = { kind: "any" };
	let ports = DEFAULT_PORTS;
	let colors = 0;
	let verbosity = 0;
	let complaints = "";
	const locale: [string, string][] = [];
	for (const option of shortOptions(words)) {
		switch (option.letter) {
			case "i":
				bind = { kind: "address", address: option.argument };
				break;
			case "s":
				bind = { kind: "ssh" };
				break;
			case "p":
				ports = parsePorts(program, option.argument);
				break;
			case "c":
				colors = parseColors(program, option.argument);
				break;
			case "v":
				verbosity++;
				break;
			case "l": {
				const equals = option.argument.indexOf("=");
				if (equals > 0) {
					locale.push([option.argument.slice(0, equals), option.argument.slice(equals + 1)]);
				}
				break;
			}
			case "@":
				break;
			default:
				complaints += `new: ${option.argument}\n${usageText(program)}`;
		}
	}
	return { kind: "serve", options: { bind, ports, colors, locale, verbosity, command }, complaints };
}

function oldStyle(program: string, words: readonly string[], command: readonly string[]): ServerOptions {
	const [address, port, ...excess] = words;
	if (excess.length > 0) {
		throw new Refusal(usageText(program));
	}
	return {
		bind: address === undefined ? { kind: "any" } : { kind: "address", address },
		ports: port === undefined ? DEFAULT_PORTS : parsePorts(program, port),
		colors: 0,
		locale: [],
		verbosity: 0,
		command,
	};
}

/** As getopt(3): options may be bundled, may follow other words, and may have their argument attached. */
function* shortOptions(words: readonly string[]): Generator<{ letter: string; argument: string }> {
	for (let index = 0; index < words.length; index++) {
		const word = words[index] ?? "";
		if (!word.startsWith("-") || word === "-") {
			continue;
		}
		for (let at = 1; at < word.length; at++) {
			const letter = word.charAt(at);
			if (PLAIN_OPTIONS.includes(letter)) {
				yield { letter, argument: "" };
			} else if (OPTIONS_WITH_ARGUMENT.includes(letter)) {
				const attached = word.slice(at + 1);
				const argument = attached === "" ? words[++index] : attached;
				yield argument === undefined
					? { letter: "?", argument: `option requires an argument -- '${letter}'` }
					: { letter, argument };
				break;
			} else {
				yield { letter: "?", argument: `invalid option -- '${letter}'` };
			}
		}
	}
}

function parseColors(program: string, text: string): number {
	if (!/^[+-]?\d+$/.test(text)) {
		throw new Refusal(`${program}: "${text}" is not a number of colors\n${usageText(program)}`);
	}
	return Number(text);
}

/** @throws Refusal with the words `Bad UDP port`, which the mosh wrapper script looks for */
function parsePorts(program: string, text: string): PortRange {
	const refuse = (reason: string): never => {
		throw new Refusal(`${reason}\n${program}: Bad UDP port (${text})\n${usageText(program)}`);
	};
	const port = (part: string): number => {
		if (!/^\d+$/.test(part)) {
			return refuse(`"${part}" is not a port number.`);
		}
		const number = Number(part);
		return number <= 65535 ? number : refuse(`Port ${part} is above 65535.`);
	};
	const colon = text.indexOf(":");
	if (colon < 0) {
		const only = port(text);
		return { first: only, last: only };
	}
	const first = port(text.slice(0, colon));
	const last = port(text.slice(colon + 1));
	if (first === 0 || last === 0) {
		return refuse("Port 0 cannot be part of a range.");
	}
	return first <= last ? { first, last } : refuse(`The range starts at ${first}, above its end ${last}.`);
}
