/** Which sockets a process has open, also another user's, with the one capability that the service has for it. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, closeSync, openSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { build } from "esbuild";
import { KernelDescriptors } from "../../../src/guard/kernel/descriptors.js";
import { needsRoot, needsTools } from "../../support/requirements.js";
import { scratchFolder } from "../../support/scratch.js";

const NOBODY = "65534";

/** What a process of nobody's, with these capabilities, finds among this process's descriptors. */
function foundWith(capabilities: string): Promise<number[]> {
	return printedWith(
		capabilities,
		`[...new KernelDescriptors().descriptors(${process.pid})].filter((inode) => inode !== undefined)`,
	);
}

/** Evaluates an expression there. */
async function printedWith<T>(capabilities: string, expression: string): Promise<T> {
	const folder = scratchFolder();
	chmodSync(folder, 0o755);
	const file = join(folder, "descriptors.mjs");
	const source = new URL("../../../src/guard/kernel/descriptors.ts", import.meta.url).pathname;
	await build({ entryPoints: [source], outfile: file, bundle: true, platform: "node", format: "esm" });
	const script = `
		import { descriptorsIn, isStill, KernelDescriptors } from ${JSON.stringify(file)};
		console.log(JSON.stringify(${expression}));
	`;
	const { stdout, stderr } = spawnSync(
		"setpriv",
		[
			...["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--bounding-set", `-all${capabilities}`],
			...["--inh-caps", `-all${capabilities}`, "--ambient-caps", `-all${capabilities}`],
			...[process.execPath, "--input-type=module", "--eval", script],
		],
		{ encoding: "utf8", cwd: "/" },
	);
	assert.equal(stderr, "");
	return JSON.parse(stdout) as T;
}

describe("the sockets of another user's process", { skip: needsRoot() || needsTools("setpriv") }, () => {
	test("are found by CAP_SYS_PTRACE alone, all that the process itself finds, and not without it", async () => {
		const socket = createSocket("udp4").bind(0, "127.0.0.1");
		await once(socket, "listening");
		const own = [...new KernelDescriptors().descriptors(process.pid)].filter((inode) => inode !== undefined);
		assert.ok(own.length > 0);
		socket.unref();
		// Beside those by which this process speaks to the other.
		const found = new Set(await foundWith(",+sys_ptrace"));
		assert.deepEqual(
			own.filter((inode) => !found.has(inode)),
			[],
		);
		assert.deepEqual(await foundWith(""), []);
		socket.close();
	});

	test("are known to be there still, or no longer, by the same capability", async () => {
		const socket = createSocket("udp4").bind(0, "127.0.0.1");
		await once(socket, "listening");
		const found = `[...descriptorsIn("/proc/${process.pid}")].filter(({ inode }) => inode !== undefined)`;
		for (const [change, expected] of [
			["descriptor", [true]],
			["{ ...descriptor, inode: 1 }", [false]],
			['{ ...descriptor, file: descriptor.file + "0000" }', [false]],
		] as const) {
			const still = await printedWith<boolean[]>(
				",+sys_ptrace",
				`[...new Set(${found}.map((descriptor) => isStill(${change})))]`,
			);
			assert.deepEqual(still, expected);
		}
		socket.close();
	});
});

describe("the sockets of a process", () => {
	const rest: number[] = [];
	after(() => {
		for (const file of rest) {
			closeSync(file);
		}
	});
	for (const [many, others] of [
		["few", 0],
		["more than are listed at once", 300],
	] as const) {
		test(`are all found among ${many} descriptors, in front of them and behind`, async () => {
			const first = createSocket("udp4").bind(0, "127.0.0.1");
			await once(first, "listening");
			for (let opened = 0; opened < others; opened++) {
				rest.push(openSync("/dev/null", "r"));
			}
			const last = createSocket("udp4").bind(0, "127.0.0.1");
			await once(last, "listening");
			const found = [...new KernelDescriptors().descriptors(process.pid)];
			const links = readdirSync("/proc/self/fd").flatMap((name) => {
				try {
					return [readlinkSync(`/proc/self/fd/${name}`)];
				} catch {
					// That of the listing itself.
					return [];
				}
			});
			const sockets = links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []).map(Number);
			assert.deepEqual(new Set(found.filter((inode) => inode !== undefined)), new Set(sockets));
			assert.ok(found.length > others);
			first.close();
			last.close();
		});
	}
});
