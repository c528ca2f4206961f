/** `mosh-portguard explain PORT`: which sessions hold the port, and which rules of the host decide on it. */

import type { Opening } from "../../firewall/firewall.js";
import { distinct } from "../../firewall/opening.js";
import type { Client } from "../../firewall/verify.js";
import type { PortStatus } from "../../guard/report/status.js";
import { openingsOf } from "../../guard/sessions/policy.js";
import { addressFromText, type LocalAddress } from "../../system/addresses.js";
import { type Context, needPrivilege } from "../context.js";
import type { OutputOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { formatPorts, json } from "../output/format.js";
import { currentStatus } from "../queries/current-status.js";
import {
	everywhere,
	explainOpenings,
	type Question,
	readVerifier,
	sentence,
} from "../queries/explanations.js";
import { userNames } from "../queries/user-names.js";

export interface ExplainOptions extends OutputOptions {
	/** The address that the client sends from. */
	readonly from?: LocalAddress;
}

export async function explain(context: Context, port: number, options: ExplainOptions): Promise<number> {
	needPrivilege(context, "reading the firewall's rules");
	const { from } = options;
	const { ports } = await currentStatus(context);
	const sessions = ports.filter((found) => found.port === port);
	const asked = sessions.length > 0 ? distinct(openings(sessions, ports)) : everywhere(port);
	const general = from === undefined ? asked.map((opening) => ({ opening })) : asksFrom(from, asked);
	const known = from === undefined ? sessions.flatMap((session) => asksOfClient(session, ports)) : [];
	const found = await explainOpenings(await readVerifier(context), [...general, ...known]);
	const fromClients = from === undefined ? found.filter((one) => one.from !== undefined) : [];
	const rules = found.filter((one) => !fromClients.includes(one));
	if (options.json) {
		const more = fromClients.length === 0 ? {} : { fromClients };
		context.write(json({ schema: 1, port, sessions, rules, ...more }));
	} else {
		const nameOf = await userNames(
			context,
			sessions.map(({ uid }) => uid),
		);
		const held = sessions.length > 0 ? formatPorts(sessions, nameOf) : [`no mosh-server holds port ${port}`];
		const decided = found.map(sentence);
		if (found.length === 0) {
			decided.push(unreachable(asked, from));
		}
		context.write(`${[...held, "", ...decided].join("\n")}\n`);
	}
	const isLocal = sessions.length > 0 && asked.length === 0;
	return isLocal || rules.some(({ verdict }) => verdict === "open") ? EXIT.ok : EXIT.notOpen;
}

function openings(sessions: readonly PortStatus[], all: readonly PortStatus[]): Opening[] {
	return sessions.flatMap((session) => openingsOf(session, all));
}

function asksFrom(from: LocalAddress, asked: readonly Opening[]): Question[] {
	return asked
		.filter(({ family }) => family === from.family)
		.map((opening) => ({ opening, client: { address: from.address } }));
}

/** From where the session's client was last heard. */
function asksOfClient({ client, ...session }: PortStatus, all: readonly PortStatus[]): Question[] {
	if (client === undefined) {
		return [];
	}
	const from = addressFromText(client.address.includes(":") ? "ipv6" : "ipv4", client.address);
	if (from === undefined) {
		return [];
	}
	const sender: Client = { address: from.address, port: client.port };
	return openings([session], all)
		.filter(({ family }) => family === from.family)
		.map((opening) => ({ opening, client: sender }));
}

function unreachable(asked: readonly Opening[], from: LocalAddress | undefined): string {
	if (asked.length === 0) {
		return "on loopback, which no firewall here filters";
	}
	if (from !== undefined && asked.every(({ family }) => family !== from.family)) {
		return `on no address that ${from.address} can send to`;
	}
	return "on no address that others can reach";
}
