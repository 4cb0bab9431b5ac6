// Debian's Chromium, without a window and without a word to anybody else.
import { chromium } from "playwright-core";

const how = {
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: [
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
	],
};

export const launch = () => chromium.launch(how);
/** With the settings that are in the folder of a profile. */
export const launchWith = profile => chromium.launchPersistentContext(profile, how);
