/* Any text, and any card, on both ways out: the widget's nodes are strict JSON without a control
 * byte and lead nowhere but to the schemes that are allowed; in the plain page every "<" is one of
 * our own tags. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "adapters/widget/card.h"
#include "adapters/widget/content.h"
#include "adapters/widget/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str origin[] = {S("https://img.example")};
static const struct frame_view view = {origin, 1, NULL, NULL};

static void check_address(struct str address)
{
	static const char *const allowed[] = {
		"https://", "http://", "mailto:", "tel:", "/chat/", "#text"};

	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		if (str_starts(address, str_of(allowed[i])))
			return;
	assert(!"an address that is not allowed");
}

/* --- JSON --- */

static void check_node(const struct json *node)
{
	const struct json *href = json_get(node, "href"), *src = json_get(node, "src");

	if (href)
		check_address(json_text(href));
	if (src)
		assert(str_starts(json_text(src), S("https://img.example/")));
	for (node = json_first(node); node; node = json_next(node))
		check_node(node);
}

static void check_json(struct str text)
{
	struct source source = {"nodes", text};
	struct json_limits limits = {32 << 20, 32 << 20, 32};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, &limits, NULL);

	assert(doc);
	check_node(json_root(doc));
	json_doc_free(doc);
	for (size_t i = 0; i < text.n; i++)
		assert((unsigned char)text.p[i] >= 0x20 && text.p[i] != 0x7F);
}

/* --- HTML --- */

static bool is_our_tag(struct str name)
{
	static const char *const tags[] = {"!doctype", "html", "head", "meta", "link", "title",
		"body", "a", "header", "h1", "h2", "h3", "h4", "main", "section", "p", "ol", "ul",
		"li", "br", "img", "div", "dl", "dt", "dd", "b", "form", "input", "button", "label",
		"textarea", "span", "details", "summary", "time"};

	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (str_is(name, tags[i]))
			return true;
	return false;
}

static size_t name_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && (s.p[n] == '!' || s.p[n] == '-' || (s.p[n] >= '0' && s.p[n] <= '9') ||
				  (s.p[n] >= 'a' && s.p[n] <= 'z')))
		n++;
	return n;
}

/* ' name="value"' or ' name', until '>'; returns what is behind it. */
static struct str check_attributes(struct str s)
{
	while (s.n && s.p[0] == ' ') {
		struct str name = str_sub(s, 1, name_length(str_sub(s, 1, s.n))), value;

		assert(name.n && !str_starts(name, S("on")) && !str_is(name, "style"));
		s = str_sub(s, 1 + name.n, s.n);
		if (!s.n || s.p[0] != '=')
			continue;
		assert(s.n > 1 && s.p[1] == '"');
		s = str_sub(s, 2, s.n);
		value = str_cut(&s, '"');
		assert(!memchr(value.p, '<', value.n) && !memchr(value.p, '>', value.n));
		if (str_is(name, "href"))
			check_address(value);
	}
	assert(s.n && s.p[0] == '>');
	return str_sub(s, 1, s.n);
}

static void check_html(struct str page)
{
	while (page.n) {
		struct str text = str_cut(&page, '<'), name;

		assert(!memchr(text.p, '>', text.n) && !memchr(text.p, '"', text.n));
		if (!page.n)
			return;
		if (page.p[0] == '/')
			page = str_sub(page, 1, page.n);
		name = str_sub(page, 0, name_length(page));
		assert(is_our_tag(name));
		page = check_attributes(str_sub(page, name.n, page.n));
	}
}

/* --- the input as a text, and as a card --- */

static const struct value *card_of(struct str input, struct arena *arena)
{
	struct source source = {"card", input};
	struct json_doc *doc = json_parse(&source, JSON_BIG_AS_TEXT, NULL, NULL);
	const struct value *card = doc ? value_from_json(arena, json_root(doc)) : &value_none;

	json_doc_free(doc);
	return card;
}

static struct post post_of(struct str input, enum post_who who, struct arena *arena)
{
	struct value_builder choice = value_build(arena), list = value_build(arena),
			     body = value_build(arena);
	struct post post = {
		.n = 1, .at_ms = 1732406400000, .who = who, .name = input, .mid = input};

	value_put_text(&choice, "id", input);
	value_put_text(&choice, "label", input);
	value_push(&list, value_record(&choice));
	value_put_text(&body, "text", input);
	value_put_text(&body, "note", input);
	value_put(&body, "choices", value_list(&list));
	value_put(&body, "card", card_of(input, arena));
	post.body = value_record(&body);
	return post;
}

static void check_page(struct str input, const struct post *post, size_t n)
{
	struct form_view form = {.language = input,
		.title = input,
		.greeting = input,
		.csrf = input,
		.id = input,
		.error = input,
		.waiting = input,
		.written = input,
		.post = post,
		.n_posts = n,
		.newest = true,
		.view = &view};
	struct buf out;

	buf_init(&out, 64 << 20);
	form_page(&out, &form);
	assert(!out.over);
	check_html(buf_str(&out));
	buf_release(&out);
}

/* Who says it, and whether anybody does, follows from the length: one way through a run keeps runs
 * quick. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = {(const char *)data, size};
	struct arena *arena = arena_new(64 << 20);
	struct post post = post_of(input, (enum post_who)(size % 4), arena);
	struct content_rules rules = {.lists = size % 2, .view = &view};
	struct buf out;

	buf_init(&out, 64 << 20);
	content_write(input, &rules, &out);
	assert(!out.over);
	check_json(buf_str(&out));
	buf_clear(&out);
	frame_post(&out, &post, &view);
	check_json(buf_str(&out));
	check_page(input, &post, size % 16 != 0);
	buf_release(&out);
	arena_free(arena);
	return 0;
}
