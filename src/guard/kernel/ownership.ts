/** Who could have changed a file, by its owner and mode. Pure. */

export const GROUP_OR_OTHER_WRITABLE = 0o022;

export interface Ownership {
	readonly uid: number;
	/** Permission bits, as in stat(2); the file type in it does not count. */
	readonly mode: number;
}

/** Root and nobody else; the folders above it are not looked at. */
export function onlyRootWrites({ uid, mode }: Ownership): boolean {
	return uid === 0 && (mode & GROUP_OR_OTHER_WRITABLE) === 0;
}
