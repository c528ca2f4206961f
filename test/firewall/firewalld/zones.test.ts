import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Firewalld } from "../../../src/firewall/firewalld/firewalld.js";
import { type Zones, zonesFor } from "../../../src/firewall/firewalld/zones.js";
import { CLIENT4, type Lab, labMissing, SERVER4, startLab } from "../../lab/hosts.js";
import { reconcile, v4 } from "../conformance.js";
import { createFirewalld, firewalldSubject, labFirewalld, setUpFirewalld } from "./subject.js";

test("a port belongs in its interface's zone and in source zones that let some in", () => {
	const zones: Zones = {
		defaultZone: "public",
		active: [
			{ name: "public", interfaces: ["eth0"], sources: [], target: "default" },
			{ name: "dmz", interfaces: ["eth1"], sources: [], target: "default" },
			{ name: "home", interfaces: [], sources: ["192.0.2.0/24"], target: "default" },
			{ name: "drop", interfaces: [], sources: ["198.51.100.0/24"], target: "DROP" },
		],
		addresses: [{ interface: "eth1", family: "ipv4", address: SERVER4 }],
	};
	assert.deepEqual(zonesFor(v4(60001), zones), ["dmz", "home"]);
	assert.deepEqual(zonesFor(v4(60001, "192.0.2.7"), zones), ["public", "home"]);
	assert.deepEqual(zonesFor(v4(60001, "0.0.0.0"), zones), ["public", "dmz", "home"]);
});

describe("zones of a real firewalld", {
	skip: (await labMissing(...firewalldSubject.tools)) ?? false,
}, () => {
	let lab: Lab;
	let firewall: Firewalld;
	before(async () => {
		lab = await startLab();
		await setUpFirewalld(lab);
		firewall = createFirewalld(lab);
	});
	after(async () => {
		await firewall?.disconnect();
		await lab.stop();
	});
	const cmd = (...lines: string[]) => labFirewalld(lab).cmd(...lines);

	test("a client in a source zone reaches the port, one in a zone that drops does not", async () => {
		await cmd(`-q --zone=home --add-source=${CLIENT4}/32`, "-q --zone=home --add-port=7/udp");
		await reconcile(firewall, [v4(60001)]);
		assert.equal(await lab.isOpen(SERVER4, 60001), true);
		await cmd(
			`-q --zone=home --remove-source=${CLIENT4}/32`,
			`-q --zone=drop --add-source=${CLIENT4}/32`,
			"-q --zone=drop --add-port=7/udp",
		);
		await reconcile(firewall, [v4(60001)]);
		assert.equal(await lab.isOpen(SERVER4, 60001), false);
		await cmd(`-q --zone=drop --remove-source=${CLIENT4}/32`);
	});

	test("the rule follows its interface to another zone and leaves nothing behind", async () => {
		await cmd("-q --zone=work --change-interface=eth0", "-q --zone=work --add-port=7/udp");
		await reconcile(firewall, [v4(60001)]);
		assert.equal(await lab.isOpen(SERVER4, 60001), true);
		assert.match(await cmd("--zone=work --list-rich-rules"), /60001/);
		assert.doesNotMatch(await cmd("--zone=public --list-rich-rules"), /60001/);
		await cmd("-q --zone=public --change-interface=eth0");
		await reconcile(firewall, [v4(60001)]);
		assert.doesNotMatch(await cmd("--zone=work --list-rich-rules"), /60001/);
	});

	test("what --runtime-to-permanent wrote of ours is removed, what it wrote of the admin's stays", async () => {
		await cmd("-q --add-port=60950/udp", "-q --runtime-to-permanent");
		assert.match(await cmd("--permanent --list-rich-rules"), /60001/);
		await firewall.repair();
		assert.doesNotMatch(await cmd("--permanent --list-rich-rules"), /60001/);
		assert.match(await cmd("--permanent --list-ports"), /60950/);
		assert.equal(await lab.isOpen(SERVER4, 60001), true);
	});
});
