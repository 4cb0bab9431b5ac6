/* Indonesian. */
#include "adapters/widget/words.h"

const struct words words_id = {
	.tag = "id",
	.word =
		{
			[WORD_CHAT] = "Obrolan",
			[WORD_SKIP] = "Langsung ke pesan Anda",
			[WORD_CONVERSATION] = "Percakapan",
			[WORD_OLDER] = "Tampilkan pesan sebelumnya",
			[WORD_SEALED] =
				"Percakapan sebelumnya disembunyikan karena mungkin orang lain "
				"yang ada di sini sekarang. Tanyakan pesanannya dan tunjukkan "
				"bahwa itu milik Anda, lalu semuanya tampil lagi.",
			[WORD_RENEW] = "Tampilkan pesan baru",
			[WORD_MESSAGE] = "Pesan Anda",
			[WORD_WRITE] = "Tulis pesan",
			[WORD_SEND] = "Kirim",
			[WORD_NOTE] = "Catatan",
			[WORD_BUYER] = "Anda",
			[WORD_BOT] = "Asisten",
			[WORD_PERSON] = "Tim toko",
			[WORD_EARLIER] = "Pilihan sebelumnya",
			[WORD_FILE] = "File",
			[WORD_DONE] = "selesai",
			[WORD_NOW] = "sedang berjalan",
			[WORD_NEXT] = "berikutnya",
			[WORD_ERASE] = "Hapus percakapan ini",
			[WORD_SURE] = "Hapus semua yang ditulis di sini, termasuk di toko? Ini "
				      "tidak dapat dibatalkan.",
			[WORD_WAITING] = "Anda menunggu petugas",
			[WORD_WITH_PERSON] = "Anda berbicara dengan {who}",
			[WORD_YOU_ARE_NEXT] =
				"Anda berikutnya. Petugas akan bergabung begitu tersedia.",
			[WORD_PLACE] = "Anda nomor {n}. Petugas akan bergabung begitu tersedia.",
			[WORD_NOBODY] =
				"Saat ini tidak ada petugas. Pesan Anda disimpan dan akan dibaca.",
			[WORD_BACK_AT] = "Saat ini tidak ada petugas. Petugas kembali {when}; "
					 "pesan Anda disimpan.",
			[WORD_EMPTY] = "Tulis sesuatu terlebih dahulu.",
			[WORD_TOO_LONG] = "Pesan ini terlalu panjang.",
			[WORD_UNREAD] = "Beberapa karakter tidak terbaca. Tulis sekali lagi.",
			[WORD_STALE] = "Halaman sudah usang, jadi tidak ada yang terkirim. Kirim "
				       "sekali lagi.",
			[WORD_NOT_READ] = "Itu tidak dapat dibaca.",
			[WORD_NO_BUTTON] = "Tombol itu sudah tidak ada.",
			[WORD_TOO_FAST] = "Itu terlalu cepat. Tunggu {n} detik lalu kirim lagi.",
			[WORD_TOO_MANY] =
				"Terlalu banyak obrolan baru dari alamat Anda. Tunggu satu menit.",
			[WORD_NOT_STORED] = "Itu belum dapat disimpan. Kirim sekali lagi.",
			[WORD_NOT_ERASED] = "Belum dapat dihapus. Coba lagi.",
			[WORD_ORDER] = "Pesanan {n}",
			[WORD_RETURN] = "Retur {n}",
			[WORD_REFUND] = "Pengembalian dana",
			[WORD_STATUS] = "Status",
			[WORD_TOTAL] = "Total",
			[WORD_AMOUNT] = "Jumlah uang",
			[WORD_PAID_WITH] = "Dibayar dengan",
			[WORD_CREATED] = "Dipesan",
			[WORD_REQUESTED] = "Diajukan",
			[WORD_APPROVED] = "Disetujui",
			[WORD_PAID] = "Dibayarkan",
			[WORD_DEADLINE] = "Sampai",
			[WORD_SHIP_BY] = "Dikirim paling lambat",
			[WORD_DELIVER_BY] = "Tiba paling lambat",
			[WORD_DELIVERED] = "Diterima",
			[WORD_CANCELLED] = "Dibatalkan",
			[WORD_CARRIER] = "Kurir",
			[WORD_TRACKING] = "Nomor resi",
			[WORD_LABEL] = "Label retur",
			[WORD_ADDRESS] = "Kirim ke",
			[WORD_WHY] = "Alasan",
		},
};
