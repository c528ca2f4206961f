/** node-pty's native module, loaded by its path: an installed bundle has `pty.node` beside it and no node_modules. */

/** The functions of node-pty 1.1.0's `pty.node` on Linux that are used. */
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
