/**
 * Runs on the client's host. Usage: ONE-WAY-MS SSH-PORT HERE=THERE…   Carries TCP from HERE, SSH-PORT to THERE, 22, and UDP
 * from HERE to the same port THERE, everything later by ONE-WAY-MS. Ends when its input does.
 */

import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { connect, createServer, type Socket } from "node:net";

/** The first free ones of mosh-server's range: more than a test has sessions at once. */
const FIRST_PORT = 60001;
const PORTS = 10;

const [delay = 0, sshPort = 0] = process.argv.slice(2, 4).map(Number);
const routes = process.argv.slice(4).map((route) => route.split("="));

function later(act: () => void): void {
	setTimeout(act, delay);
}

function carryStream(from: Socket, to: Socket): void {
	from.on("data", (bytes) => later(() => to.write(bytes)));
	from.on("end", () => later(() => to.end()));
	from.on("error", () => to.destroy());
}

function udp(address: string): UdpSocket {
	return createSocket(address.includes(":") ? "udp6" : "udp4").on("error", () => undefined);
}

function carryDatagrams(here: string, there: string, port: number): void {
	const front = udp(here);
	const backs = new Map<number, UdpSocket>();
	front.bind(port, here);
	front.on("message", (datagram, client) => {
		let back = backs.get(client.port);
		if (back === undefined) {
			back = udp(there);
			back.on("message", (answer) => later(() => front.send(answer, client.port, client.address)));
			backs.set(client.port, back);
		}
		const way = back;
		later(() => way.send(datagram, port, there));
	});
}

for (const [here = "", there = ""] of routes) {
	createServer((client) => {
		const server = connect({ host: there, port: 22, noDelay: true });
		client.setNoDelay(true);
		carryStream(client, server);
		carryStream(server, client);
	}).listen(sshPort, here);
	for (let index = 0; index < PORTS; index++) {
		carryDatagrams(here, there, FIRST_PORT + index);
	}
}

process.stdin.resume().on("end", () => process.exit(0));
setImmediate(() => console.log("ready"));
