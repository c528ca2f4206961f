/** Speaks to a program inside a lab host by lines of JSON: a question has an id, and so does its answer. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

interface Answer {
	readonly id: number;
	readonly result?: unknown;
	readonly error?: string;
}

/** Started at the first question; ends when its input does. */
export class AgentProcess {
	#child: ChildProcessByStdio<Writable, Readable, null> | undefined;
	#nextId = 1;
	readonly #waiting = new Map<
		number,
		{ resolve: (result: unknown) => void; reject: (error: Error) => void }
	>();

	private readonly line: readonly string[];

	/** @param line the command */
	constructor(line: readonly string[]) {
		this.line = line;
	}

	ask<T = unknown>(question: object): Promise<T> {
		const id = this.#nextId++;
		const answer = new Promise<T>((resolve, reject) =>
			this.#waiting.set(id, { resolve: (result) => resolve(result as T), reject }),
		);
		this.#start().stdin.write(`${JSON.stringify({ id, ...question })}\n`);
		return answer;
	}

	async stop(): Promise<void> {
		const child = this.#child;
		if (child === undefined || child.exitCode !== null) {
			return;
		}
		child.stdin.end();
		await once(child, "exit");
	}

	#start(): ChildProcessByStdio<Writable, Readable, null> {
		if (this.#child !== undefined) {
			return this.#child;
		}
		const [file, ...args] = this.line;
		const child = spawn(file as string, args, { stdio: ["pipe", "pipe", "inherit"] });
		createInterface({ input: child.stdout }).on("line", (line) => {
			const { id, result, error } = JSON.parse(line) as Answer;
			const waiting = this.#waiting.get(id);
			this.#waiting.delete(id);
			if (error === undefined) {
				waiting?.resolve(result);
			} else {
				waiting?.reject(new Error(error));
			}
		});
		child.on("exit", () => {
			for (const { reject } of this.#waiting.values()) {
				reject(new Error("The lab agent ended."));
			}
		});
		this.#child = child;
		return child;
	}
}

/** The other end: answers each question that comes in. */
export function answerQuestions<Q>(answer: (question: Q) => Promise<unknown>): void {
	const input = createInterface({ input: process.stdin });
	input.on("line", (line) => {
		const question = JSON.parse(line) as Q & { readonly id: number };
		answer(question).then(
			(result) => console.log(JSON.stringify({ id: question.id, result })),
			(error: unknown) => console.log(JSON.stringify({ id: question.id, error: String(error) })),
		);
	});
	input.on("close", () => process.exit(0));
}
