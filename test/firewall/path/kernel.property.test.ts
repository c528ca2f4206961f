/** The packet walk says of random rules what the kernel does with datagrams that are really sent through them. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { describe, type Judgement, judge } from "../../../src/firewall/path/judge.js";
import { type HostRules, readRules } from "../../../src/firewall/path/read.js";
import type { Family } from "../../../src/system/addresses.js";
import { CONTROL_PORT, type Lab, labMissing, startLab } from "../../lab/hosts.js";
import type { Hit, Shot } from "../../lab/volley.js";
import { SeededRandom } from "../../support/random.js";
import { RandomIptables } from "./random-iptables.js";
import { LOCALS4, LOCALS6, PORTS, RandomNft, SOURCES4, SOURCES6 } from "./random-nft.js";

/** Without it as many as `npm test` has time for. */
const DATAGRAMS = Number(process.env.WALK_DATAGRAMS ?? 800);
const TIME_MS = process.env.WALK_DATAGRAMS === undefined ? 8_000 : Number.POSITIVE_INFINITY;
const SEED = Number(process.env.WALK_SEED ?? Date.now() % 1_000_000);
const PER_RULE_SET = 80;
/** Of datagrams whose fate no rule set tells: rates, chance, marks. Among few rule sets one of them weighs much. */
const UNKNOWN_LIMIT = DATAGRAMS >= 5000 ? 0.05 : 0.25;

const missing = await labMissing(
	"nft",
	"iptables-nft-restore",
	"ip6tables-nft-restore",
	"iptables-legacy-restore",
);
/** A second link: 10.78.0.1 by eth1. */
const SECOND = { local: "10.78.0.1", source: "10.78.0.2" };

let lab: Lab;

before(async () => {
	if (missing !== undefined) {
		return;
	}
	lab = await startLab();
	await prepare(lab);
});

after(async () => {
	if (missing === undefined) {
		await lab.stop();
	}
});

test(`the walk agrees with the kernel (seed ${SEED})`, { skip: missing ?? false }, async (t) => {
	const random = new SeededRandom(SEED);
	const counts = { sent: 0, accepted: 0, shut: 0, unknown: 0, answers: 0, refused: 0 };
	const unknown = new Map<string, number>();
	const started = performance.now();
	for (let round = 0; counts.sent < DATAGRAMS && performance.now() - started < TIME_MS; round += 1) {
		const script = await load(random);
		const rules = await readRules(lab.server.commands, { net: `/proc/${lab.server.pid}/net` });
		const problems = rules.facts.map(({ sentence }) => sentence);
		assert.deepEqual(problems, [], `${problems}\nseed ${SEED}\n${script}`);
		const shots = shotsOf(random, round);
		const found = await fire(shots).catch((error: unknown) =>
			assert.fail(`${error}\nseed ${SEED}\n${script}`),
		);
		for (const shot of shots) {
			const judgement = await judgeShot(rules, shot);
			counts.sent += 1;
			if (judgement.verdict === "unknown") {
				count(unknown, judgement);
			}
			let problem = difference(judgement, shot, found);
			// Once more by itself, so that a machine that stood still is not taken for a rule.
			if (problem !== undefined) {
				const again = { ...shot, id: `${shot.id}-again`, fromPort: nextPort() };
				problem = difference(judgement, again, await fire([again]));
			}
			assert.equal(
				problem,
				undefined,
				`${problem}\nseed ${SEED}, ${JSON.stringify(shot)}\n${words(judgement)}\n${script}`,
			);
			tally(counts, judgement, found, shot);
		}
	}
	t.diagnostic(`seed ${SEED}: ${JSON.stringify(counts)}`);
	t.diagnostic(`unknown by: ${JSON.stringify(Object.fromEntries(unknown))}`);
	assert.ok(counts.accepted > counts.sent / 20 && counts.shut > counts.sent / 20, JSON.stringify(counts));
	assert.ok(counts.unknown < counts.sent * UNKNOWN_LIMIT, JSON.stringify(counts));
});

interface Found {
	readonly received: ReadonlySet<string>;
	readonly hits: ReadonlyMap<string, Hit>;
}

async function prepare({ server, client }: Lab): Promise<void> {
	// Made between the two namespaces, like the first.
	const peer = ["peer", "name", "eth1", "netns", String(client.pid)];
	await server.commands.run("ip", ["link", "add", "eth1", "type", "veth", ...peer]);
	await server.sh(`
		ip addr add ${SECOND.local}/24 dev eth1; ip link set eth1 up
		ip addr add ${LOCALS4[1]}/24 dev eth0; ip addr add ${LOCALS6[1]}/64 dev eth0 nodad
	`);
	await client.sh(`ip addr add ${SECOND.source}/24 dev eth1; ip link set eth1 up`);
	for (const source of SOURCES4.slice(1)) {
		await client.sh(`ip addr add ${source}/32 dev eth0`);
	}
	for (const source of SOURCES6.slice(1)) {
		await client.sh(`ip addr add ${source}/128 dev eth0 nodad`);
	}
	const mac = async (host: Lab["server"], link: string) =>
		(await host.sh(`ip -o link show ${link}`)).match(/link\/ether (\S+)/)?.[1] ?? "";
	const [server0, client0] = [await mac(server, "eth0"), await mac(client, "eth0")];
	const [server1, client1] = [await mac(server, "eth1"), await mac(client, "eth1")];
	// Rules drop neighbour discovery too, those at ingress that of IPv4 as well; and an error may be said as often as there is one.
	await server.sh(`
		ip route add default via ${SOURCES4[0]} dev eth0; ip -6 route add default via ${SOURCES6[0]} dev eth0
		ip neigh replace ${SOURCES4[0]} lladdr ${client0} dev eth0 nud permanent
		ip neigh replace ${SOURCES6[0]} lladdr ${client0} dev eth0 nud permanent
		ip neigh replace ${SECOND.source} lladdr ${client1} dev eth1 nud permanent
		for key in all/rp_filter default/rp_filter eth0/rp_filter eth1/rp_filter; do echo 0 > /proc/sys/net/ipv4/conf/$key; done
		sysctl -qw net.ipv4.icmp_ratemask=0 net.ipv6.icmp.ratelimit=0 net.ipv4.ip_forward=0
	`);
	for (const local of [...LOCALS4, ...LOCALS6]) {
		await client.sh(`ip neigh replace ${local} lladdr ${server0} dev eth0 nud permanent`);
	}
	await client.sh(`ip neigh replace ${SECOND.local} lladdr ${server1} dev eth1 nud permanent`);
	const ports = [CONTROL_PORT, ...PORTS];
	await server.agent.serve([...LOCALS4, ...LOCALS6, SECOND.local], ports);
}

/** Puts new rules in the place of the last ones; returns them for people. */
async function load(random: SeededRandom): Promise<string> {
	const { commands } = lab.server;
	await commands.run("nft", ["flush", "ruleset"]);
	const empty =
		"*filter\n:INPUT ACCEPT\n:OUTPUT ACCEPT\nCOMMIT\n*raw\n:PREROUTING ACCEPT\nCOMMIT\n*mangle\n:PREROUTING ACCEPT\n:INPUT ACCEPT\nCOMMIT\n*nat\n:PREROUTING ACCEPT\nCOMMIT\n";
	for (const tool of legacy.splice(0)) {
		await commands.run(tool, [], { input: empty });
	}
	const scripts: string[] = [];
	const use = async (tool: string, input: string, args: readonly string[] = []) => {
		scripts.push(`# ${tool}\n${await loadWhatFits(tool, args, input)}`);
	};
	const kind = random.below(10);
	if (kind < 6) {
		await use("nft", new RandomNft(random).script(), ["-f", "-"]);
	}
	if (kind >= 5) {
		const variant = kind === 9 ? "legacy" : "nft";
		for (const [name, family] of [
			["iptables", "ipv4"],
			["ip6tables", "ipv6"],
		] as const) {
			const tool = `${name}-${variant}-restore`;
			if (variant === "legacy") {
				legacy.push(tool);
			}
			await use(tool, new RandomIptables(random, family).script());
		}
	}
	return scripts.join("\n");
}

/** What is loaded and must be emptied. */
const legacy: string[] = [];

/** Not every combination of conditions is one to the tools: a line that they refuse is left out. */
async function loadWhatFits(tool: string, args: readonly string[], script: string): Promise<string> {
	try {
		await lab.server.commands.run(tool, args, { input: script });
		return script;
	} catch (error) {
		const refused = new Set(
			[...String(error).matchAll(/(?:stdin:|line:? )(\d+)/g)].map(([, line]) => Number(line)),
		);
		const rest = script
			.split("\n")
			.filter((line, index) => line.includes(`port ${CONTROL_PORT} `) || !refused.has(index + 1))
			.join("\n");
		if (rest === script) {
			throw error;
		}
		return loadWhatFits(tool, args, rest);
	}
}

function shotsOf(random: SeededRandom, round: number): Shot[] {
	return Array.from({ length: PER_RULE_SET }, (_, index): Shot => {
		const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T;
		const id = `${round}-${index}`;
		const port = pick(PORTS);
		const fromPort = nextPort();
		const kind = random.below(10);
		if (kind === 0) {
			return { id, fromPort, from: SECOND.source, to: SECOND.local, port };
		}
		if (kind < 4) {
			return { id, fromPort, from: pick(SOURCES6), to: pick(LOCALS6), port };
		}
		return { id, fromPort, from: pick(SOURCES4), to: pick(LOCALS4), port };
	});
}

let fired = 0;

/** Not the same twice within the time that the kernel remembers a flow. */
function nextPort(): number {
	fired += 1;
	return 10_000 + (fired % 50_000);
}

async function fire(shots: readonly Shot[]): Promise<Found> {
	const hits = await lab.client.agent.volley(shots, CONTROL_PORT);
	const received = await lab.server.agent.received();
	return { received: new Set(received), hits: new Map(hits.map((hit) => [hit.id, hit])) };
}

function judgeShot(rules: HostRules, { from, fromPort, to, port }: Shot): Promise<Judgement> {
	const family: Family = to.includes(":") ? "ipv6" : "ipv4";
	const way = { family, address: to, interface: to === SECOND.local ? "eth1" : "eth0" };
	return judge(rules, {
		ways: [way],
		ports: { first: port, last: port },
		from,
		fromPorts: { first: fromPort, last: fromPort },
	});
}

function difference(
	{ ways: [judged] }: Judgement,
	{ id, to, port }: Shot,
	{ received, hits }: Found,
): string | undefined {
	const hit = hits.get(id);
	const came = received.has(`${id} ${to} ${port}`);
	const { inbound, answer } = judged as NonNullable<typeof judged>;
	if (inbound.verdict === "unknown") {
		return undefined;
	}
	if (came !== (inbound.verdict === "accept")) {
		return `walked in: ${inbound.verdict}, but it ${came ? "came" : "did not come"}`;
	}
	const answered = hit?.answered === true;
	if (answer !== undefined && answer.verdict !== "unknown" && answered !== (answer.verdict === "accept")) {
		return `walked out: ${answer.verdict}, but it was ${answered ? "answered" : "not answered"}`;
	}
	// The error has to pass the rules for what leaves.
	// Where it was sent on to, it may be refused as well.
	const ends = inbound.passages.flatMap(({ decisions }) => decisions);
	const mayReject = ends.some(({ verdict, diverted }) => verdict === "reject" || diverted);
	if (hit?.refused === true && inbound.verdict === "drop" && !mayReject) {
		return "walked in: drop, but the client was refused";
	}
	return undefined;
}

function tally(
	counts: Record<string, number>,
	{ verdict, ways: [judged] }: Judgement,
	{ hits }: Found,
	{ id }: Shot,
): void {
	const key = { accept: "accepted", drop: "shut", reject: "shut", unknown: "unknown" }[verdict];
	counts[key] = (counts[key] ?? 0) + 1;
	if (hits.get(id)?.answered) {
		counts.answers = (counts.answers ?? 0) + 1;
	}
	if (hits.get(id)?.refused && judged?.inbound.verdict === "reject") {
		counts.refused = (counts.refused ?? 0) + 1;
	}
}

function count(unknown: Map<string, number>, { decisions }: Judgement): void {
	for (const { rule, verdict } of decisions.slice(0, 1)) {
		const key = `${verdict} ${rule?.text ?? "policy"}`;
		unknown.set(key, (unknown.get(key) ?? 0) + 1);
	}
}

function words({ verdict, direction, decisions, ways: [judged] }: Judgement): string {
	const passed = judged?.inbound.passages.map(({ base, verdict }) => `${base.table} ${base.hook} ${verdict}`);
	return `${verdict} ${direction}: ${decisions.map(describe).join("; ")}\npassed ${passed?.join(", ")}`;
}
