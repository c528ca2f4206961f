/** A host as the checks of `doctor` find it, without a guard. */

import assert from "node:assert/strict";
import { type Context, systemContext } from "../../src/cli/context.js";
import type { Check, Examined, Finding } from "../../src/cli/doctor/check.js";
import type { HostFacts } from "../../src/cli/doctor/host-facts.js";
import type { PortStatus, Status } from "../../src/guard/report/status.js";
import type { Commands } from "../../src/system/commands.js";
import { scratchFolder } from "./scratch.js";

/** A port that its session's client has not been heard on for 40 s. */
export const OPEN: PortStatus = {
	family: "ipv4",
	address: "192.0.2.1",
	port: 60001,
	state: "open",
	uid: 1000,
	ageSeconds: 40,
	pid: 7,
	reports: true,
};

export interface World extends Partial<Status> {
	/** What each command prints; one that is not named is not installed. */
	readonly prints?: Readonly<Record<string, string>>;
	readonly facts?: HostFacts;
	readonly config?: string;
	readonly privileged?: boolean;
}

/** Where no guard listens. */
const EMPTY = scratchFolder();

export function examined({ prints = {}, facts = {}, config, privileged = true, ...world }: World): Examined {
	const commands: Commands = {
		find: async (tool) => (tool in prints ? `/usr/bin/${tool}` : undefined),
		run: async (tool) => ({ stdout: prints[tool] ?? "", stderr: "", exitCode: 0 }),
		follow: () => Promise.reject(new Error("not here")),
		started: () => false,
	};
	const system = systemContext({ runtimeFolder: EMPTY });
	const context: Context = {
		...system,
		commands,
		privileged,
		paths: { ...system.paths, config: config ?? "/nonexistent/config.toml" },
	};
	const status: Status = {
		schema: 1,
		guard: { running: true, pid: 1 },
		firewall: { name: "ufw", reason: "", healthy: true },
		range: { first: 60001, last: 60999 },
		ports: [],
		leftOver: [],
		problems: [],
		...world,
	};
	return { context, status: async () => status, facts: async () => facts };
}

export async function finds(check: Check, world: World): Promise<Finding> {
	const finding = await check.examine(examined(world));
	assert.ok(finding !== undefined);
	return finding;
}
