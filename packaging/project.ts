/** What the packages take from the project itself. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

export const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
	version: string;
};

export const MAINTAINER = "the mosh-portguard authors <maintainers@mosh-portguard.invalid>";

/**
 * Seconds since 1970 that every file of a package is dated with, so that the same source gives the same bytes:
 * SOURCE_DATE_EPOCH (reproducible-builds.org) or the date of the last commit.
 */
export function sourceDate(): number {
	const given = process.env.SOURCE_DATE_EPOCH;
	if (given !== undefined && /^\d+$/.test(given)) {
		return Number(given);
	}
	const committed = execFileSync("git", ["-C", root, "log", "-1", "--format=%ct"], { encoding: "utf8" });
	return Number(committed);
}
