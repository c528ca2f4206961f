/** Reports every mistake in the configuration at once, each with its file, line and key. */

export interface ConfigFault {
	readonly file: string;
	/** From 1; absent for a fault of the file as a whole. */
	readonly line?: number;
	/** With dots, as in `limits.per_user`. */
	readonly key?: string;
	/** What is wrong or what is allowed; follows the key in a sentence. */
	readonly message: string;
}

export class ConfigError extends Error {
	override readonly name = "ConfigError";
	readonly code = "config-invalid";

	readonly faults: readonly ConfigFault[];

	constructor(faults: readonly ConfigFault[]) {
		super(faults.map(faultText).join("\n"));
		this.faults = faults;
	}
}

function faultText({ file, line, key, message }: ConfigFault): string {
	const place = line === undefined ? file : `${file}:${line}`;
	return key === undefined ? `${place}: ${message}` : `${place}: ${key} ${message}`;
}
