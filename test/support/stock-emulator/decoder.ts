/** UTF-8 to code points, malformed input included, the way glibc's mbrtowc and the stock emulator do it together. */

const REPLACEMENT = 0xfffd;
const MAX_CODE_POINT = 0x10ffff;
/** Smallest code point that needs a sequence of this many bytes (index = length). */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000] as const;

/** Length announced by a lead byte, 0 if it cannot start a sequence. glibc still takes the 5- and 6-byte forms. */
function sequenceLength(lead: number): number {
	if (lead < 0xc2 || lead > 0xfd) {
		return 0;
	}
	if (lead < 0xe0) {
		return 2;
	}
	if (lead < 0xf0) {
		return 3;
	}
	if (lead < 0xf8) {
		return 4;
	}
	return lead < 0xfc ? 5 : 6;
}

/**
 * Protocol §5.2. Overlong forms and surrogates are noticed only at their last byte, which is then
 * reconsidered as the start of something new; values above U+10FFFF are one replacement character.
 */
export class Utf8Decoder {
	private length = 0;
	private seen = 0;
	private value = 0;

	get pending(): boolean {
		return this.seen > 0;
	}

	push(byte: number, emit: (codePoint: number) => void): void {
		if (this.seen === 0) {
			this.start(byte, emit);
			return;
		}
		const value = this.value * 64 + (byte & 0x3f);
		const last = this.seen + 1 === this.length;
		const malformed = (byte & 0xc0) !== 0x80 || (last && this.isForbidden(value));
		if (malformed) {
			this.seen = 0;
			emit(REPLACEMENT);
			this.start(byte, emit);
		} else if (last) {
			this.seen = 0;
			emit(value > MAX_CODE_POINT ? REPLACEMENT : value);
		} else {
			this.seen++;
			this.value = value;
		}
	}

	clone(): Utf8Decoder {
		return Object.assign(new Utf8Decoder(), this);
	}

	private start(byte: number, emit: (codePoint: number) => void): void {
		if (byte < 0x80) {
			emit(byte);
			return;
		}
		this.length = sequenceLength(byte);
		if (this.length === 0) {
			emit(REPLACEMENT);
			return;
		}
		this.seen = 1;
		this.value = byte & (0x7f >> this.length);
	}

	private isForbidden(value: number): boolean {
		return value < (SMALLEST[this.length] ?? 0) || (value >= 0xd800 && value <= 0xdfff);
	}
}
