/* German. */
#include "adapters/widget/words.h"

const struct words words_de = {
	.tag = "de",
	.word =
		{
			[WORD_CHAT] = "Chat",
			[WORD_SKIP] = "Zu Ihrer Nachricht",
			[WORD_CONVERSATION] = "Unterhaltung",
			[WORD_OLDER] = "Ältere Nachrichten zeigen",
			[WORD_SEALED] =
				"Was vorher geschrieben wurde, ist verborgen, denn inzwischen "
				"kann jemand anderes hier sein. Fragen Sie nach der Bestellung "
				"und zeigen Sie, dass es Ihre ist, dann ist alles wieder da.",
			[WORD_RENEW] = "Neue Nachrichten zeigen",
			[WORD_MESSAGE] = "Ihre Nachricht",
			[WORD_WRITE] = "Nachricht schreiben",
			[WORD_SEND] = "Senden",
			[WORD_NOTE] = "Hinweis",
			[WORD_BUYER] = "Sie",
			[WORD_BOT] = "Assistent",
			[WORD_PERSON] = "Team des Shops",
			[WORD_EARLIER] = "Frühere Auswahl",
			[WORD_FILE] = "Datei",
			[WORD_DONE] = "erledigt",
			[WORD_NOW] = "läuft",
			[WORD_NEXT] = "kommt noch",
			[WORD_ERASE] = "Diese Unterhaltung löschen",
			[WORD_SURE] = "Alles löschen, was hier geschrieben wurde, auch beim Shop? "
				      "Das lässt sich nicht rückgängig machen.",
			[WORD_WAITING] = "Sie warten auf eine Person",
			[WORD_WITH_PERSON] = "Sie sprechen mit {who}",
			[WORD_YOU_ARE_NEXT] = "Sie sind als Nächstes dran. Jemand kommt dazu, "
					      "sobald jemand frei ist.",
			[WORD_PLACE] =
				"Sie sind Nummer {n}. Jemand kommt dazu, sobald jemand frei ist.",
			[WORD_NOBODY] = "Im Moment ist niemand da. Ihre Nachricht wird aufbewahrt "
					"und gelesen.",
			[WORD_BACK_AT] = "Im Moment ist niemand da. Ab {when} ist wieder jemand "
					 "da; Ihre Nachricht wird aufbewahrt.",
			[WORD_EMPTY] = "Bitte schreiben Sie zuerst etwas.",
			[WORD_TOO_LONG] = "Diese Nachricht ist zu lang.",
			[WORD_UNREAD] = "Einige Zeichen waren nicht lesbar. Bitte schreiben Sie es "
					"noch einmal.",
			[WORD_STALE] = "Die Seite war veraltet, es wurde nichts gesendet. Bitte "
				       "senden Sie es noch einmal.",
			[WORD_NOT_READ] = "Das konnte nicht gelesen werden.",
			[WORD_NO_BUTTON] = "Diese Schaltfläche gibt es nicht mehr.",
			[WORD_TOO_FAST] = "Das ging sehr schnell. Bitte warten Sie {n} Sekunden "
					  "und senden Sie es noch einmal.",
			[WORD_TOO_MANY] = "Von Ihrer Adresse kommen zu viele neue Chats. Bitte "
					  "warten Sie eine Minute.",
			[WORD_NOT_STORED] = "Das konnte gerade nicht gespeichert werden. Bitte "
					    "senden Sie es noch einmal.",
			[WORD_NOT_ERASED] = "Das konnte gerade nicht gelöscht werden. Bitte "
					    "versuchen Sie es noch einmal.",
			[WORD_ORDER] = "Bestellung {n}",
			[WORD_RETURN] = "Rücksendung {n}",
			[WORD_REFUND] = "Erstattung",
			[WORD_STATUS] = "Stand",
			[WORD_TOTAL] = "Summe",
			[WORD_AMOUNT] = "Betrag",
			[WORD_PAID_WITH] = "Bezahlt mit",
			[WORD_CREATED] = "Bestellt",
			[WORD_REQUESTED] = "Beantragt",
			[WORD_APPROVED] = "Genehmigt",
			[WORD_PAID] = "Ausgezahlt",
			[WORD_DEADLINE] = "Bis",
			[WORD_SHIP_BY] = "Versand bis",
			[WORD_DELIVER_BY] = "Kommt bis",
			[WORD_DELIVERED] = "Zugestellt",
			[WORD_CANCELLED] = "Storniert",
			[WORD_CARRIER] = "Versand mit",
			[WORD_TRACKING] = "Sendungsnummer",
			[WORD_LABEL] = "Rücksendeetikett",
			[WORD_ADDRESS] = "Senden an",
			[WORD_WHY] = "Grund",
		},
};
