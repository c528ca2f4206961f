/** The terminal side of a session: an emulator whose screens can be sent to a stock mosh client as diffs. Other rooms import it from here. */

export { ClientScreen } from "./diff/client-screen.js";
export { rowText } from "./diff/row-text.js";
export { screenDiff } from "./diff/screen-diff.js";
export { Emulator } from "./emulator/emulator.js";
export type { History } from "./emulator/history.js";
export { KeyTranslator } from "./key-translator.js";
export type { Extensions } from "./screen/extensions.js";
export { fitted } from "./screen/fit.js";
export { type NumberedLines, Paragraph } from "./screen/paragraph.js";
export { INVERSE } from "./screen/rendition.js";
export { blankRow, Row } from "./screen/row.js";
export { blankScreen, clampSize, isSameSize, type Screen, screensEqual } from "./screen/screen.js";
export { textRow, textWidth } from "./screen/text-row.js";
export { ScrollbackFeed } from "./scrollback-feed/feed.js";
export {
	type FedScreen,
	type FeedPosition,
	type FeedTarget,
	hasLinesToFeed,
	initialPosition,
	type Resized,
	samePosition,
	sameTarget,
	type WindowChange,
} from "./scrollback-feed/position.js";
