/** Waiting with a limit for work that goes on all the same. */

/**
 * Resolves with whether `work` has ended by then.
 * @param ms milliseconds
 * @throws what `work` throws by then; later it is lost
 */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<boolean>((resolve) => {
		timer = setTimeout(() => resolve(false), ms);
	});
	// The race handles a failure after the limit, too.
	return await Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}
