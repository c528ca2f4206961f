/** Runs tasks one at a time, such as read-modify-write cycles on the same rules, which must not interleave. */

export class SerialQueue {
	#last: Promise<unknown> = Promise.resolve();

	/** Runs `task` after all earlier ones have ended, however they ended. */
	run<T>(task: () => Promise<T>): Promise<T> {
		const result = this.#last.then(task, task);
		this.#last = result.catch(() => undefined);
		return result;
	}
}
