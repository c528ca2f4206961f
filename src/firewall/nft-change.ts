/** What the kernel tells of changes to nf_tables, whichever way it is heard. */

/** Of one object, such as a rule. */
export interface NftChange {
	readonly isDeletion: boolean;
	/** `table`, `chain`, `rule`, `set`, `element`, and others that nobody here distinguishes. */
	readonly kind: string;
	/** As nft writes it, such as `inet`. */
	readonly family: string;
	readonly table: string;
}

/** All changes since the one before, made at once. */
export interface NftTransaction {
	/** The kernel counts them. */
	readonly generation: number;
	/** The process that made it, or thread, as the kernel numbers them, and its name. */
	readonly pid: number;
	readonly program: string;
	/** By a message of our own: not a command's. */
	readonly isOurs: boolean;
}

/** Told of what happens, in its order. */
export interface NftReports {
	readonly changed: (change: NftChange) => void;
	/** Follows its changes. */
	readonly committed: (transaction: NftTransaction) => void;
	/** There may have been changes that were not told of. */
	readonly missed: (cause: string) => void;
}
