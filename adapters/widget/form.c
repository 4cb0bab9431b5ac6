/* The chat as a plain page. */
#include "adapters/widget/form.h"

#include <string.h>

#include "adapters/widget/card.h"
#include "adapters/widget/content.h"
#include "bot/base/card_text.h"
#include "bot/base/date.h"
#include "bot/base/digest.h"
#include "bot/base/text.h"

enum { max_url_bytes = 2048, arena_bytes = 256 * 1024, max_items = 50 };

/* --- escaping --- */

static const char *reference_of(int32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\n':
	case '\t':
		return NULL;
	}
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xFFFD ? "\xEF\xBF\xBD" : NULL;
}

void form_escape(struct str text, struct buf *out)
{
	size_t at = 0, n;

	while (at < text.n) {
		const char *reference = reference_of(text_decode(str_sub(text, at, 4), &n));

		if (!reference) {
			at += n;
			continue;
		}
		buf_add(out, str_sub(text, 0, at));
		buf_adds(out, reference);
		text = str_sub(text, at + n, text.n);
		at = 0;
	}
	buf_add(out, text);
}

struct page {
	struct buf *out;
	const struct form_view *view;
	const struct words *words;
	struct arena *arena;
	uint32_t open_choices; /* the post whose choices can be pressed; 0: none */
	bool in_item, in_numbers, in_list;
};

/* What is ours stands as it is; what is not goes through form_escape(). */
static void put(struct buf *out, const char *ours, struct str theirs, const char *ours_again)
{
	buf_adds(out, ours);
	form_escape(theirs, out);
	buf_adds(out, ours_again);
}

static void put_word(struct page *page, const char *ours, enum word word, const char *ours_again)
{
	put(page->out, ours, words_get(page->words, word), ours_again);
}

/* --- what is said --- */

static void begin_block(struct page *page, const struct content_piece *piece)
{
	page->in_numbers = piece->kind == CONTENT_NUMBERS;
	page->in_list = piece->kind != CONTENT_PARAGRAPH;
	if (page->in_numbers)
		buf_addf(page->out, "<ol start=\"%u\" dir=\"auto\">", piece->start);
	else
		buf_adds(page->out, page->in_list ? "<ul dir=\"auto\">" : "<p dir=\"auto\">");
}

static void end_item(struct page *page)
{
	if (page->in_item)
		buf_adds(page->out, "</li>");
	page->in_item = false;
}

static void end_block(struct page *page)
{
	end_item(page);
	buf_adds(page->out, page->in_numbers ? "</ol>" : page->in_list ? "</ul>" : "</p>");
}

static void put_link(struct buf *out, const struct content_piece *piece)
{
	buf_adds(out, "<a rel=\"noopener noreferrer nofollow\" href=\"");
	buf_adds(out, piece->scheme);
	put(out, "", piece->text, "\">");
	put(out, "", piece->shown, "</a>");
}

static void put_piece(void *self, const struct content_piece *piece)
{
	struct page *page = self;

	switch (piece->kind) {
	case CONTENT_PARAGRAPH:
	case CONTENT_BULLETS:
	case CONTENT_NUMBERS:
		begin_block(page, piece);
		return;
	case CONTENT_ITEM:
		end_item(page);
		page->in_item = true;
		buf_adds(page->out, "<li>");
		return;
	case CONTENT_TEXT:
		form_escape(piece->text, page->out);
		return;
	case CONTENT_LINK:
		put_link(page->out, piece);
		return;
	case CONTENT_BREAK:
		buf_adds(page->out, "<br>");
		return;
	case CONTENT_PICTURE:
		put(page->out, "<p><img src=\"", piece->text, "\" alt=\"");
		put(page->out, "", piece->shown, "\"></p>");
		return;
	case CONTENT_END:
		end_block(page);
		return;
	}
}

static void put_text(struct page *page, const struct post *post)
{
	struct content_rules rules = {.lists = post->who != POST_BUYER, .view = page->view->view};

	content_walk(value_get_text(post->body, "text"), &rules, put_piece, page);
}

/* --- cards --- */

static void put_steps(struct page *page, const struct value *card)
{
	static const enum word said[] = {
		[STEP_DONE] = WORD_DONE, [STEP_NOW] = WORD_NOW, [STEP_NEXT] = WORD_NEXT};
	struct card_step step[card_max_steps];
	size_t n = card_steps(card, step);

	if (!n)
		return;
	buf_adds(page->out, "<ol class=\"steps\">");
	for (size_t i = 0; i < n; i++)
		buf_addf(page->out, "<li class=\"%s\">%s <span>(%s)</span></li>",
			step_state_name[step[i].state], step[i].text,
			page->words->word[said[step[i].state]]);
	buf_adds(page->out, "</ol>");
}

static void put_items(struct page *page, const struct value *items)
{
	if (!items || items->type != VALUE_LIST || !items->list.n)
		return;
	buf_adds(page->out, "<ul class=\"items\">");
	for (size_t i = 0; i < items->list.n && i < max_items; i++) {
		const struct value *item = items->list.item[i];
		struct str price = card_money(value_get(item, "price"), page->arena);

		put(page->out, "<li>", card_item(item, page->arena), "");
		if (price.n)
			put(page->out, " <b>", price, "</b>");
		buf_adds(page->out, "</li>");
	}
	buf_adds(page->out, "</ul>");
}

/* The labels of card_text.h. */
static const struct {
	const char *label;
	enum word word;
} label_of[] = {
	{"Status", WORD_STATUS},
	{"Refund", WORD_REFUND},
	{"Total", WORD_TOTAL},
	{"Amount", WORD_AMOUNT},
	{"Paid with", WORD_PAID_WITH},
	{"Ordered", WORD_CREATED},
	{"Requested", WORD_REQUESTED},
	{"Approved", WORD_APPROVED},
	{"Paid out", WORD_PAID},
	{"Until", WORD_DEADLINE},
	{"Ships by", WORD_SHIP_BY},
	{"Arrives by", WORD_DELIVER_BY},
	{"Delivered", WORD_DELIVERED},
	{"Cancelled", WORD_CANCELLED},
	{"Carrier", WORD_CARRIER},
	{"Tracking", WORD_TRACKING},
	{"Label", WORD_LABEL},
	{"Send to", WORD_ADDRESS},
	{"Reason", WORD_WHY},
};

static struct str label(const struct page *page, const char *text)
{
	for (size_t i = 0; i < sizeof(label_of) / sizeof(*label_of); i++)
		if (strcmp(text, label_of[i].label) == 0)
			return words_get(page->words, label_of[i].word);
	return str_of(text);
}

static void put_row(struct page *page, const struct card_row *row)
{
	put(page->out, "<dt>", label(page, row->label), "</dt><dd dir=\"auto\">");
	if (content_is_web(row->value)) {
		put(page->out, "<a rel=\"noopener noreferrer nofollow\" href=\"", row->value,
			"\">");
		put(page->out, "", row->value, "</a>");
	} else {
		form_escape(row->value, page->out);
	}
	buf_adds(page->out, "</dd>");
}

/* As card_title() has it. */
static struct str title_of(const struct page *page, const struct value *card)
{
	struct str number = value_get_text(card, "number"), id = value_get_text(card, "id");

	if (number.n)
		return words_with(page->words, WORD_ORDER, number, page->arena);
	if (id.n && value_get_text(card, "order").n)
		return words_with(page->words, WORD_RETURN, id, page->arena);
	if (value_is_set(value_get(card, "amount")))
		return words_get(page->words, WORD_REFUND);
	return card_title(card, page->arena);
}

static void put_one_card(struct page *page, const struct value *card)
{
	struct card_row row[card_max_rows];
	size_t n = card_rows(card, page->arena, row);
	struct str title = title_of(page, card);

	buf_adds(page->out, "<div class=\"card\">");
	if (title.n)
		put(page->out, "<h4>", title, "</h4>");
	put_steps(page, card);
	put_items(page, value_get(card, "items"));
	if (n)
		buf_adds(page->out, "<dl>");
	for (size_t i = 0; i < n; i++)
		put_row(page, &row[i]);
	buf_adds(page->out, n ? "</dl></div>" : "</div>");
}

static void put_card(struct page *page, const struct value *card)
{
	const struct value *part;

	for (size_t i = 0; (part = card_part(card, i)); i++)
		put_one_card(page, part);
}

/* --- choices --- */

static void put_csrf(struct page *page)
{
	put(page->out, "<input type=\"hidden\" name=\"csrf\" value=\"", page->view->csrf, "\">");
}

static void put_hidden(struct page *page, const char *kind)
{
	put_csrf(page);
	put(page->out, "<input type=\"hidden\" name=\"id\" value=\"", page->view->id, kind);
	buf_adds(page->out, "\">");
}

static void put_buttons(struct page *page, const struct post *post, const struct value *choices)
{
	buf_adds(page->out, "<form class=\"choices\" method=\"post\" action=\"/chat/form\">");
	put_hidden(page, ":c");
	buf_addf(page->out, "<input type=\"hidden\" name=\"post\" value=\"%lu\">",
		(unsigned long)post->n);
	for (size_t i = 0; i < choices->list.n; i++) {
		const struct value *choice = choices->list.item[i];

		put(page->out, "<button name=\"choice\" value=\"", value_get_text(choice, "id"),
			"\">");
		put(page->out, "", value_get_text(choice, "label"), "</button>");
	}
	buf_adds(page->out, "</form>");
}

/* Choices of the past stay readable. */
static void put_used(struct page *page, const struct value *choices)
{
	put_word(page, "<ul class=\"used\" aria-label=\"", WORD_EARLIER, "\">");
	for (size_t i = 0; i < choices->list.n; i++)
		put(page->out, "<li>", value_get_text(choices->list.item[i], "label"), "</li>");
	buf_adds(page->out, "</ul>");
}

static const struct value *choices_of(const struct post *post)
{
	const struct value *choices = value_get(post->body, "choices");

	return post->who == POST_BOT && choices && choices->type == VALUE_LIST && choices->list.n
		       ? choices
		       : NULL;
}

static void put_choices(struct page *page, const struct post *post)
{
	const struct value *choices = choices_of(post);

	if (!choices)
		return;
	if (post->n == page->open_choices)
		put_buttons(page, post, choices);
	else
		put_used(page, choices);
}

/* The newest post with choices, on a page that reaches to the end (PROTOCOL.md, "A post"). */
static uint32_t open_choices(const struct form_view *view)
{
	for (size_t i = view->n_posts; view->newest && i-- > 0;)
		if (choices_of(&view->post[i]))
			return view->post[i].n;
	return 0;
}

/* --- files --- */

static void put_file(struct page *page, const struct value *file)
{
	const struct frame_view *view = page->view->view;
	struct str name = value_get_text(file, "name");
	int64_t bytes = value_get_int(file, "bytes");
	struct buf url;

	if (!file || file->type != VALUE_RECORD)
		return;
	buf_init(&url, max_url_bytes);
	if (view && view->file_url)
		view->file_url(view->self, value_get_text(file, "id"), &url);
	put_word(page, "<p class=\"file\">", WORD_FILE, ": ");
	if (url.n)
		put(page->out, "<a href=\"", buf_str(&url), "\">");
	form_escape(name.n ? name : words_get(page->words, WORD_FILE), page->out);
	if (url.n)
		buf_adds(page->out, "</a>");
	buf_addf(page->out, " (%lld kB)</p>", (long long)((bytes + 1023) / 1024));
	buf_release(&url);
}

/* --- posts --- */

static struct str who_says(const struct page *page, const struct post *post)
{
	switch (post->who) {
	case POST_BUYER:
		return words_get(page->words, WORD_BUYER);
	case POST_BOT:
		return page->view->title.n ? page->view->title : words_get(page->words, WORD_BOT);
	case POST_PERSON:
		return post->name.n ? post->name : words_get(page->words, WORD_PERSON);
	case POST_NOTE:
		return words_get(page->words, WORD_NOTE);
	}
	return S("");
}

/* Months have names in English only; elsewhere a day is written as ISO 8601 has it. */
static void put_time(const struct page *page, int64_t at_ms)
{
	struct date d = date_of(at_ms / 1000);
	struct buf *out = page->out;

	buf_addf(out, "<time datetime=\"%04lld-%02u-%02uT%02u:%02u:%02uZ\">", (long long)d.year,
		d.month, d.day, d.hour, d.minute, d.second);
	if (strcmp(page->words->tag, "en") == 0)
		buf_addf(out, "%u %s %lld", d.day, date_month_name[d.month], (long long)d.year);
	else
		buf_addf(out, "%04lld-%02u-%02u", (long long)d.year, d.month, d.day);
	buf_addf(out, ", %02u:%02u UTC</time>", d.hour, d.minute);
}

static void put_post(struct page *page, const struct post *post)
{
	buf_addf(page->out, "<li class=\"%s\" id=\"p%lu\">", post_who_name[post->who],
		(unsigned long)post->n);
	put(page->out, "<h3><span>", who_says(page, post), "</span> ");
	put_time(page, post->at_ms);
	buf_adds(page->out, "</h3>");
	put_text(page, post);
	put_file(page, value_get(post->body, "file"));
	if (post->who == POST_BOT)
		put_card(page, value_get(post->body, "card"));
	put_choices(page, post);
	buf_adds(page->out, "</li>\n");
}

/* --- the page --- */

static const char *direction(struct str language)
{
	static const char *const from_right[] = {"ar", "fa", "he", "ur"};

	for (size_t i = 0; i < sizeof(from_right) / sizeof(*from_right); i++)
		if (str_is(str_sub(language, 0, 2), from_right[i]) &&
			(language.n == 2 || language.p[2] == '-'))
			return "rtl";
	return "ltr";
}

static void put_head(struct page *page)
{
	struct str title = page->view->title;

	if (!title.n)
		title = words_get(page->words, WORD_CHAT);
	buf_addf(page->out,
		"<!doctype html>\n<html lang=\"%s\" dir=\"%s\"><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
		"<meta name=\"robots\" content=\"noindex\">"
		"<link rel=\"stylesheet\" href=\"/chat/form.css\">",
		page->words->tag, words_are_rtl(page->words) ? "rtl" : "ltr");
	put(page->out, "<title>", title, "</title></head>\n<body>");
	put_word(page, "<a class=\"skip\" href=\"#text\">", WORD_SKIP, "</a>\n");
	put(page->out, "<header><h1>", title, "</h1></header>\n<main>");
}

static void put_transcript(struct page *page)
{
	const struct form_view *view = page->view;
	struct str language = view->language.n ? view->language : S("en");

	put_word(page, "<section aria-labelledby=\"said\"><h2 id=\"said\">", WORD_CONVERSATION,
		"</h2>\n");
	if (view->older && view->n_posts) {
		buf_addf(page->out, "<p><a href=\"/chat/form?before=%lu\">",
			(unsigned long)view->post[0].n);
		put_word(page, "", WORD_OLDER, "</a></p>\n");
	}
	if (view->sealed)
		put_word(page, "<p class=\"sealed\">", WORD_SEALED, "</p>\n");
	put(page->out, "<ol class=\"posts\" lang=\"", language, "\" dir=\"");
	buf_addf(page->out, "%s\">\n", direction(language));
	if (!view->n_posts && view->greeting.n)
		put(page->out, "<li class=\"bot\"><p dir=\"auto\">", view->greeting, "</p></li>\n");
	for (size_t i = 0; i < view->n_posts; i++)
		put_post(page, &view->post[i]);
	buf_adds(page->out, "</ol></section>\n");
}

static void put_renew(struct page *page)
{
	if (page->view->waiting.n)
		put(page->out, "<p class=\"waiting\" role=\"status\" dir=\"auto\">",
			page->view->waiting, "</p>\n");
	put_word(page, "<form method=\"get\" action=\"/chat/form\"><button>", WORD_RENEW,
		"</button></form>\n");
}

static void put_box(struct page *page)
{
	bool wrong = page->view->error.n > 0;

	put_word(page, "<form class=\"write\" method=\"post\" action=\"/chat/form\" aria-label=\"",
		WORD_WRITE, "\">");
	put_hidden(page, ":t");
	if (wrong)
		put(page->out, "<p id=\"error\" role=\"alert\" dir=\"auto\">", page->view->error,
			"</p>");
	put_word(page, "<label for=\"text\">", WORD_MESSAGE, "</label>");
	buf_adds(page->out,
		"<textarea id=\"text\" name=\"text\" rows=\"3\" maxlength=\"4000\" dir=\"auto\" "
		"required");
	if (wrong)
		buf_adds(page->out, " aria-invalid=\"true\" aria-describedby=\"error\"");
	/* a line end right behind the tag is not part of the text (HTML 13.1.2.5) */
	put(page->out, ">\n", page->view->written, "</textarea>");
	put_word(page, "<button>", WORD_SEND, "</button></form>\n");
}

/* Folded up, so that nobody presses it by mistake for "send". */
static void put_erase(struct page *page)
{
	if (!page->view->n_posts && !page->view->sealed)
		return;
	put_word(page, "<details class=\"erase\"><summary>", WORD_ERASE,
		"</summary><form method=\"post\" action=\"/chat/form\">");
	put_csrf(page);
	put_word(page, "<p>", WORD_SURE, "</p>");
	put_word(page, "<button name=\"forget\" value=\"1\">", WORD_ERASE,
		"</button></form></details>\n");
}

void form_page(struct buf *out, const struct form_view *view)
{
	struct page page = {
		.out = out,
		.view = view,
		.words = view->words ? view->words : words_of(S("en")),
		.arena = arena_new(arena_bytes),
		.open_choices = open_choices(view),
	};

	put_head(&page);
	put_transcript(&page);
	put_renew(&page);
	put_box(&page);
	put_erase(&page);
	buf_adds(out, "</main></body></html>\n");
	arena_free(page.arena);
}

/* --- whose form it is --- */

void form_csrf(struct str token, struct buf *out)
{
	struct digest digest = digest_hmac(token, S("tenstep form 1"));

	base64url_encode((struct str){(const char *)digest.byte, sizeof(digest.byte)}, out);
}

bool form_csrf_ok(struct str token, struct str given)
{
	struct buf wanted;
	bool ok;

	buf_init(&wanted, 64);
	form_csrf(token, &wanted);
	ok = token.n && digest_same(buf_str(&wanted), given);
	buf_release(&wanted);
	return ok;
}
