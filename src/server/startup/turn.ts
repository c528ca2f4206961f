/** Has sockets looked after in the midst of a start: what waits to be sent goes out, and what has come is answered. */
export async function turn(): Promise<void> {
	// The first may be over before that.
	for (let i = 0; i < 2; i++) {
		await new Promise(setImmediate);
	}
}

/** Takes the steps of `work`, and a turn before each, and after the last. */
export async function inTurns<T>(work: Iterator<void, T>): Promise<T> {
	for (;;) {
		await turn();
		const step = work.next();
		if (step.done === true) {
			await turn();
			return step.value;
		}
	}
}
