/** What is wrong with a configuration: every mistake at once, each with its file, line and key. */

export interface ConfigFault {
	readonly file: string;
	/** From 1; absent when the file as a whole is meant. */
	readonly line?: number;
	/** Dotted, as in `limits.per_user`. */
	readonly key?: string;
	/** A sentence that says what is allowed. */
	readonly message: string;
}

export class ConfigError extends Error {
	override readonly name = "ConfigError";
	readonly code = "config-invalid";

	constructor(readonly faults: readonly ConfigFault[]) {
		super(faults.map(faultText).join("\n"));
	}
}

function faultText({ file, line, key, message }: ConfigFault): string {
	const place = line === undefined ? file : `${file}:${line}`;
	return key === undefined ? `${place}: ${message}` : `${place}: ${key} ${message}`;
}
