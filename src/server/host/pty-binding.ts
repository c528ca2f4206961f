/** node-pty's native part, loaded by path: a startup snapshot has no module resolution and cannot hold it. */

/** The functions used of node-pty 1.1.0's `pty.node` on Linux. */
export interface PtyBinding {
	fork(
		file: string,
		args: readonly string[],
		environment: readonly string[],
		directory: string,
		columns: number,
		rows: number,
		uid: number,
		gid: number,
		utf8: boolean,
		helperPath: string,
		onExit: (code: number, signal: number) => void,
	): { readonly fd: number; readonly pid: number; readonly pty: string };
	resize(fd: number, columns: number, rows: number): void;
}

/** @param path absolute path of `pty.node` */
export function loadPtyBinding(path: string): PtyBinding {
	const loaded = { exports: {} as PtyBinding };
	process.dlopen(loaded, path);
	return loaded.exports;
}
