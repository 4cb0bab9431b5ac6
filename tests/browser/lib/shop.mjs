// A shop's own site, on an origin of its own: what a page embeds, is written by the test.
import { createServer } from "node:http";

export class Shop {
	/** @pages: by path, {html, headers}, or a function of the request that gives it. */
	constructor(pages = {}) {
		this.pages = pages;
		this.asked = [];
	}

	async start() {
		this.http = createServer(async (request, response) => {
			const path = new URL(request.url, "http://x").pathname;
			const page = this.pages[path];
			const { html, headers = {}, status = 200 } = (typeof page === "function" ? await page(request) : page) ?? { html: "", status: 404 };

			this.asked.push(path);
			response.writeHead(status, { "content-type": "text/html; charset=utf-8", ...headers });
			response.end(html);
		});
		await new Promise(done => this.http.listen(0, "127.0.0.1", done));
		this.origin = `http://127.0.0.1:${this.http.address().port}`;
		return this;
	}

	stop() {
		this.http.closeAllConnections();
		this.http.close();
	}
}

/** A page of a shop.  @embed: what brings the chat. */
export function page({ embed = "", head = "", body = "<h1>Shop</h1><p>Goods.</p>", lang = "en", dir = "ltr" } = {}) {
	return `<!doctype html><html lang="${lang}" dir="${dir}"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">${head}</head><body><main>${body}</main>${embed}</body></html>`;
}
