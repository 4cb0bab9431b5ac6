/* The chat without JavaScript: what the page holds, and that nobody's text becomes part of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/widget/form.h"
#include "tests/unit/value_of.h"

static struct arena *arena;
static struct buf out;

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	buf_init(&out, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_release(&out);
	arena_free(arena);
	return 0;
}

static struct post post_of(uint32_t n, enum post_who who, const char *body)
{
	return (struct post){
		.n = n, .at_ms = 1732406400000, .who = who, .body = value_of(arena, body)};
}

static void file_url(void *self, struct str file, struct buf *to)
{
	(void)self;
	buf_addf(to, "/chat/file/%.*s?k=K&x=\"", STR(file));
}

static const struct str origin[] = {S("https://img.shop.example")};
static const struct frame_view frames = {origin, 1, file_url, NULL};

static void render(const struct post *post, size_t n)
{
	struct form_view view = {.language = S("en"),
		.title = S("Shop & Co"),
		.csrf = S("CSRF"),
		.id = S("ID"),
		.post = post,
		.n_posts = n,
		.newest = true,
		.view = &frames};

	buf_clear(&out);
	form_page(&out, &view);
	assert_false(out.over);
}

static void assert_has(const char *text)
{
	if (str_find(buf_str(&out), str_of(text)) < 0)
		fail_msg("not there: %s\nin: %s", text, out.p);
}

static void assert_has_not(const char *text)
{
	if (str_find(buf_str(&out), str_of(text)) >= 0)
		fail_msg("there: %s\nin: %s", text, out.p);
}

static void form_page__has_a_frame__that_can_be_walked(void **state)
{
	(void)state;
	render(NULL, 0);
	assert_has("<html lang=\"en\" dir=\"ltr\">");
	assert_has("<title>Shop &amp; Co</title>");
	assert_has("<main>");
	assert_has("<h1>Shop &amp; Co</h1>");
	assert_has("<label for=\"text\">Your message</label><textarea id=\"text\" name=\"text\"");
	assert_has("<button>Show new messages</button>");
	assert_has("<input type=\"hidden\" name=\"csrf\" value=\"CSRF\">");
	assert_has("<input type=\"hidden\" name=\"id\" value=\"ID:t\">");
	assert_has_not("style=");
	assert_has_not("<script");
	assert_has_not("<style");
	assert_has_not(" on");
}

static void form_page__greets__who_has_said_nothing(void **state)
{
	struct form_view view = {.greeting = S("Hello <you>"), .newest = true};

	(void)state;
	form_page(&out, &view);
	assert_has("<li class=\"bot\"><p dir=\"auto\">Hello &lt;you&gt;</p></li>");
}

static void form_page__shows_text__as_text(void **state)
{
	struct post post[] = {
		post_of(1, POST_BUYER,
			"{\"text\":\"<script>alert('1')</script> & "
			"\\\"q\\\"\\nhttps://x.example/?a=1&b=2\"}"),
		post_of(2, POST_BOT, "{\"text\":\"Do:\\n- one\\n- two\\n\\n3. three\"}"),
	};

	(void)state;
	render(post, 2);
	assert_has(
		"<p dir=\"auto\">&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; "
		"&quot;q&quot;<br><a rel=\"noopener noreferrer nofollow\" "
		"href=\"https://x.example/?a=1&amp;b=2\">https://x.example/?a=1&amp;b=2</a></p>");
	assert_has("<p dir=\"auto\">Do:</p><ul dir=\"auto\"><li>one</li><li>two</li></ul>"
		   "<ol start=\"3\" dir=\"auto\"><li>three</li></ol>");
	assert_has("<h3><span>You</span> <time datetime=\"2024-11-24T00:00:00Z\">"
		   "24 November 2024, 00:00 UTC</time></h3>");
}

static void form_page__offers_only__the_newest_choices(void **state)
{
	static const char body[] =
		"{\"text\":\"?\",\"choices\":[{\"id\":\"a\\\"<\",\"label\":\"A & B\"}]}";
	struct post post[] = {post_of(1, POST_BOT, body), post_of(2, POST_BOT, body),
		post_of(3, POST_BUYER, body)};

	(void)state;
	render(post, 3);
	assert_has(
		"<ul class=\"used\" aria-label=\"Earlier choices\"><li>A &amp; B</li></ul></li>");
	assert_has("<input type=\"hidden\" name=\"id\" value=\"ID:c\">"
		   "<input type=\"hidden\" name=\"post\" value=\"2\">"
		   "<button name=\"choice\" value=\"a&quot;&lt;\">A &amp; B</button></form>");
	assert_has_not("name=\"post\" value=\"1\"");
	assert_has_not("name=\"post\" value=\"3\"");
}

static void form_page__says_so__when_there_is_more_for_who_proves_it(void **state)
{
	struct form_view view = {.sealed = true};

	(void)state;
	buf_clear(&out);
	form_page(&out, &view);
	assert_has("<p class=\"sealed\">Earlier messages are hidden");
	assert_has("Erase this conversation");
	view.sealed = false;
	buf_clear(&out);
	form_page(&out, &view);
	assert_has_not("class=\"sealed\"");
}

static void form_page__offers_nothing__on_an_older_page(void **state)
{
	struct post post = post_of(7, POST_BOT, "{\"choices\":[{\"id\":\"a\",\"label\":\"A\"}]}");
	struct form_view view = {.post = &post, .n_posts = 1, .older = true};

	(void)state;
	form_page(&out, &view);
	assert_has_not("name=\"choice\"");
	assert_has("<a href=\"/chat/form?before=7\">Show older messages</a>");
}

static void form_page__draws_cards(void **state)
{
	struct post post = post_of(1, POST_BOT,
		"{\"card\":{\"id\":\"R-1\",\"order\":\"1002\",\"state\":\"send_it\",\"state_text\":"
		"\"accepted <b>\",\"label\":\"https://l.example/1\",\"items\":[{\"title\":\"Mug\","
		"\"price\":{\"amount\":\"5\",\"currency\":\"USD\"}}]}}");

	(void)state;
	render(&post, 1);
	assert_has("<h4>Return R-1</h4>");
	assert_has("<li class=\"done\">Requested <span>(done)</span></li>");
	assert_has("<li class=\"now\">Sent back <span>(under way)</span></li>");
	assert_has("<li>Mug <b>$5.00</b></li>");
	assert_has("<dt>Status</dt><dd dir=\"auto\">accepted &lt;b&gt;</dd>");
	assert_has("<a rel=\"noopener noreferrer nofollow\" href=\"https://l.example/1\">");
}

static void form_page__links_no_label__that_is_no_web_address(void **state)
{
	struct post post = post_of(1, POST_BOT,
		"{\"card\":{\"id\":\"R-1\",\"order\":\"1\",\"state\":\"send_it\",\"label\":"
		"\"javascript:alert(1)\"}}");

	(void)state;
	render(&post, 1);
	assert_has("<dd dir=\"auto\">javascript:alert(1)</dd>");
	assert_has_not("href=\"javascript");
}

static void form_page__says_who_speaks(void **state)
{
	struct post post[] = {
		post_of(1, POST_PERSON, "{\"text\":\"https://img.shop.example/a.png\"}"),
		post_of(2, POST_PERSON, "{}"), post_of(3, POST_NOTE, "{\"text\":\"M < N\"}")};

	(void)state;
	post[0].name = S("Mai <3");
	render(post, 3);
	assert_has("<li class=\"person\" id=\"p1\"><h3><span>Mai &lt;3</span>");
	assert_has("<p><img src=\"https://img.shop.example/a.png\" alt=\"a\"></p>");
	assert_has("<span>Shop team</span>");
	assert_has("<span>Note</span>");
	assert_has("<p dir=\"auto\">M &lt; N</p>");
}

static void form_page__names_files(void **state)
{
	struct post post = post_of(1, POST_BUYER,
		"{\"text\":\"\",\"file\":{\"id\":\"F\",\"name\":\"<a>.jpg\",\"bytes\":1025}}");

	(void)state;
	render(&post, 1);
	assert_has("File: <a href=\"/chat/file/F?k=K&amp;x=&quot;\">&lt;a&gt;.jpg</a> (2 kB)");
}

static void form_page__says_what_was_wrong__and_keeps_the_words(void **state)
{
	struct form_view view = {.error = S("Too <long>."),
		.written = S("</textarea><b>"),
		.waiting = S("A person will come."),
		.newest = true};

	(void)state;
	form_page(&out, &view);
	assert_has("<p id=\"error\" role=\"alert\" dir=\"auto\">Too &lt;long&gt;.</p>");
	assert_has("aria-invalid=\"true\" aria-describedby=\"error\">\n&lt;/textarea&gt;&lt;b&gt;"
		   "</textarea>");
	assert_has("role=\"status\" dir=\"auto\">A person will come.</p>");
}

static void form_page__offers_to_erase__what_was_said(void **state)
{
	struct post post = post_of(1, POST_BUYER, "{\"text\":\"hi\"}");

	(void)state;
	render(&post, 1);
	assert_has("<button name=\"forget\" value=\"1\">Erase this "
		   "conversation</button></form></details>");
	render(NULL, 0);
	assert_has_not("forget");
}

static void form_page__speaks__the_visitors_language(void **state)
{
	struct post post = post_of(1, POST_BOT,
		"{\"text\":\"Here it "
		"is.\",\"card\":{\"number\":\"A-1\",\"status\":\"IN_TRANSIT\",\"paid_with\":"
		"\"Visa\"}}");
	struct form_view view = {
		.words = words_of(S("ar")), .post = &post, .n_posts = 1, .newest = true};

	(void)state;
	buf_clear(&out);
	form_page(&out, &view);
	assert_has("<html lang=\"ar\" dir=\"rtl\">");
	assert_has("<ol class=\"posts\" lang=\"en\" dir=\"ltr\">");
	assert_has("<h1>دردشة</h1>");
	assert_has("<h4>الطلب A-1</h4>");
	assert_has("<dt>طريقة الدفع</dt>");
	assert_has("<button>إرسال</button>");
	assert_has(">2024-11-24, 00:00 UTC</time>");
}

static void form_page__turns_round__for_arabic(void **state)
{
	struct form_view view = {.language = S("ar-EG"), .newest = true};

	(void)state;
	form_page(&out, &view);
	assert_has("<ol class=\"posts\" lang=\"ar-EG\" dir=\"rtl\">");
}

static void form_escape__leaves_nothing__that_is_markup(void **state)
{
	(void)state;
	form_escape((struct str){"a<b>&\"'\n\t\0\x01\x7F\xFF\xC2\x80z", 16}, &out);
	assert_string_equal(out.p, "a&lt;b&gt;&amp;&quot;&#39;\n\t\xEF\xBF\xBD\xEF\xBF\xBD"
				   "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz");
}

/* Python: base64url(hmac(b"token", b"tenstep form 1", sha256)) */
static void form_csrf__belongs_to_its_token(void **state)
{
	(void)state;
	form_csrf(S("token"), &out);
	assert_string_equal(out.p, "0TkurYYwkzDzUKdLTPB_EELHds0aLoFY1LgpZFJct_s");
	assert_true(form_csrf_ok(S("token"), buf_str(&out)));
	assert_false(form_csrf_ok(S("tokem"), buf_str(&out)));
	assert_false(form_csrf_ok(S("token"), S("")));
	assert_false(form_csrf_ok(S("token"), str_sub(buf_str(&out), 0, 42)));
	buf_clear(&out);
	form_csrf(S(""), &out);
	assert_false(form_csrf_ok(S(""), buf_str(&out)));
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(form_page__has_a_frame__that_can_be_walked),
		test(form_page__greets__who_has_said_nothing),
		test(form_page__shows_text__as_text),
		test(form_page__offers_only__the_newest_choices),
		test(form_page__says_so__when_there_is_more_for_who_proves_it),
		test(form_page__offers_nothing__on_an_older_page),
		test(form_page__draws_cards),
		test(form_page__links_no_label__that_is_no_web_address),
		test(form_page__says_who_speaks),
		test(form_page__names_files),
		test(form_page__says_what_was_wrong__and_keeps_the_words),
		test(form_page__offers_to_erase__what_was_said),
		test(form_page__speaks__the_visitors_language),
		test(form_page__turns_round__for_arabic),
		test(form_escape__leaves_nothing__that_is_markup),
		test(form_csrf__belongs_to_its_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
