/**
 * What an ordinary user runs against the guard: programs as text, for the host's own interpreters. Each says "ready" when it
 * has begun, is bounded in what it takes, and ends by SIGKILL at the latest.
 */

import { SERVER4 } from "../lab/hosts.js";

const STAY = `$| = 1; print "ready\\n"; sleep 600;`;

/**
 * Idle sockets on addresses of 127/8, `each` by one of `processes` processes. `port`: the same for all, which puts them into
 * one chain of the kernel's table; 0 for ports of the kernel's choice.
 */
export const idleSockets = (processes: number, each: number, port: number): string => `
	use Socket;
	pipe(my $read, my $write);
	for my $n (1 .. ${processes}) {
		next if fork;
		my @kept;
		for my $i (0 .. ${each} - 1) {
			socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die "socket: $!";
			my $address = inet_aton("127.$n." . int($i / 250 + 1) . "." . ($i % 250 + 1));
			bind($socket, pack_sockaddr_in(${port}, $address)) or die "bind: $!";
			push @kept, $socket;
		}
		syswrite $write, ".";
		sleep 600;
	}
	sysread $read, my $done, 1 for 1 .. ${processes};
	${STAY}
`;

/** As many sockets on one address and port of the range as the kernel lets share it. */
export const reuseportPile = (port: number, count: number): string => `
	use Socket;
	my @kept;
	for (1 .. ${count}) {
		socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die "socket: $!";
		setsockopt($socket, SOL_SOCKET, 15, pack("i", 1)) or die "SO_REUSEPORT: $!";
		bind($socket, pack_sockaddr_in(${port}, inet_aton("${SERVER4}"))) or die "bind: $!";
		push @kept, $socket;
	}
	${STAY}
`;

/** Sockets in the range on addresses that the host does not have. */
export const freebind = (first: number, ports: number, from: number, to: number): string => `
	use Socket;
	my @kept;
	for my $host (${from} .. ${to}) {
		for my $port (${first} .. ${first + ports - 1}) {
			socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die "socket: $!";
			setsockopt($socket, 0, 15, pack("i", 1)) or die "IP_FREEBIND: $!";
			bind($socket, pack_sockaddr_in($port, inet_aton("198.51.100.$host"))) or die "bind: $!";
			push @kept, $socket;
		}
	}
	${STAY}
`;

/**
 * Genuine mosh-servers that have inherited sockets on loopback, a report for each of these from one process, and then the end
 * of the servers: what is left are leases of nothing.
 */
export const leases = (path: string, servers: number, each: number, first: number): string => `
	const { connect } = require("net");
	const { spawn } = require("child_process");
	const server = \`
		use Socket;
		$^F = 100000;
		my $n = shift;
		for my $i (0 .. ${each} - 1) {
			socket($kept[$i], AF_INET, SOCK_DGRAM, 0) or die;
			bind($kept[$i], pack_sockaddr_in(${first} + $i % 600, inet_aton("127.$n.1." . int(1 + $i / 600)))) or die "$!";
		}
		exec "mosh-server", "new", "-i", "127.0.0.1", "-p", 60990 - $n, "--", "sleep", "600";
	\`;
	let standing = 0;
	const begin = (n) => {
		if (n > ${servers}) return;
		const child = spawn("perl", ["-e", server, String(n)], { stdio: ["ignore", "pipe", "pipe"] });
		let said = "";
		const hear = (data) => { said += data; };
		child.stdout.on("data", hear);
		child.stderr.on("data", hear);
		child.on("close", () => {
			const pid = Number(/pid = (\\d+)/.exec(said)?.[1]);
			if (!pid) return void console.log("no server", said);
			let answered = 0;
			let holder = pid;
			const done = () => {
				if (++answered < ${each}) return;
				for (const each of [pid, holder]) try { process.kill(each, "SIGKILL"); } catch {}
				if (n === ${servers}) console.log("ready", standing);
				setTimeout(begin, 100, n + 1);
			};
			let i = 0;
			const next = () => {
				if (i === ${each}) return;
				const port = ${first} + i % 600;
				const address = "127." + n + ".1." + (1 + Math.floor(i / 600));
				i++;
				const socket = connect("${path}");
				let finished = false;
				const finish = () => {
					if (finished) return;
					finished = true;
					done();
					next();
				};
				socket.on("data", (data) => { if (/"open"|"refused"/.test(data)) standing++; finish(); });
				socket.on("error", () => {});
				socket.on("close", finish);
				socket.write(JSON.stringify({ v: 1, type: "report", family: "ipv4", address, port, pid: holder }) + "\\n");
				setTimeout(() => {
					if (finished) return;
					console.log("ready: the guard does not answer any more", standing);
					finish();
				}, 2000);
			};
			// Only a report about a holder that the guard has met, with the pid that it believes, is a lease that stays.
			setTimeout(() => {
				const socket = connect("${path}");
				let status = "";
				socket.on("error", () => {});
				socket.on("data", (data) => {
					status += data;
					if (!status.includes("\\n")) return;
					const { ports = [] } = JSON.parse(status.slice(0, status.indexOf("\\n"))).status ?? {};
					holder = ports.find(({ address }) => address === "127." + n + ".1.1")?.pid ?? pid;
					socket.destroy();
				});
				socket.on("close", () => { for (let k = 0; k < 20; k++) next(); });
				socket.write('{"v":1,"type":"status"}\\n');
			}, 300);
		});
	};
	begin(1);
	// A guard that is busy with them already: others suffer from the rest.
	setTimeout(() => console.log("ready: so far", standing), 30_000);
	setTimeout(() => {}, 6e5);
`;

/** `connections` connections that each send \`line\` as often as they may, and come again when they are dropped. */
export const talkers = (
	path: string,
	connections: number,
	line: string,
	perSecond: number,
	reads = true,
): string => `
	const { connect } = require("net");
	const talk = () => {
		const socket = connect("${path}");
		const timer = setInterval(() => socket.write(${JSON.stringify(`${line}\n`)}), ${1000 / perSecond});
		socket.on("connect", () => socket.write(${JSON.stringify(`${line}\n`)}.repeat(${reads ? 1 : 20})));
		${reads ? 'socket.on("data", () => {});' : "socket.pause();"}
		socket.on("error", () => {});
		socket.on("close", () => {
			clearInterval(timer);
			setTimeout(talk, 20);
		});
	};
	for (let n = 0; n < ${connections}; n++) talk();
	console.log("ready");
`;

/** `line` on a connection of its own, so many times a second. */
export const singles = (path: string, line: string, perSecond: number): string => `
	const { connect } = require("net");
	setInterval(() => {
		const socket = connect("${path}");
		socket.on("error", () => {});
		socket.on("data", () => socket.destroy());
		socket.write(${JSON.stringify(`${line}\n`)});
	}, ${1000 / perSecond});
	console.log("ready");
`;

/** Connections that say nothing and are replaced when they are dropped. */
export const idlers = (path: string, connections: number): string => `
	const { connect } = require("net");
	const stay = () => {
		const socket = connect("${path}");
		socket.on("error", () => {});
		socket.on("close", () => setTimeout(stay, 50));
	};
	for (let n = 0; n < ${connections}; n++) stay();
	console.log("ready");
`;

/** Connects and hangs up, as fast as one process can. */
export const connectFlood = (path: string, processes: number): string => `
	use Socket;
	for (2 .. ${processes}) { last unless fork }
	$| = 1;
	print "ready\\n";
	my $until = time + 120;
	while (time < $until) {
		for (1 .. 500) {
			socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or die;
			$socket->blocking(0);
			connect($socket, pack_sockaddr_un("${path}"));
		}
	}
`;

/** Reports about the ports that others will have next: `each` for every port, for ever. */
export const liars = (path: string, ports: readonly number[], each: number): string => `
	const { connect } = require("net");
	const lie = (port) => {
		const socket = connect("${path}");
		socket.on("error", () => {});
		socket.on("data", () => {});
		socket.on("close", () => setTimeout(lie, 20, port));
		socket.write(JSON.stringify({ v: 1, type: "report", family: "ipv4", address: "${SERVER4}", port, pid: process.pid }) + "\\n");
	};
	for (const port of ${JSON.stringify(ports)}) for (let n = 0; n < ${each}; n++) lie(port);
	console.log("ready");
`;

/** Many sockets in the range whose holder becomes another program again and again; whoever may, says "look anew" each time. */
export const changingHolder = (path: string, first: number, ports: number, rounds: number): string => `
	use Socket;
	$^F = 100000;
	my @kept;
	for my $port (${first} .. ${first + ports - 1}) {
		socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die;
		bind($socket, pack_sockaddr_in($port, inet_aton("${SERVER4}"))) or die "bind: $!";
		push @kept, $socket;
	}
	sub look {
		socket(my $socket, AF_UNIX, SOCK_STREAM, 0) or die;
		connect($socket, pack_sockaddr_un("${path}")) or return;
		syswrite $socket, qq({"v":1,"type":"sync"}\\n);
		sysread $socket, my $answer, 65536;
	}
	$| = 1;
	print "ready\\n";
	for my $n (1 .. ${rounds}) {
		my $said = qx(mosh-server new -i 127.0.0.1 -p @{[60990 - $n]} -- sleep 600 2>&1 </dev/null);
		my ($pid) = $said =~ /pid = (\\d+)/ or next;
		select undef, undef, undef, 0.3;
		look();
		system("pkill -9 -P $pid; kill -9 $pid");
		select undef, undef, undef, 0.1;
		look();
	}
	sleep 600;
`;

/** Sockets of the range that come and go, as fast as they can. */
export const socketEnds = (processes: number, each: number): string => `
	use Socket;
	$| = 1;
	my $first = 1;
	for my $n (1 .. ${processes}) {
		next if fork;
		print "ready\\n" if $n == 1;
		my $at = pack_sockaddr_in(${60900} + $n, inet_aton("127.0.0.1"));
		for (1 .. ${each}) {
			socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die;
			bind($socket, $at);
		}
		sleep 600;
	}
	sleep 600;
`;

/** Terminals that come and go, as fast as they can. */
export const ptys = (processes: number, seconds: number): string => `
	$| = 1;
	for (2 .. ${processes}) { last unless fork }
	print "ready\\n";
	my $until = time + ${seconds};
	while (time < $until) {
		for (1 .. 100) { open(my $pty, "+<", "/dev/ptmx") or last }
	}
	sleep 600;
`;

/** Reports another user's socket as if it were that user's own server, and tells of a client that there never was. */
export const forger = (path: string, port: number, pid: number): string => `
	const { connect } = require("net");
	const socket = connect("${path}");
	socket.on("error", () => {});
	socket.on("close", () => console.log("ready"));
	socket.on("data", () => {
		socket.write('{"v":1,"type":"update","client":{"address":"6.6.6.6","port":6},"silentMs":8640000000,"idleMs":8640000000}\\n');
		setTimeout(() => console.log("ready"), 300);
	});
	socket.write(JSON.stringify({ v: 1, type: "report", family: "ipv4", address: "${SERVER4}", port: ${port}, pid: ${pid} }) + "\\n");
	setTimeout(() => {}, 6e5);
`;
