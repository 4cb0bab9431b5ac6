/* Signed identities: the signature before the contents, and nothing that a token could choose. */
#include "adapters/widget/identity.h"

#include "bot/base/digest.h"
#include "bot/base/json_out.h"
#include "bot/base/text.h"

enum { max_buyer_bytes = 256, max_name_bytes = 128 };

static bool wrong(struct buf *error, const char *why)
{
	buf_adds(error, why);
	return false;
}

/* --- the three parts (RFC 7515 section 7.1) --- */

struct parts {
	struct str header, payload, signature; /* still encoded */
	struct str signed_bytes;               /* header and payload with their dot */
};

static bool split(struct str token, struct parts *parts)
{
	struct str rest = token;

	parts->header = str_cut(&rest, '.');
	parts->payload = str_cut(&rest, '.');
	parts->signature = rest;
	parts->signed_bytes = str_sub(token, 0, parts->header.n + 1 + parts->payload.n);
	return parts->header.n && parts->payload.n && parts->signature.n &&
	       str_find(rest, S(".")) < 0;
}

static struct str decoded(struct arena *arena, struct str text)
{
	struct str bytes = {0};
	struct buf out;

	buf_init(&out, identity_max_bytes);
	if (base64url_decode(text, &out) && !out.over)
		bytes = arena_str(arena, buf_str(&out));
	buf_release(&out);
	return bytes;
}

/* One part as an object; NULL if it is none.  The strict reader refuses a key that comes twice, of
 * which two programs might see different ones. */
static struct json_doc *object_of(struct arena *arena, struct source *source, struct str part)
{
	static const struct json_limits limits = {identity_max_bytes, 64, 4};
	struct json_doc *doc;

	*source = (struct source){"token", decoded(arena, part)};
	doc = json_parse(source, 0, &limits, NULL);
	if (doc && json_is(json_root(doc), JSON_OBJECT))
		return doc;
	json_doc_free(doc);
	return NULL;
}

/* --- the header --- */

/* What must be understood (crit) and is not must be refused (RFC 7515 section 4.1.11). */
static bool read_header(struct arena *arena, struct str part, struct buf *error)
{
	struct source source;
	struct json_doc *doc = object_of(arena, &source, part);
	bool alg = doc && str_is(json_text(json_get(json_root(doc), "alg")), "HS256"),
	     crit = doc && json_get(json_root(doc), "crit");

	json_doc_free(doc);
	if (!doc)
		return wrong(error, "the token's header is no JSON object");
	if (!alg)
		return wrong(error, "the token's algorithm is not HS256");
	return !crit || wrong(error, "the token demands what is not understood (crit)");
}

/* --- the signature --- */

/* Every secret is tried whatever comes of the others: time says nothing about which one fits. */
static bool check_signature(const struct parts *parts, const struct str *secret, size_t n_secrets,
	struct arena *arena, struct buf *error)
{
	struct str signature = decoded(arena, parts->signature);
	bool known = false, usable = false;

	for (size_t i = 0; i < n_secrets; i++) {
		struct digest digest;

		if (secret[i].n < identity_min_secret_bytes)
			continue;
		usable = true;
		digest = digest_hmac(secret[i], parts->signed_bytes);
		known |= digest_same(signature, (struct str){(const char *)digest.byte, 32});
	}
	if (!usable)
		return wrong(error, "there is no secret of at least 24 bytes to check tokens with");
	return known || wrong(error, "the token's signature is wrong");
}

/* --- the claims (RFC 7519 section 4.1) --- */

/* Seconds may have a fraction; the whole ones count. */
static bool read_time(const struct json *root, const char *name, int64_t *out)
{
	const struct json *node = json_get(root, name);
	double number = json_number(node);

	*out = 0;
	if (!json_is(node, JSON_NUMBER) || !(number >= 0 && number < 1e11))
		return false;
	*out = (int64_t)number;
	return true;
}

static bool check_times(const struct json *root, int64_t now, int64_t *expires, struct buf *error)
{
	int64_t issued, not_before;

	if (!read_time(root, "exp", expires))
		return wrong(error, "the token says not when it expires (exp)");
	if (!read_time(root, "iat", &issued))
		return wrong(error, "the token says not when it was made (iat)");
	if (*expires <= issued || *expires - issued > identity_max_life_s)
		return wrong(error, "the token is good for more than 15 minutes, or for no time");
	if (now >= *expires + identity_skew_s)
		return wrong(error, "the token has expired");
	if (issued > now + identity_skew_s)
		return wrong(error, "the token was made in the future");
	if (!json_get(root, "nbf"))
		return true;
	if (!read_time(root, "nbf", &not_before) || not_before > now + identity_skew_s)
		return wrong(error, "the token is not good yet (nbf)");
	return true;
}

/* Ids and names go to logs and screens: no controls. */
static bool is_printable(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7F)
			return false;
	return true;
}

static bool read_buyer(
	const struct json *root, struct arena *arena, struct identity *identity, struct buf *error)
{
	struct str buyer = json_text(json_get(root, "sub"));
	const struct json *name = json_get(root, "name");

	if (!buyer.n || buyer.n > max_buyer_bytes || !is_printable(buyer))
		return wrong(error, "the token names no buyer (sub)");
	if (name && (!json_is(name, JSON_TEXT) || !is_printable(json_text(name))))
		return wrong(error, "the token's name is no text");
	identity->buyer = arena_str(arena, buyer);
	identity->name = arena_str(arena, text_clip(json_text(name), max_name_bytes));
	return true;
}

static bool read_payload(struct str part, int64_t now, struct arena *arena,
	struct identity *identity, struct buf *error)
{
	struct source source;
	struct json_doc *doc = object_of(arena, &source, part);
	bool ok;

	if (!doc)
		return wrong(error, "the token's payload is no JSON object");
	ok = check_times(json_root(doc), now, &identity->expires, error) &&
	     read_buyer(json_root(doc), arena, identity, error);
	json_doc_free(doc);
	return ok;
}

bool identity_read(struct str token, const struct str *secret, size_t n_secrets, int64_t now,
	struct arena *arena, struct identity *identity, struct buf *error)
{
	struct parts parts;
	bool ok;

	*identity = (struct identity){0};
	if (token.n > identity_max_bytes)
		return wrong(error, "the token is over 2,048 bytes");
	if (!split(token, &parts))
		return wrong(error, "the token has not three parts");
	ok = read_header(arena, parts.header, error) &&
	     check_signature(&parts, secret, n_secrets, arena, error) &&
	     read_payload(parts.payload, now, arena, identity, error);
	if (!ok)
		*identity = (struct identity){0};
	return ok;
}

/* --- making --- */

static void add_payload(const struct identity *identity, int64_t now, struct buf *out)
{
	struct buf json;

	buf_init(&json, identity_max_bytes);
	json_out_start(&json, '{');
	json_out_member(&json, "sub", identity->buyer);
	json_out_member_if(&json, "name", identity->name);
	json_out_member_int(&json, "iat", now);
	json_out_member_int(&json, "exp", identity->expires);
	json_out_close(&json, '}');
	base64url_encode(buf_str(&json), out);
	buf_release(&json);
}

void identity_make(const struct identity *identity, struct str secret, int64_t now, struct buf *out)
{
	size_t from = out->n;
	struct digest digest;

	base64url_encode(S("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"), out);
	buf_addc(out, '.');
	add_payload(identity, now, out);
	digest = digest_hmac(secret, str_sub(buf_str(out), from, out->n));
	buf_addc(out, '.');
	base64url_encode((struct str){(const char *)digest.byte, 32}, out);
}
