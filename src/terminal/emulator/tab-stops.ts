/**
 * Tab stops of all columns that a screen can have, as in xterm, so that a change of width neither adds nor removes any. A new
 * screen's are shared until a program changes them: a reset, two bytes, sets those of two screens twice, and leaving the
 * alternate screen sets them too; even copying them took longer than all else.
 */
import { MAX_COLUMNS } from "../screen/screen.js";
import type { InputHandler, LineBuffer } from "./internals.js";

const DISTANCE = 8;
const STOP = 1;
/** Searched faster than an object, also when there is no stop. */
const INITIAL = Uint8Array.from({ length: MAX_COLUMNS }, (_, column) => (column % DISTANCE === 0 ? STOP : 0));

/** Parameters of TBC. */
const [AT_CURSOR, ALL] = [0, 3];

/** Classes of xterm.js already patched, which affects all of its terminals. */
const prepared = new WeakSet<object>();

/** Patches the classes of a new terminal, and gives its screens their stops. */
export function setTabStopsFast(handler: InputHandler): void {
	const { normal, alt } = handler._bufferService.buffers;
	const screens = [normal, alt];
	const buffers = Object.getPrototypeOf(normal) as LineBuffer;
	if (!prepared.has(buffers)) {
		prepared.add(buffers);
		patch(buffers, Object.getPrototypeOf(handler) as InputHandler);
	}
	for (const screen of screens) {
		screen.setupTabStops();
	}
}

function patch(buffers: LineBuffer, handlers: InputHandler): void {
	handlers.tabSet = function () {
		const buffer = this._activeBuffer;
		ownStops(buffer)[buffer.x] = STOP;
		return true;
	};
	buffers.setupTabStops = function (from) {
		if (from === undefined || !(this.tabs instanceof Uint8Array)) {
			this.tabs = INITIAL;
		}
	};
	buffers.nextStop = function () {
		const stop = stopsOf(this).indexOf(STOP, this.x + 1);
		return stop < 0 ? this._cols - 1 : Math.min(stop, this._cols - 1);
	};
	buffers.prevStop = function (this: LineBuffer, from = this.x) {
		return from > 0 ? Math.max(0, stopsOf(this).lastIndexOf(STOP, from - 1)) : 0;
	};
}

/** TBC: clears the stop at the cursor, or all. */
export function clearTabStops(buffer: LineBuffer, which: number): void {
	if (which === AT_CURSOR) {
		ownStops(buffer)[Math.min(buffer.x, buffer._cols - 1)] = 0;
	} else if (which === ALL) {
		buffer.tabs = new Uint8Array(MAX_COLUMNS);
	}
}

/** The stops, to be changed. */
function ownStops(buffer: LineBuffer): Uint8Array {
	const stops = stopsOf(buffer);
	if (stops !== INITIAL) {
		return stops;
	}
	const own = stops.slice();
	buffer.tabs = own;
	return own;
}

/** A terminal of which only the class is patched has objects. */
function stopsOf(buffer: LineBuffer): Uint8Array {
	const { tabs } = buffer;
	if (tabs instanceof Uint8Array) {
		return tabs;
	}
	const stops = new Uint8Array(MAX_COLUMNS);
	for (const column of Object.keys(tabs)) {
		stops[Number(column)] = STOP;
	}
	buffer.tabs = stops;
	return stops;
}
