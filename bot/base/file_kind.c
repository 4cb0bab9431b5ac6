/* Kinds of files by their first bytes. */
#include "bot/base/file_kind.h"

static const struct {
	struct str at_0;
	size_t offset; /* of a second mark */
	struct str mark;
	struct file_kind is;
} known[] = {
	{S("\xff\xd8\xff"), 0, {0}, {".jpg", "image/jpeg", "image"}},
	{S("\x89PNG\r\n\x1a\n"), 0, {0}, {".png", "image/png", "image"}},
	{S("GIF87a"), 0, {0}, {".gif", "image/gif", "image"}},
	{S("GIF89a"), 0, {0}, {".gif", "image/gif", "image"}},
	{S("RIFF"), 8, S("WEBP"), {".webp", "image/webp", "image"}},
	{S("%PDF-"), 0, {0}, {".pdf", "application/pdf", "file"}},
};
enum { n_known = sizeof(known) / sizeof(known[0]) };

const struct file_kind *file_kind_of(struct str bytes)
{
	for (size_t i = 0; i < n_known; i++)
		if (str_starts(bytes, known[i].at_0) &&
			str_starts(str_sub(bytes, known[i].offset, bytes.n), known[i].mark))
			return &known[i].is;
	return NULL;
}

const struct file_kind *file_kind_named(struct str name)
{
	for (size_t i = 0; i < n_known; i++)
		if (str_ends(name, str_of(known[i].is.ending)))
			return &known[i].is;
	return NULL;
}
