/* French. */
#include "adapters/widget/words.h"

const struct words words_fr = {
	.tag = "fr",
	.word =
		{
			[WORD_CHAT] = "Chat",
			[WORD_SKIP] = "Aller à votre message",
			[WORD_CONVERSATION] = "Conversation",
			[WORD_OLDER] = "Afficher les messages précédents",
			[WORD_SEALED] =
				"Ce qui précède est masqué : quelqu’un d’autre est peut-être "
				"ici maintenant. Parlez de la commande et montrez qu’elle est à "
				"vous, et tout reviendra.",
			[WORD_RENEW] = "Afficher les nouveaux messages",
			[WORD_MESSAGE] = "Votre message",
			[WORD_WRITE] = "Écrire un message",
			[WORD_SEND] = "Envoyer",
			[WORD_NOTE] = "Note",
			[WORD_BUYER] = "Vous",
			[WORD_BOT] = "Assistant",
			[WORD_PERSON] = "Équipe de la boutique",
			[WORD_EARLIER] = "Choix précédents",
			[WORD_FILE] = "Fichier",
			[WORD_DONE] = "fait",
			[WORD_NOW] = "en cours",
			[WORD_NEXT] = "à venir",
			[WORD_ERASE] = "Effacer cette conversation",
			[WORD_SURE] = "Effacer tout ce qui a été écrit ici, y compris chez la "
				      "boutique ? C’est définitif.",
			[WORD_WAITING] = "Vous attendez une personne",
			[WORD_WITH_PERSON] = "Vous parlez avec {who}",
			[WORD_YOU_ARE_NEXT] =
				"C’est bientôt à vous. Quelqu’un vous rejoint dès que possible.",
			[WORD_PLACE] =
				"Vous êtes numéro {n}. Quelqu’un vous rejoint dès que possible.",
			[WORD_NOBODY] = "Il n’y a personne pour le moment. Votre message est "
					"conservé et sera lu.",
			[WORD_BACK_AT] = "Il n’y a personne pour le moment. Retour le {when} ; "
					 "votre message est conservé.",
			[WORD_EMPTY] = "Écrivez d’abord quelque chose.",
			[WORD_TOO_LONG] = "Ce message est trop long.",
			[WORD_UNREAD] = "Certains caractères sont illisibles. Veuillez réécrire le "
					"message.",
			[WORD_STALE] = "La page n’était plus à jour, rien n’a été envoyé. Veuillez "
				       "renvoyer le message.",
			[WORD_NOT_READ] = "Cela n’a pas pu être lu.",
			[WORD_NO_BUTTON] = "Ce bouton n’existe plus.",
			[WORD_TOO_FAST] = "C’était très rapide. Attendez {n} secondes et renvoyez "
					  "le message.",
			[WORD_TOO_MANY] = "Il y a trop de nouveaux chats depuis votre adresse. "
					  "Attendez une minute.",
			[WORD_NOT_STORED] =
				"Cela n’a pas pu être enregistré. Veuillez renvoyer le message.",
			[WORD_NOT_ERASED] = "L’effacement a échoué. Veuillez réessayer.",
			[WORD_ORDER] = "Commande {n}",
			[WORD_RETURN] = "Retour {n}",
			[WORD_REFUND] = "Remboursement",
			[WORD_STATUS] = "État",
			[WORD_TOTAL] = "Total",
			[WORD_AMOUNT] = "Montant",
			[WORD_PAID_WITH] = "Payé avec",
			[WORD_CREATED] = "Commandé le",
			[WORD_REQUESTED] = "Demandé",
			[WORD_APPROVED] = "Accepté",
			[WORD_PAID] = "Versé",
			[WORD_DEADLINE] = "Jusqu’au",
			[WORD_SHIP_BY] = "Expédié avant le",
			[WORD_DELIVER_BY] = "Arrive avant le",
			[WORD_DELIVERED] = "Livré",
			[WORD_CANCELLED] = "Annulé",
			[WORD_CARRIER] = "Transporteur",
			[WORD_TRACKING] = "Numéro de suivi",
			[WORD_LABEL] = "Étiquette de retour",
			[WORD_ADDRESS] = "Envoyer à",
			[WORD_WHY] = "Motif",
		},
};
