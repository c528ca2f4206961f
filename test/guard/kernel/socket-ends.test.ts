import assert from "node:assert/strict";
import { test } from "node:test";
import { hearSocketEnds } from "../../../src/guard/kernel/socket-ends.js";
import { labMissing, startLab } from "../../lab/hosts.js";
import { LabNetlink } from "../../support/netlink.js";
import { needsTools } from "../../support/requirements.js";
import { until } from "../../support/wait.js";

/** Opens and closes a socket on each port, of both families. */
const ENDS = `
	use Socket qw(:all);
	for my $port (@ARGV) {
		for ([AF_INET, pack_sockaddr_in($port, INADDR_ANY)], [AF_INET6, pack_sockaddr_in6($port, IN6ADDR_ANY)]) {
			socket(my $socket, $$_[0], SOCK_DGRAM, 0) or die;
			setsockopt($socket, IPPROTO_IPV6, IPV6_V6ONLY, 1) if $$_[0] == AF_INET6;
			bind($socket, $$_[1]) or die;
			close $socket;
		}
	}
`;

test("the end of a UDP socket is told with its port, of either family", {
	skip: (await labMissing()) || needsTools("perl"),
}, async () => {
	const lab = await startLab();
	try {
		const told: (number | undefined)[] = [];
		const stop = await hearSocketEnds(new LabNetlink(lab.server), (port) => told.push(port));
		await lab.server.sh(`perl -e '${ENDS}' 60001 53`);
		await until("all is told", () => told.length >= 2 && told.at(-1) === 53);
		assert.deepEqual(new Set(told), new Set([60001, 53]));
		stop();
	} finally {
		await lab.stop();
	}
});
