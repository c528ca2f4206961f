import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { UdpPort } from "../../../src/server/host/udp-port.js";
import { describeHolders, parseSockets, roughly } from "../../../src/server/startup/port-holder.js";
import { needsRoot, needsTools } from "../../support/requirements.js";

const LIST = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  201: 0100007F:EA61 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 4711 2 0000000000000000 0
 3017: 00000000:00EA 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4712 2 0000000000000000 0
`;

describe("who has a port", () => {
	it("is found in the kernel's list", () => {
		assert.deepEqual(parseSockets(LIST), [
			{ port: 60001, uid: 1000, inode: "4711" },
			{ port: 234, uid: 0, inode: "4712" },
		]);
	});

	it("is named once for each port, on IPv4 and IPv6, for a few ports", async () => {
		const ports = await Promise.all(
			["127.0.0.1", "::1", "127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1"].map((address) =>
				UdpPort.bind(address, 0),
			),
		);
		for (const { port } of ports) {
			const [sentence = "", ...more] = describeHolders({ first: port, last: port });
			assert.ok(sentence.startsWith(`UDP port ${port} is held by process ${process.pid} (`), sentence);
			assert.deepEqual(more, []);
		}
		assert.ok(describeHolders({ first: 1024, last: 65535 }).length <= 5);
		for (const port of ports) {
			port.close();
		}
	});

	it("is said to be another user where its processes are hidden", {
		skip: needsRoot() || needsTools("setpriv"),
	}, async () => {
		const port = await UdpPort.bind("127.0.0.1", 0);
		const program = `
			import { describeHolders } from ${JSON.stringify(new URL("../../../src/server/startup/port-holder.ts", import.meta.url).href)};
			process.setgroups([]); process.setgid(65534); process.setuid(65534);
			console.log(describeHolders({ first: ${port.port}, last: ${port.port} }).join());
		`;
		const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
			stdio: ["ignore", "pipe", "inherit"],
		});
		let said = "";
		child.stdout.setEncoding("utf8").on("data", (text: string) => {
			said += text;
		});
		await once(child, "close");
		assert.equal(said, `UDP port ${port.port} is held by a process of another user (uid 0).\n`);
		port.close();
	});

	it("has a silence in one unit", () => {
		const texts = [0, 119, 120, 7199, 7200, 172_799, 172_800].map(roughly);
		assert.deepEqual(texts, ["0 s", "119 s", "2 min", "119 min", "2 h", "47 h", "2 days"]);
	});
});
