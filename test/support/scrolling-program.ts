/** Made-up programs whose output a terminal's scrollback has to keep: what shells, builds, pagers and editors print. */
import type { SeededRandom } from "./random.js";

/** What is printed at once, and the pause after it (ms). */
export interface Burst {
	readonly text: string;
	readonly pause: number;
}

const WORDS = [
	"alpha",
	"bet",
	"c",
	"delta-delta",
	"日本語",
	"ünï",
	"x=1",
	"\x1b[1;31mred\x1b[0m",
	"\x1b[44mblue\x1b[m",
];

/** `rows` of the screen it is shown on. */
export function scrollingProgram(random: SeededRandom, rows: number, columns: number): Burst[] {
	let number = 0;
	const words = (most: number): string =>
		Array.from({ length: random.below(most + 1) }, () => WORDS[random.below(WORDS.length)]).join(" ");
	const line = (most = 12): string => `${number++} ${words(most)}`;
	const lines = (count: number, most?: number): string =>
		Array.from({ length: count }, () => `${line(most)}\r\n`).join("");
	const parts: (() => Burst[])[] = [
		() => [{ text: lines(1 + random.below(6)), pause: random.below(60) }],
		() => [{ text: lines(rows + random.below(4 * rows), 5), pause: random.below(200) }],
		() =>
			Array.from({ length: 5 + random.below(10) }, () => ({ text: lines(1), pause: 5 + random.below(25) })),
		() => [{ text: "\r\n".repeat(1 + random.below(2 * rows)), pause: 10 }],
		() => [{ text: "same\r\n".repeat(1 + random.below(3 * rows)), pause: 10 }],
		() => [{ text: `${number++} ${"long ".repeat(random.below(columns))}\r\n`, pause: 15 }],
		() => [{ text: `${number++}${"endless".repeat((rows * columns) / 5)}\r\n`, pause: 30 }],
		// A progress bar.
		() => [
			...Array.from({ length: 8 }, (_, at) => ({ text: `\r[${"#".repeat(at).padEnd(8)}] ${at}`, pause: 12 })),
			{ text: " done\r\n", pause: 5 },
		],
		// A prompt, a command typed key by key, its output.
		() => [
			{ text: "$ ", pause: 20 },
			...[...`run ${number++}`].map((key) => ({ text: key, pause: 15 })),
			{ text: `\r\n${lines(random.below(8))}$ \r\n`, pause: 30 },
		],
		// A line that is corrected after more has followed.
		() => [
			{ text: `${lines(2)}pending\r\n`, pause: 25 },
			{ text: `\x1b[Adone ${number++}  \r\n`, pause: 25 },
		],
		// A status line below a region that scrolls.
		() => [
			{ text: `\x1b7\x1b[1;${rows - 1}r\x1b[${rows};1Hstatus\x1b8\x1b[1A`, pause: 10 },
			...Array.from({ length: 4 }, (_, at) => ({
				text: `${lines(1 + random.below(rows))}\x1b7\x1b[${rows};1Hstatus ${at}\x1b[K\x1b8`,
				pause: 10 + random.below(20),
			})),
			{ text: `\x1b7\x1b[r\x1b[${rows};1H\x1b[K\x1b8`, pause: 10 },
		],
		// An editor, which scrolls on the alternate screen.
		() => [
			{ text: `\x1b[?1049h\x1b[H\x1b[2Jeditor ${number}`, pause: 25 },
			...Array.from({ length: 4 }, (_, at) => ({
				text: `\x1b[${rows};1H\r\n\x1b[${rows};1Hedit ${at}\x1b[1;1H\x1bMtop ${at}`,
				pause: 15,
			})),
			{ text: "\x1b[?1049l", pause: 15 },
		],
		// A full screen without the alternate one. Of a screen that is erased as a whole, some terminals keep the lines.
		() => [{ text: `\x1b[2;1H\x1b[J${number++} menu\r\n\r\nchoose\r\n`, pause: 40 }],
		() => [{ text: `\x1b[2;${rows - 2}r\x1b[${rows - 2};1H\n\n\x1bD\x1b[r\x1b[${rows};1H`, pause: 20 }],
	];
	const bursts: Burst[] = [];
	for (let count = 6 + random.below(10); count > 0; count--) {
		bursts.push(...(parts[random.below(parts.length)]?.() ?? []));
	}
	return [...bursts, { text: "\r\nend\r\n", pause: 0 }];
}
