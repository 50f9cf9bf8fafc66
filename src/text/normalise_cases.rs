//! What sellers and spammers write, and how it reads.

use super::normalise;

/// As written, as read.
const CASES: &[(&str, &str)] = &[
    // Plain text is only folded.
    ("", ""),
    ("  Hello,\t\n WORLD  ", "hello, world"),
    ("Giá Rẻ ", "giá rẻ"),
    // Styled letters and digits.
    ("𝐀𝐄𝐑𝐎𝟖𝟖", "aero88"),
    ("𝘈𝘌𝘙𝘖88", "aero88"),
    ("𝔸𝔼ℝ𝕆𝟠𝟠", "aero88"),
    ("𝓐𝓔𝓡𝓞", "aero"),
    ("𝕬𝕰𝕽𝕺", "aero"),
    ("𝙰𝙴𝚁𝙾𝟾𝟾", "aero88"),
    ("ＡＥＲＯ８８", "aero88"),
    ("Ａ Ｅ Ｒ Ｏ", "aero"),
    ("ᴀᴇʀᴏ", "aero"),
    ("ⓐⓔⓡⓞ", "aero"),
    ("🅐🅔🅡🅞", "aero"),
    ("🅰🅴🆁🅾", "aero"),
    ("🅰️🅴🆁🅾️88", "aero88"),
    ("🄰🄴🅁🄾", "aero"),
    ("⒜⒠⒭⒪", "aero"),
    ("🇦🇪🇷🇴", "aero"),
    ("ᵃᵉʳᵒ⁸⁸", "aero88"),
    ("8️⃣8️⃣ gacor", "88 gacor"),
    ("❽❽ ➇➇ ⑧⑧ ⓼⓼", "88 88 88 88"),
    ("0⃣8⃣1⃣2⃣", "0812"),
    ("🔟 pcs", "10 pcs"),
    // Marks.
    ("A͟E͟R͟O͟", "aero"),
    ("A̲E̲R̲O̲", "aero"),
    ("A̶E̶R̶O̶", "aero"),
    ("A͓̽E͓̽R͓̽O͓̽", "aero"),
    ("Z\u{310}\u{311}\u{312}\u{313}A\u{300}\u{301}\u{302}\u{303}lgo", "zalgo"),
    ("ÄËRÖ", "aero"),
    ("ŞLOT", "slot"),
    ("Tiếng Việt", "tiếng việt"),
    ("Tie\u{302}\u{301}ng Vie\u{323}\u{302}t", "tiếng việt"),
    ("Vie\u{302}\u{323}t", "việt"),
    ("ĐƯỢC đồng", "được đồng"),
    ("Piñata", "piñata"),
    ("น้ำดื่มที่ดี", "น้ำดื่มที่ดี"),
    ("น้\u{e4d}\u{e32}", "น้ำ"),
    ("ดี\u{e48}\u{e48}\u{e48}\u{e48}", "ดี่"),
    ("ก\u{301}\u{302}า", "กา"),
    ("\u{301}x", "x"),
    // Invisible characters.
    ("g\u{200b}a\u{200c}c\u{200d}o\u{2060}r", "gacor"),
    ("ga\u{ad}cor", "gacor"),
    ("\u{feff}ga\u{34f}cor\u{202e}", "gacor"),
    ("ga\u{3164}cor ga\u{2800}cor", "gacor ga cor"),
    ("👍🏻 ❤️", "👍 ❤"),
    // Look-alikes of other scripts.
    ("АERО", "aero"),
    ("РаyРаl", "paypal"),
    ("НOT СALL", "hot call"),
    ("ѕlоt gаcоr", "slot gacor"),
    ("SLΟΤ", "slot"),
    ("main di РОКЕR", "main di poker"),
    ("daftar АЕRО", "daftar aero"),
    ("daftar РОКЕ now", "daftar poke now"),
    ("𐊗OTO", "toto"),
    ("ЯOΛD", "road"),
    ("ɡɑcоr", "gacor"),
    ("Привет мир", "привет мир"),
    ("Купить iPhone дешево", "купить iphone дешево"),
    ("5 μm filter", "5 μm filter"),
    // Spelt out.
    ("⭐ A L E X I S 1 7 ⭐", "⭐ alexis17 ⭐"),
    ("P.U.L.A.U", "pulau"),
    ("g-a-c-o-r", "gacor"),
    ("s*l*o*t", "slot"),
    ("0 8 1 2 3 4 5 6", "08123456"),
    ("size S M L", "size s m l"),
    ("u.s.a", "u.s.a"),
    ("1 2 3 4", "1 2 3 4"),
    // Leet, and what only looks like it.
    ("h4ck3d", "hacked"),
    ("SL0T G4COR", "slot gacor"),
    ("m4xw1n", "maxwin"),
    ("g00d", "good"),
    ("p@ypal ca$h $lot", "paypal cash slot"),
    ("Jp4ulau88", "jpaulau88"),
    ("iphone14 s21ultra mp3 rtx3060ti", "iphone14 s21ultra mp3 rtx3060ti"),
    ("$20 Rp50rb 100k 5kg 2in1", "$20 rp50rb 100k 5kg 2in1"),
    ("B2B 4K 3D a4 m4a1", "b2b 4k 3d a4 m4a1"),
    ("m4rk@gmail.com @user", "m4rk@gmail.com @user"),
    // Stretched.
    ("Goooood baguuusss", "good baguuss"),
    ("wow!!!!! 🔥🔥🔥🔥", "wow!! 🔥🔥"),
    ("1000000 8888", "1000000 8888"),
    ("www.shop.com wwww", "www.shop.com ww"),
    ("ดีมากกกกก", "ดีมากก"),
    // Mixed disguises.
    ("𝐏 𝐔 𝐋 𝐀 𝐔 𝟕 𝟕", "pulau77"),
    ("Ｇ̲４̲Ｃ̲Ｏ̲Ｒ̲", "gacor"),
    ("S\u{200b}L\u{200b}0\u{200b}T", "slot"),
    ("“quoted” – ‘dash’…", "\"quoted\" - 'dash'.."),
    ("Brand™ ½ m²", "brand 1⁄2 m2"),
    ("ﬁne ĳ ㎏", "fine ij kg"),
    ("\u{fffd}\u{0}x\u{7f}y", "\u{fffd} x y"),
];

#[test]
fn hostile_text_reads_as_meant() {
    assert!(CASES.len() >= 60);
    let wrong: Vec<String> = CASES
        .iter()
        .filter(|(written, read)| normalise(written) != *read)
        .map(|(written, read)| format!("{written:?}: read {:?}, not {read:?}", normalise(written)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
