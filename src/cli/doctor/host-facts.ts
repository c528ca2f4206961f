/**
 * Determines the kind of host: distribution, kernel, machine. The package systeminformation runs shell commands (`cat`,
 * `dmidecode`, `hostname`) for this. Root must run no shell, so a child process becomes nobody first, with a time limit and an
 * environment of its own. Its output is displayed and used to recognise a cloud, nothing else.
 */

import { execFile } from "node:child_process";
import { ownCommand } from "../../daemon/own-command.js";
import { CLEAN_ENVIRONMENT } from "../../system/environment.js";
import type { Context } from "../context.js";

/** Unknown facts are absent. */
export interface HostFacts {
	readonly distribution?: string;
	readonly kernel?: string;
	readonly architecture?: string;
	/** As described by the firmware; the asset tag is set by the operator. */
	readonly manufacturer?: string;
	readonly model?: string;
	readonly firmware?: string;
	readonly assetTag?: string;
	/** The hypervisor, or `yes`. */
	readonly virtual?: string;
}

/** With io_uring enabled, Node refuses to change its user. */
const ENVIRONMENT = { ...CLEAN_ENVIRONMENT, UV_USE_IO_URING: "0" };

const NAMES = [
	"distribution",
	"kernel",
	"architecture",
	"manufacturer",
	"model",
	"firmware",
	"assetTag",
	"virtual",
] as const;

/** `hostname -f` takes longer where DNS does not answer; facts received before the timeout are used. */
const TIMEOUT_MS = 5000;
const MAX_BYTES = 64 * 1024;
/** Characters; the longest product names have about 60. */
const MAX_LENGTH = 100;

/** Empty when nothing could be determined. Never rejects. */
export function readHostFacts(): Promise<HostFacts> {
	const { file, args } = ownCommand("doctor", "--host-facts");
	const options = {
		cwd: "/",
		env: ENVIRONMENT,
		timeout: TIMEOUT_MS,
		killSignal: "SIGKILL",
		maxBuffer: MAX_BYTES,
	} as const;
	return new Promise((resolve) => {
		try {
			execFile(file, args, options, (_error, stdout) => resolve(parseHostFacts(stdout)));
		} catch {
			resolve({});
		}
	});
}

/** Parses one JSON object per line. The source is an unprivileged process: anything but a short text is dropped. */
export function parseHostFacts(text: string): HostFacts {
	const facts: { -readonly [Name in keyof HostFacts]: HostFacts[Name] } = {};
	for (const line of text.split("\n")) {
		const told = objectIn(line);
		for (const name of NAMES) {
			const value = told[name];
			if (typeof value === "string" && value.trim() !== "") {
				facts[name] = value.trim().slice(0, MAX_LENGTH);
			}
		}
	}
	return facts;
}

function objectIn(line: string): Readonly<Record<string, unknown>> {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
	} catch {
		return {};
	}
}

/** User and group id of nobody, by convention, even where the password file lacks it. */
const NOBODY = 65534;

/** Runs in the child: one line per query, so that a slow query loses only its own facts. */
export async function tellHostFacts({ write }: Context): Promise<void> {
	if (process.geteuid?.() === 0) {
		process.setgroups?.([]);
		process.setgid?.(NOBODY);
		process.setuid?.(NOBODY);
	}
	// Imported here only, because the daemon never needs it. The whole of it: no names are exported from a part of the bundle.
	const { default: si } = await import("systeminformation");
	const tell = (facts: HostFacts) => write(`${JSON.stringify(facts)}\n`);
	const { manufacturer, model, virtual, virtualHost } = await si.system();
	tell({ manufacturer, model, ...(virtual ? { virtual: virtualHost || "yes" } : {}) });
	tell({ assetTag: (await si.chassis()).assetTag });
	const bios = await si.bios();
	tell({ firmware: `${bios.vendor} ${bios.version}` });
	const { distro, release, codename, kernel, arch } = await si.osInfo();
	const distribution = `${distro} ${release}${codename === "" ? "" : ` (${codename})`}`;
	tell({ distribution, kernel, architecture: arch });
}
