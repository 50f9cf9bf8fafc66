"""Writes the texts that both sides read: 20,000 distinct ones of about 120 characters, one a line, the same for a seed on every machine.

A quarter each: plain English and Indonesian, the same disguised, Vietnamese, Thai. The words are invented after the markets' shops.
Usage: texts.py FILE
"""

import random
import sys

N_TEXTS = 20_000
N_CHARS = 120
SEED = 7

PLAIN = """good quality bag strap is strong and the colour same as in picture delivery took three days only will buy again
barang bagus sesuai gambar pengiriman cepat kualitas oke harga murah penjual ramah recommended banget packing rapi aman
size fits well material soft not thin stitching neat seller replies fast refund was easy box arrived dented but item fine
tas kulit warna hitam ukuran besar tali kuat cocok untuk kerja sekolah terima kasih gan mantap bonus stiker lucu 100% 50rb
""".split()
BAIT = """best price chat wa 0812 3456 7890 link di bio slot gacor maxwin daftar sekarang promo bonus 100% deposit jangan sampai
kehabisan cheap original free gift click shop.com telegram t.me/shop line id zalo cash viral now hurry limited stock""".split()
VIETNAMESE = """hàng đẹp đóng gói cẩn thận giao nhanh vải mềm mát nhưng hơi mỏng so với giá tiền shop tư vấn nhiệt tình sẽ ủng hộ tiếp
nhé áo quần túi xách da màu đen trắng đỏ xanh chất lượng tốt đúng mô tả sản phẩm rất ưng ý mọi người nên mua thử chưa dùng được
lâu bền chắc chắn không biết thế nào 5 sao cho người bán 200k giảm giá miễn phí vận chuyển toàn quốc Hà Nội Sài Gòn""".split()
THAI = """ผ้านุ่มใส่สบายมากค่ะ สีตรงปก ส่งไว แพ็คของดี ราคาไม่แพง ขนาดพอดีตัว ซักแล้วไม่หด คุ้มค่ามาก แนะนำเลยค่ะ จะกลับมาซื้ออีกแน่นอน
กระเป๋าสวย หนังแท้ ของแถมน่ารัก ร้านตอบแชทเร็ว กล่องบุบนิดหน่อย แต่สินค้าไม่เสียหาย ใช้งานได้จริง เสียงดังฟังชัด แบตอึด ชาร์จเร็ว คุณภาพดีเกินราคา
ไซส์ M 100% ลด50บาท โอเคเลย""".split()
MARKS = ["", "", "", "", "", ",", ",", ".", "!", " -"]

BOLD = {chr(ord(first) + i): chr(start + i) for first, start in (("A", 0x1D400), ("a", 0x1D41A)) for i in range(26)}
WIDE = {chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)}
CYRILLIC = dict(zip("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ"))
LEET = dict(zip("aeios", "43105"))


def swap(word, table):
    return "".join(table.get(c, c) for c in word)


def disguise(word, draw):
    kind = draw.randrange(14)
    if kind == 0:
        return swap(word.upper(), BOLD)
    if kind == 1:
        return swap(word, WIDE)
    if kind == 2:
        return swap(word, CYRILLIC)
    if kind == 3:
        return swap(word, LEET)
    if kind == 4:
        return word + word[-1] * draw.randint(2, 5)
    if kind == 5:
        return " ".join(word)
    if kind == 6:
        return "\u200b".join(word)
    if kind == 7:
        return word.upper() + "!!!"
    if kind == 8:
        return word + draw.choice(["🔥", "🔥🔥", "👍🏻", "✨", "❤️"])
    return word


def write(kind, draw):
    words = [PLAIN, PLAIN + BAIT * 2, VIETNAMESE, THAI][kind]
    text = ""
    while len(text) < N_CHARS:
        word = draw.choice(words)
        if kind == 1:
            word = disguise(word, draw)
        if not text:
            word = word[:1].upper() + word[1:]
        text += word + draw.choice(MARKS) + " "
    return text[:N_CHARS + 5].strip()


def main():
    draw = random.Random(SEED)
    texts = []
    seen = set()
    while len(texts) < N_TEXTS:
        text = write(len(texts) % 4, draw)
        if text not in seen:
            seen.add(text)
            texts.append(text)
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("\n".join(texts) + "\n")


main()
