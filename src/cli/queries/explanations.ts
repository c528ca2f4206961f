/** Which rules of the host decide on a port as they are now, and how to put it into words. */

import { chooseFirewall } from "../../daemon/choose-firewall.js";
import { readConfig } from "../../daemon/configuration.js";
import { ownFile } from "../../daemon/own-command.js";
import { LimitedCommands } from "../../firewall/deadline.js";
import { decidedBy } from "../../firewall/decided-by.js";
import { FirewallError } from "../../firewall/errors.js";
import type { Explanation, Firewall, Opening } from "../../firewall/firewall.js";
import { type Client, Verifier } from "../../firewall/verify.js";
import { endpoint, FAMILIES, wildcardOf } from "../../system/addresses.js";
import { loadNetlink } from "../../system/netlink.js";
import type { Context } from "../context.js";
import { printable } from "../output/format.js";

export interface OpeningExplanation extends Explanation, Opening {
	/** The client's address, where it is asked about one. */
	readonly from?: string;
}

/** An opening and, where it is known, who sends to it. */
export interface Question {
	readonly opening: Opening;
	readonly client?: Client | undefined;
}

/** For all the rules together, sets included (ms). What is not read by then is unknown, and the rule that asks is named. */
const WITHIN_MS = 3000;

/** The rules as they are now. Needs root. @throws ConfigError */
export async function readVerifier(context: Context): Promise<Verifier> {
	const firewall = firewallInForce(context);
	// At the same time: beside a large set each may need all of its time.
	const [verifier] = await Promise.all([
		Verifier.read(context.commands, {
			withinMs: WITHIN_MS,
			patient: true,
			firewall,
			netlink: context.netlink ?? loadNetlink(ownFile("netlink.node")),
		}),
		firewall,
	]);
	return verifier;
}

/** One answer for each opening that others can reach. */
export async function explainOpenings(
	verifier: Verifier,
	questions: readonly Question[],
): Promise<OpeningExplanation[]> {
	const explanations: OpeningExplanation[] = [];
	for (const { opening, client } of questions) {
		const { family, address, port } = opening;
		const found = await verifier.explain(opening, client);
		if (found === undefined) {
			continue;
		}
		const from = client === undefined ? {} : { from: client.address };
		explanations.push({ family, address, port, ...from, ...found });
	}
	return explanations;
}

/** To find out which firewall is in force, and to ask it (ms): iptables takes 5 s beside a set of 300,000 addresses. */
const FIREWALL_MS = 3000;

/** It only adds its own words: the rules are as they are, whether or not it is clear who is in charge of them. */
async function firewallInForce(context: Context): Promise<Firewall | undefined> {
	const { config } = readConfig(context.paths.config);
	const commands = new LimitedCommands(context.commands, FIREWALL_MS);
	try {
		return (await chooseFirewall(config, { ...context, commands })).firewall;
	} catch (error) {
		if (error instanceof FirewallError) {
			return undefined;
		}
		throw error;
	}
}

/** A port on every local address of both families. */
export function everywhere(port: number): Opening[] {
	return FAMILIES.map((family) => ({ family, address: wildcardOf(family), port }));
}

/** `192.0.2.1:60001 is open by the guard's rule: …`. */
export function sentence(found: OpeningExplanation): string {
	const from = found.from === undefined ? "" : ` from ${found.from}`;
	const subject = `${endpoint(found)}${from}`;
	if (found.verdict === "unknown") {
		return printable(`${subject} is unverified: ${decidedBy(found)}`);
	}
	return printable(`${subject} is ${found.verdict} by ${decidedBy(found)}`);
}
