/* The languages.  Words that the widget has too are the same in js/lang. */
#include "adapters/widget/words.h"

const struct words *const words_known[n_words_known] = {
	&words_en,
	&words_ar,
	&words_de,
	&words_es,
	&words_fr,
	&words_he,
	&words_id,
	&words_it,
	&words_pt,
	&words_th,
	&words_vi,
	&words_zh,
};
