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
	const ended = work.then(() => true);
	// A failure after the limit is nobody's to handle here.
	ended.catch(() => undefined);
	return await Promise.race([ended, late]).finally(() => clearTimeout(timer));
}
