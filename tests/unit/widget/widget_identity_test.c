/* Signed identities.  The tokens were made with Python's hmac and json and the second of the
 * secrets below; the signature alone is also tested with the example of RFC 7515 appendix A.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/widget/identity.h"
#include "bot/base/digest.h"

static const struct str secret[] = {
	S("the secret of last month, retired"), S("a secret of the shop, long enough")};
static const int64_t now = 1732406400;

struct read {
	struct arena *arena;
	struct identity identity;
	struct buf error;
	bool ok;
};

static struct read read_with(const char *token, const struct str *secrets, size_t n)
{
	struct read r = {.arena = arena_new(1 << 20)};

	buf_init(&r.error, 1000);
	r.ok = identity_read(str_of(token), secrets, n, now, r.arena, &r.identity, &r.error);
	return r;
}

static void done(struct read *r)
{
	buf_release(&r->error);
	arena_free(r->arena);
}

static const struct {
	const char *what, *token;
} good[] = {
	{"as made", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		    "SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.oNsqQScfKMjNGPP0JDpt"
		    "9zwD01E3daZrty8-i1DAyf4"},
	{"a full 15 minutes",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MzAwfQ.9WmFGFfPyJHgwUTBprJu"
		"GmrvxeivkLhceNg-HHOGf_M"},
	{"a clock 60 s ahead",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQ2MCwiZXhwIjoxNzMyNDA3MDAwfQ.EitKawHBCrLXpIiCyzGI"
		"JgGvuF4tPASskNxUbU1Jscg"},
	{"59 s after its end",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNTgwMCwiZXhwIjoxNzMyNDA2MzQxfQ.w3cXVgsgoIMeaZRAa5PN"
		"xykxzY72ZHzXAtThsFVnQf0"},
	{"nbf just reached",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwLCJuYmYiOjE3MzI0MDY0NjB"
		"9.tUvPu4FfRVaYH_ZWwgnukUwrQtm3I-5mmtZX7cmCrjs"},
	{"no typ", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uYSIsImlhdCI6MTczM"
		   "jQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.gESEw7wexVAUr8ZaEDJubytZPj0BcNSveJMD"
		   "KZvYkdo"},
	{"another typ, and kid",
		"eyJ0eXAiOiJ4Iiwia2lkIjoiMSIsImFsZyI6IkhTMjU2In0.eyJzdWIiOiJCLTciLCJuYW"
		"1lIjoiQW5uYSIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.-6m2Kz6sC"
		"-IAmpvSn0BXCLz_20CUGFBQ37YbXbtol7U"},
	{"more claims", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
			"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwLCJhdWQiOiJzaG9wIiwianR"
			"pIjoiMSJ9.zKAZ9AOngnO5R7vDeOfwytRSjbUif3V1hNgnujUmjRU"},
	{"fractions of seconds",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMC41LCJleHAiOjE3MzI0MDcwMDAuMjV9.H3kACYKaIo342y"
		"xpZlZFvNQNmeuf9VAkW29zpjiJiro"},
};

static const struct {
	const char *what, *error, *token;
} bad[] = {
	{"no parts", "the token has not three parts", "abc"},
	{"two parts", "the token has not three parts",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ"},
	{"four parts", "the token has not three parts",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.oNsqQScfKMjNGPP0JDpt"
		"9zwD01E3daZrty8-i1DAyf4.x"},
	{"an empty signature", "the token has not three parts",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ."},
	{"another secret", "the token's signature is wrong",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.6DvlNTbIi3kTfPigiA0x"
		"aQvD18vx0cFhVvnXX7uO64E"},
	{"another payload", "the token's signature is wrong",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTgiLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.oNsqQScfKMjNGPP0JDpt"
		"9zwD01E3daZrty8-i1DAyf4"},
	{"a flipped signature", "the token's signature is wrong",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.ANsqQScfKMjNGPP0JDpt"
		"9zwD01E3daZrty8-i1DAyf4"},
	{"a cut signature", "the token's signature is wrong",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.oNsqQScfKMjNGPP0JDpt"
		"9zwD01E3daZrty8-i1DAy"},
	{"padding", "the token's signature is wrong",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.oNsqQScfKMjNGPP0JDpt"
		"9zwD01E3daZrty8-i1DAyf4="},
	{"spare bits in the signature", "the token's signature is wrong",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.oNsqQScfKMjNGPP0JDpt"
		"9zwD01E3daZrty8-i1DAyf5"},
	{"alg none", "the token's algorithm is not HS256",
		"eyJhbGciOiJub25lIn0.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uYSIsImlhdCI6MTczMj"
		"QwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.oNsqQScfKMjNGPP0JDpt9zwD01E3daZrty8-i"
		"1DAyf4"},
	{"HS512", "the token's algorithm is not HS256",
		"eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uYSIsImlhdCI6MTczM"
		"jQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.UzA2nL3u52qzpVWwvF_E9O1ghKV9K7kFPha2"
		"Ldvvk9WJDVE1PraQvVywut-P8A2FMNAaKvTMGwx7yAVjg7_MLg"},
	{"RS256", "the token's algorithm is not HS256",
		"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uYSIsImlhdCI6MTczM"
		"jQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.FfnRRRCz5odosxJVURD1bysI3ihfRIqf7Ln6"
		"upSVv6Q"},
	{"small letters", "the token's algorithm is not HS256",
		"eyJhbGciOiJoczI1NiJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uYSIsImlhdCI6MTczM"
		"jQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.aSCxjSF4X9mF_VG5CsevetnQjP4hsPKxlOWu"
		"m71wpJE"},
	{"a list of algorithms", "the token's algorithm is not HS256",
		"eyJhbGciOlsiSFMyNTYiXX0.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uYSIsImlhdCI6MT"
		"czMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ._9UfsD6LnoJBijtNiOOdAArt3jBUXM12T"
		"-wQI_bLn7E"},
	{"no algorithm", "the token's algorithm is not HS256",
		"eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uYSIsImlhdCI6MTczMjQ"
		"wNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.6M1Qwuu82QNss73H7GCQDTJm6a5nRcpDK26oHz"
		"h8W3o"},
	{"crit", "the token demands what is not understood (crit)",
		"eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiZXhwIl19.eyJzdWIiOiJCLTciLCJuYW1lIjoiQ"
		"W5uYSIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.0VSRTv639O_CK3so"
		"Cf8fYbntNdg9N2h5DF5XTM00JVQ"},
	{"alg twice", "the token's header is no JSON object",
		"eyJhbGciOiJIUzI1NiIsImFsZyI6IkhTMjU2In0.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW"
		"5uYSIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.aecddhQYd3ZiG4glE"
		"MurdmObtmOi0XARMCNFW9esEHA"},
	{"a header that is a list", "the token's header is no JSON object",
		"W10.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uYSIsImlhdCI6MTczMjQwNjQwMCwiZXhwIj"
		"oxNzMyNDA3MDAwfQ.os4Qc0MOIqLgzg_2xrXIDBcMKvbg_0W8yb4yAwivQHs"},
	{"a header that is no JSON", "the token's header is no JSON object",
		"e2FsZzpIUzI1Nn0.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uYSIsImlhdCI6MTczMjQwNj"
		"QwMCwiZXhwIjoxNzMyNDA3MDAwfQ.-ikJr7WD4jmEQrAM15lS0LPRE0czRs7WyKEEJZ8GB"
		"f0"},
	{"sub twice", "the token's payload is no JSON object",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJzdWIiOiJCLTgiL"
		"CJpYXQiOjE3MzI0MDY0MDAsImV4cCI6MTczMjQwNzAwMH0.fCJwnU0XXVXfy9uQvyPDKx4"
		"ktqyLg6e4EjubZVN6XHQ"},
	{"a payload that is a text", "the token's payload is no JSON object",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.IkItNyI.ql1S0sAnnGs5fZKiQxfP1a1GE"
		"V-Pcvz6Ub76pBovBgA"},
	{"a NUL in the buyer", "the token's payload is no JSON object",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTdcdTAwMDAiLCJpYXQiO"
		"jE3MzI0MDY0MDAsImV4cCI6MTczMjQwNzAwMH0.DZrpBiVIsE_gTXzVk-clPqLp1ktaqCx"
		"oa0929abgBoM"},
	{"no sub", "the token names no buyer (sub)",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJuYW1lIjoiQW5uYSIsImlhdCI6MTczM"
		"jQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.L2qIfZuB6XXKQTvXkzR1wnfxW7t4a0N_n-7N"
		"CZ9589o"},
	{"an empty sub", "the token names no buyer (sub)",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIiLCJuYW1lIjoiQW5uYSIsI"
		"mlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.oU43FBUUh2ZfzuI8LRcxlKkx"
		"ikfGcbH3T5S4GnP-qNA"},
	{"a number as sub", "the token names no buyer (sub)",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjcsIm5hbWUiOiJBbm5hIiwia"
		"WF0IjoxNzMyNDA2NDAwLCJleHAiOjE3MzI0MDcwMDB9.DcUV2O5ni6kbmsxysMwgQlFPWF"
		"WaoDVetZAFZV8Oe8c"},
	{"a line end in sub", "the token names no buyer (sub)",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCXG43IiwibmFtZSI6IkFub"
		"mEiLCJpYXQiOjE3MzI0MDY0MDAsImV4cCI6MTczMjQwNzAwMH0.WZJl_svHzjptYFHfpal"
		"iWDX54FcKDafSyZX_81dHffA"},
	{"a name that is a list", "the token's name is no text",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjpbIkFub"
		"mEiXSwiaWF0IjoxNzMyNDA2NDAwLCJleHAiOjE3MzI0MDcwMDB9.ZBN7dUKvt2EZ9lAgNW"
		"uuXJlRwd7Uo6j-fDZUG-m5uO8"},
	{"no exp", "the token says not when it expires (exp)",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMH0.vng-UDrNbrpq99WSJCqCFpVWifZ8EghDhmP8gRX7fCk"},
	{"exp as text", "the token says not when it expires (exp)",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoiMTczMjQwNzAwMCJ9.6EM9G4pzn92IEt5Q21"
		"f0M1qaF-Pss1l8b3L8l0GQA4U"},
	{"exp beyond all times", "the token says not when it expires (exp)",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJpYXQiOjE3MzI0M"
		"DY0MDAsImV4cCI6MWUxMn0.1l2awhR6a1oend-z_Yu2-FToFJRIVVIQgN4NtiEV6kE"},
	{"no iat", "the token says not when it was made (iat)",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImV4cCI6MTczMjQwNzAwMH0.2rfAKSN02oTfQYae2EaMX4lDKy4z37tiCwoeyzrmFo0"},
	{"16 minutes", "the token is good for more than 15 minutes, or for no time",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MzAxfQ.4JuH2XPaedcUS2kPZDQZ"
		"fs-FgQSCaS8gptjIxi5JTpw"},
	{"exp before iat", "the token is good for more than 15 minutes, or for no time",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA2Mzk5fQ.4FQovN21MdfdjLaeSixt"
		"98RmkUFVUdE77QCZpvotP1c"},
	{"made in the future", "the token was made in the future",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQ2MSwiZXhwIjoxNzMyNDA3MDAwfQ.Q9aSs8DD_LTRy0PJXFlV"
		"_OVa1IDIU1IJFOhYvK5RKwI"},
	{"expired", "the token has expired",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNTc0MCwiZXhwIjoxNzMyNDA2MzQwfQ.yn6ZRTIuSDn8X85ZzkTm"
		"vhV-kNWBnzSR7YuplxPspag"},
	{"not good yet", "the token is not good yet (nbf)",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwLCJuYmYiOjE3MzI0MDY0NjF"
		"9.uwF3t7XUYqCr2X4HTIT3AynWdQNQbbx8Zjp3o9ItX-g"},
	{"nbf as text", "the token is not good yet (nbf)",
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiQW5uY"
		"SIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwLCJuYmYiOiJzb29uIn0.R8f"
		"Ov06JW_fwTFHNbgittiw0H8aq8tjErSacioQfFuQ"},
};

static void identity_read__takes__what_is_signed_and_in_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct read r = read_with(good[i].token, secret, 2);

		if (!r.ok)
			fail_msg("%s: %.*s", good[i].what, STR(buf_str(&r.error)));
		assert_true(str_is(r.identity.buyer, "B-7"));
		assert_true(str_is(r.identity.name, "Anna"));
		assert_true(r.identity.expires > now - identity_skew_s);
		assert_int_equal(r.error.n, 0);
		done(&r);
	}
}

static void identity_read__refuses__everything_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct read r = read_with(bad[i].token, secret, 2);

		if (r.ok || !str_is(buf_str(&r.error), bad[i].error))
			fail_msg("%s: %.*s", bad[i].what, STR(buf_str(&r.error)));
		assert_int_equal(r.identity.buyer.n, 0);
		done(&r);
	}
}

static void identity_read__knows_no_short_secret(void **state)
{
	const struct str weak[] = {S("23 bytes are not enough"), S("")};
	struct read r = read_with(good[0].token, weak, 2);

	(void)state;
	assert_false(r.ok);
	assert_string_equal(buf_str(&r.error).p,
		"there is no secret of at least 24 bytes to check tokens with");
	done(&r);
	r = read_with(good[0].token, NULL, 0);
	assert_false(r.ok);
	done(&r);
}

static void identity_read__refuses__what_is_huge(void **state)
{
	char *token = malloc(4000);
	struct read r;

	(void)state;
	assert_non_null(token);
	memset(token, 'a', 3999);
	token[3999] = 0;
	r = read_with(token, secret, 2);
	assert_string_equal(buf_str(&r.error).p, "the token is over 2,048 bytes");
	done(&r);
	free(token);
}

/* Its signature is right, its claims are not ours: that is what is complained about. */
static void identity_read__agrees__with_rfc_7515_a_1(void **state)
{
	static const char token[] =
		"eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
		".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc"
		"19yb290Ijp0cnVlfQ"
		".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
	struct buf key;
	struct str secrets[1];
	struct read r;

	(void)state;
	buf_init(&key, 100);
	assert_true(base64url_decode(S("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-"
				       "1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"),
		&key));
	secrets[0] = buf_str(&key);
	r = read_with(token, secrets, 1);
	assert_string_equal(buf_str(&r.error).p, "the token says not when it was made (iat)");
	done(&r);
	key.p[0] ^= 1;
	r = read_with(token, secrets, 1);
	assert_string_equal(buf_str(&r.error).p, "the token's signature is wrong");
	done(&r);
	buf_release(&key);
}

static void identity_read__sees_every_change(void **state)
{
	char token[400];
	size_t n = strlen(good[0].token);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct read r;

		strcpy(token, good[0].token);
		token[i] = token[i] == 'Q' ? 'R' : 'Q';
		r = read_with(token, secret, 2);
		if (r.ok)
			fail_msg("changed at %zu and taken", i);
		done(&r);
	}
}

static void identity_make__makes__what_others_make(void **state)
{
	struct identity identity = {S("B-7"), S("Zo\xC3\xAB"), now + 600};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	identity_make(&identity, secret[1], now, &out);
	assert_string_equal(buf_str(&out).p,
		"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJCLTciLCJuYW1lIjoiWm_Dq"
		"yIsImlhdCI6MTczMjQwNjQwMCwiZXhwIjoxNzMyNDA3MDAwfQ.wCogkehNP0hjVf5otti6"
		"n_LqOwtZ2o3wWeeJo-l8KI4");
	buf_release(&out);
}

static void identity_make__is_read__by_identity_read(void **state)
{
	struct identity identity = {S("B-9"), S(""), now + 900};
	struct buf out;
	struct read r;

	(void)state;
	buf_init(&out, 1000);
	identity_make(&identity, secret[0], now, &out);
	r = read_with(out.p, secret, 2);
	assert_true(r.ok);
	assert_true(str_is(r.identity.buyer, "B-9"));
	assert_int_equal(r.identity.name.n, 0);
	assert_int_equal(r.identity.expires, now + 900);
	done(&r);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_read__takes__what_is_signed_and_in_time),
		cmocka_unit_test(identity_read__refuses__everything_else),
		cmocka_unit_test(identity_read__knows_no_short_secret),
		cmocka_unit_test(identity_read__refuses__what_is_huge),
		cmocka_unit_test(identity_read__agrees__with_rfc_7515_a_1),
		cmocka_unit_test(identity_read__sees_every_change),
		cmocka_unit_test(identity_make__makes__what_others_make),
		cmocka_unit_test(identity_make__is_read__by_identity_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
