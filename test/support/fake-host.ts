/** A host in memory: a socket table and processes, with the kernel's rules that the guard relies on. */

import type { Descriptor, DescriptorSource } from "../../src/guard/kernel/descriptors.js";
import {
	type Executable,
	type ProcessFacts,
	type ProcessTable,
	UnreadableProcess,
} from "../../src/guard/kernel/processes.js";
import type { SocketTable } from "../../src/guard/kernel/sockets.js";
import type { GuardedRange, UdpSocket } from "../../src/guard/kernel/udp-socket.js";
import type { Home } from "../../src/guard/sessions/identity.js";
import { isLoopback } from "../../src/system/addresses.js";

export const MOSH = "/usr/bin/mosh-server";
export const NODE = "/usr/bin/node";
export const SCRIPT = "/usr/lib/mosh-portguard/server.js";
export const HOME: Home = { userNamespace: "user:[1]", netNamespace: "net:[2]" };

const REGULAR_0755 = 0o100755;

interface FakeProcess {
	facts: ProcessFacts;
	sockets: number[];
}

export class FakeHost implements SocketTable, ProcessTable, DescriptorSource {
	sockets: UdpSocket[] = [];
	readonly files = new Map<string, Executable>();
	readonly processes = new Map<number, FakeProcess>();
	/** Processes whose executable and descriptors may not be read. */
	readonly hidden = new Set<number>();
	/** Of each read of the socket table, whether a quick would have done. */
	readonly quickReads: boolean[] = [];
	/** Thrown by reads of the socket table while set. */
	unreadable: Error | undefined;
	/** How often a process's descriptors were read: the costly part. */
	descriptorReads = 0;
	/** How often all processes were listed. */
	processLists = 0;
	/** It does not say which process is the newest. */
	lists = false;
	#known: readonly UdpSocket[] = [];
	#lastPid = 100;
	#lastInode = 5000;

	constructor() {
		for (const path of [MOSH, NODE, SCRIPT, "/usr/bin/bash"]) {
			this.install(path);
		}
	}

	install(path: string, over: Partial<Executable> = {}): Executable {
		const inode = this.files.size + 1 + 1000 * Math.floor(this.#lastInode++);
		const place = { path, deleted: false, inPlace: true, device: 1n, inode: BigInt(inode), links: 1 };
		const file = { ...place, ownerUid: 0, mode: REGULAR_0755, ...over };
		this.files.set(path, file);
		return file;
	}

	/** A process with one UDP socket, as a mosh-server has. */
	serve(port: number, over: Partial<ProcessFacts & UdpSocket> = {}): { pid: number; socket: UdpSocket } {
		const uid = over.uid ?? 1000;
		const { family = "ipv4", address = "192.0.2.1" } = over;
		const socket: UdpSocket = { family, address, port, uid, inode: ++this.#lastInode };
		this.sockets.push(socket);
		return { pid: this.spawn(uid, { ...over, sockets: [socket.inode] }), socket };
	}

	spawn(uid: number, over: Partial<ProcessFacts> & { sockets?: number[] } = {}): number {
		const pid = over.pid ?? ++this.#lastPid;
		const facts: ProcessFacts = {
			pid,
			parent: over.parent ?? 1,
			realUid: over.realUid ?? uid,
			effectiveUid: over.effectiveUid ?? uid,
			savedUid: over.savedUid ?? uid,
			groups: over.groups ?? [uid],
			executable: over.executable ?? (this.files.get(MOSH) as Executable),
			userNamespace: over.userNamespace ?? HOME.userNamespace,
			netNamespace: over.netNamespace ?? HOME.netNamespace,
			commandLine: over.commandLine ?? ["mosh-server", "new"],
		};
		this.processes.set(pid, { facts, sockets: over.sockets ?? [] });
		return pid;
	}

	/** Ends a process; its sockets go with it. */
	kill(pid: number): void {
		const gone = this.processes.get(pid)?.sockets ?? [];
		this.processes.delete(pid);
		this.sockets = this.sockets.filter(({ inode }) => !gone.includes(inode));
	}

	async read({ first, last }: GuardedRange, quick = false): Promise<readonly UdpSocket[]> {
		this.quickReads.push(quick);
		return this.#listed((port) => port >= first && port <= last);
	}

	async readPorts(ports: ReadonlySet<number>): Promise<readonly UdpSocket[]> {
		return this.#listed((port) => ports.has(port) || this.#known.some((known) => known.port === port));
	}

	#listed(isOf: (port: number) => boolean): readonly UdpSocket[] {
		if (this.unreadable !== undefined) {
			throw this.unreadable;
		}
		const listed = this.sockets.filter((socket) => isOf(socket.port) && !isLoopback(socket));
		const same =
			listed.length === this.#known.length && listed.every((socket, i) => socket === this.#known[i]);
		if (!same) {
			this.#known = listed;
		}
		return this.#known;
	}

	pids(): number[] {
		this.processLists++;
		return [...this.processes.keys()];
	}

	newestPid(): number | undefined {
		return this.lists ? undefined : this.#lastPid;
	}

	isProcess(pid: number): boolean {
		return this.processes.has(pid);
	}

	executablePath(pid: number): string | undefined {
		if (this.hidden.has(pid)) {
			throw new UnreadableProcess(`process ${pid}`);
		}
		return this.processes.get(pid)?.facts.executable.path;
	}

	owner(pid: number): number | undefined {
		return this.processes.get(pid)?.facts.realUid;
	}

	describe(pid: number): ProcessFacts | undefined {
		if (this.hidden.has(pid)) {
			throw new UnreadableProcess(`process ${pid}`);
		}
		return this.processes.get(pid)?.facts;
	}

	socketsOf(pid: number): Map<number, Descriptor> {
		this.descriptorReads++;
		const sockets = this.processes.get(pid)?.sockets ?? [];
		return new Map(sockets.map((inode, at) => [inode, { inode, file: String(at) }]));
	}

	hasStill(pid: number, { inode, file }: Descriptor): boolean {
		if (this.hidden.has(pid)) {
			throw new UnreadableProcess(`process ${pid}`);
		}
		return inode !== undefined && this.processes.get(pid)?.sockets[Number(file)] === inode;
	}

	uidOf(pid: number): number | undefined {
		return this.processes.get(pid)?.facts.realUid;
	}

	descriptors(pid: number): readonly number[] {
		return this.processes.get(pid)?.sockets ?? [];
	}

	file(path: string): Executable | undefined {
		return this.files.get(path);
	}
}
