/** The version and usage texts of mosh-server. Only the first line of the version has a fixed form. */

/** The version of the stock mosh-server whose behaviour this one has. Clients and scripts look for it. */
const COMPATIBLE_WITH = "1.4.0";

/** protocol §6.1: five lines, of which scripts parse the first. */
export function versionText(packageVersion: string): string {
	return [
		`mosh-server (mosh ${COMPATIBLE_WITH}) [mosh-portguard ${packageVersion}]`,
		"Speaks version 2 of the mosh protocol; written in TypeScript, independent of the C++ mosh.",
		"Copyright the mosh-portguard authors.",
		"MIT licence: use, copy, change and share it freely.",
		"It comes without any warranty.",
		"",
	].join("\n");
}

export function usageText(program: string): string {
	return [
		`Usage: ${program} [--scrollback=WORDS] new [-s] [-v] [-i LOCALADDR] [-p PORT[:PORT2]] [-c COLORS] ` +
			"[-l NAME=VALUE] [-- COMMAND...]",
		`       ${program} [--scrollback=WORDS] attach [--watch] [PID | last] [new OPTIONS...]`,
		`       ${program} list [--json] | history [--color] [PID] | end PID | env`,
		"",
	].join("\n");
}
