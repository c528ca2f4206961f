/** Waiting, and waiting with a limit: a measurement that hangs must fail, not hang the run. */

export function sleep(milliseconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Settles as `work` does, or rejects with `what` in the message after `limit` milliseconds. */
export async function within<T>(limit: number, what: string, work: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const expiry = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no ${what} within ${limit} ms`)), limit);
	});
	try {
		return await Promise.race([work, expiry]);
	} finally {
		clearTimeout(timer);
	}
}

/** Looks every `interval` milliseconds until `done()`; false when `limit` passes first. */
export async function eventually(limit: number, interval: number, done: () => boolean): Promise<boolean> {
	const end = performance.now() + limit;
	while (!done()) {
		if (performance.now() >= end) {
			return false;
		}
		await sleep(interval);
	}
	return true;
}
