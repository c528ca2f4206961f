/**
 * Lines packed: their words one behind the other, without an object for each and without what is blank at their end. A line
 * of `y` takes 16 bytes instead of 1,500, so a flood of them stays within the processor's cache.
 */
import { isEmpty } from "./cell-moves.js";
import { CELL, COMBINED_BIT, EXTENDED_BIT, type Line, WIDTH_SHIFT } from "./internals.js";

/** Words of a block (16 KiB): at least one line of 1000 columns. Blocks come as they are needed and are used again. */
const BLOCK = 1 << 12;
const BLOCK_BYTES = BLOCK * Uint32Array.BYTES_PER_ELEMENT;
/**
 * Bytes that are allocated at once, for several blocks: from 128 KiB on (MALLOC_MMAP_THRESHOLD_ in bin/mosh-server) memory that is
 * given up goes back to the system, and what is not used yet takes none.
 */
const POOL_BYTES = 16 * BLOCK_BYTES;
/** Blocks kept for further lines. More become free when lines become shorter, or all are dropped at once. */
const MAX_SPARES = POOL_BYTES / BLOCK_BYTES;

/** What a packed line begins with: the number of its cells that are kept, that of its columns, and these. */
const COLUMNS_SHIFT = 10;
const CELLS_MASK = (1 << COLUMNS_SHIFT) - 1;
const WRAPPED = 1 << (2 * COLUMNS_SHIFT);
/** The cells that are not kept are like the last that is. */
const REPEATS = WRAPPED << 1;
/** Stands for several lines: how many, the word after the cells says. */
const SEVERAL = REPEATS << 1;

/** Far below what a word holds, and far above what is added at once. */
const MAX_COUNT = 1 << 30;

/** First word of a blank cell of one column; the others are 0. */
const BLANK = 1 << WIDTH_SHIFT;

/** More are copied by a function, whose call takes as long as copying so many. */
const FEW_CELLS = 10;

/** Of a line, at most 1000 cells, what can be packed. */
export type Packable = Pick<Line, "_data" | "length" | "isWrapped" | "_combined" | "_extendedAttrs">;

interface Block {
	/** Its first line. */
	readonly first: number;
	readonly words: Uint32Array;
}

/** Lines have consecutive numbers, from 0 on. */
export class PackedLines {
	readonly #most: number;
	readonly #onBlock: (bytes: number) => void;
	readonly #blocks: Block[] = [];
	/** Words of the newest block, and how many are used. */
	#block: Uint32Array = new Uint32Array(0);
	#used = BLOCK;
	/** Memory for further blocks, from `#pooled` on. */
	#pool: ArrayBuffer | undefined;
	#pooled = 0;
	/** Words of blocks that are no longer needed, of which a flood makes use again: others would lie in memory between those needed. */
	readonly #spares: Uint32Array[] = [];
	/** What the last lines are, if they were appended together. */
	#several: Packable | undefined;
	#end = 0;
	/** Lines before this one were dropped. */
	#dropped = 0;
	/** Of the line last read. */
	#words = new Uint32Array(0);

	/**
	 * @param most lines that are kept
	 * @param onBlock called before another block is taken, which has so many bytes
	 */
	constructor(most: number, onBlock: (bytes: number) => void) {
		this.#most = most;
		this.#onBlock = onBlock;
	}

	/** The oldest line that is kept. */
	get first(): number {
		return Math.max(this.#dropped, this.#end - this.#most);
	}

	/** The number of the next line. */
	get end(): number {
		return this.#end;
	}

	/** Of all blocks. */
	get bytes(): number {
		return this.#blocks.length * BLOCK_BYTES;
	}

	/**
	 * Appends a line, of which only the first `cells` count: those after them are blank.
	 * @param repeats those after them are like the last of them instead
	 * @returns false, without doing anything, if some may have more than their words
	 */
	append(line: Packable, cells: number, repeats: boolean): boolean {
		const { _data: words } = line;
		const length = cells * CELL;
		if (this.#used + length >= BLOCK) {
			this.#startBlock();
		}
		const block = this.#block;
		const header = this.#used;
		const at = header + 1;
		if (cells > FEW_CELLS) {
			if (!isEmpty(line._combined) || !isEmpty(line._extendedAttrs)) {
				return false;
			}
			// Making a view of some takes longer than copying all.
			block.set(at + words.length <= BLOCK ? words : words.subarray(0, length), at);
		} else {
			let bits = 0;
			// A cell at a time takes half as long as a word at a time.
			for (let word = 0; word < length; word += CELL) {
				const text = words[word] as number;
				const background = words[word + 2] as number;
				bits |= (text & COMBINED_BIT) | (background & EXTENDED_BIT);
				block[at + word] = text;
				block[at + word + 1] = words[word + 1] as number;
				block[at + word + 2] = background;
			}
			if (bits !== 0) {
				return false;
			}
		}
		const flags = (line.isWrapped ? WRAPPED : 0) | (repeats ? REPEATS : 0);
		block[header] = cells | (line.length << COLUMNS_SHIFT) | flags;
		this.#used = at + length;
		this.#end++;
		this.#several = undefined;
		return true;
	}

	/** Appends `count` lines whose cells are all like the first of `line`, which does not change and has only words. */
	appendSeveral(line: Packable, count: number): void {
		if (line !== this.#several || (this.#block[this.#used - 1] as number) > MAX_COUNT) {
			if (this.#used + CELL + 1 >= BLOCK) {
				this.#startBlock();
			}
			const header = this.#used;
			this.append(line, 1, true);
			this.#block[header] = (this.#block[header] as number) | SEVERAL;
			this.#block[this.#used++] = 0;
			this.#end--;
			this.#several = line;
		}
		const at = this.#used - 1;
		this.#block[at] = (this.#block[at] as number) + count;
		this.#end += count;
	}

	/** Drops all lines before `line`. */
	dropBefore(line: number): void {
		this.#dropped = Math.max(this.#dropped, Math.min(line, this.#end));
		this.#release();
	}

	isWrapped(line: number): boolean {
		const { words, at } = this.#find(line);
		return ((words[at] as number) & WRAPPED) !== 0;
	}

	/** The width of a line, and all its words, which are valid until the next is read. */
	read(line: number): { readonly columns: number; readonly words: Uint32Array } {
		const { words: block, at } = this.#find(line);
		const header = block[at] as number;
		const columns = (header >>> COLUMNS_SHIFT) & CELLS_MASK;
		const length = (header & CELLS_MASK) * CELL;
		if (this.#words.length !== columns * CELL) {
			this.#words = new Uint32Array(columns * CELL);
		}
		const words = this.#words;
		words.set(block.subarray(at + 1, at + 1 + length));
		const repeats = (header & REPEATS) !== 0;
		for (let word = length; word < words.length; word++) {
			words[word] = repeats ? (words[word - CELL] as number) : word % CELL === 0 ? BLANK : 0;
		}
		return { columns, words };
	}

	#startBlock(): void {
		this.#release();
		this.#onBlock(BLOCK_BYTES);
		this.#block = this.#spares.pop() ?? this.#newBlock();
		this.#blocks.push({ first: this.#end, words: this.#block });
		this.#used = 0;
	}

	#newBlock(): Uint32Array {
		if (this.#pool === undefined || this.#pooled === POOL_BYTES) {
			this.#pool = new ArrayBuffer(POOL_BYTES);
			this.#pooled = 0;
		}
		const block = new Uint32Array(this.#pool, this.#pooled, BLOCK);
		this.#pooled += BLOCK_BYTES;
		return block;
	}

	/** Takes back blocks all of whose lines were dropped. */
	#release(): void {
		const { first } = this;
		while (this.#blocks.length > 0 && (this.#blocks[1]?.first ?? this.#end) <= first) {
			const { words } = this.#blocks.shift() as Block;
			if (this.#spares.length < MAX_SPARES) {
				this.#spares.push(words);
			}
		}
		if (this.#blocks.length === 0) {
			this.#used = BLOCK;
			this.#several = undefined;
		}
	}

	/** Where a line is. */
	#find(line: number): { readonly words: Uint32Array; readonly at: number } {
		let [low, high] = [0, this.#blocks.length - 1];
		while (low < high) {
			const middle = (low + high + 1) >> 1;
			if ((this.#blocks[middle] as Block).first <= line) {
				low = middle;
			} else {
				high = middle - 1;
			}
		}
		const { first, words } = this.#blocks[low] as Block;
		let [at, next] = [0, first];
		for (;;) {
			const header = words[at] as number;
			const several = (header & SEVERAL) !== 0;
			const behind = at + 1 + (header & CELLS_MASK) * CELL;
			next += several ? (words[behind] as number) : 1;
			if (next > line) {
				return { words, at };
			}
			at = behind + (several ? 1 : 0);
		}
	}
}
