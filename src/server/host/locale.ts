/**
 * Ensures that programs in the session will use UTF-8 (protocol §6.2). Node cannot call libc, so this takes a run of
 * `locale charmap`, unless the answer is evident from the locale's name.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

export type Environment = Record<string, string | undefined>;

/** The name of the C library's character set under `environment`; undefined if unknown. */
export type CharsetLookup = (environment: Environment) => string | undefined;

/** All of them are removed before another locale is tried. */
export const LOCALE_VARIABLES: readonly string[] = [
	"LANG",
	"LANGUAGE",
	"LC_CTYPE",
	"LC_NUMERIC",
	"LC_TIME",
	"LC_COLLATE",
	"LC_MONETARY",
	"LC_MESSAGES",
	"LC_PAPER",
	"LC_NAME",
	"LC_ADDRESS",
	"LC_TELEPHONE",
	"LC_MEASUREMENT",
	"LC_IDENTIFICATION",
	"LC_ALL",
];

/** The locale that exists without being installed: glibc since 2.35, Debian's glibc long before that, musl. */
const FALLBACK = "C.UTF-8";

export type LocaleVerdict =
	| { readonly kind: "utf8"; readonly environment: Environment; readonly notice: string }
	| { readonly kind: "unusable"; readonly message: string; readonly environment: Environment };

/**
 * Chooses the environment of the session: the native one, else with the client's `-l` variables, else with C.UTF-8
 * (which the stock server does not try). `environment` is not modified.
 */
export function chooseLocale(
	environment: Environment,
	fromClient: readonly (readonly [string, string])[],
	charset: CharsetLookup,
): LocaleVerdict {
	if (isUtf8(charset(environment))) {
		return { kind: "utf8", environment, notice: "" };
	}
	const bare: Environment = { ...environment };
	for (const name of LOCALE_VARIABLES) {
		delete bare[name];
	}
	const asked: Environment = { ...bare, ...Object.fromEntries(fromClient) };
	if (isUtf8(charset(asked))) {
		return { kind: "utf8", environment: asked, notice: "" };
	}
	const attempts =
		`the server's environment (${deciding(environment)}) means the character set "${charset(environment) ?? "unknown"}", ` +
		`the client's (${deciding(asked)}) means "${charset(asked) ?? "unknown"}"`;
	const fallback: Environment = { ...bare, LANG: FALLBACK };
	if (isUtf8(charset(fallback))) {
		return {
			kind: "utf8",
			environment: fallback,
			notice: `mosh-server: no usable UTF-8 locale: ${attempts}. Using ${FALLBACK}.\n`,
		};
	}
	const hint = "If the locale is not installed on this host, locale-gen can make it.";
	return {
		kind: "unusable",
		message: `mosh-server needs a UTF-8 native locale to run: ${attempts}.\n${hint}\n`,
		environment: asked,
	};
}

/** The variable that determines LC_CTYPE, as `NAME=VALUE`. */
function deciding(environment: Environment): string {
	const name = ["LC_ALL", "LC_CTYPE", "LANG"].find((candidate) => environment[candidate]);
	return name === undefined ? "no locale variable set" : `${name}=${environment[name]}`;
}

function isUtf8(charset: string | undefined): boolean {
	return charset !== undefined && /^utf-?8$/i.test(charset);
}

/** The character set on this host. Fast for locales known to be UTF-8. Without locale(1), as on musl: UTF-8. */
export function hostCharset(environment: Environment): string | undefined {
	const value = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "C";
	const [, name = "", codeset = ""] = /^([\w-]+)\.([\w-]+)$/.exec(value) ?? [];
	if (isUtf8(codeset) && (name === "C" || existsSync(`/usr/lib/locale/${name}.utf8/LC_CTYPE`))) {
		return "UTF-8";
	}
	const result = spawnSync("locale", ["charmap"], {
		env: environment as NodeJS.ProcessEnv,
		encoding: "utf8",
		stdio: ["ignore", "pipe", "ignore"],
	});
	if (result.error) {
		// musl has no locale(1) and no other character set.
		return "UTF-8";
	}
	return result.stdout.trim().replace("ANSI_X3.4-1968", "US-ASCII") || undefined;
}

/** Output of locale(1) under `environment`, printed when the server refuses to start. */
export function localeReport(environment: Environment): string {
	const result = spawnSync("locale", [], { env: environment as NodeJS.ProcessEnv, encoding: "utf8" });
	return `${result.stderr ?? ""}${result.stdout ?? ""}`;
}
