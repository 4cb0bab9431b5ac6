/* Vietnamese. */
#include "adapters/widget/words.h"

const struct words words_vi = {
	.tag = "vi",
	.word =
		{
			[WORD_CHAT] = "Trò chuyện",
			[WORD_SKIP] = "Đến tin nhắn của bạn",
			[WORD_CONVERSATION] = "Cuộc trò chuyện",
			[WORD_OLDER] = "Xem tin nhắn cũ hơn",
			[WORD_SEALED] =
				"Nội dung trước đó được ẩn vì lúc này có thể là người khác ở "
				"đây. Hãy hỏi về đơn hàng và chứng minh đơn đó là của bạn, nội "
				"dung sẽ hiện lại.",
			[WORD_RENEW] = "Xem tin nhắn mới",
			[WORD_MESSAGE] = "Tin nhắn của bạn",
			[WORD_WRITE] = "Viết tin nhắn",
			[WORD_SEND] = "Gửi",
			[WORD_NOTE] = "Ghi chú",
			[WORD_BUYER] = "Bạn",
			[WORD_BOT] = "Trợ lý",
			[WORD_PERSON] = "Nhân viên cửa hàng",
			[WORD_EARLIER] = "Lựa chọn trước đó",
			[WORD_FILE] = "Tệp",
			[WORD_DONE] = "xong",
			[WORD_NOW] = "đang thực hiện",
			[WORD_NEXT] = "sắp tới",
			[WORD_ERASE] = "Xóa cuộc trò chuyện này",
			[WORD_SURE] = "Xóa mọi nội dung đã viết ở đây, kể cả ở phía cửa hàng? "
				      "Không thể hoàn tác.",
			[WORD_WAITING] = "Bạn đang chờ nhân viên",
			[WORD_WITH_PERSON] = "Bạn đang nói chuyện với {who}",
			[WORD_YOU_ARE_NEXT] =
				"Bạn là người tiếp theo. Nhân viên sẽ vào ngay khi rảnh.",
			[WORD_PLACE] = "Bạn ở vị trí số {n}. Nhân viên sẽ vào ngay khi rảnh.",
			[WORD_NOBODY] = "Hiện không có ai trực. Tin nhắn của bạn được giữ lại và "
					"sẽ được đọc.",
			[WORD_BACK_AT] = "Hiện không có ai trực. Nhân viên trở lại lúc {when}; tin "
					 "nhắn của bạn được giữ lại.",
			[WORD_EMPTY] = "Vui lòng viết gì đó trước.",
			[WORD_TOO_LONG] = "Tin nhắn này quá dài.",
			[WORD_UNREAD] = "Một số ký tự không đọc được. Vui lòng viết lại.",
			[WORD_STALE] = "Trang đã cũ nên chưa gửi gì. Vui lòng gửi lại.",
			[WORD_NOT_READ] = "Không đọc được.",
			[WORD_NO_BUTTON] = "Nút đó không còn nữa.",
			[WORD_TOO_FAST] = "Quá nhanh. Vui lòng đợi {n} giây rồi gửi lại.",
			[WORD_TOO_MANY] = "Có quá nhiều cuộc trò chuyện mới từ địa chỉ của bạn. "
					  "Vui lòng đợi một phút.",
			[WORD_NOT_STORED] = "Hiện chưa lưu được. Vui lòng gửi lại.",
			[WORD_NOT_ERASED] = "Hiện chưa xóa được. Vui lòng thử lại.",
			[WORD_ORDER] = "Đơn hàng {n}",
			[WORD_RETURN] = "Trả hàng {n}",
			[WORD_REFUND] = "Hoàn tiền",
			[WORD_STATUS] = "Trạng thái",
			[WORD_TOTAL] = "Tổng cộng",
			[WORD_AMOUNT] = "Số tiền",
			[WORD_PAID_WITH] = "Thanh toán bằng",
			[WORD_CREATED] = "Ngày đặt",
			[WORD_REQUESTED] = "Ngày yêu cầu",
			[WORD_APPROVED] = "Ngày duyệt",
			[WORD_PAID] = "Ngày trả tiền",
			[WORD_DEADLINE] = "Hạn",
			[WORD_SHIP_BY] = "Gửi hàng trước",
			[WORD_DELIVER_BY] = "Giao trước",
			[WORD_DELIVERED] = "Ngày giao",
			[WORD_CANCELLED] = "Ngày hủy",
			[WORD_CARRIER] = "Đơn vị vận chuyển",
			[WORD_TRACKING] = "Mã vận đơn",
			[WORD_LABEL] = "Nhãn trả hàng",
			[WORD_ADDRESS] = "Gửi đến",
			[WORD_WHY] = "Lý do",
		},
};
