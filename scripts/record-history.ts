/**
 * Writes docs/history.svg: what a person sees who looks back in a session, recorded anew with the stock mosh-client and our
 * server, on loopback. Needs no root.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loginEnvironment, makeHome, startServer } from "../test/support/mosh-server.js";
import { needsTools } from "../test/support/requirements.js";
import { textOf } from "./recording/frame.js";
import { RecordedTerminal } from "./recording/recorded-terminal.js";
import { paced } from "./recording/timing.js";
import { writeRecording } from "./recording/write.js";

const SIZE = { columns: 76, rows: 13 };
const PROMPT = "alice@server:~$";
const [OPEN, PAGE_UP, ENTER] = ["\x1e[", "\x1b[5~", "\r"];
const GLANCE_MS = 1200;
const KEY_MS = 250;
/** To read a whole screen. */
const READ_MS = 2500;
const PAUSE_MS = 4000;

/** What a build might print, an error in the middle of it. */
const BUILD = Array.from({ length: 60 }, (_, index) => {
	const step = `[${String(index + 1).padStart(2)}/60]`;
	return index === 21
		? `${step} \x1b[31merror:\x1b[m undefined reference to 'timer_start'`
		: `${step} \x1b[32mcompiled\x1b[m part-${String(index + 1).padStart(2, "0")}.o`;
});

const missing = needsTools("mosh-client", "bash");
if (missing !== false) {
	console.error(`docs/history.svg is left as it is: ${missing}`);
	process.exit(1);
}

const home = makeHome();
writeFileSync(join(home.path, ".bash_profile"), `PATH=~:$PATH; PS1='${PROMPT} '; unset HISTFILE\n`);
writeFileSync(join(home.path, "build"), `#!/bin/sh\ncat <<'END'\n${BUILD.join("\n")}\nEND\n`, {
	mode: 0o755,
});
const server = await startServer({ server: "ours", home: home.path });
const terminal = new RecordedTerminal("mosh-client", ["127.0.0.1", String(server.port)], SIZE, {
	...loginEnvironment(home.path),
	MOSH_KEY: server.key,
	MOSH_PREDICTION_DISPLAY: "never",
	TERM: "xterm-256color",
});
try {
	await terminal.see(PROMPT);
	await terminal.type("build", GLANCE_MS);
	await terminal.see(/60\/60.*\$ $/s);
	await terminal.press([OPEN], READ_MS);
	await terminal.see("History:");
	await terminal.press([PAGE_UP], GLANCE_MS);
	await terminal.press(["?", ..."error"], KEY_MS);
	await terminal.see(/undefined.*\?error/s);
	await terminal.press([ENTER], GLANCE_MS);
	await terminal.see(/undefined.*History:/s);
	await terminal.press(["q"], READ_MS);
	await terminal.see(/60\/60.*\$ $/s);
	const frames = paced(terminal.frames);
	const still = frames.findLastIndex((frame) => /undefined.*History:/s.test(textOf(frame)));
	const title =
		"Looking back in a mosh session: Ctrl-^ [ shows what has left the screen, ? finds the error above, q goes back.";
	writeRecording("docs/history.svg", frames, { title, still, pauseMs: PAUSE_MS });
} finally {
	terminal.close();
	await server.stop();
	home.remove();
}
