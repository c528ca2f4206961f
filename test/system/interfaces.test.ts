import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import type { Commands } from "../../src/system/commands.js";
import { CommandError } from "../../src/system/errors.js";
import { interfaceAddresses, linkedAddresses, parseAddresses } from "../../src/system/interfaces.js";
import { labMissing, SERVER4, startLab } from "../lab/hosts.js";

const LISTING = `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 192.0.2.1/24 brd 192.0.2.255 scope global dynamic eth0\\       valid_lft 86399sec preferred_lft 86399sec
2: eth0    inet6 2001:db8::1/64 scope global tentative \\       valid_lft forever preferred_lft forever
3: tun-a.b    inet 10.8.0.1 peer 10.8.0.2/32 scope global tun-a.b\\       valid_lft forever preferred_lft forever
`;

const listed = parseAddresses(LISTING).map(
	(found) => `${found.family} ${found.address} on ${found.interface}`,
);

test("addresses as `ip` lists them, of point-to-point links the own one", () => {
	assert.deepEqual(listed, [
		"ipv4 127.0.0.1 on lo",
		"ipv4 192.0.2.1 on eth0",
		"ipv6 2001:db8::1 on eth0",
		"ipv4 10.8.0.1 on tun-a.b",
	]);
});

test("the length of a network that is reached by the interface", () => {
	assert.deepEqual(
		parseAddresses(LISTING).map(({ length }) => length),
		[8, 24, 64, undefined],
	);
});

test("without `ip`, those that have a link are known", async () => {
	const commands: Pick<Commands, "run"> = {
		run: () => Promise.reject(new CommandError("tool-missing", "ip is not installed")),
	};
	assert.deepEqual(await interfaceAddresses(commands), linkedAddresses());
	assert.equal(linkedAddresses().length, Object.values(networkInterfaces()).flat().length);
});

test("no command is run for what has a link", async () => {
	const asked: string[] = [];
	const commands: Pick<Commands, "run"> = {
		run: async (tool, args) => {
			asked.push([tool, ...args].join(" "));
			return { stdout: LISTING, stderr: "", exitCode: 0 };
		},
	};
	const known = linkedAddresses().map(({ address }) => address);
	await interfaceAddresses(commands, known);
	assert.deepEqual(asked, []);
	const found = await interfaceAddresses(commands, [...known, "192.0.2.1"]);
	assert.deepEqual(asked, ["ip -oneline address show"]);
	assert.deepEqual(found, parseAddresses(LISTING));
});

test("of a real host, an interface without a link keeps its addresses", {
	skip: (await labMissing()) ?? false,
}, async (t) => {
	const lab = await startLab();
	t.after(() => lab.stop());
	await lab.client.sh("ip link set eth0 down");
	const found = await interfaceAddresses(lab.server.commands);
	assert.ok(
		found.some((one) => one.interface === "eth0" && one.address === SERVER4),
		JSON.stringify(found),
	);
});
