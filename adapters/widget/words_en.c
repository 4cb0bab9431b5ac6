/* English. */
#include "adapters/widget/words.h"

const struct words words_en = {
	.tag = "en",
	.word =
		{
			[WORD_CHAT] = "Chat",
			[WORD_SKIP] = "Skip to your message",
			[WORD_CONVERSATION] = "Conversation",
			[WORD_OLDER] = "Show older messages",
			[WORD_SEALED] =
				"Earlier messages are hidden, for this may be somebody else by "
				"now. Show again that the order is yours, and they are back.",
			[WORD_RENEW] = "Show new messages",
			[WORD_MESSAGE] = "Your message",
			[WORD_WRITE] = "Write a message",
			[WORD_SEND] = "Send",
			[WORD_NOTE] = "Note",
			[WORD_BUYER] = "You",
			[WORD_BOT] = "Assistant",
			[WORD_PERSON] = "Shop team",
			[WORD_EARLIER] = "Earlier choices",
			[WORD_FILE] = "File",
			[WORD_DONE] = "done",
			[WORD_NOW] = "under way",
			[WORD_NEXT] = "to come",
			[WORD_ERASE] = "Erase this conversation",
			[WORD_SURE] = "Erase everything written here, also at the shop? This "
				      "cannot be undone.",
			[WORD_WAITING] = "You are waiting for a person",
			[WORD_WITH_PERSON] = "You are talking to {who}",
			[WORD_YOU_ARE_NEXT] =
				"You are next. A person will join as soon as one is free.",
			[WORD_PLACE] =
				"You are number {n}. A person will join as soon as one is free.",
			[WORD_NOBODY] =
				"Nobody is at the desk now. Your message is kept and will be read.",
			[WORD_BACK_AT] = "Nobody is at the desk now. People are back {when}; your "
					 "message is kept.",
			[WORD_EMPTY] = "Please write something first.",
			[WORD_TOO_LONG] = "This message is too long.",
			[WORD_UNREAD] =
				"Some characters of that could not be read. Please write it again.",
			[WORD_STALE] = "That page was out of date, so nothing was sent. Please "
				       "send it again.",
			[WORD_NOT_READ] = "That could not be read.",
			[WORD_NO_BUTTON] = "That button is not there any more.",
			[WORD_TOO_FAST] =
				"That was very quick. Please wait {n} seconds and send it again.",
			[WORD_TOO_MANY] = "There are too many new chats from your address. Please "
					  "wait a minute.",
			[WORD_NOT_STORED] =
				"That could not be stored just now. Please send it again.",
			[WORD_NOT_ERASED] = "This could not be erased just now. Please try again.",
			[WORD_ORDER] = "Order {n}",
			[WORD_RETURN] = "Return {n}",
			[WORD_REFUND] = "Refund",
			[WORD_STATUS] = "Status",
			[WORD_TOTAL] = "Total",
			[WORD_AMOUNT] = "Amount",
			[WORD_PAID_WITH] = "Paid with",
			[WORD_CREATED] = "Ordered",
			[WORD_REQUESTED] = "Requested",
			[WORD_APPROVED] = "Approved",
			[WORD_PAID] = "Paid out",
			[WORD_DEADLINE] = "Until",
			[WORD_SHIP_BY] = "Ships by",
			[WORD_DELIVER_BY] = "Arrives by",
			[WORD_DELIVERED] = "Delivered",
			[WORD_CANCELLED] = "Cancelled",
			[WORD_CARRIER] = "Carrier",
			[WORD_TRACKING] = "Tracking number",
			[WORD_LABEL] = "Return label",
			[WORD_ADDRESS] = "Send to",
			[WORD_WHY] = "Reason",
		},
};
