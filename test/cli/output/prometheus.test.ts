import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exposition } from "../../../src/cli/output/prometheus.js";
import type { PortStatus, Status } from "../../../src/guard/report/status.js";
import { REFUSALS } from "../../../src/guard/sessions/refusals.js";

const PORT: PortStatus = {
	family: "ipv4",
	address: "192.0.2.1",
	port: 60001,
	state: "open",
	uid: 1000,
	ageSeconds: 5,
	reports: true,
};

const STATUS: Status = {
	schema: 1,
	guard: { running: true, pid: 1, upSeconds: 12.5, leases: 2 },
	firewall: { name: "nftables", reason: "because", healthy: true },
	range: { first: 60001, last: 60999 },
	ports: [
		PORT,
		{ ...PORT, family: "ipv6", address: "2001:db8::1" },
		{ ...PORT, port: 60002 },
		{ ...PORT, port: 60003, state: "refused", code: "user-limit", reason: "too many" },
	],
	leftOver: [PORT],
	problems: [{ code: "firewall-failed", message: "disk full" }],
};

/**
 * Reads the text format by its grammar: each metric's HELP and TYPE once and before its samples, the samples of a metric
 * together, no series twice, a line feed at the end. Returns each series with its value.
 */
function parse(text: string): Map<string, number> {
	assert.ok(text.endsWith("\n"));
	const series = new Map<string, number>();
	const seen = new Set<string>();
	let [helped, typed] = ["", ""];
	for (const line of text.slice(0, -1).split("\n")) {
		const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
		if (comment !== null) {
			const [, kind, name = "", rest = ""] = comment;
			if (kind === "HELP") {
				assert.ok(!seen.has(name), `${name} twice`);
				assert.match(rest, /^(?:[^\\]|\\\\|\\n)+$/);
				seen.add(name);
				helped = name;
			} else {
				assert.equal(name, helped);
				assert.match(rest, /^(counter|gauge)$/);
				typed = name;
			}
			continue;
		}
		const label = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\\\|\\"|\\n)*"`;
		const sample = new RegExp(
			String.raw`^([a-zA-Z_:][\w:]*)(\{${label}(?:,${label})*\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$`,
		).exec(line);
		assert.ok(sample !== null, `no sample: ${line}`);
		assert.equal(sample[1], typed);
		const key = `${sample[1]}${sample[2] ?? ""}`;
		assert.ok(!series.has(key), `${key} twice`);
		series.set(key, Number(sample[3]));
	}
	return series;
}

describe("the text format", () => {
	test("has what the status has", () => {
		const series = parse(exposition(STATUS));
		const expected = {
			up: 1,
			uptime_seconds: 12.5,
			'firewall_healthy{firewall="nftables"}': 1,
			'ports{family="ipv4",state="open"}': 2,
			'ports{family="ipv6",state="open"}': 1,
			'ports{family="ipv4",state="refused"}': 1,
			'ports{family="ipv6",state="refused"}': 0,
			'refused_ports{code="user-limit"}': 1,
			'refused_ports{code="rate-limit"}': 0,
			left_over_ports: 1,
			leases: 2,
			problems: 1,
		};
		for (const [name, value] of Object.entries(expected)) {
			assert.equal(series.get(`mosh_portguard_${name}`), value, name);
		}
	});

	test("has every series also where there is nothing to count", () => {
		const idle = parse(exposition({ ...STATUS, ports: [], leftOver: [], problems: [] }));
		assert.deepEqual([...idle.keys()], [...parse(exposition(STATUS)).keys()]);
		for (const code of Object.keys(REFUSALS)) {
			assert.equal(idle.get(`mosh_portguard_refused_ports{code="${code}"}`), 0);
		}
	});

	test("escapes what a label may not have", () => {
		const firewall = { ...STATUS.firewall, name: 'a"b\\c\nd', healthy: false };
		const series = parse(exposition({ ...STATUS, firewall }));
		assert.equal(series.get(String.raw`mosh_portguard_firewall_healthy{firewall="a\"b\\c\nd"}`), 0);
	});

	test("without a guard says that alone", () => {
		assert.deepEqual([...parse(exposition(undefined))], [["mosh_portguard_up", 0]]);
	});
});
