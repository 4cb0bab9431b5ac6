/* JSON written straight into a text, for frames and answers that are made thousands of times a
 * second: no tree is built.  A comma is set wherever the byte before asks for one, so calls may
 * follow each other in any order that makes sense; the caller closes what it opens. */
#ifndef TENSTEP_BASE_JSON_OUT_H
#define TENSTEP_BASE_JSON_OUT_H

#include "bot/base/value.h"

/* @bracket: '{' or '['.  The first bracket of a document that is appended to others is written
 * with json_out_start(): it is not separated from what stands before it. */
void json_out_start(struct buf *out, char bracket);
void json_out_open(struct buf *out, char bracket);
void json_out_close(struct buf *out, char bracket); /* '}' or ']' */

/* A member's name: plain ASCII that needs no escapes.  A value, or json_out_open(), follows. */
void json_out_name(struct buf *out, struct str name);
IN_PLACE void json_out_key(struct buf *out, const char *key)
{
	json_out_name(out, str_of(key));
}

/* Elements, or the value after a key. */
void json_out_text(struct buf *out, struct str text);
/* A text in pieces: json_write_characters() as often as wanted, then a quote by buf_addc(). */
void json_out_begin_text(struct buf *out);
void json_out_int(struct buf *out, int64_t number);
void json_out_bool(struct buf *out, bool yes);
void json_out_value(struct buf *out, const struct value *value); /* NULL is null */

/* A whole member; texts that are empty are written too. */
IN_PLACE void json_out_member(struct buf *out, const char *key, struct str text)
{
	json_out_key(out, key);
	json_write_text(text, out);
}

IN_PLACE void json_out_member_int(struct buf *out, const char *key, int64_t number)
{
	json_out_key(out, key);
	json_out_int(out, number);
}

IN_PLACE void json_out_member_bool(struct buf *out, const char *key, bool yes)
{
	json_out_key(out, key);
	json_out_bool(out, yes);
}

/* Only if there is something. */
IN_PLACE void json_out_member_if(struct buf *out, const char *key, struct str text)
{
	if (text.n)
		json_out_member(out, key, text);
}

#endif
