/** Describes the host, for people who read the report elsewhere. */

import { arch, release } from "node:os";
import { VERSION } from "../version.js";
import { type Check, good } from "./check.js";
import type { HostFacts } from "./host-facts.js";

export const host: Check = {
	name: "host",
	examine: async ({ facts }) => {
		const us = `mosh-portguard ${VERSION}, Node ${process.versions.node}`;
		return good(`${systemOf(await facts())}; ${us}`);
	},
};

function systemOf({ distribution, kernel, architecture, ...machine }: HostFacts): string {
	const system = [distribution ?? "Linux", `kernel ${kernel ?? release()}`, architecture ?? arch()].join(
		", ",
	);
	const maker = [machine.manufacturer, machine.model].filter((text) => text !== undefined).join(" ");
	const virtual = machine.virtual === "yes" ? "virtual" : machine.virtual && `virtual (${machine.virtual})`;
	return [system, maker, virtual].filter(Boolean).join("; ");
}
