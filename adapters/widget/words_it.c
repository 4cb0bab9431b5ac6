/* Italian. */
#include "adapters/widget/words.h"

const struct words words_it = {
	.tag = "it",
	.word =
		{
			[WORD_CHAT] = "Chat",
			[WORD_SKIP] = "Vai al tuo messaggio",
			[WORD_CONVERSATION] = "Conversazione",
			[WORD_OLDER] = "Mostra i messaggi precedenti",
			[WORD_SEALED] =
				"Quanto scritto prima è nascosto, perché ora potrebbe esserci "
				"qui un’altra persona. Chieda dell’ordine e dimostri che è Suo, "
				"e riapparirà.",
			[WORD_RENEW] = "Mostra i nuovi messaggi",
			[WORD_MESSAGE] = "Il tuo messaggio",
			[WORD_WRITE] = "Scrivi un messaggio",
			[WORD_SEND] = "Invia",
			[WORD_NOTE] = "Nota",
			[WORD_BUYER] = "Tu",
			[WORD_BOT] = "Assistente",
			[WORD_PERSON] = "Team del negozio",
			[WORD_EARLIER] = "Scelte precedenti",
			[WORD_FILE] = "File",
			[WORD_DONE] = "fatto",
			[WORD_NOW] = "in corso",
			[WORD_NEXT] = "da fare",
			[WORD_ERASE] = "Cancella questa conversazione",
			[WORD_SURE] = "Cancellare tutto ciò che è stato scritto qui, anche presso "
				      "il negozio? Non si può annullare.",
			[WORD_WAITING] = "Sei in attesa di una persona",
			[WORD_WITH_PERSON] = "Stai parlando con {who}",
			[WORD_YOU_ARE_NEXT] =
				"Sei il prossimo. Una persona si unirà appena libera.",
			[WORD_PLACE] = "Sei il numero {n}. Una persona si unirà appena libera.",
			[WORD_NOBODY] = "Al momento non c’è nessuno. Il tuo messaggio è conservato "
					"e sarà letto.",
			[WORD_BACK_AT] = "Al momento non c’è nessuno. Si torna il {when}; il tuo "
					 "messaggio è conservato.",
			[WORD_EMPTY] = "Scrivi prima qualcosa.",
			[WORD_TOO_LONG] = "Questo messaggio è troppo lungo.",
			[WORD_UNREAD] = "Alcuni caratteri non sono leggibili. Scrivi di nuovo.",
			[WORD_STALE] = "La pagina non era aggiornata e nulla è stato inviato. "
				       "Invia di nuovo.",
			[WORD_NOT_READ] = "Non è stato possibile leggerlo.",
			[WORD_NO_BUTTON] = "Quel pulsante non c’è più.",
			[WORD_TOO_FAST] =
				"È stato molto veloce. Attendi {n} secondi e invia di nuovo.",
			[WORD_TOO_MANY] =
				"Ci sono troppe nuove chat dal tuo indirizzo. Attendi un minuto.",
			[WORD_NOT_STORED] = "Non è stato possibile salvarlo ora. Invia di nuovo.",
			[WORD_NOT_ERASED] = "Non è stato possibile cancellare ora. Riprova.",
			[WORD_ORDER] = "Ordine {n}",
			[WORD_RETURN] = "Reso {n}",
			[WORD_REFUND] = "Rimborso",
			[WORD_STATUS] = "Stato",
			[WORD_TOTAL] = "Totale",
			[WORD_AMOUNT] = "Importo",
			[WORD_PAID_WITH] = "Pagato con",
			[WORD_CREATED] = "Ordinato il",
			[WORD_REQUESTED] = "Richiesto",
			[WORD_APPROVED] = "Approvato",
			[WORD_PAID] = "Pagato",
			[WORD_DEADLINE] = "Entro",
			[WORD_SHIP_BY] = "Spedito entro",
			[WORD_DELIVER_BY] = "Arriva entro",
			[WORD_DELIVERED] = "Consegnato",
			[WORD_CANCELLED] = "Annullato",
			[WORD_CARRIER] = "Corriere",
			[WORD_TRACKING] = "Numero di spedizione",
			[WORD_LABEL] = "Etichetta di reso",
			[WORD_ADDRESS] = "Spedire a",
			[WORD_WHY] = "Motivo",
		},
};
