/** The chat of a shop's website: `window.tenstep`, version 1.  See ../README.md. */

export interface Tenstep {
	readonly version: string;

	/** Opens the chat; loads it when it is opened first. */
	open(): Promise<void>;
	close(): Promise<void>;
	toggle(): Promise<void>;
	/** Writes a message for the buyer; the number of its post when the server has it on disk. */
	send(text: string): Promise<number>;
	/** Who the buyer is, signed by the shop's server; a function is asked at every connection. */
	identify(source: IdentitySource): Promise<void>;
	/** Forgets on this device who the buyer was, in all tabs. */
	logout(): Promise<void>;
	/** Erases the conversation, here and at the server; resolved when that is done. */
	forget(): Promise<void>;
	/** Saves the conversation as a text file, and gives its text. */
	download(): Promise<string>;
	/** "ar", "de-AT" …; without one the page decides. */
	language(tag?: string): Promise<void>;
	theme(name: "light" | "dark" | "auto"): void;
	/** Listens; what is returned ends it. */
	on<K extends keyof Events>(event: K, listener: (detail: Events[K]) => void): () => void;
	off<K extends keyof Events>(event: K, listener: (detail: Events[K]) => void): void;
	/** Commands as a queue, safe before the script has arrived: `push(["identify", fn])`. */
	push(...commands: Command[]): void;
}

export type IdentitySource = string | null | (() => string | null | Promise<string | null>);

export type Command = {
	[K in Exclude<keyof Tenstep, "version" | "push">]: [K, ...Parameters<Tenstep[K]>];
}[Exclude<keyof Tenstep, "version" | "push">];

export interface Events {
	open: undefined;
	close: undefined;
	/** A new post, the buyer's own too. */
	message: Post;
	/** A message is on disk; n is its post, 0 when the server does not know it any more. */
	sent: { id: string; n: number };
	unread: number;
	connection: "" | "connecting" | "online" | "offline" | "barred";
	owner: { owner: "bot" | "queue" | "person"; person?: string; text?: string };
	identity: { ok: true; name: string } | { ok: false; text: string };
	language: string;
	forgotten: undefined;
	error: { code: string; text: string };
}

/** As ../PROTOCOL.md has it. */
export interface Post {
	n: number;
	at: number;
	who: "buyer" | "bot" | "person" | "note";
	name?: string;
	id?: string;
	body: Node[];
	choices?: { id: string; label: string }[];
	card?: { card: "order" | "orders" | "refund" | "return"; [field: string]: unknown };
	question?: boolean;
	file?: { id: string; name: string; type: string; bytes: number; url: string };
	note?: string;
}

export type Node =
	| { p: Inline[] }
	| { ul: Inline[][] }
	| { ol: Inline[][]; start?: number }
	| { img: { src: string; alt: string; w?: number; h?: number } };

export type Inline = string | { b: string } | { a: { href: string; text: string } } | { br: 1 };

declare global {
	interface Window {
		tenstep: Tenstep | Command[];
	}
	interface HTMLElementTagNameMap {
		"tenstep-chat": HTMLElement;
	}
}
