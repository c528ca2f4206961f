/** Programs of an attacking ordinary user, as text for the host's interpreters. */

import { PUBLIC_SOCKET } from "../../src/guard-protocol/messages.js";

/** Binds a UDP port and stays. */
export const binder = (address: string, port: number): string =>
	`require("dgram").createSocket("udp4").bind(${port}, "${address}", () => console.log("bound")); setTimeout(() => {}, 6e5)`;

/** The same, with a mosh-server's name in both the command line and the kernel's comm. */
export const renamedBinder = (address: string, port: number): string => `
	use Socket;
	$0 = "mosh-server new";
	syscall(157, 15, my $name = "mosh-server", 0, 0, 0);
	socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die;
	bind($socket, pack_sockaddr_in(${port}, inet_aton("${address}"))) or die;
	$| = 1;
	print "bound\\n";
	sleep 600;
`;

/** Sends one report on a connection each, prints each answer, and stays connected until its input ends. */
export const reporter = (reports: readonly object[]): string => `
	const { connect } = require("net");
	for (const report of ${JSON.stringify(reports)}) {
		const socket = connect("${PUBLIC_SOCKET}");
		socket.on("data", (data) => console.log(String(data).trim()));
		socket.write(JSON.stringify({ v: 1, type: "report", ...report }) + "\\n");
	}
	setTimeout(() => {}, 6e5);
`;

/**
 * Makes `attempts` attempts to connect, some hundred at a time. Those that succeed write garbage, each kind in turn, and stand
 * for a while. A guard that is flooded turns most away, so it is attempts that are counted: their number bounds the flood on
 * any machine. Prints "done", how many got through and how many were turned away.
 */
export const flood = (attempts: number): string => `
	const { connect } = require("net");
	const { randomBytes } = require("crypto");
	const garbage = [
		() => randomBytes(300),
		() => Buffer.alloc(1e5, 123),
		() => '{"v":1,"type":"report","family":"ipv4","address":"10.77.0.1","port":60030,"pid":1}\\n'.repeat(40),
		() => '{"v":1,"type":"sync"}\\n{"v":1,"type":"arm","seconds":60}\\n{"v":1,"type":"close","port":60020}\\n',
		() => "[".repeat(4000) + "\\n",
		() => '{"v":1,"type":"update","client":{"address":"::","port":-1}}\\n\\0\\n',
		() => "",
	];
	let begun = 0;
	let ended = 0;
	let accepted = 0;
	const attempt = () => {
		if (begun === ${attempts}) return;
		begun++;
		const socket = connect("${PUBLIC_SOCKET}");
		let connected = false;
		socket.on("connect", () => {
			connected = true;
			socket.write(garbage[accepted++ % garbage.length]());
			setTimeout(() => socket.destroy(), 100);
		});
		socket.on("data", () => {});
		socket.on("error", () => {});
		socket.on("close", () => {
			if (++ended === ${attempts}) console.log("done", accepted, ended - accepted);
			setTimeout(attempt, connected ? 0 : 5);
		});
	};
	for (let i = 0; i < 400; i++) attempt();
`;
