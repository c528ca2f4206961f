/** The escape-sequence state machine of protocol §5.3: code points in, actions out. */

/** What the parser recognised; strings of parameters and functions are bounded. */
export interface ParserActions {
	print(codePoint: number): void;
	/** A C0 or C1 control (C1 as U+0080-9F). */
	execute(control: number): void;
	/** `function_` is private marker, intermediates and final, in that order. */
	csi(parameters: string, function_: string): void;
	/** `function_` is intermediates and final. */
	escape(function_: string): void;
	osc(command: string): void;
}

type State =
	| "ground"
	| "escape"
	| "escapeIntermediate"
	| "csiEntry"
	| "csiParameters"
	| "csiIntermediate"
	| "csiIgnore"
	| "osc"
	| "ignoredString";

const MAX_PARAMETER_CHARACTERS = 100;
const MAX_FUNCTION_CHARACTERS = 8;
const MAX_OSC_CODE_POINTS = 16384;

const BEL = 0x07;
const CAN = 0x18;
const SUB = 0x1a;
const ESC = 0x1b;
const DCS = 0x90;
const CSI = 0x9b;
const STRING_TERMINATOR = 0x9c;
const OSC = 0x9d;
const SOS = 0x98;
const PM = 0x9e;
const APC = 0x9f;

/** C1 controls that open something; each is also ESC and the character 0x40 below. */
const C1_OPENERS: ReadonlyMap<number, State> = new Map<number, State>([
	[CSI, "csiEntry"],
	[OSC, "osc"],
	[DCS, "ignoredString"],
	[SOS, "ignoredString"],
	[PM, "ignoredString"],
	[APC, "ignoredString"],
]);
const ESCAPE_OPENERS: ReadonlyMap<number, State> = new Map(
	[...C1_OPENERS].map(([c1, state]) => [c1 - 0x40, state]),
);

export class Parser {
	private state: State = "ground";
	private parameters = "";
	private collected = "";
	private oscCodePoints: number[] = [];

	private readonly actions: ParserActions;

	constructor(actions: ParserActions) {
		this.actions = actions;
	}

	get inGround(): boolean {
		return this.state === "ground";
	}

	/** A parser in the same state that reports to `actions`. */
	cloneFor(actions: ParserActions): Parser {
		const copy = new Parser(actions);
		copy.state = this.state;
		copy.parameters = this.parameters;
		copy.collected = this.collected;
		copy.oscCodePoints = [...this.oscCodePoints];
		return copy;
	}

	input(codePoint: number): void {
		if (this.anywhere(codePoint)) {
			return;
		}
		// Everything above the controls moves the machine as the letter A would, but keeps its own identity.
		const symbol = codePoint >= 0xa0 ? 0x41 : codePoint;
		switch (this.state) {
			case "ground":
				if (symbol < 0x20) {
					this.actions.execute(codePoint);
				} else {
					this.actions.print(codePoint);
				}
				return;
			case "osc":
				this.inOsc(codePoint);
				return;
			case "ignoredString":
				return;
			default:
				if (symbol < 0x20) {
					this.actions.execute(codePoint);
				} else if (symbol === 0x7f) {
					return;
				} else if (this.state === "escape" || this.state === "escapeIntermediate") {
					this.inEscape(symbol, codePoint);
				} else {
					this.inCsi(symbol, codePoint);
				}
		}
	}

	/** Transitions that hold in every state; true if the code point was used up. */
	private anywhere(codePoint: number): boolean {
		const isC1 = codePoint >= 0x80 && codePoint <= 0x9f;
		if (codePoint !== CAN && codePoint !== SUB && codePoint !== ESC && !isC1) {
			return false;
		}
		this.leaveOsc();
		const opens = codePoint === ESC ? "escape" : C1_OPENERS.get(codePoint);
		if (opens !== undefined) {
			this.enter(opens);
		} else {
			this.state = "ground";
			if (codePoint !== STRING_TERMINATOR) {
				this.actions.execute(codePoint);
			}
		}
		return true;
	}

	private enter(state: State): void {
		this.state = state;
		this.parameters = "";
		this.collected = "";
		this.oscCodePoints = [];
	}

	private leaveOsc(): void {
		if (this.state !== "osc") {
			return;
		}
		this.state = "ground";
		this.actions.osc(String.fromCodePoint(...this.oscCodePoints));
	}

	private inOsc(codePoint: number): void {
		if (codePoint === BEL) {
			this.leaveOsc();
		} else if (codePoint >= 0x20 && this.oscCodePoints.length < MAX_OSC_CODE_POINTS) {
			this.oscCodePoints.push(codePoint);
		}
	}

	private inEscape(symbol: number, codePoint: number): void {
		if (symbol < 0x30) {
			this.collect(codePoint);
			this.state = "escapeIntermediate";
			return;
		}
		const opens = this.state === "escape" ? ESCAPE_OPENERS.get(codePoint) : undefined;
		if (opens !== undefined) {
			this.enter(opens);
			return;
		}
		this.collect(codePoint);
		this.state = "ground";
		this.actions.escape(this.collected);
	}

	private inCsi(symbol: number, codePoint: number): void {
		if (symbol >= 0x40) {
			const ignored = this.state === "csiIgnore";
			this.state = "ground";
			this.collect(codePoint);
			if (!ignored) {
				this.actions.csi(this.parameters, this.collected);
			}
		} else if (this.state === "csiIgnore") {
			return;
		} else if (symbol < 0x30) {
			this.collect(codePoint);
			this.state = "csiIntermediate";
		} else if (this.state === "csiIntermediate" || symbol === 0x3a) {
			this.state = "csiIgnore";
		} else if (symbol >= 0x3c) {
			if (this.state === "csiEntry") {
				this.collect(codePoint);
				this.state = "csiParameters";
			} else {
				this.state = "csiIgnore";
			}
		} else {
			if (this.parameters.length < MAX_PARAMETER_CHARACTERS) {
				this.parameters += String.fromCodePoint(codePoint);
			}
			this.state = "csiParameters";
		}
	}

	private collect(codePoint: number): void {
		if (this.collected.length < MAX_FUNCTION_CHARACTERS) {
			this.collected += String.fromCodePoint(codePoint);
		}
	}
}
