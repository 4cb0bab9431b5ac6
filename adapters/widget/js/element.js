/* Elements, as the button and the panel make them. */

/* "div.log" is a div with the class and the part "log"; functions listen. */
export function el(name, attributes, ...inside) {
	const [tag, style] = name.split(".");
	const e = document.createElement(tag);

	for (const [key, value] of Object.entries({ class: style, part: style, ...attributes }))
		if (typeof value == "function")
			e.addEventListener(key, value);
		else if (value !== false && !/object|undefined/.test(typeof value))
			e.setAttribute(key, value);
	e.append(...inside.flat(9).filter(Boolean));
	return e;
}

export function icon(d) {
	const [svg, path] = ["svg", "path"].map(
		(tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));

	svg.setAttribute("viewBox", "0 0 24 24");
	svg.setAttribute("aria-hidden", true);
	path.setAttribute("d", d);
	svg.append(path);
	return svg;
}
