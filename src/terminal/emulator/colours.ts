/**
 * Direct colours without a colour space, as in `38:2:R:G:B`, which konsole introduced and many programs write. xterm.js takes
 * R for the colour space.
 */
import type { InputHandler, RawParameters } from "./internals.js";

const DIRECT = 2;
/** Kind, red, green, blue. */
const LENGTH_WITHOUT_SPACE = 4;

/** Whether the parameters after the colons of SGR 38, 48 or 58 are a direct colour without a colour space. */
export function lacksColourSpace(after: ArrayLike<number>): boolean {
	return after[0] === DIRECT && after.length === LENGTH_WITHOUT_SPACE;
}

export function readColoursWithoutSpace(handler: InputHandler): void {
	const { _extractColor: extract } = handler;
	handler._extractColor = (parameters, index, attributes) => {
		const after = parameters.hasSubParams(index) ? parameters.getSubParams(index) : null;
		const read = after !== null && lacksColourSpace(after) ? withSpace(parameters, after) : parameters;
		return extract.call(handler, read, index, attributes);
	};
}

function withSpace({ length, params }: RawParameters, after: Int32Array): RawParameters {
	const [kind = 0, ...colour] = after;
	const sub = Int32Array.of(kind, 0, ...colour);
	return { length, params, _subParamsLength: sub.length, hasSubParams: () => true, getSubParams: () => sub };
}
