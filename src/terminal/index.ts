/** The terminal side of a session: an emulator whose screens can be sent to a stock mosh client as diffs. Other rooms import it from here. */

export { screenDiff } from "./diff/screen-diff.js";
export { Emulator } from "./emulator/emulator.js";
export { KeyTranslator } from "./key-translator.js";
export { blankScreen, clampSize, type Screen, screensEqual } from "./screen/screen.js";
