/* Spanish. */
#include "adapters/widget/words.h"

const struct words words_es = {
	.tag = "es",
	.word =
		{
			[WORD_CHAT] = "Chat",
			[WORD_SKIP] = "Ir a tu mensaje",
			[WORD_CONVERSATION] = "Conversación",
			[WORD_OLDER] = "Ver mensajes anteriores",
			[WORD_SEALED] =
				"Lo escrito antes está oculto, porque ahora podría haber otra "
				"persona aquí. Pregunte por el pedido y demuestre que es suyo, "
				"y volverá a aparecer.",
			[WORD_RENEW] = "Ver mensajes nuevos",
			[WORD_MESSAGE] = "Tu mensaje",
			[WORD_WRITE] = "Escribe un mensaje",
			[WORD_SEND] = "Enviar",
			[WORD_NOTE] = "Nota",
			[WORD_BUYER] = "Tú",
			[WORD_BOT] = "Asistente",
			[WORD_PERSON] = "Equipo de la tienda",
			[WORD_EARLIER] = "Opciones anteriores",
			[WORD_FILE] = "Archivo",
			[WORD_DONE] = "hecho",
			[WORD_NOW] = "en curso",
			[WORD_NEXT] = "pendiente",
			[WORD_ERASE] = "Borrar esta conversación",
			[WORD_SURE] = "¿Borrar todo lo que se ha escrito aquí, también en la "
				      "tienda? No se puede deshacer.",
			[WORD_WAITING] = "Esperas a una persona",
			[WORD_WITH_PERSON] = "Hablas con {who}",
			[WORD_YOU_ARE_NEXT] =
				"Eres el siguiente. Alguien se unirá en cuanto esté libre.",
			[WORD_PLACE] = "Eres el número {n}. Alguien se unirá en cuanto esté libre.",
			[WORD_NOBODY] = "Ahora no hay nadie. Tu mensaje se guarda y se leerá.",
			[WORD_BACK_AT] =
				"Ahora no hay nadie. Volvemos el {when}; tu mensaje se guarda.",
			[WORD_EMPTY] = "Escribe algo primero.",
			[WORD_TOO_LONG] = "Este mensaje es demasiado largo.",
			[WORD_UNREAD] =
				"No se pudieron leer algunos caracteres. Escríbelo de nuevo.",
			[WORD_STALE] =
				"La página no estaba al día y no se envió nada. Envíalo de nuevo.",
			[WORD_NOT_READ] = "No se pudo leer.",
			[WORD_NO_BUTTON] = "Ese botón ya no está.",
			[WORD_TOO_FAST] =
				"Ha sido muy rápido. Espera {n} segundos y envíalo de nuevo.",
			[WORD_TOO_MANY] =
				"Hay demasiados chats nuevos desde tu dirección. Espera un minuto.",
			[WORD_NOT_STORED] = "No se pudo guardar ahora. Envíalo de nuevo.",
			[WORD_NOT_ERASED] = "No se pudo borrar ahora. Inténtalo de nuevo.",
			[WORD_ORDER] = "Pedido {n}",
			[WORD_RETURN] = "Devolución {n}",
			[WORD_REFUND] = "Reembolso",
			[WORD_STATUS] = "Estado",
			[WORD_TOTAL] = "Total",
			[WORD_AMOUNT] = "Importe",
			[WORD_PAID_WITH] = "Pagado con",
			[WORD_CREATED] = "Pedido el",
			[WORD_REQUESTED] = "Solicitado",
			[WORD_APPROVED] = "Aprobado",
			[WORD_PAID] = "Pagado",
			[WORD_DEADLINE] = "Hasta",
			[WORD_SHIP_BY] = "Se envía antes del",
			[WORD_DELIVER_BY] = "Llega antes del",
			[WORD_DELIVERED] = "Entregado",
			[WORD_CANCELLED] = "Cancelado",
			[WORD_CARRIER] = "Transportista",
			[WORD_TRACKING] = "Número de seguimiento",
			[WORD_LABEL] = "Etiqueta de devolución",
			[WORD_ADDRESS] = "Enviar a",
			[WORD_WHY] = "Motivo",
		},
};
