/**
 * Writes docs/session.svg: what a person sees of a login, recorded anew from a real one. Two hosts made of namespaces, on
 * one sshd, nftables that drops by default, the guard and our server; on the other the stock `mosh`, in a shell that this
 * script types into. Needs root; the machine's own network, firewall and files stay as they are.
 */

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SERVER4 } from "../test/lab/hosts.js";
import type { Backend } from "../test/latency/backends.js";
import { LoginHost, needsLoginHost } from "../test/latency/login-host.js";
import { checkout } from "../test/support/mosh-server.js";
import { findTool } from "../test/support/requirements.js";
import { scratchFolder } from "../test/support/scratch.js";
import { clientEnvironment } from "../test/support/sshd.js";
import { textOf } from "./recording/frame.js";
import { RecordedTerminal } from "./recording/recorded-terminal.js";
import { paced } from "./recording/timing.js";
import { writeRecording } from "./recording/write.js";

const SIZE = { columns: 72, rows: 11 };
const AT_HOME = "you@laptop:~$";
const LOGGED_IN = "alice@server:~$";
/** The screen that says most, as the prompt comes back below it. */
const WITH_STATUS = /1 open,.*alice@server:~\$$/s;
/** To read a line or two. */
const GLANCE_MS = 1000;
/** To read a whole screen. */
const READ_MS = 2500;
/** Long enough to notice that it ended. */
const PAUSE_MS = 4000;

/** That of the demonstration. */
const firewall: Backend = {
	name: "nftables",
	firewall: "nftables",
	tools: ["nft"],
	setUp: ({ server }) => server.sh(`nft -f ${checkout}/scripts/demo.nft`),
};

const missing = await needsLoginHost(...firewall.tools);
if (missing !== false) {
	console.error(`docs/session.svg is left as it is: ${missing}`);
	process.exit(1);
}

const host = await LoginHost.start(firewall);
try {
	const frames = paced(await session(host));
	const still = frames.findIndex((frame) => WITH_STATUS.test(textOf(frame).trimEnd()));
	const title =
		"A login with mosh: mosh-portguard status shows its port open while it lasts, and none open after exit.";
	writeRecording("docs/session.svg", frames, { title, still, pauseMs: PAUSE_MS });
} finally {
	await host.close();
}

async function session(host: LoginHost) {
	await dressServer(host);
	const [file = "", ...words] = [...host.onClient, "bash", "--norc", "-i"];
	const terminal = new RecordedTerminal(file, words, SIZE, environmentAtHome(host));
	try {
		await terminal.see(AT_HOME);
		await terminal.type("mosh --server=mosh-portguard-server alice@server", GLANCE_MS);
		await terminal.see(LOGGED_IN);
		await terminal.type("mosh-portguard status", GLANCE_MS);
		await terminal.see(/1 open,.*alice.*\$ $/s);
		await terminal.type("exit", READ_MS);
		await terminal.see(/\[mosh is exiting\.\]\s+you@laptop/);
		await terminal.type("ssh alice@server mosh-portguard status", GLANCE_MS);
		await terminal.see(/0 open,.*\$ $/s);
		return terminal.frames;
	} finally {
		terminal.close();
	}
}

/** Alice finds both programs by their names, as where a package is installed. */
async function dressServer({ installed }: LoginHost): Promise<void> {
	const programs = "/run/programs";
	const home = installed.lab.server.path("/run/home/alice");
	// Debian's bash reads it for the commands of ssh too.
	writeFileSync(join(home, ".bashrc"), `PATH=${programs}:$PATH\n`);
	writeFileSync(join(home, ".bash_profile"), `. ~/.bashrc\nPS1='${LOGGED_IN} '\n`);
	await installed.lab.server.sh(`mkdir ${programs}
		ln -s ${installed.folder}/bin/mosh-portguard ${programs}/mosh-portguard
		ln -s ${installed.folder}/bin/mosh-server ${programs}/mosh-portguard-server`);
}

/** A shell whose ssh knows the server and the key to it, so that nothing but the names has to be typed. */
function environmentAtHome({ sshConfig }: LoginHost): Record<string, string> {
	const folder = scratchFolder();
	const ssh = join(folder, "ssh");
	writeFileSync(ssh, `#!/bin/sh\nexec ${findTool("ssh")} -F ${sshConfig} -o HostName=${SERVER4} "$@"\n`);
	chmodSync(ssh, 0o755);
	return clientEnvironment({
		PATH: `${folder}:${process.env.PATH}`,
		HOME: folder,
		HISTFILE: "/dev/null",
		TERM: "xterm-256color",
		PS1: `${AT_HOME} `,
	});
}
