import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { UdpPort } from "../../../src/server/host/udp-port.js";
import { BindError, bindPort, sshAddress } from "../../../src/server/startup/bind.js";

describe("binding", () => {
	const open: UdpPort[] = [];
	const keep = (port: UdpPort): UdpPort => {
		open.push(port);
		return port;
	};
	after(() => {
		for (const port of open) {
			port.close();
		}
	});
	const any = { kind: "any" } as const;
	const quiet = (sentence: string) => assert.fail(sentence);

	it("walks the range upwards past ports in use", async () => {
		const first = keep(await bindPort(any, { first: 47100, last: 47120 }, undefined, quiet));
		const second = keep(await bindPort(any, { first: first.port, last: 47120 }, undefined, quiet));
		assert.ok(second.port > first.port);
		const range = { first: first.port, last: first.port };
		await assert.rejects(bindPort(any, range, undefined, quiet), (error) => {
			assert.ok(error instanceof BindError);
			assert.match(error.message, /Address already in use/);
			assert.match(
				error.message,
				new RegExp(
					`^UDP port ${first.port} is held by process ${process.pid} \\(.+\\).*; \`kill ${process.pid}\` ends it\\.$`,
					"m",
				),
			);
			return true;
		});
	});

	it("takes the kernel's choice for port 0", async () => {
		assert.ok(keep(await bindPort(any, { first: 0, last: 0 }, undefined, quiet)).port > 0);
	});

	it("falls back to any interface, saying why", async () => {
		for (const address of ["192.0.2.77", "not-an-address", "localhost"]) {
			const warnings: string[] = [];
			const bind = { kind: "address", address } as const;
			keep(await bindPort(bind, { first: 0, last: 0 }, undefined, (sentence) => warnings.push(sentence)));
			assert.equal(warnings.length, 1);
			assert.match(warnings[0] ?? "", new RegExp(address));
		}
	});

	it("reads the server's address from SSH_CONNECTION", () => {
		assert.deepEqual(sshAddress("10.0.0.2 5000 10.0.0.1 22"), { address: "10.0.0.1" });
		assert.deepEqual(sshAddress("::1 5000 ::FFFF:10.0.0.1 22"), { address: "10.0.0.1" });
		assert.ok("problem" in sshAddress(undefined));
		assert.ok("problem" in sshAddress("10.0.0.2 5000"));
	});

	it("serves both families on the IPv6 wildcard", async () => {
		const bind = { kind: "address", address: "::" } as const;
		const server = keep(await bindPort(bind, { first: 0, last: 0 }, undefined, quiet));
		assert.equal(server.family, "ipv6");
		const client = keep(await UdpPort.bind("127.0.0.1", 0));
		const arrived = new Promise<string>((resolve) =>
			server.onDatagram((datagram, from) => {
				server.send(Buffer.from("back"), from);
				resolve(Buffer.from(datagram).toString());
			}),
		);
		const answered = new Promise<string>((resolve) =>
			client.onDatagram((datagram) => resolve(Buffer.from(datagram).toString())),
		);
		client.send(Buffer.from("there"), { address: "127.0.0.1", port: server.port });
		assert.equal(await arrived, "there");
		assert.equal(await answered, "back");
	});
});
