/**
 * Records what programs of today write to a terminal, and what tmux shows of it: test/fixtures/programs. Each runs in namespaces
 * of its own, so that no name, path or process of this machine is in it. Needs root and the programs (scripts/setup.sh record).
 * Usage: npx tsx scripts/record-programs.ts [NAME...]
 * RECORD_ROOT: the folder of another Debian release, such as debootstrap makes, whose programs are recorded.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { needsRoot, needsTools } from "../test/support/requirements.js";
import { TmuxTerminal } from "../test/support/tmux.js";
import { sleep } from "../test/support/wait.js";

const TARGET = new URL("../test/fixtures/programs/", import.meta.url);
/** A program that has written nothing for so long (ms) waits for a key. */
const QUIET_MS = 700;

interface Recording {
	readonly tool: string;
	readonly command: string;
	/** Keys by tmux's names, or `"text` to type it. After each step the screen is kept. */
	readonly steps: readonly (readonly string[])[];
}

const RECORDINGS: Readonly<Record<string, Recording>> = {
	neovim: {
		tool: "nvim",
		command: "nvim --clean -n --cmd 'set termguicolors' -c 'set number cursorline mouse=a' demo.c",
		steps: [
			['"/count', "Enter", '"nOint wörd = "漢字"; /* 👍 e\u0301 */'],
			["Escape", '":vsplit', "Enter", '"Gvkkk'],
			["Escape", '"o co', "C-n", "C-n"],
			["Escape", '"u:set list nonumber', "Enter", '":%s/int/long/gc', "Enter", '"y'],
		],
	},
	kakoune: {
		tool: "kak",
		command: "kak -n demo.c",
		steps: [
			['"%sint', "Enter", '"clong', "Escape"],
			['":', '"set-option w', "Tab"],
			["Escape", '"ggGe'],
			['"gjjji漢字 👍', "Escape"],
		],
	},
	emacs: {
		tool: "emacs",
		command: "emacs -nw -Q demo.c",
		steps: [
			["C-x", "2", "C-n", "C-Space", "M->"],
			["C-g", "M-<", "C-s", '"int'],
			["Escape", "Escape", "M-x", '"menu-bar-open', "Enter"],
			["C-g", "C-x", "3", '"wörd 漢字 ', "M-x", '"count-w', "Tab"],
		],
	},
	tmux: {
		tool: "tmux",
		command:
			"printf 'set -s set-clipboard on\\nset -as terminal-features ,xterm-256color:clipboard\\nset -g mode-keys vi\\nset -g status-right demo\\nset -g automatic-rename off\\n' >tmux.conf; TMUX_TMPDIR=. tmux -f tmux.conf new-session 'PS1=\"\\$ \" sh'",
		steps: [
			['"seq 1 40; cat wide.txt', "Enter"],
			["C-b", '"[', "Up", "Up", "Space", "Up"],
			["Enter", "C-b", '"%'],
			["C-b", '"w'],
		],
	},
	fish: {
		tool: "fish",
		command: "env HOME=$PWD SHELL=/usr/bin/fish fish --private",
		steps: [
			['"set greeting "hi" $ho'],
			["C-c", '"function wörd', "Enter", '"echo 漢字 | string upper', "Enter", '"end', "Enter"],
			['"ls -', "Tab", "Tab", "Down"],
			["Escape", "C-u", '"for i in (seq 3); echo $i; end', "Enter"],
		],
	},
	htop: {
		tool: "htop",
		command: "sleep 1000 & sleep 1000 & htop -d 100",
		steps: [["F5"], ["F3", '"sle'], ["Escape", "F2", "Down"], ["F10"]],
	},
	mc: {
		tool: "mc",
		command: "env HOME=$PWD mc --nosubshell --nomouse . .",
		steps: [
			["Down", "Down"],
			["F9", "Down", "Down"],
			["Escape", "Escape", "F5"],
			["Escape", "Escape", "End", "F3", "F4"],
		],
	},
	less: {
		tool: "less",
		command: "less -R -N --use-color colours.txt",
		steps: [
			["Space", "Space"],
			['"/line 4', "Enter"],
			["k", "k", "k", "Right"],
			["Left", "G"],
		],
	},
};

/** A host of its own with the files that the programs are shown with; $0 is the command. */
const HOST = `
	hostname demo; mount -t tmpfs tmpfs /tmp; mount -t tmpfs tmpfs /srv; mkdir /srv/demo; cd /srv/demo
	{ echo '/* counts */'; echo '#include <stdio.h>'; echo; for at in 1 2 3 4 5 6 7 8 9; do
		printf 'static int count_%s(const char *text)\\n{\\n\\tint count = %s;\\n\\twhile (*text != 0) count += *text++ == 32;\\n\\treturn count;\\n}\\n\\n' $at $at
	done; } >demo.c
	printf 'wide: 漢字 かな 한글 👍 ｆｕｌｌ\\ncombining: e\\314\\201 a\\314\\210 o\\314\\202\\n' >wide.txt
	for at in $(seq 1 60); do printf '\\033[%sm line %s \\033[48;5;%sm 漢字 \\033[1;38;2;%s;99;200m direct \\033[m\\n' $((31 + at % 7)) $at $((16 + at)) $((at * 4)); done >colours.txt
	touch -d 2026-01-02 .; touch -d 2026-01-02 *
	export TERM=xterm-256color LC_ALL=C.UTF-8 HOME=/srv/demo LESSHISTFILE=-
	unset TMUX TMUX_PANE TERM_PROGRAM TERM_PROGRAM_VERSION COLORTERM
	printf '\\033]2;demo\\007'
	eval "$0"
`;

/** The same in the folder of another release; $1 is that folder, $2 the script, $3 the command. */
const IN_FOLDER = `
	mount --rbind /dev "$1/dev"; mount -t proc proc "$1/proc"
	exec chroot "$1" sh -c "$2" "$3"
`;

/** The command line that shows a program on a host of its own. */
function onHost(command: string): string[] {
	const folder = process.env.RECORD_ROOT;
	const unshare = ["unshare", "-muipf"];
	return folder === undefined
		? [...unshare, "--mount-proc", "sh", "-c", HOST, command]
		: [...unshare, "sh", "-c", IN_FOLDER, "sh", folder, HOST, command];
}

async function quiet(terminal: TmuxTerminal): Promise<void> {
	for (let before = -1, now = terminal.output().length; now !== before; ) {
		before = now;
		await sleep(QUIET_MS);
		now = terminal.output().length;
	}
}

async function record(name: string, { command, steps }: Recording): Promise<void> {
	const terminal = await TmuxTerminal.start({ command: onHost(command) });
	try {
		const screens = [];
		await sleep(QUIET_MS);
		for (const step of [[], ...steps]) {
			for (const key of step) {
				await (key.startsWith('"') ? terminal.type(key.slice(1)) : terminal.press(key));
			}
			await quiet(terminal);
			const bytes = terminal.output().length;
			const { styledRows, cursor, title } = await terminal.screen();
			screens.push({ bytes, cursor, title, styledRows });
		}
		const { bytes } = screens.at(-1) ?? { bytes: 0 };
		writeFileSync(new URL(`${name}.bin`, TARGET), terminal.output().subarray(0, bytes));
		writeFileSync(new URL(`${name}.json`, TARGET), `${JSON.stringify(screens, null, "\t")}\n`);
		console.log(`${name}: ${bytes} bytes, ${screens.length} screens`);
	} finally {
		await terminal.close();
	}
}

const wanted = process.argv.slice(2);
const missing = needsRoot() || needsTools("unshare", "tmux");
if (missing !== false) {
	console.error(`nothing is recorded: ${missing}`);
	process.exit(1);
}
mkdirSync(TARGET, { recursive: true });
for (const [name, recording] of Object.entries(RECORDINGS)) {
	const lacks = needsTools(recording.tool);
	if (wanted.length > 0 && !wanted.includes(name)) {
		continue;
	}
	if (lacks !== false) {
		console.error(`${name} is left as it is: ${lacks}`);
		continue;
	}
	await record(name, recording);
}
