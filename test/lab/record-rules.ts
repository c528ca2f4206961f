/**
 * Records what readRules reads of a host, for test/fixtures/firewall/hosts. Usage: tsx record-rules.ts FOLDER SCRIPT…
 * Each script of sh sets up a firewall on a lab host of its own; `HERE` is its folder.
 */

import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { judge } from "../../src/firewall/path/judge.js";
import { readRules } from "../../src/firewall/path/read.js";
import { RecordingCommands } from "../support/recorded-host.js";
import { CLIENT4, SERVER4, SERVER6, startLab } from "./hosts.js";

const [folder = ".", ...scripts] = process.argv.slice(2);
/** Clients that set-ups name, so that the sets which they are looked up in are recorded too. */
const CLIENTS = [undefined, CLIENT4, "198.51.100.7", "203.0.113.5", "100.64.1.1"];

for (const script of scripts) {
	const { server, stop } = await startLab();
	try {
		const text = await readFile(script, "utf8");
		// Lines for what happens while a session is open belong to the set-up here.
		const later = [...text.matchAll(/^#: during=(nft .*?; nft insert[^;]*);/gm)].map(([, line]) => line);
		await server.sh(`HERE=${resolve(dirname(script))}\n${text}\n${later.join("\n")}`);
		const commands = new RecordingCommands(server.commands);
		const net = `/proc/${server.pid}/net`;
		await commands.recordNet(net);
		const rules = await readRules(commands, { net });
		const ports = { first: 60_001, last: 60_001 };
		for (const from of CLIENTS) {
			const way = { interface: "eth0", family: "ipv4", address: SERVER4 } as const;
			await judge(rules, { ways: [way], ports, ...(from && { from }) });
		}
		await judge(rules, { ways: [{ interface: "eth0", family: "ipv6", address: SERVER6 }], ports });
		const file = join(folder, `${basename(script, ".sh")}.json`);
		await writeFile(file, `${JSON.stringify(commands.record, null, "\t")}\n`);
		console.log(file, rules.facts.map(({ sentence }) => sentence).join(" "));
	} catch (error) {
		console.log(`${script}: ${error}`);
	} finally {
		await stop();
	}
}
