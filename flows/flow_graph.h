/* Flows as pictures: DOT for Graphviz, Mermaid for wikis.  Names are the identity of nodes, so that
 * a picture of a changed flow differs only where the flow does. */
#ifndef TENSTEP_FLOWS_FLOW_GRAPH_H
#define TENSTEP_FLOWS_FLOW_GRAPH_H

#include "bot/base/buf.h"
#include "flows/flow_set.h"

enum graph_format { GRAPH_DOT, GRAPH_MERMAID };

/* One flow: its steps and edges, and where it leads to. */
void flow_graph(const struct flow *flow, enum graph_format format, struct buf *out);
/* All flows as a map: which intents start them, which flow runs, goes to, offers or promises which.
 */
void flow_set_graph(const struct flow_set *set, enum graph_format format, struct buf *out);

#endif
