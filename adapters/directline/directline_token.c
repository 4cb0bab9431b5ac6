/* Direct Line's tokens: base64url(JSON) "." base64url(HMAC-SHA256).  Format and contents are ours;
 * clients take a token for an opaque text. */
#include "adapters/directline/directline.h"

#include "bot/base/digest.h"
#include "bot/base/json_out.h"

enum { max_token_bytes = 2048 };

/* What one secret signs for one use must not pass for another. */
static const char *const use_name[] = {
	[DIRECTLINE_CHAT] = "directline-chat-1", [DIRECTLINE_STREAM] = "directline-stream-1"};

static struct digest signature(enum directline_use use, struct str secret, struct str payload)
{
	struct digest digest;
	struct buf bytes;

	buf_init(&bytes, 2 * max_token_bytes);
	buf_adds(&bytes, use_name[use]);
	buf_addc(&bytes, '.');
	buf_add(&bytes, payload);
	digest = digest_hmac(secret, buf_str(&bytes));
	buf_release(&bytes);
	return digest;
}

void directline_token_make(const struct directline_token *token, struct str secret, struct buf *out)
{
	struct digest digest;
	struct buf json, payload;

	buf_init(&json, max_token_bytes);
	buf_init(&payload, max_token_bytes);
	json_out_start(&json, '{');
	json_out_member(&json, "conv", token->conversation);
	json_out_member_if(&json, "user", token->user);
	json_out_member_if(&json, "origin", token->origin);
	json_out_member_int(&json, "exp", token->expires);
	json_out_close(&json, '}');
	base64url_encode(buf_str(&json), &payload);
	digest = signature(token->use, secret, buf_str(&payload));
	buf_add(out, buf_str(&payload));
	buf_addc(out, '.');
	base64url_encode((struct str){(const char *)digest.byte, sizeof(digest.byte)}, out);
	buf_release(&payload);
	buf_release(&json);
}

static struct str decoded(struct arena *arena, struct str text)
{
	struct str bytes = {0};
	struct buf out;

	buf_init(&out, max_token_bytes);
	if (base64url_decode(text, &out) && !out.over)
		bytes = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return bytes;
}

/* All are tried, whatever comes of the others. */
static bool is_signed(struct str payload, struct str given, enum directline_use use,
	const struct str *secret, size_t n_secrets)
{
	bool good = false;

	for (size_t i = 0; i < n_secrets; i++) {
		struct digest digest;

		if (secret[i].n < directline_min_secret_bytes)
			continue;
		digest = signature(use, secret[i], payload);
		good |= digest_same(
			given, (struct str){(const char *)digest.byte, sizeof(digest.byte)});
	}
	return good;
}

/* What is signed was made above; it is read as carefully as anything. */
static bool read_payload(struct str payload, struct arena *arena, struct directline_token *token)
{
	static const struct json_limits limits = {max_token_bytes, 16, 2};
	struct source source = {"token", decoded(arena, payload)};
	struct json_doc *doc = json_parse(&source, 0, &limits, NULL);
	const struct json *root;
	bool ok;

	if (!doc)
		return false;
	root = json_root(doc);
	token->conversation = arena_str(arena, json_text(json_get(root, "conv")));
	token->user = arena_str(arena, json_text(json_get(root, "user")));
	token->origin = arena_str(arena, json_text(json_get(root, "origin")));
	ok = json_int(json_get(root, "exp"), &token->expires) && token->conversation.n;
	json_doc_free(doc);
	return ok;
}

enum directline_token_status directline_token_read(struct str text, enum directline_use use,
	const struct str *secret, size_t n_secrets, int64_t now, struct arena *arena,
	struct directline_token *token)
{
	struct str rest = text, payload = str_cut(&rest, '.');
	struct directline_token read = {.use = use};

	*token = (struct directline_token){.use = use};
	if (text.n > max_token_bytes || !payload.n ||
		!is_signed(payload, decoded(arena, rest), use, secret, n_secrets) ||
		!read_payload(payload, arena, &read))
		return TOKEN_BAD;
	if (now >= read.expires)
		return TOKEN_EXPIRED;
	*token = read;
	return TOKEN_GOOD;
}
