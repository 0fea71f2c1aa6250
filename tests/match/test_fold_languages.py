"""Folding as a reader meets it: a term, a text of its language, and the very stretch that is found.

One table for each language and for each way of encoding; every case goes through the matcher and is
compared by what stands in the original text between the offsets of the span.
"""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.match.matcher import compile as compile_watches
from bot.model import Article, Watch
from tests.match import fold_oracle

Case = tuple[str, str, list[str]]


def found(query: str, text: str) -> list[str]:
    """The stretches of the text that the query finds."""
    article = Article(url="https://x.example/", title="", text=text)
    mentions = compile_watches([Watch(key="w", query=query)]).find(article)
    return [text[span.start : span.end] for mention in mentions for span in mention.spans]


def cases(table: list[Case]) -> pytest.MarkDecorator:
    """A table of term, text and what is found, each row a test."""
    ids = [f"{query} in {text}".encode("ascii", "backslashreplace").decode() for query, text, _ in table]
    return pytest.mark.parametrize(("query", "text", "stretches"), table, ids=ids)


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


TURKISH: list[Case] = [
    ("istanbul", "İSTANBUL", ["İSTANBUL"]),
    ("İstanbul", "istanbul", ["istanbul"]),
    ("İstanbul", "ISTANBUL", ["ISTANBUL"]),
    ("ISPARTA", "ısparta", ["ısparta"]),
    ("Isparta", "İSPARTA", ["İSPARTA"]),
    ("ıspanak", "Ispanak", ["Ispanak"]),
    ("istanbul", "I\u0307stanbul", ["I\u0307stanbul"]),
    ("istanbul", "i\u0307stanbul", ["i\u0307stanbul"]),
    ("İstanbul", "İstanbul’da", ["İstanbul"]),
    ("İstanbul", "İstanbul'un", ["İstanbul"]),
    ("İstanbul", "İstanbullu", []),
    ("Türkiye", "TURKIYE ve TÜRKİYE", ["TURKIYE", "TÜRKİYE"]),
    ("Çanakkale", "canakkale Şanakkale", ["canakkale"]),
    ("Ağrı", "AĞRI, Agri", ["AĞRI", "Agri"]),
    ("{İstanbul}", "Istanbul İstanbul", ["İstanbul"]),
    ("{ısı}", "isi ısı", ["ısı"]),
]


@cases(TURKISH)
def test_turkish(query: str, text: str, stretches: list[str]) -> None:
    """Dotted and dotless i are one letter, in either case and either spelling; suffixes follow an apostrophe."""
    assert found(query, text) == stretches


GERMAN: list[Case] = [
    ("straße", "STRASSE", ["STRASSE"]),
    ("strasse", "Straße", ["Straße"]),
    ("STRASSE", "STRAẞE", ["STRAẞE"]),
    ("straß*", "Strassen, Straßen, Strasbourg", ["Strassen", "Straßen"]),
    ("Weiß", "weiss, WEISS, Weis", ["weiss", "WEISS"]),
    ("Zürich", "ZURICH, zu\u0308rich", ["ZURICH", "zu\u0308rich"]),
    ("Müller", "Mueller", []),
    ("Mueller", "Müller", []),
    ("Köln", "Ko\u0308ln am Rhein", ["Ko\u0308ln"]),
    ("Grüße", "GRÜSSE", ["GRÜSSE"]),
    ("{Straße}", "Strasse Straße", ["Straße"]),
    ("{Zürich}", "Zurich Zürich Zu\u0308rich", ["Zürich", "Zu\u0308rich"]),
    ("Außenpolitik", "Außenpolitiker", []),
    ('"groß und ganz"', "GROSS-UND\u00a0GANZ", ["GROSS-UND\u00a0GANZ"]),
]


@cases(GERMAN)
def test_german(query: str, text: str, stretches: list[str]) -> None:
    """ß is ss, an umlaut its letter without dots, and never two letters."""
    assert found(query, text) == stretches


GREEK: list[Case] = [
    ("Οδυσσέας", "ΟΔΥΣΣΕΑΣ", ["ΟΔΥΣΣΕΑΣ"]),
    ("ΟΔΥΣΣΕΑΣ", "Οδυσσέας", ["Οδυσσέας"]),
    ("Οδυσσέας", "οδυσσέασ", ["οδυσσέασ"]),
    ("Αθήνα", "ΑΘΗΝΑ, Αθηνα, Αθη\u0301να", ["ΑΘΗΝΑ", "Αθηνα", "Αθη\u0301να"]),
    ("Ελλάδα", "ἙΛΛΆΔΑ", ["ἙΛΛΆΔΑ"]),
    ("ἀρχή", "αρχή", ["αρχή"]),
    ("Μάϊος", "Μάιος", ["Μάιος"]),
    ("ᾳ", "αι", ["αι"]),
    ("Σπύρος", "Σπυρου", []),
    ("NATO", "ΝΑΤΟ", []),
    ("διάστημα", "διάστημα· διάστημα; «διάστημα»", ["διάστημα", "διάστημα", "διάστημα"]),
    ("Μιχάλης", "ΜΙΧΑΛΗΣ-ΑΓΓΕΛΟΣ", ["ΜΙΧΑΛΗΣ"]),
    ("{Αθήνα}", "ΑΘΗΝΑ Αθηνα Αθήνα", ["Αθήνα"]),
]


@cases(GREEK)
def test_greek(query: str, text: str, stretches: list[str]) -> None:
    """Final sigma is sigma, capitals have no accents, and a Greek letter is no Latin one."""
    assert found(query, text) == stretches


CYRILLIC: list[Case] = [
    ("Королёв", "Королев, КОРОЛЁВ", ["Королев", "КОРОЛЁВ"]),
    ("Королев", "Короле\u0308в", ["Короле\u0308в"]),
    ("Байконур", "Баи\u0306конур", ["Баи\u0306конур"]),
    ("Україна", "УКРАІ\u0308НА", ["УКРАІ\u0308НА"]),
    ("Киев", "Київ", []),
    ("сузір'я", "сузір’я, сузірʼя, СУЗІР'Я", ["сузір’я", "сузірʼя", "СУЗІР'Я"]),
    ("сузір'я", "сузіря, сузір я", []),
    ("Королёв", "Королёва", []),
    ("Королёв*", "Королева", ["Королева"]),
    ("{Королёв}", "Королев Королёв", ["Королёв"]),
    ("ракета", "paкeтa", []),
]


@cases(CYRILLIC)
def test_cyrillic(query: str, text: str, stretches: list[str]) -> None:
    """ё is е and й is и, composed or not; an apostrophe belongs to the word; a Latin letter is another."""
    assert found(query, text) == stretches


LATIN: list[Case] = [
    ("Défense", "DEFENSE, defense, De\u0301fense", ["DEFENSE", "defense", "De\u0301fense"]),
    ("Łódź", "Lodz, ŁÓDŹ, Łódz\u0301", ["Lodz", "ŁÓDŹ", "Łódz\u0301"]),
    ("Ørsted", "Orsted, ØRSTED", ["Orsted", "ØRSTED"]),
    ("København", "Kobenhavn", ["Kobenhavn"]),
    ("Đoković", "Dokovic", ["Dokovic"]),
    ("Reykjavík", "REYKJAVIK", ["REYKJAVIK"]),
    ("São Paulo", "Sao Paulo", ["Sao", "Paulo"]),
    ('"El Niño"', "el nino; El Nin\u0303o", ["el nino", "El Nin\u0303o"]),
    ("Ångström", "A\u030angstro\u0308m, \u212bngström", ["A\u030angstro\u0308m", "\u212bngström"]),
    ("Ħamrun", "Hamrun", ["Hamrun"]),
    ("Timișoara", "Timişoara, Timisoara", ["Timişoara", "Timisoara"]),
    ("naïve", "naive, nai\u0308ve", ["naive", "nai\u0308ve"]),
    ("coöperatie", "cooperatie", ["cooperatie"]),
    ("Göteborg", "Göteborgs", []),
    ("{Défense}", "Defense défense Défense", ["Défense"]),
    ("{Łódź}", "Lodz Łódz Łódź", ["Łódź"]),
]


@cases(LATIN)
def test_latin(query: str, text: str, stretches: list[str]) -> None:
    """Marks and strokes are dropped on both sides, unless the term is in braces."""
    assert found(query, text) == stretches


VIETNAMESE: list[Case] = [
    ("Việt", "Vie\u0302\u0323t", ["Vie\u0302\u0323t"]),
    ("Việt", "Vie\u0323\u0302t", ["Vie\u0323\u0302t"]),
    ("Việt", "Vi\u1eb9\u0302t", ["Vi\u1eb9\u0302t"]),
    ("Việt", "Vi\u00ea\u0323t", ["Vi\u00ea\u0323t"]),
    ("Viet", "VIỆT", ["VIỆT"]),
    ('"Việt Nam"', nfd("tại Việt Nam"), [nfd("Việt Nam")]),
    ('"vệ tinh"', "Vệ\u00a0tinh và ve-tinh", ["Vệ\u00a0tinh", "ve-tinh"]),
    ('"vệ tinh"', "vệ, tinh", []),
    ('"Đà Nẵng"', "DA NANG, Đa\u0300 Nă\u0303ng", ["DA NANG", "Đa\u0300 Nă\u0303ng"]),
    ("Thủ", "thuo thu thứ", ["thu", "thứ"]),
    ("{Việt}", "Viet Vie\u0323\u0302t Viẹt", ["Vie\u0323\u0302t"]),
]


@cases(VIETNAMESE)
def test_vietnamese(query: str, text: str, stretches: list[str]) -> None:
    """Two marks on a letter, in either order, composed, half composed or apart, are the same letter."""
    assert found(query, text) == stretches


ARABIC: list[Case] = [
    ("الفضاء", "الفَضَاءُ", ["الفَضَاءُ"]),
    ("الفَضَاء", "الفضاء", ["الفضاء"]),
    ("العربية", "العَرَبِيَّة", ["العَرَبِيَّة"]),
    ("العربية", "العـــربية", ["العـــربية"]),
    ("العـربية", "العربية", ["العربية"]),
    ("محمد", "مُحـَمَّـد", ["مُحـَمَّـد"]),
    ("الفضاء", "والفضاء بالفضاء", []),
    ("الفضاء", "الفضاء، الفضاء؛ الفضاء؟", ["الفضاء", "الفضاء", "الفضاء"]),
    ("إيران", "ايران", []),
    ("أحمد", "ا\u0654حمد", ["ا\u0654حمد"]),
    ("الفضاء", "ﺍﻟﻔﻀﺎﺀ", ["ﺍﻟﻔﻀﺎﺀ"]),
    ("الله", "ﷲ", ["ﷲ"]),
    ("می‌رود", "میرود", ["میرود"]),
    ("الفضاء", "\u200fالفضاء\u200f", ["الفضاء"]),
    ("CSpO", "مبادرة \u202aCSpO\u202c هنا", ["CSpO"]),
    ("الرحمن", "الرَّحْمَٰن", ["الرَّحْمَٰن"]),
    ('"وكالة الفضاء"', "وَكَالَة\u00a0الفَضَاء", ["وَكَالَة\u00a0الفَضَاء"]),
]


@cases(ARABIC)
def test_arabic(query: str, text: str, stretches: list[str]) -> None:
    """Tatweel, vowel marks and presentation forms say nothing; hamza is a letter, and so is a prefix."""
    assert found(query, text) == stretches


HEBREW: list[Case] = [
    ("שלום", "שָׁלוֹם", ["שָׁלוֹם"]),
    ("שָׁלוֹם", "שלום", ["שלום"]),
    ("שלום", "\ufb2aָלוֹם", ["\ufb2aָלוֹם"]),
    ("חלל", "חלל־אוויר", ["חלל"]),
    ("חלל", "בחלל חללית", []),
    ("חלל", "״חלל״ (חלל)", ["חלל", "חלל"]),
    ('"סוכנות החלל"', "סוכנות־החלל", ["סוכנות־החלל"]),
    ('"סוכנות החלל"', "סוכנות-החלל סוֹכְנוּת הֶחָלָל", ["סוכנות-החלל", "סוֹכְנוּת הֶחָלָל"]),
    ('"סוכנות החלל"', "סוכנות. החלל", []),
    ("צה״ל", "צה״ל וצה״ל", ["צה״ל"]),
    ("ירושלם", "יְרוּשָׁלַ\u05b4ם", ["יְרוּשָׁלַ\u05b4ם"]),
]


@cases(HEBREW)
def test_hebrew(query: str, text: str, stretches: list[str]) -> None:
    """Points say nothing; the maqaf is a hyphen; a prefix makes another word."""
    assert found(query, text) == stretches


INDIC: list[Case] = [
    ("उपग्रह", "उपग्रह।", ["उपग्रह"]),
    ("उपग्रह", "उपग्रहों उपग्रहीय", []),
    ("क़लम", "क\u093cलम", ["क\u093cलम"]),
    ("कलम", "क़लम", []),
    ("उपग्रह", "उपग्\u200dरह", ["उपग्\u200dरह"]),
    ('"अंतरिक्ष यान"', "अंतरिक्ष-यान", ["अंतरिक्ष-यान"]),
    ("বাংলা", "বাংলা।", ["বাংলা"]),
    ("கோ", "க\u0bc7\u0bbe", ["க\u0bc7\u0bbe"]),
]


@cases(INDIC)
def test_indic(query: str, text: str, stretches: list[str]) -> None:
    """Vowel signs and nukta are letters of the word, however they are composed; joiners say nothing."""
    assert found(query, text) == stretches


JAPANESE: list[Case] = [
    ("ガス", "天然ｶﾞｽ田", ["ｶﾞｽ"]),
    ("ｶﾞｽ", "天然ガス田", ["ガス"]),
    ("ガス", "カ\u3099ス", ["カ\u3099ス"]),
    ("パン", "ﾊﾟﾝ ハン バン", ["ﾊﾟﾝ"]),
    ("ハス", "バス パス", []),
    ("か", "が", []),
    ("レーダー", "新型ﾚｰﾀﾞｰ網", ["ﾚｰﾀﾞｰ"]),
    ("レーダー", "レーダ れーだー レ−ダ− レ―ダ―", []),
    ("サーバー", "ｻｰﾊﾞｰサーバ", ["ｻｰﾊﾞｰ"]),
    ("ヴェ", "ｳﾞｪ ウ\u3099ェ", ["ｳﾞｪ", "ウ\u3099ェ"]),
    ("宇宙作戦", "連合宇宙作戦に", ["宇宙作戦"]),
    ("宇宙作戦", "宇宙、作戦 宇宙 作戦", []),
    ("人々", "若い人々が", ["人々"]),
    ("CSpO", "日本がＣＳｐＯに参加", ["ＣＳｐＯ"]),
    ("CSpO", "日本がCSpOに参加", ["CSpO"]),
    ("日本CSpO", "日本CSpO会合 日本ＣＳｐＯ", ["日本CSpO", "日本ＣＳｐＯ"]),
    ("株式会社", "㍿", ["㍿"]),
    ("キログラム", "㌕", ["㌕"]),
    ("2024年", "２０２４年度 12024年", ["２０２４年"]),
    ("ファイブ", "ファイブ・アイズ", ["ファイブ"]),
    ("自衛隊*", "陸上自衛隊員", ["自衛隊"]),
    ("{カ}", "ｶ ガ か", ["ｶ"]),
]


@cases(JAPANESE)
def test_japanese(query: str, text: str, stretches: list[str]) -> None:
    """Width says nothing, voicing and length do; a term stands anywhere in a run, a Latin one beside it."""
    assert found(query, text) == stretches


CHINESE: list[Case] = [
    ("联合", "中国联合航天", ["联合"]),
    ("聯合", "联合", []),
    ("航天局", "国家航天局将", ["航天局"]),
    ("航天局", "航天，局 航天。局", []),
    ("北斗", "\uf963斗", ["\uf963斗"]),
    ("大", "⼤", ["⼤"]),
    ("北斗", "《北斗》“北斗”", ["北斗", "北斗"]),
    ("EU", "欧盟EU与", ["EU"]),
    ("𠮷野", "在𠮷野家", ["𠮷野"]),
    ("AI芯片", "用ＡＩ芯片造", ["ＡＩ芯片"]),
]


@cases(CHINESE)
def test_chinese(query: str, text: str, stretches: list[str]) -> None:
    """Compatibility forms are the plain character; traditional and simplified ones stay two."""
    assert found(query, text) == stretches


KOREAN: list[Case] = [
    ("한국", "한국은 오늘", ["한국"]),
    ("한국", nfd("대한국민"), [nfd("한국")]),
    (nfd("한국"), "한국", ["한국"]),
    ("하", "한", []),
    ("아스터엑스", "아스터엑스는 아스터엑스가", ["아스터엑스", "아스터엑스"]),
    ("우주군", "우주 군", []),
    ("NATO", "NATO는", ["NATO"]),
    ("ㅋ", "ﾻ", ["ﾻ"]),
    ("한", "㈱한", ["한"]),
    ('"한국 우주"', "한국\u00a0우주는", ["한국\u00a0우주"]),
]


@cases(KOREAN)
def test_korean(query: str, text: str, stretches: list[str]) -> None:
    """Syllables are whole, composed or not; a particle may follow directly."""
    assert found(query, text) == stretches


SOUTH_EAST: list[Case] = [
    ("กองทัพ", "ผู้บัญชาการกองทัพอากาศ", ["กองทัพ"]),
    ("น้ำมัน", "ราคาน้ำมันโลก", ["น้ำมัน"]),
    ("น้ำมัน", "ราคาน้\u0e4d\u0e32มัน", ["น้\u0e4d\u0e32มัน"]),
    ("ก่อน", "ก้อน", []),
    ("ดาวเทียม", "ดาว\u200bเทียม", ["ดาว\u200bเทียม"]),
    ("NATO", "กับNATOและ", ["NATO"]),
    ("ลาว", "ประเทศลาว", ["ลาว"]),
    ("ປະເທດ", "ໃນປະເທດລາວ", ["ປະເທດ"]),
    ("ໜ", "ຫນ", ["ຫນ"]),
    ("កម្ពុជា", "ព្រះរាជាណាចក្រកម្ពុជា", ["កម្ពុជា"]),
    ("မြန်မာ", "ပြည်ထောင်စုမြန်မာနိုင်ငံ", ["မြန်မာ"]),
]


@cases(SOUTH_EAST)
def test_thai_lao_khmer_myanmar(query: str, text: str, stretches: list[str]) -> None:
    """Terms stand anywhere in a run; tones and vowels count; blanks without width do not."""
    assert found(query, text) == stretches


EMOJI: list[Case] = [
    ("AsterX", "🚀AsterX🚀", ["AsterX"]),
    ("AsterX", "👩\u200d🚀AsterX👍🏽", ["AsterX"]),
    ("AsterX", "❤\ufe0fAsterX❤\ufe0f", ["AsterX"]),
    ("AsterX", "🇫🇷AsterX🇯🇵", ["AsterX"]),
    ('"space force"', "space 🚀 force", []),
    ("OK", "🆗", []),
    ("宇宙", "🛰\ufe0f宇宙🛰\ufe0f", ["宇宙"]),
    ("1", "1\ufe0f\u20e3", ["1\ufe0f\u20e3"]),
]


@cases(EMOJI)
def test_emoji(query: str, text: str, stretches: list[str]) -> None:
    """A picture beside a word is a border, between words it parts them."""
    assert found(query, text) == stretches


INVISIBLE: list[Case] = [
    ("cooperation", "co\u00adop\u00aderation", ["co\u00adop\u00aderation"]),
    ("AsterX", "Aster\u200dX", ["Aster\u200dX"]),
    ("AsterX", "Aster\u200cX", ["Aster\u200cX"]),
    ("AsterX", "Aster\u200bX", ["Aster\u200bX"]),
    ("AsterX", "Aster\u2060X", ["Aster\u2060X"]),
    ("AsterX", "\ufeffAsterX", ["AsterX"]),
    ("AsterX", "\u200eAsterX\u200f", ["AsterX"]),
    ("AsterX", "\u2067AsterX\u2069", ["AsterX"]),
    ("AsterX", "AsterX\u00ad", ["AsterX"]),
    ("Aster\u00adX", "AsterX", ["AsterX"]),
    ('"space force"', "space\u00a0force, space\u202fforce", ["space\u00a0force", "space\u202fforce"]),
    ('"space force"', "space\u200b \u00adforce", ["space\u200b \u00adforce"]),
    ('"space force"', "space\u2011force space\u2010force", ["space\u2011force", "space\u2010force"]),
    ('"space force"', "space\u2028force space\u3000force", ["space\u2028force", "space\u3000force"]),
    ("C++", "C\u200b++", ["C\u200b++"]),
    ("{CSpO}", "CS\u00adpO CS\u00adPO", ["CS\u00adpO"]),
    ("defen?e", "defen\u00adce", ["defen\u00adce"]),
    ("cooperat*", "coop\u00aderation", ["coop\u00aderation"]),
]


@cases(INVISIBLE)
def test_invisible_characters(query: str, text: str, stretches: list[str]) -> None:
    """What nobody sees parts no word and joins none; a span covers what lies within it."""
    assert found(query, text) == stretches


COMPATIBLE: list[Case] = [
    ("AsterX", "ＡｓｔｅｒＸ－２４", ["ＡｓｔｅｒＸ"]),
    ("AsterX", "ＡｓｔｅｒＸ２４", []),
    ("office", "oﬃce", ["oﬃce"]),
    ("oﬃce", "OFFICE", ["OFFICE"]),
    ("finance", "ﬁnance", ["ﬁnance"]),
    ("first", "ﬁrﬆ", ["ﬁrﬆ"]),
    ("Aster", "𝐀𝐬𝐭𝐞𝐫 𝔸𝕤𝕥𝕖𝕣", ["𝐀𝐬𝐭𝐞𝐫", "𝔸𝕤𝕥𝕖𝕣"]),
    ("m2", "10 m²", ["m²"]),
    ("AT&T", "ＡＴ＆Ｔ", ["ＡＴ＆Ｔ"]),
    ("C++", "Ｃ＋＋", ["Ｃ＋＋"]),
    ("U.S.", "Ｕ．Ｓ．", ["Ｕ．Ｓ．"]),
    ("EU", "Ｅ．Ｕ．", ["Ｅ．Ｕ．"]),
    ("EU", "Ｄ．Ｅ．Ｕ．", []),
    ("Dž", "ǆ", ["ǆ"]),
    ("IV", "Ⅳ", ["Ⅳ"]),
    ("{CSpO}", "ＣＳｐＯ ＣＳＰＯ", ["ＣＳｐＯ"]),
    ("O'Neill", "O’Neill O＇Neill O´Neill", ["O’Neill", "O＇Neill", "O´Neill"]),
    ("{office}", "oﬃce Office", ["oﬃce"]),
]


@cases(COMPATIBLE)
def test_compatible_characters(query: str, text: str, stretches: list[str]) -> None:
    """Wide letters, ligatures and letters of mathematics are the plain ones, symbols included."""
    assert found(query, text) == stretches


def test_there_are_many_cases() -> None:
    tables = [value for value in globals().values() if isinstance(value, list)]
    assert sum(map(len, tables)) >= 200


#: words of every script that is folded in a way of its own, and what may stand around and within them
WORDS = [
    "AsterX", "Asterix", "Défense", "Defense", "Defence", "straße", "STRASSE", "İstanbul", "ısı", "ISI", "Οδυσσέας",
    "Οδυσσεας", "Οδυσσεύς", "Королёв", "Королев", "сузіря", "Việt", "viet", "العَرَبِيَّة", "العـربية", "شعب", "שָׁלוֹם", "שלום",
    "उपग्रहों", "उपग्रह", "宇宙作戦", "ﾚｰﾀﾞｰ", "レーダー", "レーター", "北斗", "한국", "한구", "น้ำมัน", "oﬃce", "office",
    "ＣＳｐＯ", "cspo", "Łódź", "ŒUVRE", "x1", "x2",
]  # fmt: skip
AROUND = [
    " ",
    "  ",
    "\n",
    ", ",
    ". ",
    " (",
    "“",
    "🚀",
    "_",
    "\u00a0",
    "|",
    "#",
    "؛ ",
    "、",
    "\u200b ",
    " \u00ad",
]
#: without the joiners, which are letters' business in some scripts, and the marks that expand
HIDDEN = ["", "", "", "\u00ad", "\u2060", "\ufeff", "\u200e"]
#: the same word to a reader, in other code points
SPELLINGS = [
    lambda word: word,
    lambda word: unicodedata.normalize("NFD", word),
    lambda word: unicodedata.normalize("NFC", word),
    lambda word: unicodedata.normalize("NFKC", word),
    lambda word: unicodedata.normalize("NFKD", word),
    lambda word: word.casefold(),
    lambda word: word.upper(),
]


@st.composite
def spelt(draw: st.DrawFn) -> tuple[str, str, str, str]:
    """A word, what stands before it, the word in other code points, and what stands after it."""
    word = draw(st.sampled_from(WORDS))
    written = draw(st.sampled_from(SPELLINGS))(word)
    clusters = fold_oracle.clusters(written)
    cuts = [cluster.places[0] for cluster in clusters[1:]]
    for cut in reversed(cuts):
        written = written[:cut] + draw(st.sampled_from(HIDDEN)) + written[cut:]
    filler = st.lists(st.sampled_from(["zebra", *AROUND]), max_size=4).map("".join)
    before = draw(filler) + draw(st.sampled_from(AROUND))
    after = draw(st.sampled_from(AROUND)) + draw(filler)
    return word, before, written, after


@settings(max_examples=400, deadline=None)
@given(spelt())
def test_a_word_is_found_however_it_is_encoded_and_its_span_is_all_of_it(
    drawn: tuple[str, str, str, str],
) -> None:
    """Composed, decomposed, in capitals, with hyphens that do not show: the offsets hold the word, no more."""
    word, before, written, after = drawn
    assert found(word, before + written + after) == [written]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(WORDS), st.sampled_from(WORDS), st.sampled_from(AROUND))
def test_two_words_find_each_other_exactly_where_they_fold_alike(one: str, other: str, glue: str) -> None:
    """The obvious folding decides; between different words of the list nothing is shared."""
    text = f"{glue}{other}{glue}"
    alike = fold_oracle.fold(one)[0] == fold_oracle.fold(other)[0]
    assert (found(one, text) == [other]) is alike
    assert bool(found(one, text)) is alike
