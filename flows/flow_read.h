/* A flow read out: a page of sentences for the person who signs it off. */
#ifndef TENSTEP_FLOWS_FLOW_READ_H
#define TENSTEP_FLOWS_FLOW_READ_H

#include "bot/base/buf.h"
#include "flows/flow_set.h"

/* Markdown.  @set gives the titles of the flows that it leads to. */
void flow_read(const struct flow_set *set, const struct flow *flow, struct buf *out);

#endif
