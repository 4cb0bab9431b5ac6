/* Portuguese. */
#include "adapters/widget/words.h"

const struct words words_pt = {
	.tag = "pt",
	.word =
		{
			[WORD_CHAT] = "Chat",
			[WORD_SKIP] = "Ir para a sua mensagem",
			[WORD_CONVERSATION] = "Conversa",
			[WORD_OLDER] = "Mostrar mensagens anteriores",
			[WORD_SEALED] =
				"O que foi escrito antes está oculto, pois agora pode estar "
				"aqui outra pessoa. Pergunte pelo pedido e mostre que é seu, e "
				"tudo voltará a aparecer.",
			[WORD_RENEW] = "Mostrar novas mensagens",
			[WORD_MESSAGE] = "Sua mensagem",
			[WORD_WRITE] = "Escreva uma mensagem",
			[WORD_SEND] = "Enviar",
			[WORD_NOTE] = "Nota",
			[WORD_BUYER] = "Você",
			[WORD_BOT] = "Assistente",
			[WORD_PERSON] = "Equipe da loja",
			[WORD_EARLIER] = "Opções anteriores",
			[WORD_FILE] = "Arquivo",
			[WORD_DONE] = "feito",
			[WORD_NOW] = "em andamento",
			[WORD_NEXT] = "a seguir",
			[WORD_ERASE] = "Apagar esta conversa",
			[WORD_SURE] = "Apagar tudo o que foi escrito aqui, também na loja? Isso "
				      "não pode ser desfeito.",
			[WORD_WAITING] = "Você está esperando uma pessoa",
			[WORD_WITH_PERSON] = "Você está falando com {who}",
			[WORD_YOU_ARE_NEXT] = "Você é o próximo. Alguém entrará assim que puder.",
			[WORD_PLACE] = "Você é o número {n}. Alguém entrará assim que puder.",
			[WORD_NOBODY] =
				"Não há ninguém agora. Sua mensagem fica guardada e será lida.",
			[WORD_BACK_AT] = "Não há ninguém agora. Voltamos em {when}; sua mensagem "
					 "fica guardada.",
			[WORD_EMPTY] = "Escreva algo primeiro.",
			[WORD_TOO_LONG] = "Esta mensagem é longa demais.",
			[WORD_UNREAD] = "Alguns caracteres não puderam ser lidos. Escreva de novo.",
			[WORD_STALE] =
				"A página estava desatualizada e nada foi enviado. Envie de novo.",
			[WORD_NOT_READ] = "Não foi possível ler.",
			[WORD_NO_BUTTON] = "Esse botão não existe mais.",
			[WORD_TOO_FAST] = "Foi muito rápido. Espere {n} segundos e envie de novo.",
			[WORD_TOO_MANY] =
				"Há chats novos demais vindos do seu endereço. Espere um minuto.",
			[WORD_NOT_STORED] = "Não foi possível salvar agora. Envie de novo.",
			[WORD_NOT_ERASED] = "Não foi possível apagar agora. Tente de novo.",
			[WORD_ORDER] = "Pedido {n}",
			[WORD_RETURN] = "Devolução {n}",
			[WORD_REFUND] = "Reembolso",
			[WORD_STATUS] = "Status",
			[WORD_TOTAL] = "Total",
			[WORD_AMOUNT] = "Valor",
			[WORD_PAID_WITH] = "Pago com",
			[WORD_CREATED] = "Pedido em",
			[WORD_REQUESTED] = "Solicitado",
			[WORD_APPROVED] = "Aprovado",
			[WORD_PAID] = "Pago",
			[WORD_DEADLINE] = "Até",
			[WORD_SHIP_BY] = "Envio até",
			[WORD_DELIVER_BY] = "Chega até",
			[WORD_DELIVERED] = "Entregue",
			[WORD_CANCELLED] = "Cancelado",
			[WORD_CARRIER] = "Transportadora",
			[WORD_TRACKING] = "Código de rastreio",
			[WORD_LABEL] = "Etiqueta de devolução",
			[WORD_ADDRESS] = "Enviar para",
			[WORD_WHY] = "Motivo",
		},
};
