import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	addRichRule,
	isFirewalldRunning,
	isInPanicMode,
	readServicePorts,
	readZone,
	readZoneMap,
	removePermanentRichRule,
	removeRichRule,
} from "../../../src/firewall/firewalld/client.js";
import { PretendedFirewalld } from "../../support/pretended-firewalld.js";

describe("the calls of firewalld", () => {
	test("tell a zone's settings, with what is not set left out", async () => {
		const zone = { target: "DROP", ports: [["1-9", "udp"]], services: ["ssh"], rules_str: ["rule"] } as const;
		assert.deepEqual(await readZone(new PretendedFirewalld(zone).bus, "public"), {
			target: "DROP",
			ports: [["1-9", "udp"]],
			services: ["ssh"],
			richRules: ["rule"],
		});
		assert.deepEqual(await readZone(new PretendedFirewalld().bus, "public"), {
			target: "default",
			ports: [],
			services: [],
			richRules: [],
		});
	});

	test("tell the active zones with what is bound to each, and its target", async () => {
		const { bus } = new PretendedFirewalld(
			{ target: "DROP" },
			{
				getDefaultZone: "public",
				getActiveZones: [
					["public", [["interfaces", ["eth0"]]]],
					["home", [["sources", ["192.0.2.0/24"]]]],
				],
			},
		);
		assert.deepEqual(await readZoneMap(bus), {
			defaultZone: "public",
			active: [
				{ name: "public", interfaces: ["eth0"], sources: [], target: "DROP" },
				{ name: "home", interfaces: [], sources: ["192.0.2.0/24"], target: "DROP" },
			],
		});
	});

	test("tell a service's ports, and whether it is in panic", async () => {
		const { bus } = new PretendedFirewalld({}, { queryPanicMode: true });
		assert.deepEqual(await readServicePorts(bus, "mosh"), [["60000-61000", "udp"]]);
		assert.equal(await isInPanicMode(bus), true);
		assert.equal(await isInPanicMode(new PretendedFirewalld().bus), false);
	});

	test("add a rule for as long as firewalld runs, and remove it from where it is", async () => {
		const firewalld = new PretendedFirewalld();
		await addRichRule(firewalld.bus, "public", "rule");
		await removeRichRule(firewalld.bus, "public", "rule");
		await removePermanentRichRule(firewalld.bus, "/config/zone/0", "rule");
		assert.deepEqual(
			firewalld.calls.map(({ path, interface: of, member, signature, body }) => [
				path,
				of,
				member,
				signature,
				body,
			]),
			[
				[
					"/org/fedoraproject/FirewallD1",
					"org.fedoraproject.FirewallD1.zone",
					"addRichRule",
					"ssi",
					["public", "rule", 0],
				],
				[
					"/org/fedoraproject/FirewallD1",
					"org.fedoraproject.FirewallD1.zone",
					"removeRichRule",
					"ss",
					["public", "rule"],
				],
				["/config/zone/0", "org.fedoraproject.FirewallD1.config.zone", "removeRichRule", "s", ["rule"]],
			],
		);
	});
});

test("on a host without a message bus no firewalld runs", async () => {
	assert.equal(await isFirewalldRunning("unix:path=/nonexistent/bus"), false);
});
