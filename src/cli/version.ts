/** The version, which the bundler inserts. */

declare const PACKAGE_VERSION: string | undefined;

export const VERSION = typeof PACKAGE_VERSION === "string" ? PACKAGE_VERSION : "from source";
