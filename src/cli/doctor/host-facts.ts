/**
 * What kind of host this is: distribution, kernel, machine. systeminformation knows, and asks by shell lines (`cat`,
 * `dmidecode`, `hostname`). Root runs no shell, so a child of ours becomes nobody and then asks, within a time limit, with an
 * environment of its own; what it says is text to be shown and nothing more.
 */

import { execFile } from "node:child_process";
import { ownCommand } from "../../daemon/own-command.js";
import { CLEAN_ENVIRONMENT } from "../../system/environment.js";
import type { Context } from "../context.js";

/** Each is absent where it is not known. */
export interface HostFacts {
	readonly distribution?: string;
	readonly kernel?: string;
	readonly architecture?: string;
	/** What the firmware calls itself, and what it was labelled by the one who runs it. */
	readonly manufacturer?: string;
	readonly model?: string;
	readonly firmware?: string;
	readonly assetTag?: string;
	/** `yes`, or what kind. */
	readonly virtual?: string;
}

/** With io_uring Node would refuse to become another user. */
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

/** On a host whose DNS is silent, `hostname -f` takes longer; what was told before counts. */
const TIMEOUT_MS = 5000;
const MAX_BYTES = 64 * 1024;
/** The longest product names have about 60. */
const MAX_LENGTH = 100;

/** Empty when nothing could be found out. */
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

/** One JSON object a line. It comes from an unprivileged process: whatever is not a short text is left out. */
export function parseHostFacts(text: string): HostFacts {
	const facts: { -readonly [Name in keyof HostFacts]: HostFacts[Name] } = {};
	for (const line of text.split("\n")) {
		const told = objectIn(line);
		for (const name of NAMES) {
			const value = told[name];
			if (typeof value === "string" && value.trim() !== "") facts[name] = value.trim().slice(0, MAX_LENGTH);
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

/** By convention nobody's, user and group, also where no password file says so. */
const NOBODY = 65534;

/** The child's side: one line for each question answered, so that a slow one costs only its own answer. */
export async function tellHostFacts({ write }: Context): Promise<void> {
	if (process.geteuid?.() === 0) {
		process.setgroups?.([]);
		process.setgid?.(NOBODY);
		process.setuid?.(NOBODY);
	}
	// Loaded here and nowhere else: the daemon never needs it.
	const si = await import("systeminformation");
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
