/** What tests use of the model of the stock client's emulator. */

export {
	compareScreens,
	initialLatent,
	latentDifference,
	renderRendition,
	renderScreen,
	type ScreenAspect,
} from "./compare.js";
export { StockEmulator, type StockEmulatorOptions } from "./emulator.js";
export { type Colour, defaultRendition, type Rendition } from "./rendition.js";
export type { LatentState, ModelCell, ModelRow, ModelScreen } from "./screen.js";
export { type CodePointWidth, glibcWidth } from "./width.js";
