/**
 * A server and a client, each in a network namespace, with a router between them that carries less than they think and tells
 * nobody: its ICMP is filtered.
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

export const ROUTED4 = "10.78.0.1";
export const ROUTED6 = "fd78::1";

const SET_UP = `
ip link add server0 type veth peer name eth0 netns "$1"
ip link add client0 type veth peer name eth0 netns "$2"
sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
address() { ip addr add "$1" dev "$2"; ip addr add "$3" dev "$2" nodad; ip link set "$2" up; }
address 10.78.0.254/24 server0 fd78::fe/64
address 10.78.1.254/24 client0 fd78:1::fe/64
for host in "$1 0" "$2 1"; do
	set -- $host
	six=fd78; [ "$2" = 0 ] || six=fd78:1
	nsenter -t "$1" -n ip addr add 10.78.$2.1/24 dev eth0
	nsenter -t "$1" -n ip addr add $six::1/64 dev eth0 nodad
	nsenter -t "$1" -n ip link set eth0 up
	nsenter -t "$1" -n ip route add default via 10.78.$2.254
	nsenter -t "$1" -n ip route add default via $six::fe
done
`;

/** IPv6 has no links of less than 1280 bytes: what is too long for one vanishes by a rule, for both families alike. */
const rules = (mtu: number) => `
table inet narrow {
	chain forward {
		type filter hook forward priority filter
		udp sport 60001-65535 meta length > ${mtu} counter drop comment "too long"
	}
}`;

export class NarrowPath {
	readonly #hosts: readonly ChildProcess[];

	private constructor(hosts: readonly ChildProcess[]) {
		this.#hosts = hosts;
	}

	static async start(): Promise<NarrowPath> {
		const hosts = [0, 1, 2].map(() =>
			spawn("unshare", ["--net", "sh", "-euc", "ip link set lo up; echo ready; exec cat"], {
				stdio: ["pipe", "pipe", "inherit"],
			}),
		);
		await Promise.all(hosts.map(({ stdout }) => stdout && once(stdout, "data")));
		const path = new NarrowPath(hosts);
		const [, server, client] = hosts.map(({ pid }) => String(pid));
		path.#onRouter("sh", "-euc", SET_UP, "path", server as string, client as string);
		return path;
	}

	get serverSide(): readonly string[] {
		return this.#within(1);
	}

	get clientSide(): readonly string[] {
		return this.#within(2);
	}

	/** From now on, datagrams of the server that make longer packets vanish; none have so far. */
	carry(mtu: number): void {
		this.#onRouter("nft", `flush ruleset; ${rules(mtu)}`);
	}

	/** How many datagrams have vanished. */
	lost(): number {
		const listing = this.#onRouter("nft", "list", "chain", "inet", "narrow", "forward");
		return Number(/counter packets (\d+)/.exec(listing)?.[1]);
	}

	/** The server's own link carries no more than this: its kernel refuses to send longer datagrams. */
	shrinkServerLink(mtu: number): void {
		execFileSync("nsenter", [...this.#within(1).slice(1), "ip", "link", "set", "eth0", "mtu", String(mtu)]);
	}

	close(): void {
		for (const { stdin } of this.#hosts) {
			stdin?.end();
		}
	}

	#within(host: number): readonly string[] {
		return ["nsenter", `--net=/proc/${this.#hosts[host]?.pid}/ns/net`, "--"];
	}

	#onRouter(...command: readonly string[]): string {
		const [program = "", ...words] = [...this.#within(0), ...command];
		return execFileSync(program, words, { encoding: "utf8" });
	}
}
