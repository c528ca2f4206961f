/** Options that several commands share, as the command line hands them over. */

export interface OutputOptions {
	readonly json?: boolean;
}

/** Of a command that changes something. */
export interface ChangeOptions extends OutputOptions {
	readonly dryRun?: boolean;
}
