/** Which programs the configuration takes for mosh-servers. */

/** A mosh-server that a shared interpreter runs: the weaker form, see `identify`. */
export interface TrustedScript {
	readonly interpreter: string;
	readonly script: string;
}

export interface Trust {
	/** Absolute paths of mosh-servers that are programs of their own. A `*` stands for any part of one folder's name. */
	readonly executables: readonly string[];
	readonly scripts: readonly TrustedScript[];
}
