//! A small marketplace in six languages, quiet and with a campaign that no model has seen.

use super::*;
use crate::monitor::{Trend, TrendKind};
use crate::text::TextProfile;
use crate::units::{Day, Id, Market, SplitMix};

const RULES: TrendRules = TrendRules {
    recent_days: 3,
    baseline_days: 25,
    min_items: 5,
    min_sellers: 3,
    min_growth: 2.0,
    false_discovery_rate: 0.05,
    most: 20,
    sample: 5000,
};

/// Words of goods, of what they are like, and of selling, in six markets.
type MarketWords = (&'static str, [&'static str; 10], [&'static str; 8], [&'static str; 8]);
const WORDS: [MarketWords; 6] = [
    (
        "ID",
        [
            "sepatu",
            "tas kulit",
            "kaos polos",
            "jam tangan",
            "sarung bantal",
            "botol minum",
            "lampu meja",
            "celana jeans",
            "rak buku",
            "sabun wajah",
        ],
        ["baru", "tebal", "ringan", "warna hitam", "warna putih", "ukuran besar", "anti air", "impor"],
        [
            "siap kirim hari ini",
            "stok terbatas",
            "harga grosir",
            "bisa bayar di tempat",
            "kualitas bagus",
            "garansi toko",
            "bonus kotak",
            "banyak pilihan",
        ],
    ),
    (
        "VN",
        [
            "giày thể thao",
            "túi xách",
            "áo thun",
            "đồng hồ",
            "vỏ gối",
            "bình nước",
            "đèn bàn",
            "quần jean",
            "kệ sách",
            "sữa rửa mặt",
        ],
        ["mới", "dày dặn", "nhẹ", "màu đen", "màu trắng", "cỡ lớn", "chống nước", "nhập khẩu"],
        [
            "giao hàng nhanh",
            "số lượng có hạn",
            "giá sỉ",
            "thanh toán khi nhận",
            "chất lượng tốt",
            "bảo hành",
            "tặng hộp",
            "nhiều lựa chọn",
        ],
    ),
    (
        "TH",
        ["รองเท้าผ้าใบ", "กระเป๋าหนัง", "เสื้อยืด", "นาฬิกา", "ปลอกหมอน", "ขวดน้ำ", "โคมไฟ", "กางเกงยีนส์", "ชั้นหนังสือ", "โฟมล้างหน้า"],
        ["ใหม่", "หนา", "เบา", "สีดำ", "สีขาว", "ไซส์ใหญ่", "กันน้ำ", "นำเข้า"],
        ["พร้อมส่งทันที", "สินค้ามีจำกัด", "ราคาส่ง", "เก็บเงินปลายทาง", "คุณภาพดี", "มีประกัน", "แถมกล่อง", "เลือกได้หลายแบบ"],
    ),
    (
        "MY",
        [
            "kasut sukan",
            "beg kulit",
            "baju kosong",
            "jam tangan",
            "sarung bantal",
            "botol air",
            "lampu meja",
            "seluar jean",
            "rak buku",
            "pencuci muka",
        ],
        ["baharu", "tebal", "ringan", "hitam", "putih", "saiz besar", "kalis air", "import"],
        [
            "pos hari ini",
            "stok terhad",
            "harga borong",
            "bayar semasa terima",
            "kualiti baik",
            "waranti kedai",
            "percuma kotak",
            "banyak pilihan",
        ],
    ),
    (
        "PH",
        [
            "sapatos",
            "leather bag",
            "plain shirt",
            "wrist watch",
            "pillow case",
            "water bottle",
            "desk lamp",
            "denim pants",
            "book shelf",
            "facial wash",
        ],
        ["bago", "makapal", "magaan", "itim", "puti", "malaki", "waterproof", "imported"],
        [
            "ships today",
            "limited stock",
            "wholesale price",
            "cash on delivery",
            "magandang kalidad",
            "with warranty",
            "free box",
            "maraming pagpipilian",
        ],
    ),
    (
        "SG",
        [
            "running shoes",
            "leather bag",
            "plain tee",
            "wrist watch",
            "pillow case",
            "water bottle",
            "desk lamp",
            "slim jeans",
            "book shelf",
            "face wash",
        ],
        ["brand new", "thick", "lightweight", "black", "white", "large size", "waterproof", "imported"],
        [
            "ships today",
            "limited stock",
            "bulk price",
            "cash on delivery",
            "good quality",
            "shop warranty",
            "free box",
            "many colours",
        ],
    ),
];

struct Made {
    id: Id,
    market: Market,
    author: String,
    day: i32,
    title: String,
    body: String,
    normalised: String,
    cluster: Option<u64>,
    views: u64,
    complaints: u64,
    is_planted: bool,
}

fn pick<'a>(rng: &mut SplitMix, words: &[&'a str]) -> &'a str {
    words[(rng.next_u64() % words.len() as u64) as usize]
}

/// Items published on the days from `first` to before `end`, `per_day` a market; one in ten is complained of. A few sellers list much.
fn market_of(first: i32, end: i32, per_day: u32) -> Vec<Made> {
    let mut items = Vec::new();
    for (code, goods, like, selling) in WORDS {
        for day in first..end {
            let mut rng =
                SplitMix(u64::from(day as u32) * 1000 + u64::from(code.as_bytes()[0]) * 7 + u64::from(code.as_bytes()[1]));
            for at in 0..per_day {
                let rank = rng.next_u64() % 100;
                let seller = if rank < 20 { rank % 5 } else { rank };
                let title = format!("{} {}", pick(&mut rng, &goods), pick(&mut rng, &like));
                // Twenty forms: four orders of five parts.
                let (a, b, c) = (pick(&mut rng, &selling), pick(&mut rng, &selling), pick(&mut rng, &like));
                let body = match rng.next_u64() % 4 {
                    0 => format!("{a}, {b}. {c} {}", pick(&mut rng, &goods)),
                    1 => format!("{c}! {a} {b}"),
                    2 => format!("{} {c} {a}", pick(&mut rng, &goods)),
                    _ => format!("{b} {c} {}", rng.next_u64() % 90 + 10),
                };
                let views = 50 + rng.next_u64() % 500;
                let complained = rng.next_u64().is_multiple_of(10);
                items.push(Made {
                    id: format!("{code}-{day}-{at}").into(),
                    market: code.parse().unwrap(),
                    author: format!("{code}-s{seller}"),
                    day,
                    normalised: TextProfile::of(Some(&title), Some(&body)).normalised,
                    title,
                    body,
                    cluster: None,
                    views,
                    complaints: if complained { 1 + rng.next_u64() % 3 } else { 0 },
                    is_planted: false,
                });
            }
        }
    }
    items
}

/// A campaign in `code` from `day` on: `per_day` items a day of eight sellers, its phrase and handle pasted with variations.
fn campaign(code: &str, day: i32, nights: i32, per_day: u64, openings: &[&str], phrase: &str, handle: &str) -> Vec<Made> {
    let goods = WORDS.iter().find(|words| words.0 == code).unwrap().1;
    let mut rng = SplitMix(99);
    let mut items = Vec::new();
    for published in day..day + nights {
        for at in 0..per_day {
            let title = format!("{} {}", pick(&mut rng, &goods), pick(&mut rng, openings));
            let said = if rng.next_u64().is_multiple_of(3) { phrase.to_uppercase() } else { phrase.to_owned() };
            let contact = if rng.next_u64().is_multiple_of(4) { String::new() } else { format!(" {handle}") };
            let body = format!("{} {said}{contact} {}", pick(&mut rng, openings), rng.next_u64() % 1000);
            items.push(Made {
                id: format!("x-{code}-{published}-{at}").into(),
                market: code.parse().unwrap(),
                author: format!("x-s{}", at % 8),
                day: published,
                normalised: TextProfile::of(Some(&title), Some(&body)).normalised,
                title,
                body,
                cluster: None,
                views: 400,
                // Not everyone complains on the first day.
                complaints: rng.next_u64() % 4,
                is_planted: true,
            });
        }
    }
    items
}

fn night(day: i32, items: &[Made]) -> Vec<Trend> {
    let mut finder = TrendFinder::new(RULES);
    items.iter().for_each(|item| add(&mut finder, day, item));
    finder.finish(Day(day), &[])
}

fn add(finder: &mut TrendFinder, day: i32, item: &Made) {
    let Ok(age_days) = u32::try_from(day - 1 - item.day) else { return };
    finder.add(&TrendItem {
        content_id: &item.id,
        market: item.market,
        author: &item.author,
        age_days,
        normalised: &item.normalised,
        title: &item.title,
        body: &item.body,
        cluster: item.cluster,
        views: item.views,
        complaints: item.complaints,
        is_suspicious: item.complaints > 0,
    });
}

/// Whether a condition made of ILIKE fragments holds for an item, by its own reading of them.
fn fires(condition: &str, item: &Made) -> bool {
    condition.split(" OR ").any(|part| {
        let (field, rest) = part.split_once(" ILIKE '%").unwrap();
        let pattern = rest.strip_suffix("%' ESCAPE '!'").unwrap().replace("''", "'");
        let fragment: String = pattern.replace('!', "");
        let text = if field == "title" { &item.title } else { &item.body };
        text.to_lowercase().contains(&fragment)
    })
}

fn is_caught(code: &str, openings: &[&str], phrase: &str, handle: &str) {
    let mut items = market_of(0, 33, 20);
    items.extend(campaign(code, 30, 3, 16, openings, phrase, handle));
    let trends = night(33, &items);
    let market: Market = code.parse().unwrap();
    let is_planted = |trend: &Trend| trend.market == market && trend.examples.iter().all(|e| e.content_id.starts_with("x-"));
    let top: Vec<&Trend> = trends.iter().take(5).filter(|trend| is_planted(trend)).collect();
    assert!(!top.is_empty(), "{trends:#?}");
    let caught = top.iter().any(|trend| {
        let Some(condition) = &trend.condition else { return false };
        let hit: Vec<&Made> = items.iter().filter(|item| item.market == market && fires(condition, item)).collect();
        let right = hit.iter().filter(|item| item.is_planted).count();
        right * 2 >= items.iter().filter(|item| item.is_planted).count() && right as f64 >= 0.9 * hit.len() as f64
    });
    assert!(caught, "{top:#?}");
    assert!(top.iter().all(|trend| trend.growth_interval.low > 1.0 && trend.q_value <= 0.05 && trend.sellers >= 3));
    // The five are of different items.
    assert!(top.len() <= 2, "{top:#?}");
}

#[test]
fn a_new_campaign_is_among_the_top_five_and_its_condition_selects_it() {
    is_caught("ID", &["klik", "buruan", "cek"], "saldo gratis tanpa syarat", "wa 0812 3456 7890");
    is_caught("TH", &["กดเลย", "ด่วน", "สมัคร"], "เครดิตฟรีไม่ต้องฝาก", "line: @cashspin88");
    is_caught("SG", &["act now", "hurry", "tap here"], "double your coins tonight", "coins-tonight.xyz");
}

#[test]
fn the_order_of_the_items_changes_nothing() {
    let mut items = market_of(0, 33, 8);
    items.extend(campaign("VN", 30, 3, 16, &["nhanh tay"], "nhận tiền thưởng miễn phí", "zalo 0901234567"));
    let forth = night(33, &items);
    items.reverse();
    assert!(!forth.is_empty());
    assert_eq!(forth, night(33, &items));
}

/// 200 nights of which nothing is to be told: what is told all the same.
#[test]
fn quiet_nights_tell_next_to_nothing() {
    let items = market_of(0, 228, 15);
    let mut told = Vec::new();
    for day in 28..228 {
        let within: Vec<&Made> = items.iter().filter(|item| (day - 28..day).contains(&item.day)).collect();
        let mut finder = TrendFinder::new(RULES);
        within.into_iter().for_each(|item| add(&mut finder, day, item));
        told.extend(finder.finish(Day(day), &[]));
    }
    assert!(told.len() <= 1, "{} told: {told:#?}", told.len());
}

#[test]
fn one_seller_who_lists_much_is_no_trend() {
    let mut items = market_of(0, 33, 8);
    let mut alone = campaign("ID", 30, 3, 40, &["cek"], "saldo gratis tanpa syarat", "wa 081234567890");
    alone.iter_mut().for_each(|item| item.author = "one".to_owned());
    // Two sellers on one day are as few.
    alone.retain(|item| item.day >= 31);
    items.extend(alone);
    assert_eq!(night(33, &items), []);
}

#[test]
fn copies_are_one_trend_with_a_name_and_contacts_stay_hidden() {
    let mut items = market_of(0, 33, 8);
    let mut copies = campaign("ID", 30, 3, 16, &["cek"], "saldo gratis tanpa syarat", "wa 081234567890");
    copies.iter_mut().for_each(|item| item.cluster = Some(7));
    items.extend(copies);
    let trends = night(33, &items);
    assert_eq!(trends.iter().filter(|trend| trend.examples.iter().any(|e| e.content_id.starts_with("x-"))).count(), 1);
    let trend = &trends[0];
    assert!(matches!(trend.kind, TrendKind::Cluster | TrendKind::Term), "{trend:?}");
    assert!(!trend.name.contains("081234567890"));
    assert!(trend.examples.iter().all(|example| !example.text.contains("34567")), "{trend:#?}");
    let since = Trend { since: Day(31), ..trend.clone() };
    let mut finder = TrendFinder::new(RULES);
    items.iter().for_each(|item| add(&mut finder, 33, item));
    assert_eq!(finder.finish(Day(33), &[since])[0].since, Day(31));
}

#[test]
fn a_draft_is_a_policy_file_and_a_batch_opens_as_text() {
    let mut items = market_of(0, 33, 8);
    items.extend(campaign("ID", 30, 3, 16, &["cek"], "o'saldo 50% \"gratis\" tanpa syarat", "wa 081234567890"));
    let trends = night(33, &items);
    let draft = draft_policy(&trends[0], "knockoff", "policy@example.org", Day(33)).unwrap();
    let file = crate::config::parse_policy("trend.toml", &draft).unwrap();
    assert_eq!(file.id, format!("trend_{}", trends[0].id()));
    assert_eq!(file.when, trends[0].condition.clone().unwrap());
    assert_eq!(draft_policy(&Trend { condition: None, ..trends[0].clone() }, "knockoff", "a", Day(33)), None);

    let mut hostile = trends[0].clone();
    hostile.examples[0].text = "=HYPERLINK(\"x\")".to_owned();
    let batch = labelling_batch(&hostile);
    assert_eq!(batch.lines().count(), 1 + hostile.examples.len());
    assert!(batch.contains("\"'=HYPERLINK"), "{batch}");
}
